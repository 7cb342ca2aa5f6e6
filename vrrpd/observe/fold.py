"""What one entry of the journal changes in what is known of an instance or a probe."""

from typing import assert_never

from vrrpd.config.model import Instance, Probe
from vrrpd.engine.inputs import Outcome
from vrrpd.engine.journal import (
    AddressChanged,
    AddressConflict,
    AdvertReceived,
    AdvertRejected,
    FaultsChanged,
    OwnerAnswered,
    PriorityChanged,
    StateChanged,
)
from vrrpd.engine.journal_daemon import Yielding
from vrrpd.engine.journal_health import Damped, Degraded, ProbeAlarmed, ProbeChanged, ProbeChecked
from vrrpd.engine.journal_peers import AddressesDiffer, IntervalDiffers
from vrrpd.observe.disagreement import Disagreeing
from vrrpd.observe.record import InstanceRecord, ProbeRecord

OfInstance = (
    StateChanged | PriorityChanged | FaultsChanged | AddressChanged | Degraded | Damped | Yielding | Disagreeing
)

OfProbe = ProbeChecked | ProbeChanged | ProbeAlarmed


def question(probe: Probe) -> tuple[str, str, object]:
    """What it asks; a verdict stands while that is the same."""
    return probe.name, probe.type, probe.options


def carried(known: InstanceRecord | None, config: Instance) -> InstanceRecord:
    """The record of the same virtual router under its new configuration, or a fresh one."""
    if known is None:
        return InstanceRecord(config, config.priority)
    known.config = config
    return known


def of_instance(instance: InstanceRecord, entry: OfInstance) -> None:
    """What is known of an instance after this entry about it."""
    match entry:
        case StateChanged():
            instance.moved(entry)
        case PriorityChanged(new=new):
            instance.priority = new
        case FaultsChanged(blocked=blocked):
            instance.blocked = blocked
        case AdvertReceived():
            instance.received(entry)
        case AdvertRejected() | AddressesDiffer() | IntervalDiffers() | AddressConflict() | OwnerAnswered():
            instance.disagreements.heard(entry)
        case AddressChanged():
            instance.address_changed(entry)
        case Degraded(faults=faults):
            instance.degraded = faults
        case Damped():
            instance.damped(entry)
        case Yielding(yielding=yielding):
            instance.yielding = yielding
        case _:
            assert_never(entry)


def of_probe(probe: ProbeRecord, entry: OfProbe) -> None:
    """What is known of a probe after this entry about it."""
    match entry:
        case ProbeChanged():
            probe.up, probe.since = entry.up, entry.at
            probe.output = "" if entry.up else probe.output
            probe.remedy.record(entry)
        case ProbeAlarmed():
            probe.alarms = entry.alarms
        case ProbeChecked():
            probe.last, probe.checked_at = entry.result, entry.at
            over = entry.result.outcome is Outcome.OK and probe.up is not False
            probe.output = "" if over else entry.result.output or probe.output
        case _:
            assert_never(entry)
