"""Journal entries about the daemon itself and what operators tell it; see `vrrpd.engine.journal`."""

from dataclasses import dataclass
from enum import Enum

from vrrpd.protocol.messages import Seconds


@dataclass(frozen=True, slots=True)
class Configured:
    """A configuration is in force: at start, or after a reload. Names of what differs from before."""

    at: Seconds
    source: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReloadRejected:
    """A reload was refused; everything runs on as before."""

    at: Seconds
    source: str
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Started:
    """The daemon is ready: sockets open, first netlink dump done. `router_id`: the name of this host."""

    at: Seconds
    version: str
    router_id: str = ""


@dataclass(frozen=True, slots=True)
class Stopping:
    """The daemon was told to stop; `cause` is the signal's name."""

    at: Seconds
    cause: str


@dataclass(frozen=True, slots=True)
class Scheduled:
    """What the daemon has of `rt_priority` and `no_swap` from now on; `errors`: why not all that was asked for."""

    at: Seconds
    rt_priority: int
    no_swap: bool
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryLost:
    """Lines of the history could not be written to the state directory; they are gone."""

    at: Seconds
    lines: int
    error: str


@dataclass(frozen=True, slots=True)
class Lagged:
    """The election's timer fired this late."""

    at: Seconds
    late: Seconds


@dataclass(frozen=True, slots=True)
class Drained:
    """An operator took an instance out of service, or with an empty name the whole host. `ends`: UTC; empty: never."""

    at: Seconds
    instance: str
    reason: str
    ends: str


class Restored(Enum):
    """Why a drain ended."""

    OPERATOR = "operator"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Undrained:
    """The drain of an instance, or with an empty name of the whole host, has ended."""

    at: Seconds
    instance: str
    why: Restored


@dataclass(frozen=True, slots=True)
class Yielding:
    """After a handover by an operator an instance does not preempt: from now on, or no more."""

    at: Seconds
    instance: str
    yielding: bool
