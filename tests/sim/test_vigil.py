"""How long nobody may have an address."""

from contextlib import nullcontext

import pytest

from tests.sim.worlds import BOTH, at, node, scenario, world
from vrrpd.engine.engine import Engine
from vrrpd.sim.bounds import STARTS, bounds
from vrrpd.sim.plan import Network, ProbePlan, RouterPlan, Verb, Weather
from vrrpd.sim.safety import Violation

SILENCE = bounds(scenario()).takeover


def let_sleep(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    monkeypatch.setattr(engine, "tick", lambda _: None)
    monkeypatch.setattr(engine, "deadline", lambda: None)


def test_nobody_for_longer_than_a_silent_master_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world(at(10.0, Verb.REBOOT, "r1", "60"))
    made.run_to(9.0)
    let_sleep(monkeypatch, node(made, "r2").engine)
    made.run_to(9.99 + SILENCE)
    with pytest.raises(Violation, match=r"nobody has .* r2 is well"):
        made.run_to(10.01 + SILENCE)


def test_who_is_not_well_owes_nothing() -> None:
    routers = (BOTH[0], RouterPlan(name="r2", probes=(ProbePlan(weight=0),)))
    faults = {
        "drained": at(9.0, Verb.DRAIN, "r2"),
        "without a link": at(9.0, Verb.DOWN, "r2", "0"),
        "mute": at(9.0, Verb.MUTE, "r2"),
        "frozen": at(9.0, Verb.FREEZE, "r2"),
        "ill": at(9.0, Verb.FAIL, "r2"),
    }
    for fault in faults.values():
        made = world(fault, at(10.0, Verb.REBOOT, "r1", "60"), routers=routers)
        made.run_to(30.0)


def test_who_was_not_well_in_the_same_instant_has_its_time_to_find_out(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world(at(10.0, Verb.REBOOT, "r1", "60"), at(10.0, Verb.MUTE, "r2"), at(10.0, Verb.UNMUTE, "r2"))
    made.run_to(9.0)
    let_sleep(monkeypatch, node(made, "r2").engine)
    made.run_to(9.99 + SILENCE + STARTS)
    with pytest.raises(Violation, match="nobody"):
        made.run_to(10.01 + SILENCE + STARTS)


def test_who_hears_a_holder_owes_nothing_and_who_does_not_does(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world(at(10.0, Verb.CUT, "r1", "r2"))
    made.run_to(9.0)
    let_sleep(monkeypatch, node(made, "r2").engine)
    with pytest.raises(Violation, match="nobody"):
        made.run_to(20.0)


@pytest.mark.parametrize("sync", [False, True])
def test_a_group_waits_for_whom_it_hears_anywhere(monkeypatch: pytest.MonkeyPatch, *, sync: bool) -> None:
    """On one segment only the Master is not heard."""
    made = world(at(10.0, Verb.CUT, "r1", "r2 0"), network=Network(segments=2, sync=sync, faults_end=60.0))
    made.run_to(9.0)
    let_sleep(monkeypatch, node(made, "r2").engine)
    with nullcontext() if sync else pytest.raises(Violation, match="nobody"):
        made.run_to(20.0)


def test_probes_have_to_find_out_first() -> None:
    plan = scenario(routers=(BOTH[0], RouterPlan(name="r2", probes=(ProbePlan(interval=5.0, rise=3),))))
    assert bounds(plan).known - bounds(scenario()).known == pytest.approx(25.0)


def test_late_packets_and_a_longer_silence_count() -> None:
    late = bounds(scenario(network=Network(weather=Weather(straggler=1.5), down_adverts=5)))
    assert late.takeover - SILENCE == pytest.approx(1.5 + 2.0)
