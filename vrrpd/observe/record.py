"""What is known of one instance and of one probe: folded from the journal, read by `state` and `metrics`.

Only what cannot be derived is kept. Instants are on the daemon's monotonic clock.
"""

from dataclasses import dataclass, field

from vrrpd.config.model import Instance, Probe, Track
from vrrpd.config.timing import timing
from vrrpd.engine.inputs import Link, Result, Standing
from vrrpd.engine.instance import VirtualRouter
from vrrpd.engine.journal import AddressChange, AddressChanged, AdvertReceived, Role, StateChanged
from vrrpd.engine.journal_health import Damped
from vrrpd.engine.tracking import applied
from vrrpd.observe.disagreement import Disagreements, Kind, Warned
from vrrpd.observe.remedy import RemedyRecord
from vrrpd.protocol.messages import (
    PRIORITY_OWNER,
    PRIORITY_RESIGN,
    Address,
    Discard,
    Peer,
    Reason,
    Seconds,
    Version,
)
from vrrpd.protocol.router import master_down_interval

HELD_LIMIT = 4096
"""Addresses remembered for one instance; far above what a file may configure, so only a defect reaches it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The last advertisement of the router taken for the Master, and the interval that it announced."""

    peer: Peer
    at: Seconds
    interval: Seconds


@dataclass(slots=True)
class InstanceRecord:
    """One instance. `held`: interface and address of what the kernel has of its virtual addresses.

    `differs_since`: since when intent and kernel differ; None while they agree.
    """

    config: Instance
    priority: int
    role: Role = Role.INIT
    since: Seconds | None = None
    reason: Reason | None = None
    blocked: tuple[str, ...] = ()
    heard: Heard | None = None
    held: set[tuple[str, Address]] = field(default_factory=set)
    differs_since: Seconds | None = None
    disagreements: Disagreements = field(default_factory=Disagreements)
    degraded: tuple[str, ...] = ()
    damped_until: Seconds | None = None
    yielding: bool = False

    def moved(self, entry: StateChanged) -> None:
        """Another state."""
        self.role, self.reason, self.since, self.blocked = entry.new, entry.reason, entry.at, entry.blocked
        if entry.new is Role.MASTER or (entry.old is Role.MASTER and entry.peer is None):
            self.heard = None  # a lower one that was refused meanwhile is nobody's Master
        self._compare(entry.at)

    def damped(self, entry: Damped) -> None:
        """It changed sides too often, or that is over."""
        self.damped_until = Seconds(entry.at + entry.hold) if entry.hold else None

    def received(self, entry: AdvertReceived) -> None:
        """A router advertised: it is the Master, unless a better one was heard lately."""
        self.disagreements.heard(entry)
        if entry.discarded is Discard.OWN_ADDRESS:
            return
        known = self.master_heard(entry.at)
        if known and entry.discarded and known.address != entry.peer.address and known.priority > entry.peer.priority:
            return
        resigned = entry.peer.priority == PRIORITY_RESIGN
        self.heard = None if resigned else Heard(entry.peer, entry.at, entry.interval)

    def address_changed(self, entry: AddressChanged) -> None:
        """The kernel added or removed an address."""
        key = entry.interface, entry.address
        if entry.change not in (AddressChange.ADDED, AddressChange.RESTORED):
            self.held.discard(key)
        elif len(self.held) < HELD_LIMIT:
            self.held.add(key)
        self._compare(entry.at)

    def present(self, address: Address) -> bool:
        """True if the kernel has this virtual address where it belongs."""
        return any(each in self.held for each in self.config.places if each[1] == address)

    def agrees(self) -> bool:
        """All virtual addresses are in the kernel on a Master, none on anything else."""
        intended = self.role is Role.MASTER
        return all((each in self.held) is intended for each in self.config.places)

    def master_interval(self) -> Seconds:
        """Master_Adver_Interval: learned in v3 while another router is Master, else our own."""
        learned = self.heard is not None and self.config.version is Version.V3
        return self.heard.interval if self.heard and learned else self.config.advert_int

    def master_down_interval(self) -> Seconds:
        """How long a Master may be silent (RFC 9568 6.1)."""
        own = timing(self.config, self.priority or self.config.priority)
        return master_down_interval(own, self.master_interval())

    def master_heard(self, now: Seconds) -> Peer | None:
        """The other router that is Master; None: we are it, or it is silent for longer than it may be."""
        if self.heard is None or self.role is Role.MASTER:
            return None
        return self.heard.peer if now - self.heard.at <= self.master_down_interval() else None

    def warnings(self, now: Seconds) -> list[tuple[Kind, str, Warned]]:
        """Who disagrees with us now."""
        return self.disagreements.recent(now, self.master_down_interval())

    def source(self, link: Link) -> Address | None:
        """Our own primary address on this link; None if there is none."""
        return VirtualRouter(self.config, link).source()

    def applied(self, track: Track, standing: Standing) -> int:
        """What a probe adds to the priority now; nothing moves an owner's."""
        moves = track.moves and self.config.priority != PRIORITY_OWNER
        return applied(track, standing) if moves else 0

    def _compare(self, at: Seconds) -> None:
        if self.agrees():
            self.differs_since = None
        elif self.differs_since is None:
            self.differs_since = at


@dataclass(slots=True)
class ProbeRecord:
    """One probe. `up` None: no verdict yet."""

    config: Probe
    up: bool | None = None
    since: Seconds | None = None
    last: Result | None = None
    checked_at: Seconds | None = None
    before: bool | None = None
    """Its verdict when it was configured otherwise: it weighs until there is another."""
    alarms: tuple[str, ...] = ()
    output: str = ""
    """Of the last failing run that had any; none once it is well again."""
    remedy: RemedyRecord = field(default_factory=RemedyRecord)

    @property
    def standing(self) -> Standing:
        """What counts of it."""
        return Standing(self.up, self.last.value if self.last else None, self.before)

    @property
    def detail(self) -> str:
        """What the last run saw."""
        return self.last.detail if self.last else ""

    @property
    def weight_applied(self) -> int:
        """What its own weight adds; an instance's `track` may say otherwise for itself."""
        own = Track(self.config.name, self.config.weight)
        return applied(own, self.standing) if self.config.scope == "local" else 0
