"""The daemon's state as operators ask for it: the journal folded, with plain snapshots for JSON."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import assert_never

from vrrpd.config.model import Configuration, Probe
from vrrpd.engine.drain import HOST
from vrrpd.engine.inputs import Link, Standing
from vrrpd.engine.instance import Identity, identity
from vrrpd.engine.journal import (
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
from vrrpd.engine.journal_routes import RouteChanged, RouteFailed
from vrrpd.engine.journal_vmac import VmacChanged
from vrrpd.observe import fold
from vrrpd.observe.disagreement import Kind, Warned
from vrrpd.observe.events import clean
from vrrpd.observe.record import InstanceRecord, ProbeRecord
from vrrpd.observe.shape import (
    ConfigurationShape,
    DrainShape,
    InstanceShape,
    MasterShape,
    ProbeShape,
    SchedulingShape,
    StateShape,
    TrackShape,
    WarningShape,
)
from vrrpd.protocol.messages import Seconds

Now = Callable[[], Seconds]
"""The daemon's monotonic clock."""
Wall = Callable[[Seconds], datetime]
"""From an instant on the monotonic clock to the time of day, aware of its zone."""

ERRORS_LIMIT = 100
"""Errors of a refused reload that are kept: more than anybody reads, and a broken file may have thousands."""


