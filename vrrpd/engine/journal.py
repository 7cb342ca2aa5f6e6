"""The one stream of what happened. Logs, metrics, the state API and notify scripts are readers of it.

Each entry is a frozen dataclass whose fields are values, never sentences. `at` is an instant on the daemon's
monotonic clock, in seconds. A new kind of entry is added here, or to `journal_health`, `journal_notify`,
`journal_peers`, `journal_vmac`, `journal_routes` or `journal_daemon`, and to `Entry`; readers decide for themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from vrrpd.engine.inputs import Link
from vrrpd.engine.journal_daemon import (
    Configured,
    Drained,
    HistoryLost,
    Lagged,
    ReloadRejected,
    Scheduled,
    Started,
    Stopping,
    Undrained,
    Yielding,
)
from vrrpd.engine.journal_health import (
    Damped,
    Degraded,
    ProbeAlarmed,
    ProbeChanged,
    ProbeChecked,
    RemedyEnded,
    RemedyExhausted,
    RemedyStarted,
)
from vrrpd.engine.journal_notify import FifoLost, NotifyEnded, NotifySkipped
from vrrpd.engine.journal_peers import AddressesDiffer, IntervalDiffers
from vrrpd.engine.journal_routes import RouteChanged, RouteFailed
from vrrpd.engine.journal_vmac import VmacChanged
from vrrpd.protocol.messages import Address, Discard, Family, Peer, Reason, Rejection, Seconds


class Role(Enum):
    """State of an instance as operators see it; fault is Initialize with a reason to be repaired."""

    INIT = "init"
    BACKUP = "backup"
    MASTER = "master"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class StateChanged:
    """An instance moved. `blocked` names the faults that hold it, if any; `peer` the router that caused it."""

    at: Seconds
    instance: str
    old: Role
    new: Role
    reason: Reason
    peer: Peer | None = None
    blocked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PriorityChanged:
    """The effective priority moved; `why` lists each probe that counts now with its weight."""

    at: Seconds
    instance: str
    old: int
    new: int
    why: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class FaultsChanged:
    """The set of reasons that keep an instance in fault (or in init: probes without a result)."""

    at: Seconds
    instance: str
    blocked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AdvertSent:
    """The kernel took an advertisement. `late` is how long after it was due, 0 for one that was not planned."""

    at: Seconds
    instance: str
    priority: int
    late: Seconds


@dataclass(frozen=True, slots=True)
class AdvertReceived:
    """A valid advertisement; `discarded` says why it had no effect, if it had none.

    `interval` is what the sender announces.
    """

    at: Seconds
    instance: str
    peer: Peer
    interval: Seconds
    discarded: Discard | None = None


@dataclass(frozen=True, slots=True)
class MasterHeard:
    """A Backup follows another Master than before, or the same with another priority."""

    at: Seconds
    instance: str
    peer: Peer


@dataclass(frozen=True, slots=True)
class AdvertRejected:
    """A packet was dropped without any effect. `instance` is empty when none could be told."""

    at: Seconds
    interface: str
    instance: str
    source: Address
    rejection: Rejection
    detail: str


@dataclass(frozen=True, slots=True)
class SendFailed:
    """The kernel refused an advertisement or an announcement. `error` is an errno name.

    `peer`: whom the advertisement was for, with unicast.
    """

    at: Seconds
    instance: str
    error: str
    peer: Address | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """Gratuitous ARP or unsolicited NA frames left for one address."""

    at: Seconds
    instance: str
    address: Address
    frames: int


class AddressChange(Enum):
    """What became of a virtual address in the kernel."""

    ADDED = "added"
    REMOVED = "removed"
    LOST = "lost"
    """Somebody else has taken it away from a Master; it is being put back."""
    RESTORED = "restored"
    """It is back after that."""
    LAPSED = "lapsed"
    """Its lease ran out: no advertisement could be sent, or the daemon did not run."""
    LEFTOVER_REMOVED = "leftover_removed"
    """Marked as ours, found at start or on a router that is not Master."""


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """The kernel's truth about one virtual address. `instance` is empty for a leftover of nobody."""

    at: Seconds
    instance: str
    interface: str
    address: Address
    change: AddressChange


@dataclass(frozen=True, slots=True)
class AddressFailed:
    """The kernel refused to add or remove a virtual address; it is tried again."""

    at: Seconds
    instance: str
    interface: str
    address: Address
    adding: bool
    error: str


@dataclass(frozen=True, slots=True)
class AddressConflict:
    """Another host claims a virtual address while this Master holds it. `mac`: six octets in hexadecimal."""

    at: Seconds
    instance: str
    address: Address
    mac: str


@dataclass(frozen=True, slots=True)
class OwnerAnswered:
    """The Master is silent, yet somebody answers for its address. `waiting`: the takeover waits for the silence."""

    at: Seconds
    instance: str
    address: Address
    mac: str
    waiting: bool


@dataclass(frozen=True, slots=True)
class ConnectionsEnded:
    """TCP connections of an address that this host gave up. `error`: an errno name if they could not be ended."""

    at: Seconds
    address: Address
    count: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """An interface in use changed."""

    at: Seconds
    link: Link


@dataclass(frozen=True, slots=True)
class ReceiveOverrun:
    """The kernel dropped `lost` VRRP packets since it was asked last: the receive queue of the interface was full."""

    at: Seconds
    interface: str
    family: Family
    lost: int


@dataclass(frozen=True, slots=True)
class NetlinkOverrun:
    """The kernel dropped netlink events (ENOBUFS); everything was read anew."""

    at: Seconds


Entry = (
    StateChanged
    | PriorityChanged
    | FaultsChanged
    | AdvertSent
    | AdvertReceived
    | MasterHeard
    | AdvertRejected
    | AddressesDiffer
    | IntervalDiffers
    | SendFailed
    | Announced
    | AddressChanged
    | AddressFailed
    | AddressConflict
    | OwnerAnswered
    | ConnectionsEnded
    | LinkChanged
    | ReceiveOverrun
    | NetlinkOverrun
    | VmacChanged
    | RouteChanged
    | RouteFailed
    | ProbeChecked
    | ProbeChanged
    | ProbeAlarmed
    | RemedyStarted
    | RemedyEnded
    | RemedyExhausted
    | Degraded
    | Damped
    | Drained
    | Undrained
    | Yielding
    | NotifyEnded
    | NotifySkipped
    | FifoLost
    | HistoryLost
    | Configured
    | ReloadRejected
    | Scheduled
    | Started
    | Stopping
    | Lagged
)

Publish = Callable[[Entry], None]
"""Hand one entry to all readers. Never raises, never blocks."""
