"""Scenarios as text."""

import pytest

from tests.sim.worlds import BOTH
from vrrpd.sim.draw import draw
from vrrpd.sim.plan import Action, End, Network, ProbePlan, RouterPlan, Scenario, Verb, Weather
from vrrpd.sim.script import ScriptError, changed, read, write

TEXT = """\
# why
network version=3 faults_end=12.5
weather loss=0.1 burst=1
router r1 priority=150,100 nopreempt=yes end=ill
  probe weight=0
router r2
at 3.25 crash r1
at 4.0 start r1 forgetful
"""
SCENARIO = Scenario(
    network=Network(version=3, faults_end=12.5, weather=Weather(loss=0.1, burst=1)),
    routers=(
        RouterPlan(name="r1", priority=(150, 100), nopreempt=True, end=End.ILL, probes=(ProbePlan(weight=0),)),
        RouterPlan(name="r2"),
    ),
    actions=(Action(3.25, Verb.CRASH, "r1"), Action(4.0, Verb.START, "r1", "forgetful")),
)


def test_read_and_written_back() -> None:
    assert read(TEXT) == SCENARIO
    assert write(SCENARIO, "why") == TEXT


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_drawn_can_be_kept(seed: int) -> None:
    scenario = draw(seed)
    assert read(write(scenario)) == scenario


@pytest.mark.parametrize(
    "text", ["nonsense", "router r1 colour=red", "probe weight=0", "router r1 nopreempt=perhaps", "at noon crash r1"]
)
def test_what_cannot_be_read_names_its_line(text: str) -> None:
    with pytest.raises(ScriptError, match="line 2"):
        read(f"network\n{text}")


@pytest.mark.parametrize(
    "action",
    [
        "crash r9",
        "crash r1 r2",
        "cut r1 r9",
        "cut r1",
        "cut r1 r2 1",
        "cut r1 r2 x",
        "split r1 r2,r9",
        "down r1 x",
        "down r1 1",
        "fail r1 tcp",
        "reboot r1 soon",
        "reload r1 colour=red",
        "reload r1 priority=high",
        "start r1 forgetfull",
    ],
)
def test_an_action_that_cannot_be_done_is_no_defect_of_the_daemon(action: str) -> None:
    """It names its line, wherever the routers stand."""
    with pytest.raises(ScriptError, match=f"^line 2: at 3 {action}: "):
        read(f"router r1\nat 3 {action}\nrouter r2\n")


def test_one_keyword_of_a_plan() -> None:
    assert changed(BOTH[0], "nopreempt=yes").nopreempt
