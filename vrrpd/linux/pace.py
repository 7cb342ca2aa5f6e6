"""When the kernel is looked at again: regularly, sooner after a failure, and never so often that nothing else runs."""

from collections.abc import Callable

from vrrpd.protocol.messages import Seconds

SWEEP_SECONDS = 3.0
"""Between two looks at everything without any event: a lost event is harmless for that long."""
RETRY_FIRST, RETRY_LAST = 0.05, 3.0
"""Seconds until a change that the kernel refused is tried again; doubled each time, from the first on, up to the
last."""
LOOK_PAUSE = 0.02
"""Seconds between two looks at everything: a storm of netlink events must not fill the event loop with dumps."""
LOOK_SHARE = 4
"""A host with very many addresses takes long to look at: rest this many times as long as a look took the processor, by
the shorter of the last two: one that was held up, by a collection of garbage say, must not put off the next, as an
address may be missing."""


class Pace:
    """`due`: when to look at the latest. `rest`: how long to wait at least."""

    def __init__(self, now: Callable[[], Seconds]) -> None:
        """As if there had been a look just now."""
        self._now = now
        self._retry = RETRY_FIRST
        self._look_at = Seconds(0.0)
        self._busy = 0.0
        self.due = Seconds(now() + SWEEP_SECONDS)

    def rest(self) -> float:
        """Seconds until the next look may begin."""
        return max(0.0, self._look_at - self._now())

    def looked(self, busy: float) -> None:
        """A look has ended, which kept the processor busy for this many seconds."""
        self._look_at = Seconds(self._now() + max(LOOK_PAUSE, LOOK_SHARE * min(busy, self._busy)))
        self._busy = busy

    def swept(self, *, good: bool) -> None:
        """A look and what followed from it are done."""
        self.due = Seconds(self._now() + SWEEP_SECONDS)
        if good:
            self._retry = RETRY_FIRST

    def failed(self) -> None:
        """Try again, a little later each time. What fails in between does not put that off."""
        now = self._now()
        self._retry = min(self._retry * 2, RETRY_LAST)
        again = Seconds(now + self._retry)
        self.due = again if self.due <= now else min(self.due, again)
