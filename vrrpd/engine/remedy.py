"""When a remedy is tried: at the fall of a probe, again after a while, so many times within a window, then not.

Pure; `now` is an argument. Whoever runs the remedy asks `decide` after each event and at `instant`.
"""

from dataclasses import dataclass

from vrrpd.config.model import Probe
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.engine.journal_health import RemedyExhausted, RemedyStarted
from vrrpd.protocol.messages import Seconds

FAILING = (Outcome.FAIL, Outcome.TIMEOUT)
"""Only what was seen to be unwell is mended. What could not be looked at may be well."""


@dataclass(slots=True)
class Course:
    """The remedies of one probe.

    `down`: its verdict; `failing`: its last run found it unwell. `begun`: when attempts began, of the last window;
    they count whatever came between, so that a service that is mended for a moment only is not mended for ever.
    """

    probe: Probe
    down: bool = False
    failing: bool = False
    running: bool = False
    resting: bool = False
    """It was told that the attempts are used up."""
    begun: tuple[Seconds, ...] = ()
    ended_at: Seconds | None = None

    @classmethod
    def new(cls, probe: Probe, begun: tuple[Seconds, ...] = ()) -> "Course":
        """Nothing is known of the probe but when attempts began before; how long they took is not known any more."""
        return cls(probe, down=probe.init_fail, begun=begun, ended_at=max(begun, default=None))

    def configure(self, probe: Probe) -> None:
        """Another configuration. What was done counts on; another question has no answer yet."""
        if (self.probe.type, self.probe.options) != (probe.type, probe.options):
            self.down, self.failing, self.resting = probe.init_fail, False, False
        self.probe = probe

    def leave(self) -> None:
        """The probe is no more; what runs may end."""
        self.down = self.failing = self.resting = False

    def checked(self, result: Result) -> None:
        """One run of the probe ended."""
        self.failing = result.outcome in FAILING

    def changed(self, up: bool | None) -> None:
        """The verdict has changed."""
        self.down = up is False
        self.resting = self.resting and self.down

    def instant(self) -> Seconds | None:
        """When to ask `decide` next; None: not before something happens."""
        if not self._wanted():
            return None
        return max(self._cool(), self._free()) if self.resting else self._cool()

    def decide(self, now: Seconds) -> RemedyStarted | RemedyExhausted | None:
        """What is to be done and told now. Once it says started, it must be, and `ended` must follow."""
        remedy = self.probe.remedy
        if remedy is None or not self._wanted() or now < self._cool():
            return None
        self.begun = tuple(at for at in self.begun if now < at + remedy.window)
        if len(self.begun) < remedy.attempts:
            self.begun = (*self.begun, now)
            self.running, self.resting = True, False
            return RemedyStarted(now, self.probe.name, remedy.told, len(self.begun), remedy.attempts)
        if self.resting:
            return None
        self.resting = True
        return RemedyExhausted(now, self.probe.name, remedy.attempts, Seconds(self._free() - now))

    def ended(self, now: Seconds) -> None:
        """The attempt that was started is over, however it ended."""
        self.running, self.ended_at = False, now

    def _wanted(self) -> bool:
        return self.probe.remedy is not None and self.down and self.failing and not self.running

    def _cool(self) -> Seconds:
        """When the cooldown is over."""
        if self.ended_at is None or self.probe.remedy is None:
            return Seconds(0.0)
        return Seconds(self.ended_at + self.probe.remedy.cooldown)

    def _free(self) -> Seconds:
        """When the window has room for another attempt."""
        remedy = self.probe.remedy
        if remedy is None or len(self.begun) < remedy.attempts:
            return Seconds(0.0)
        return Seconds(self.begun[-remedy.attempts] + remedy.window)
