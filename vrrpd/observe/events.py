"""What of the journal is worth a line: the name, the level and the fields of each kind of entry.

Names are `noun.verb_past` and constant; what varies is in the fields. Nothing is formatted here.
"""

from dataclasses import dataclass, fields
from enum import Enum, IntEnum

from vrrpd.engine.inputs import Link, Outcome, Result
from vrrpd.engine.journal import (
    AddressChange,
    AddressChanged,
    AddressConflict,
    AddressFailed,
    AdvertReceived,
    AdvertRejected,
    AdvertSent,
    Announced,
    ConnectionsEnded,
    Entry,
    FaultsChanged,
    LinkChanged,
    MasterHeard,
    NetlinkOverrun,
    OwnerAnswered,
    PriorityChanged,
    ReceiveOverrun,
    Role,
    SendFailed,
    StateChanged,
)
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
from vrrpd.engine.journal_routes import RouteChange, RouteChanged, RouteFailed
from vrrpd.engine.journal_vmac import VmacChange, VmacChanged
from vrrpd.observe.advice import advice
from vrrpd.protocol.messages import Discard, Peer, Rejection, Seconds

LAG_WORTH_A_LINE = Seconds(0.1)
"""A tenth of the usual interval: the smallest lateness that a peer could begin to notice."""

LIST_LIMIT = 20
"""Elements of a list in a line, such as the errors of a refused file; the rest is told as a count."""

TEXT_LIMIT = 500
"""Characters of one text: details may come from a script's output."""

Plain = str | int | float | bool | list[str] | dict[str, int]
"""What a field may be: JSON has a form for it."""


class Level(IntEnum):
    """Severity as syslog numbers it (RFC 5424 6.2.1)."""

    ERROR = 3
    WARNING = 4
    INFO = 6


@dataclass(frozen=True, slots=True)
class Title:
    """The constant part of a line.

    `of`: fields that tell lines of one kind apart, for the limit on repetition. Without it no line is held
    back: the journal itself has few of these.
    """

    name: str
    level: Level
    of: tuple[str, ...] = ()


_CHANGE_TITLES: dict[AddressChange | VmacChange | RouteChange, Title] = {
    AddressChange.ADDED: Title("address.added", Level.INFO),
    AddressChange.REMOVED: Title("address.removed", Level.INFO),
    AddressChange.LOST: Title("address.lost", Level.WARNING, of=("instance", "address")),
    AddressChange.RESTORED: Title("address.restored", Level.WARNING, of=("instance", "address")),
    AddressChange.LAPSED: Title("address.lapsed", Level.ERROR, of=("instance", "address")),
    AddressChange.LEFTOVER_REMOVED: Title("address.leftover_removed", Level.WARNING, of=("interface", "address")),
    RouteChange.ADDED: Title("route.added", Level.INFO),
    RouteChange.REMOVED: Title("route.removed", Level.INFO),
    RouteChange.LOST: Title("route.lost", Level.WARNING, of=("instance", "route")),
    RouteChange.RESTORED: Title("route.restored", Level.WARNING, of=("instance", "route")),
    RouteChange.LEFTOVER_REMOVED: Title("route.leftover_removed", Level.WARNING, of=("route",)),
    VmacChange.MADE: Title("vmac.made", Level.INFO),
    VmacChange.REMOVED: Title("vmac.removed", Level.INFO),
    VmacChange.RESTORED: Title("vmac.restored", Level.WARNING, of=("interface",)),
    VmacChange.FAILED: Title("vmac.failed", Level.ERROR, of=("interface", "error")),
}


HISTORY_LOST = "history.lost"
_RIVAL = Title("rival.heard", Level.WARNING, of=("instance",))
_LAGGED = Title("timer.lagged", Level.WARNING, of=("event",))

_CONSTANT: dict[type, Title] = {
    RemedyStarted: Title("remedy.started", Level.INFO),
    RemedyExhausted: Title("remedy.exhausted", Level.ERROR),
    PriorityChanged: Title("priority.changed", Level.INFO),
    SendFailed: Title("packet.send_failed", Level.WARNING, of=("instance", "error", "peer")),
    Announced: Title("address.announced", Level.INFO, of=("instance", "address")),
    AddressFailed: Title("address.change_failed", Level.ERROR, of=("instance", "address", "error")),
    RouteFailed: Title("route.change_failed", Level.ERROR, of=("instance", "route", "error")),
    AddressConflict: Title("address.contested", Level.ERROR, of=("instance", "address")),
    AddressesDiffer: Title("peer.addresses_differed", Level.WARNING, of=("instance",)),
    IntervalDiffers: Title("peer.interval_differed", Level.WARNING, of=("instance",)),
    OwnerAnswered: Title("owner.answered", Level.WARNING, of=("instance", "address")),
    ReceiveOverrun: Title("receive.overrun", Level.WARNING, of=("interface", "family")),
    NetlinkOverrun: Title("netlink.overrun", Level.WARNING, of=("event",)),
    MasterHeard: Title("master.heard", Level.INFO, of=("instance",)),
    NotifySkipped: Title("notify.skipped", Level.WARNING),
    FifoLost: Title("fifo.lost", Level.ERROR, of=("path",)),
    HistoryLost: Title(HISTORY_LOST, Level.ERROR, of=("error",)),
    Configured: Title("configuration.applied", Level.INFO),
    ReloadRejected: Title("reload.rejected", Level.ERROR),
    Started: Title("daemon.started", Level.INFO),
    Stopping: Title("daemon.stopping", Level.INFO),
}


