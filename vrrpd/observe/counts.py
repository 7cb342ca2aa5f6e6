"""The journal counted: a tally for each instance and probe, kept as long as its labels."""

from typing import assert_never

from vrrpd.config.model import Configuration, Instance
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
from vrrpd.observe.notified import Notified
from vrrpd.observe.record import InstanceRecord, ProbeRecord
from vrrpd.observe.state import StateView
from vrrpd.observe.tally import InstanceTally, Lag, ProbeTally
from vrrpd.protocol.messages import Family, Rejection

Labels = tuple[str, ...]
Pairs = list[tuple[InstanceRecord, InstanceTally]]

BASE = ("name", "vrid", "interface", "family")
"""Labels of everything about one instance."""


def base_labels(config: Instance) -> Labels:
    """The values of `BASE`."""
    return config.name, str(config.virtual_router_id), config.interface, config.family.value


class Counts:
    """Give it the configuration after `view` got it, then every entry in order.

    `strays`: packets for no instance of ours, by interface and family; `lost`: packets that nobody read in time.
    """

    def __init__(self, view: StateView) -> None:
        """`view` knows the configuration and the states."""
        self._view = view
        self._instances: dict[Labels, InstanceTally] = {}
        self._by_name: dict[str, InstanceTally] = {}
        self._probes: dict[str, ProbeTally] = {}
        self._former: dict[Labels, InstanceTally] = {}
        self._former_probes: dict[str, ProbeTally] = {}
        self.strays: dict[tuple[str, Family], dict[Rejection, int]] = {}
        self.lost: dict[tuple[str, Family], int] = {}
        self.lag = Lag()
        self.overruns = 0
        self.history_lost = 0
        self.notified = Notified()

    def configure(self, configuration: Configuration) -> None:
        """Count for these from now on. What has other labels now starts at 0; what is gone vanishes.

        Until `Configured` says that it is in force, the one before can be put back and finds its counts.
        """
        self._former.update(self._instances)
        self._former_probes.update(self._probes)
        keys = [base_labels(each) for each in configuration.instances]
        self._instances = {key: self._former.get(key) or InstanceTally() for key in keys}
        self._by_name = {
            each.name: self._instances[key] for each, key in zip(configuration.instances, keys, strict=True)
        }
        self._probes = {each.name: self._former_probes.get(each.name) or ProbeTally() for each in configuration.probes}
        places = [(each.interface, each.family) for each in configuration.instances]
        self.strays = {key: self.strays.get(key) or dict.fromkeys(Rejection, 0) for key in places}
        self.lost = {key: self.lost.get(key, 0) for key in places}
        self.notified.configure(configuration)

    def record(self, entry: Entry) -> None:
        """Take one entry of the journal in."""
        match entry:
            case (StateChanged() | AdvertSent() | AdvertReceived() | SendFailed() | Announced()) | (
                AddressChanged() | RouteChanged() | RouteFailed()
            ):
                if (tally := self._tally(entry.instance)) is not None:
                    _count(tally, entry)
            case AdvertRejected():
                self._rejected(entry)
            case ProbeChecked():
                if (probe := self._probes.get(entry.probe)) is not None:
                    probe.checked(entry)
            case RemedyEnded():
                if (probe := self._probes.get(entry.probe)) is not None:
                    probe.mended(entry)
            case ReceiveOverrun(interface=interface, family=family, lost=lost):
                if (interface, family) in self.lost:
                    self.lost[interface, family] += lost
            case NetlinkOverrun():
                self.overruns += 1
            case MasterHeard():
                pass  # each advertisement is counted
            case NotifyEnded() | NotifySkipped() | FifoLost():
                self.notified.record(entry)
            case HistoryLost(lines=lines):
                self.history_lost += lines
            case Lagged(at=at, late=late):
                self.lag.observe(at, late)
            case PriorityChanged() | FaultsChanged() | LinkChanged() | AddressFailed():
                pass  # what follows from them is read from the view
            case ProbeChanged() | ProbeAlarmed() | RemedyStarted() | RemedyExhausted() | Degraded() | Damped():
                pass  # what follows from them is read from the view
            case (Drained() | Undrained() | Yielding() | ConnectionsEnded()) | (
                AddressConflict() | OwnerAnswered() | AddressesDiffer() | IntervalDiffers()
            ):
                pass  # the view and its warnings show them
            case Configured():
                self._former.clear()
                self._former_probes.clear()
            case ReloadRejected() | Scheduled() | Started() | Stopping() | VmacChanged():
                pass
            case _:
                assert_never(entry)

    def pairs(self) -> Pairs:
        """Each instance: what is known of it, and its tally."""
        records = self._view.instances
        return [(records[labels[0]], tally) for labels, tally in self._instances.items()]

    def probe_pairs(self) -> list[tuple[ProbeRecord, ProbeTally]]:
        """Each probe: what is known of it, and its tally."""
        return [(self._view.probes[name], tally) for name, tally in self._probes.items()]

    def _rejected(self, entry: AdvertRejected) -> None:
        tally = self._tally(entry.instance)
        family = Family.IPV6 if entry.source.version == 6 else Family.IPV4
        counts = tally.rejected if tally else self.strays.get((entry.interface, family))
        if counts is not None:
            counts[entry.rejection] += 1

    def _tally(self, instance: str) -> InstanceTally | None:
        return self._by_name.get(instance)


def _count(
    tally: InstanceTally,
    entry: StateChanged
    | AdvertSent
    | AdvertReceived
    | SendFailed
    | Announced
    | AddressChanged
    | RouteChanged
    | RouteFailed,
) -> None:
    match entry:
        case StateChanged():
            tally.moved(entry)
        case AdvertSent():
            tally.advert_sent(entry)
        case AdvertReceived():
            tally.advert_received(entry)
        case SendFailed():
            tally.send_failed(entry)
        case Announced():
            tally.frames_sent(entry)
        case AddressChanged():
            tally.address_changed(entry)
        case RouteChanged() | RouteFailed():
            tally.routes.record(entry)
        case _:
            assert_never(entry)
