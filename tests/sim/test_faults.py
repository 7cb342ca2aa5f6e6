"""Actions of a scenario, and the calm after them."""

import pytest

from tests.sim.worlds import at, holders, node, scenario, world
from vrrpd.sim.plan import End, Network, ProbePlan, RouterPlan, Verb
from vrrpd.sim.world import World

PROBED = (
    RouterPlan(name="r1", priority=(150,), probes=(ProbePlan(weight=-60),)),
    RouterPlan(name="r2", priority=(100,)),
)


@pytest.mark.parametrize("verb", [Verb.FAIL, Verb.HANG, Verb.BLIND])
def test_a_probe_that_is_not_well_moves_the_addresses(verb: Verb) -> None:
    made = world(at(10.0, verb, argument="p0"), at(20.0, Verb.MEND, argument="0"), routers=PROBED)
    made.run_to(18.0)
    assert holders(made) == ("r2",)
    made.run_to(30.0)
    assert holders(made) == ("r1",)


def test_a_reboot_comes_back_by_itself() -> None:
    made = world(at(10.0, Verb.REBOOT, argument="8"))
    made.run_to(17.0)
    assert holders(made) == ("r2",)
    made.run_to(25.0)
    assert holders(made) == ("r1",)


def test_one_way_and_back() -> None:
    made = world(at(10.0, Verb.CUT, "r1", "r2"), at(20.0, Verb.JOIN, "r1", "r2"))
    made.run_to(19.0)
    assert "r2" in holders(made)
    made.run_to(25.0)
    assert holders(made) == ("r1",)


def test_one_way_of_one_segment_and_back() -> None:
    network = Network(segments=2, faults_end=30.0)
    made = world(at(10.0, Verb.CUT, "r1", "r2 1"), at(20.0, Verb.JOIN, "r1", "r2 1"), network=network)
    made.run_to(19.0)
    assert (holders(made, 0), "r2" in holders(made, 1)) == (("r1",), True)
    made.run_to(25.0)
    assert (holders(made, 0), holders(made, 1)) == (("r1",), ("r1",))


@pytest.mark.parametrize(
    ("end", "holder"), [(End.WELL, "r1"), (End.STOPPED, "r2"), (End.DRAINED, "r2"), (End.ILL, "r2")]
)
def test_in_the_end_each_is_left_as_planned(end: End, holder: str) -> None:
    first = RouterPlan(name="r1", priority=(150,), probes=(ProbePlan(weight=-60),), end=end)
    faults = (at(9.0, Verb.SPLIT), at(9.0, Verb.MUTE), at(9.5, Verb.FREEZE, "r2"), at(9.5, Verb.DOWN, "r2"))
    made = World(scenario(*faults, network=Network(faults_end=10.0), routers=(first, PROBED[1])))
    assert made.run().wrong == ""
    assert holders(made) == (holder,)
    assert node(made, "r2").running
