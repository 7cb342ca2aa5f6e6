"""One entry, one change."""

from collections.abc import Callable

import pytest

from tests.observe.samples import CONFIGURATION, SECOND, VI_1, checked, moved
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.engine.journal import FaultsChanged, PriorityChanged, Role
from vrrpd.engine.journal_daemon import Yielding
from vrrpd.engine.journal_health import Degraded, ProbeAlarmed, ProbeChanged, ProbeChecked
from vrrpd.observe.fold import OfInstance, OfProbe, carried, of_instance, of_probe, question
from vrrpd.observe.record import InstanceRecord, ProbeRecord
from vrrpd.protocol.messages import Reason

INSTANCE: dict[str, tuple[OfInstance, Callable[[InstanceRecord], object], object]] = {
    "state": (moved(1, Role.INIT, Role.BACKUP, Reason.STARTUP), lambda record: record.role, Role.BACKUP),
    "priority": (PriorityChanged(SECOND, "VI_1", 150, 90, ()), lambda record: record.priority, 90),
    "faults": (FaultsChanged(SECOND, "VI_1", ("down",)), lambda record: record.blocked, ("down",)),
    "degraded": (Degraded(SECOND, "VI_1", ("down",)), lambda record: record.degraded, ("down",)),
    "yielding": (Yielding(SECOND, "VI_1", True), lambda record: record.yielding, True),
}
PROBE: dict[str, tuple[OfProbe, Callable[[ProbeRecord], object], object]] = {
    "verdict": (ProbeChanged(SECOND, "haproxy", False, ""), lambda record: (record.up, record.since), (False, SECOND)),
    "alarms": (ProbeAlarmed(SECOND, "haproxy", ("blocked",)), lambda record: record.alarms, ("blocked",)),
    "run": (checked(1, Outcome.OK), lambda record: (record.detail, record.checked_at), ("seen", SECOND)),
}


@pytest.mark.parametrize(("entry", "look", "expected"), INSTANCE.values(), ids=INSTANCE)
def test_of_an_instance(entry: OfInstance, look: Callable[[InstanceRecord], object], expected: object) -> None:
    record = InstanceRecord(VI_1, 150)
    assert look(record) != expected
    of_instance(record, entry)
    assert look(record) == expected


@pytest.mark.parametrize(("entry", "look", "expected"), PROBE.values(), ids=PROBE)
def test_of_a_probe(entry: OfProbe, look: Callable[[ProbeRecord], object], expected: object) -> None:
    record = ProbeRecord(CONFIGURATION.probes[0])
    assert look(record) != expected
    of_probe(record, entry)
    assert look(record) == expected


def run(outcome: Outcome, output: str = "") -> ProbeChecked:
    return ProbeChecked(SECOND, "haproxy", Result(outcome, SECOND, "seen", output=output))


DOWN, UP = ProbeChanged(SECOND, "haproxy", False, ""), ProbeChanged(SECOND, "haproxy", True, "")
OUTPUT: dict[str, tuple[tuple[OfProbe, ...], str]] = {
    "one failure of several that it takes": ((run(Outcome.OK), UP, run(Outcome.FAIL, "no\n")), "no\n"),
    "well after it": ((run(Outcome.OK), UP, run(Outcome.FAIL, "no\n"), run(Outcome.OK)), ""),
    "could not be run": ((run(Outcome.UNKNOWN, "sh: no\n"),), "sh: no\n"),
    "the last one with any": ((run(Outcome.FAIL, "a\n"), DOWN, run(Outcome.FAIL, "b\n"), run(Outcome.TIMEOUT)), "b\n"),
    "down still, as it takes two to rise": ((run(Outcome.FAIL, "no\n"), DOWN, run(Outcome.OK)), "no\n"),
    "up again": ((run(Outcome.FAIL, "no\n"), DOWN, run(Outcome.OK), run(Outcome.OK), UP), ""),
    "a failure of another day": ((run(Outcome.FAIL, "old\n"), DOWN, run(Outcome.OK), UP, run(Outcome.TIMEOUT)), ""),
}


@pytest.mark.parametrize(("entries", "shown"), OUTPUT.values(), ids=OUTPUT)
def test_output_is_shown_from_a_failing_run_until_it_is_well(entries: tuple[OfProbe, ...], shown: str) -> None:
    """Whatever the verdict is meanwhile."""
    record = ProbeRecord(CONFIGURATION.probes[0])
    for entry in entries:
        of_probe(record, entry)
    assert record.output == shown


def test_a_virtual_router_keeps_its_record() -> None:
    known = InstanceRecord(VI_1, 90)
    assert carried(known, VI_1) is known
    assert carried(None, VI_1).priority == VI_1.priority


def test_another_question_is_another_probe() -> None:
    first, second = CONFIGURATION.probes[:2]
    assert question(first) == question(first)
    assert question(first) != question(second)
