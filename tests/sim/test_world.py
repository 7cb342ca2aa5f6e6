"""Whole runs: kept scenarios, seeds, and that equal ones are equal."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.sim.worlds import BOTH, at, scenario
from vrrpd.engine.engine import Engine
from vrrpd.sim.draw import draw
from vrrpd.sim.plan import Network, ProbePlan, Verb
from vrrpd.sim.script import read
from vrrpd.sim.settings import Given, configuration
from vrrpd.sim.world import Outcome, World

SCENARIOS = sorted((Path(__file__).parent / "scenarios").glob("*.txt"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_what_was_found_once_stays_mended(path: Path) -> None:
    outcome = World(read(path.read_text())).run()
    assert (outcome.wrong, outcome.detail) == ("", "")


@pytest.mark.parametrize("seed", [3, 8, 21])
def test_equal_seeds_give_equal_journals(seed: int) -> None:
    one, other = (World(draw(seed), journal=True) for _ in range(2))
    assert one.run() == other.run()
    told = len(one.journal)
    assert told > 400
    differ = [pair for pair in zip(one.journal, other.journal, strict=True) if pair[0] != pair[1]]
    assert differ[:1] == []


def test_a_clean_run_says_so() -> None:
    outcome = World(scenario(at(5.0, Verb.CRASH), network=Network(faults_end=20.0))).run()
    assert outcome == Outcome("", "", outcome.seconds, outcome.overlapped)
    assert outcome.seconds > 30.0
    assert outcome.overlapped < 0.01


def test_a_daemon_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Engine, "tick", broken)
    outcome = World(scenario()).run()
    assert outcome.wrong == "defect"
    assert "ZeroDivisionError" in outcome.detail


def test_files_of_operators_can_be_played_without_a_verdict() -> None:
    given = {each.name: Given(configuration(each, Network(), 2)) for each in BOTH}
    made = World(scenario(), given=given, judged=False)
    made.begin()
    made.run_to(10.0)
    made.play(at(0.0, Verb.SPLIT))
    made.run_to(30.0)
    assert made.now == 30.0
    assert [each.router for each in made.safety.holdings] == ["r1", "r2"]


def test_a_probe_that_flaps_does_not_put_a_takeover_off() -> None:
    """Each change of the priority is new parameters, and none may restart Master_Down_Timer."""
    routers = (BOTH[0], replace(BOTH[1], probes=(ProbePlan(weight=-20),)))
    flaps = [at(9.5 + second, (Verb.FAIL, Verb.MEND)[second % 2], "r2") for second in range(20)]
    made = World(scenario(at(10.0, Verb.CRASH), *flaps, routers=routers))
    made.begin()
    made.run_to(14.5)
    assert [each.router for each in made.safety.holdings if each.there] == ["r1", "r2"]
