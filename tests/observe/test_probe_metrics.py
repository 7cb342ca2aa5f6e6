"""What the kinds of probe measure, as series."""

from typing import cast

import pytest

from vrrpd.config.model import Probe, Remedy
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.engine.journal_health import ProbeChanged, RemedyEnded, RemedyExhausted
from vrrpd.observe.probe_metrics import probe_families
from vrrpd.observe.record import ProbeRecord
from vrrpd.observe.tally import ProbeTally
from vrrpd.probes.amqp_options import AmqpOptions
from vrrpd.probes.outcome import Gauge, Measure
from vrrpd.probes.registry import KINDS, Kind
from vrrpd.protocol.messages import Seconds

LEVEL = Gauge("fake_level", "Level of a tank.", ("tank",))


def series(record: ProbeRecord) -> dict[str, list[tuple[dict[str, str], float]]]:
    """By the name of the family."""
    families = probe_families([(record, ProbeTally())], lambda at: at or 0.0)
    return {each.name: [(one.labels, one.value) for one in each.samples] for each in families}


def test_measures_of_the_last_run_are_series_of_the_kind_s_gauge(monkeypatch: pytest.MonkeyPatch) -> None:
    """There from the start without a value, and gone with a run that could not measure; no row twice."""
    fake = Kind(object, lambda _: None, gauges=(LEVEL,))  # type: ignore[arg-type, return-value]
    monkeypatch.setitem(cast(dict[str, Kind], KINDS), "fake", fake)
    record = ProbeRecord(Probe(name="p", type="fake"))
    assert series(record)["vrrpd_fake_level"] == []
    measures = (Measure(LEVEL, 2.0, ("north",)), Measure(LEVEL, 3.0, ("north",)))
    record.last = Result(Outcome.OK, Seconds(0.1), "", measures=measures)
    assert series(record)["vrrpd_fake_level"] == [({"probe": "p", "tank": "north"}, 3.0)]


def test_alarms_are_counted() -> None:
    """Whatever they say."""
    record = ProbeRecord(Probe(name="p", type="tcp"), alarms=("a", "b"))
    assert series(record)["vrrpd_probe_alarms"] == [({"probe": "p"}, 2.0)]


def test_remedies_are_counted_by_result_for_probes_that_have_one() -> None:
    """There from the start, and used up until the next attempt or the next verdict."""
    bare = ProbeRecord(Probe(name="bare", type="tcp"))
    record = ProbeRecord(Probe(name="p", type="tcp", remedy=Remedy(restart="a.service")))
    tally, at = ProbeTally(), Seconds(1.0)
    tally.mended(RemedyEnded(at, "p", "restart a.service", Result(Outcome.OK, at, "")))
    record.remedy.record(RemedyExhausted(at, "p", 3, Seconds(600.0)))

    def rows(name: str) -> list[tuple[dict[str, str], float]]:
        families = probe_families([(bare, ProbeTally()), (record, tally)], lambda at: at or 0.0)
        return [(one.labels, one.value) for each in families if each.name == name for one in each.samples]

    results = {labels["result"]: value for labels, value in rows("vrrpd_remedy_runs")}
    assert results == {"ok": 1, "fail": 0, "timeout": 0, "unknown": 0, "error": 0}
    assert rows("vrrpd_remedy_exhausted") == [({"probe": "p"}, 1.0)]
    record.remedy.record(ProbeChanged(at, "p", True, ""))
    assert rows("vrrpd_remedy_exhausted") == [({"probe": "p"}, 0.0)]


def test_target_of_several_brokers_names_them_all() -> None:
    options = AmqpOptions(targets=("r1:5672", "r2:5672"))
    [(labels, _)] = series(ProbeRecord(Probe(name="p", type="amqp", options=options)))["vrrpd_probe_up"]
    assert labels == {"probe": "p", "type": "amqp", "target": "r1:5672, r2:5672"}
