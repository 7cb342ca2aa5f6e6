"""Counts that only rise, folded from the journal, and what was heard lately: the numbers behind `metrics`."""

from bisect import bisect_left
from dataclasses import dataclass, field

from vrrpd.engine.inputs import Outcome
from vrrpd.engine.journal import (
    AddressChange,
    AddressChanged,
    AdvertReceived,
    AdvertSent,
    Announced,
    Role,
    SendFailed,
    StateChanged,
)
from vrrpd.engine.journal_health import ProbeChecked, RemedyEnded
from vrrpd.engine.journal_routes import RouteChange, RouteChanged, RouteFailed
from vrrpd.protocol.messages import PRIORITY_RESIGN, Address, Discard, Reason, Rejection, Seconds

Transition = tuple[Role, Role, Reason]

TRANSITIONS: tuple[Transition, ...] = (
    (Role.INIT, Role.BACKUP, Reason.STARTUP),
    (Role.INIT, Role.MASTER, Reason.OWNER),
    (Role.INIT, Role.FAULT, Reason.FAULT),
    (Role.FAULT, Role.INIT, Reason.STARTUP),
    (Role.FAULT, Role.INIT, Reason.SHUTDOWN),
    (Role.FAULT, Role.BACKUP, Reason.STARTUP),
    (Role.FAULT, Role.MASTER, Reason.OWNER),
    (Role.BACKUP, Role.MASTER, Reason.TIMEOUT),
    (Role.BACKUP, Role.MASTER, Reason.PRIORITY_ZERO),
    (Role.BACKUP, Role.MASTER, Reason.PREEMPT),
    (Role.BACKUP, Role.MASTER, Reason.OWNER),
    (Role.BACKUP, Role.FAULT, Reason.FAULT),
    (Role.BACKUP, Role.INIT, Reason.SHUTDOWN),
    (Role.MASTER, Role.BACKUP, Reason.HIGHER_PRIORITY),
    (Role.MASTER, Role.BACKUP, Reason.HIGHER_ADDRESS),
    (Role.MASTER, Role.BACKUP, Reason.HANDOVER),
    (Role.MASTER, Role.FAULT, Reason.FAULT),
    (Role.MASTER, Role.INIT, Reason.SHUTDOWN),
)
"""Moves that happen: their series are there from the start. All 108 combinations would be noise; one that is
missing here is counted all the same."""

SEND_ERRORS = ("ENETDOWN", "EPERM", "ENOBUFS", "other")
"""Label values of `vrrpd_send_errors_total`; any other errno is `other`."""

ADVERT_DELAY_BOUNDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0)
PROBE_DURATION_BOUNDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 2.5)

SOURCES_LIMIT = 16
"""Senders remembered for one virtual router: sources can be forged, and more than two are a fault anyway."""

LAG_WINDOW = Seconds(30.0)
"""The worst lag shown is of this window and the one before: scrapes as often as that miss nothing."""


class Histogram:
    """Observations by upper bound, in seconds."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        """`bounds` rise; one bucket for everything above the last is added."""
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one observation."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self.total += value

    def cumulative(self) -> list[tuple[str, float]]:
        """Upper bound as Prometheus writes it, and how many observations were at or below it."""
        rows: list[tuple[str, float]] = []
        count = 0
        for bound, here in zip((*map(str, self._bounds), "+Inf"), self._counts, strict=True):
            count += here
            rows.append((bound, float(count)))
        return rows


class Lag:
    """The worst lag of late."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self._since = Seconds(0.0)
        self._current = 0.0
        self._previous = 0.0

    def observe(self, at: Seconds, late: Seconds) -> None:
        """The election's timer fired this late."""
        self._turn(at)
        self._current = max(self._current, late)

    def worst(self, now: Seconds) -> float:
        """In seconds, of the current window and the one before."""
        self._turn(now)
        return max(self._current, self._previous)

    def _turn(self, now: Seconds) -> None:
        passed = now - self._since
        if passed < LAG_WINDOW:
            return
        self._previous = self._current if passed < 2 * LAG_WINDOW else 0.0
        self._current, self._since = 0.0, now