def title(entry: Entry) -> Title | None:
    """How an entry is told; None: not at all, it is counted only."""
    match entry:
        case AdvertReceived(discarded=Discard.RIVAL):
            return _RIVAL
        case AdvertSent() | AdvertReceived():
            return None
        case StateChanged():
            return Title("state.changed", Level.WARNING if entry.new is Role.FAULT else Level.INFO)
        case FaultsChanged():
            return Title("faults.changed", Level.WARNING if entry.blocked else Level.INFO)
        case AdvertRejected():
            return _rejected(entry)
        case AddressChanged() | VmacChanged() | RouteChanged():
            return _CHANGE_TITLES[entry.change]
        case LinkChanged():
            return Title("link.changed", Level.INFO if entry.link.up else Level.WARNING, of=("name",))
        case ProbeChecked():
            return _checked(entry)
        case Degraded():
            return Title("instance.degraded", Level.ERROR if entry.faults else Level.INFO)
        case Damped():
            return Title("instance.damped", Level.WARNING if entry.changes else Level.INFO)
        case NotifyEnded(result=result):
            return Title("notify.ended", Level.INFO if result.outcome is Outcome.OK else Level.WARNING)
        case RemedyEnded(result=result):
            return Title("remedy.ended", Level.INFO if result.outcome is Outcome.OK else Level.WARNING)
        case ProbeAlarmed():
            return Title("probe.alarm", Level.WARNING if entry.alarms else Level.INFO)
        case ProbeChanged():
            return Title("probe.changed", Level.WARNING if entry.up is False else Level.INFO)
        case ConnectionsEnded():
            return Title("connections.ended", Level.WARNING if entry.error else Level.INFO, of=("address",))
        case Drained(instance=name):
            return Title("instance.drained" if name else "host.drained", Level.WARNING)
        case Undrained(instance=name):
            return Title("instance.undrained" if name else "host.undrained", Level.INFO)
        case Yielding():
            return Title("handover.begun" if entry.yielding else "handover.ended", Level.INFO)
        case Scheduled() | Lagged():
            return _of_time(entry)
        case _:
            return _CONSTANT[type(entry)]


def _of_time(entry: Scheduled | Lagged) -> Title | None:
    """Of the daemon's own."""
    if isinstance(entry, Lagged):
        return _LAGGED if entry.late >= LAG_WORTH_A_LINE else None
    return Title("scheduling.refused", Level.ERROR) if entry.errors else Title("scheduling.set", Level.INFO)


def _rejected(entry: AdvertRejected) -> Title | None:
    """Routers of another VRID on the same link are no news: counted, never told."""
    if entry.rejection is Rejection.VRID:
        return None
    return Title("packet.rejected", Level.WARNING, of=("interface", "instance", "rejection"))


def _checked(entry: ProbeChecked) -> Title | None:
    if entry.result.outcome is Outcome.OK:
        return None
    level = Level.ERROR if entry.result.outcome is Outcome.ERROR else Level.INFO
    return Title("probe.check_failed", level, of=("probe", "outcome"))


def plain_fields(entry: Entry) -> dict[str, Plain]:
    """The fields of an entry by name, without the instant and without what is empty; last, what to do about it."""
    found: dict[str, Plain] = {}
    for each in fields(entry):
        if each.name != "at":
            found.update(_plain(each.name, getattr(entry, each.name)))
    return {**found, **_plain("advice", advice(entry))}


def repeated(entry: Entry, of: tuple[str, ...]) -> tuple[tuple[str, Plain], ...]:
    """The fields that tell lines of one kind apart. Cheap: a flood asks this for each packet and tells few."""
    values = ((name, _named(entry, name)) for name in of)
    return tuple(field for name, value in values for field in _plain(name, value).items())


def _named(entry: Entry, name: str) -> object:
    """A field of an entry, or of what is in it."""
    match entry:
        case LinkChanged(link=link):
            return getattr(link, name, None)
        case ProbeChecked(result=result):
            return getattr(entry, name, None) or getattr(result, name, None)
        case _:
            return getattr(entry, name, None)


def _plain(name: str, value: object) -> dict[str, Plain]:
    """One field as plain values; some make two or none."""
    match value:
        case None | () | "":
            return {}
        case Peer():
            return {name: str(value.address), f"{name}_priority": value.priority}
        case Link():
            addresses = _plain("addresses", tuple(map(str, value.addresses)))
            lacks = _plain("lacks", value.lacks)
            return {"name": value.name, "exists": value.exists, "up": value.up, **addresses, **lacks}
        case Result():
            seen = (("outcome", value.outcome), ("duration", value.duration), ("detail", value.detail))
            return {key: each for name, field in seen for key, each in _plain(name, field).items()}
        case Enum():
            return {name: str(value.value)}
        case bool() | int():
            return {name: value}
        case float():
            return {name: round(value, 6)}
        case tuple():
            return _sequence(name, value)
        case _:
            return {name: clean(str(value))}


def _sequence(name: str, values: tuple[object, ...]) -> dict[str, Plain]:
    """`why` is pairs of probe and weight, all others are texts."""
    weights = {clean(str(each[0])): int(each[1]) for each in values if isinstance(each, tuple)}
    if weights:
        return {name: weights}
    more: dict[str, Plain] = {f"{name}_left_out": len(values) - LIST_LIMIT} if len(values) > LIST_LIMIT else {}
    return {name: [clean(str(each)) for each in values[:LIST_LIMIT]], **more}


def clean(text: str) -> str:
    """Bounded and without control characters: no packet and no script may write into a log or a terminal."""
    if len(text) <= TEXT_LIMIT and text.isprintable():
        return text
    cut = text if len(text) <= TEXT_LIMIT else f"{text[: TEXT_LIMIT - 3]}..."
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in cut)
