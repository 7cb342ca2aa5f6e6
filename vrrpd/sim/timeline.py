"""Virtual time: what happens when, and the clock of each host, which need not run at the same rate."""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

from vrrpd.protocol.messages import Seconds

Act = Callable[..., object]
MOMENT, ACTS_MOST = 1e-6, 100_000
"""Seconds, and what may happen in them: more is a loop without end, as of a timer that is armed for now again."""


class Timeline:
    """Acts by the instant they are due; those of one instant in the order in which they were asked for."""

    def __init__(self) -> None:
        """It is 0 and nothing is due."""
        self.now = 0.0
        self._due: list[tuple[float, int, Act, tuple[Any, ...]]] = []
        self._count = 0

    def at(self, when: float, act: Act, *arguments: Any) -> None:  # noqa: ANN401 - they are those of the act
        """`when`: seconds of virtual time; what is over counts as now."""
        self._count += 1
        heappush(self._due, (max(when, self.now), self._count, act, arguments))

    def after(self, pause: float, act: Act, *arguments: Any) -> None:  # noqa: ANN401 - see `at`
        """`pause` seconds from now."""
        self.at(self.now + pause, act, *arguments)

    def run(self, until: float) -> None:
        """Do all that is due until then, and let it be then; what is over does not come back.

        Raises RuntimeError if time stands still.
        """
        due, moved, acts = self._due, self.now, 0
        while due and due[0][0] <= until:
            self.now, _, act, arguments = heappop(due)
            if self.now > moved + MOMENT:
                moved, acts = self.now, 0
            acts += 1
            if acts > ACTS_MOST:
                raise RuntimeError(f"time stands still at {self.now:.6f}: {act}")
            act(*arguments)
        self.now = max(self.now, until)


class Clock:
    """Of one host: monotonic, from its boot on. `rate`: its seconds in one true second."""

    def __init__(self, timeline: Timeline, rate: float, began: float) -> None:
        """`began`: what it shows at virtual time 0."""
        self._timeline = timeline
        self._rate = rate
        self._began = began

    def now(self) -> Seconds:
        """What it shows: as `shown`, and written out, as nothing is asked as often."""
        return Seconds(self._began + self._timeline.now * self._rate)

    def shown(self, when: float) -> Seconds:
        """What it shows at that virtual time."""
        return Seconds(self._began + when * self._rate)

    def due(self, shown: float) -> float:
        """The virtual time at which it shows that."""
        return (shown - self._began) / self._rate

    def lasts(self, seconds: float) -> float:
        """How long so many of its seconds are in truth."""
        return seconds / self._rate

    def reboot(self, shown: float) -> None:
        """From now on it counts from there."""
        self._began = shown - self._timeline.now * self._rate