class StateView:
    """Give it the configuration before the engine gets it, then every entry in order; ask for `snapshot`.

    Entries about unknown instances and probes are those of a removed one's end, and are passed over.
    """

    def __init__(self, now: Now, wall: Wall) -> None:
        """`now` and `wall` are the daemon's clocks; nothing here reads one by itself."""
        self._now = now
        self._wall = wall
        self._links: dict[str, Link] = {}
        self._former: dict[Identity, InstanceRecord] = {}
        self._former_probes: list[ProbeRecord] = []
        self.instances: dict[str, InstanceRecord] = {}
        self.probes: dict[str, ProbeRecord] = {}
        self.drains: dict[str, Drained] = {}
        self.version = self.router_id = ""
        self.scheduled = Scheduled(Seconds(0.0), 0, False)
        self.ready = False
        self.stopping = False
        self.source = ""
        self.loaded_at: Seconds | None = None
        self.started_at: Seconds | None = None
        self.errors: tuple[str, ...] = ()

    # --- folding --------------------------------------------------------------------------------------------

    def configure(self, configuration: Configuration) -> None:
        """Know these instances and probes from now on. What is the same virtual router keeps its record.

        Until `Configured` says that it is in force, the one before can be put back and finds its records.
        """
        self._former.update({identity(each.config): each for each in self.instances.values()})
        self._former_probes.extend(self.probes.values())
        self.instances = {
            each.name: fold.carried(self._former.get(identity(each)), each) for each in configuration.instances
        }
        self.probes = {each.name: self._probe_record(each) for each in configuration.probes}

    def record(self, entry: Entry) -> None:
        """Take one entry of the journal in."""
        match entry:
            case StateChanged() | PriorityChanged() | FaultsChanged() | AdvertReceived() | AddressChanged():
                self._record_instance(entry)
            case Degraded() | Damped() | Yielding():
                self._record_instance(entry)
            case Drained(instance=name):
                self.drains[name] = entry
            case Undrained(instance=name):
                self.drains.pop(name, None)
            case LinkChanged(link=link):
                self._links[link.name] = link
            case ProbeChecked() | ProbeChanged() | ProbeAlarmed():
                if (probe := self.probes.get(entry.probe)) is not None:
                    fold.of_probe(probe, entry)
            case RemedyStarted() | RemedyEnded() | RemedyExhausted():
                if (probe := self.probes.get(entry.probe)) is not None:
                    probe.remedy.record(entry)
            case AdvertRejected() | AddressesDiffer() | IntervalDiffers() | AddressConflict() | OwnerAnswered():
                self._record_instance(entry)
            case Configured() | ReloadRejected() | Scheduled() | Started() | Stopping():
                self._record_daemon(entry)
            case MasterHeard() | AdvertSent() | SendFailed() | Announced() | AddressFailed():
                pass  # counted by the metrics; no state follows from them
            case NotifyEnded() | NotifySkipped() | FifoLost() | VmacChanged() | RouteChanged() | RouteFailed():
                pass
            case HistoryLost() | NetlinkOverrun() | ReceiveOverrun() | Lagged() | ConnectionsEnded():
                pass
            case _:
                assert_never(entry)

    def _record_instance(self, entry: fold.OfInstance) -> None:
        if (instance := self.instances.get(entry.instance)) is not None:
            fold.of_instance(instance, entry)

    def _record_daemon(self, entry: Configured | ReloadRejected | Scheduled | Started | Stopping) -> None:
        match entry:
            case Configured():
                self.source, self.loaded_at, self.errors = entry.source, entry.at, ()
                self._begin(entry.at)
            case ReloadRejected():
                self.errors = entry.errors[:ERRORS_LIMIT]
            case Scheduled():
                self.scheduled = entry
            case Started():
                self.version, self.router_id = entry.version, entry.router_id
                self.ready, self.started_at = True, entry.at
            case Stopping():
                self.ready, self.stopping = False, True
            case _:
                assert_never(entry)

    def _begin(self, at: Seconds) -> None:
        """What is new is as it is since the configuration came into force; what is gone is forgotten."""
        self._former.clear()
        self._former_probes.clear()
        for instance in self.instances.values():
            instance.since = at if instance.since is None else instance.since
        for probe in self.probes.values():
            probe.since = at if probe.since is None else probe.since

    def _probe_record(self, probe: Probe) -> ProbeRecord:
        """As before if the same question is asked still; the engine keeps its verdict then, too."""
        for known in self._former_probes:
            if fold.question(known.config) == fold.question(probe):
                known.config = probe
                return known
        before = next((each.standing for each in self._former_probes if each.config.name == probe.name), Standing())
        last = before.before if before.up is None else before.up
        return ProbeRecord(probe, up=False if probe.init_fail else None, before=last)

    # --- reading --------------------------------------------------------------------------------------------

    def snapshot(self) -> StateShape:
        """Everything as plain values for JSON, as of now."""
        return {
            "version": self.version,
            "router_id": self.router_id,
            "now": self._text(self._now()),
            "started": self._instant(self.started_at),
            "ready": self.ready,
            "stopping": self.stopping,
            "configuration": self._configuration(),
            "scheduling": self._scheduling(),
            "drained": self._drain(self.drains.get(HOST)),
            "instances": [self._instance(each) for each in self.instances.values()],
            "probes": [self._probe(each) for each in self.probes.values()],
        }

    def _configuration(self) -> ConfigurationShape:
        return {"source": self.source, "loaded": self._instant(self.loaded_at), "errors": list(self.errors)}

    def _scheduling(self) -> SchedulingShape:
        entry = self.scheduled
        return {"rt_priority": entry.rt_priority, "no_swap": entry.no_swap, "errors": list(entry.errors)}

    def _instance(self, record: InstanceRecord) -> InstanceShape:
        config = record.config
        return {
            "name": config.name,
            "virtual_router_id": config.virtual_router_id,
            "interface": config.interface,
            "family": config.family.value,
            "state": record.role.value,
            "priority_base": config.priority,
            "priority": record.priority,
            "master": self._master(record),
            "since": self._instant(record.since),
            "last_reason": record.reason.value if record.reason else None,
            "blocked": list(record.blocked),
            "degraded": list(record.degraded),
            "damped_until": self._instant(record.damped_until),
            "drained": self._drain(self.drain_of(config.name)),
            "yielding": record.yielding,
            "sync_group": config.sync_group or None,
            "advert_int": config.advert_int,
            "virtual_addresses": [{"address": str(each), "present": record.present(each)} for _, each in config.places],
            "track": self._tracks(record),
            "warnings": [self._warning(*each) for each in record.warnings(self._now())],
        }

    def link(self, name: str) -> Link:
        """An interface as it was told of last."""
        return self._links.get(name, Link(name))

    def drain_of(self, instance: str) -> Drained | None:
        """The one of the host first; None: it is in service."""
        return self.drains.get(HOST) or self.drains.get(instance)

    def _drain(self, entry: Drained | None) -> DrainShape | None:
        if entry is None:
            return None
        return {"reason": clean(entry.reason), "since": self._text(entry.at), "ends": entry.ends or None}

    def _warning(self, kind: Kind, peer: str, warned: Warned) -> WarningShape:
        return {
            "kind": kind.value,
            "peer": peer,
            "text": clean(warned.text),
            "count": warned.count,
            "since": self._text(warned.since),
            "last": self._text(warned.last),
        }

    def _tracks(self, record: InstanceRecord) -> list[TrackShape]:
        return [
            {
                "probe": each.probe,
                "weight": each.weight,
                "applied": record.applied(each, self.probes[each.probe].standing),
            }
            for each in record.config.followed
        ]

    def _master(self, record: InstanceRecord) -> MasterShape | None:
        if record.role is Role.MASTER:
            source = record.source(self.link(record.config.interface))
            return {"address": str(source) if source else None, "priority": record.priority}
        heard = record.master_heard(self._now())
        return {"address": str(heard.address), "priority": heard.priority} if heard else None

    def _probe(self, record: ProbeRecord) -> ProbeShape:
        return {
            "name": record.config.name,
            "type": record.config.type,
            "up": record.up,
            "weight_applied": record.weight_applied,
            "detail": record.detail,
            "scope": record.config.scope,
            "alarms": [clean(each) for each in record.alarms],
            "output": record.output,
            "remedy": record.remedy.shape(record.config.remedy, self._text) if record.config.remedy else None,
            "since": self._instant(record.since),
            "last_checked": self._instant(record.checked_at),
        }

    def _instant(self, at: Seconds | None) -> str | None:
        return None if at is None else self._text(at)

    def _text(self, at: Seconds) -> str:
        return stamp(self._wall(at))


def stamp(instant: datetime) -> str:
    """UTC, ISO 8601, milliseconds, ending in Z."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