class Sources:
    """Which other routers advertised, and when last."""

    def __init__(self) -> None:
        """Nobody heard yet."""
        self._last: dict[Address, Seconds] = {}

    def heard(self, entry: AdvertReceived) -> None:
        """A router advertised, or resigned."""
        source = entry.peer.address
        if entry.peer.priority == PRIORITY_RESIGN:
            self._last.pop(source, None)
        elif source in self._last or len(self._last) < SOURCES_LIMIT:
            self._last[source] = entry.at

    def within(self, interval: Seconds, now: Seconds) -> int:
        """How many advertised in the last `interval`; older ones are forgotten."""
        self._last = {source: at for source, at in self._last.items() if now - at <= interval}
        return len(self._last)


@dataclass(slots=True)
class RouteTally:
    """Virtual routes and rules of one instance: those that the kernel has, and what became of others."""

    present: int = 0
    restored: int = 0
    failed: int = 0

    def record(self, entry: RouteChanged | RouteFailed) -> None:
        """One came, went or was refused."""
        if isinstance(entry, RouteFailed):
            self.failed += 1
            return
        self.present += entry.change in (RouteChange.ADDED, RouteChange.RESTORED)
        self.present -= entry.change in (RouteChange.REMOVED, RouteChange.LOST)
        self.restored += entry.change is RouteChange.RESTORED


@dataclass(slots=True)
class InstanceTally:
    """Counts of one instance."""

    transitions: dict[Transition, int] = field(default_factory=lambda: dict.fromkeys(TRANSITIONS, 0))
    sent: int = 0
    received: int = 0
    zero_sent: int = 0
    zero_received: int = 0
    last_received: Seconds | None = None
    last_transition: Seconds | None = None
    announced: int = 0
    restored: int = 0
    rejected: dict[Rejection, int] = field(default_factory=lambda: dict.fromkeys(Rejection, 0))
    send_errors: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SEND_ERRORS, 0))
    delay: Histogram = field(default_factory=lambda: Histogram(ADVERT_DELAY_BOUNDS))
    sources: Sources = field(default_factory=Sources)
    routes: RouteTally = field(default_factory=RouteTally)

    def moved(self, entry: StateChanged) -> None:
        """Another state."""
        move = entry.old, entry.new, entry.reason
        self.transitions[move] = self.transitions.get(move, 0) + 1
        self.last_transition = entry.at

    def advert_sent(self, entry: AdvertSent) -> None:
        """An advertisement left."""
        self.sent += 1
        self.zero_sent += entry.priority == PRIORITY_RESIGN
        self.delay.observe(entry.late)

    def advert_received(self, entry: AdvertReceived) -> None:
        """A valid advertisement came in."""
        self.received += 1
        self.zero_received += entry.peer.priority == PRIORITY_RESIGN
        self.last_received = entry.at
        if entry.discarded is not Discard.OWN_ADDRESS:
            self.sources.heard(entry)

    def send_failed(self, entry: SendFailed) -> None:
        """The kernel refused to send."""
        self.send_errors[entry.error if entry.error in self.send_errors else "other"] += 1

    def frames_sent(self, entry: Announced) -> None:
        """Gratuitous ARP or unsolicited NA left."""
        self.announced += entry.frames

    def address_changed(self, entry: AddressChanged) -> None:
        """An address of ours was taken away by somebody and is back, or changed otherwise."""
        self.restored += entry.change is AddressChange.RESTORED


@dataclass(slots=True)
class ProbeTally:
    """Counts of one probe."""

    runs: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    duration: Histogram = field(default_factory=lambda: Histogram(PROBE_DURATION_BOUNDS))
    last_success: Seconds | None = None
    remedies: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))

    def mended(self, entry: RemedyEnded) -> None:
        """One run of its remedy ended."""
        self.remedies[entry.result.outcome] += 1

    def checked(self, entry: ProbeChecked) -> None:
        """One run ended."""
        self.runs[entry.result.outcome] += 1
        self.duration.observe(entry.result.duration)
        if entry.result.outcome is Outcome.OK:
            self.last_success = entry.at
