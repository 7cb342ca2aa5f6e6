"""Each promise is looked after in a whole world: a defect planted in it is found, by its name."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.sim.worlds import BOTH, at, node, scenario
from vrrpd.config.model import Instance
from vrrpd.sim.addresses import Addresses
from vrrpd.sim.bounds import LET_GO, bounds
from vrrpd.sim.liveness import settles
from vrrpd.sim.plan import Action, End, Network, ProbePlan, RouterPlan, Verb
from vrrpd.sim.probing import Prober
from vrrpd.sim.settings import Given, configuration, virtual_addresses
from vrrpd.sim.vrrpd_node import VrrpdNode
from vrrpd.sim.world import QUIET_INTERVALS, World

NETWORK = Network(faults_end=20.0)
SETTLED = NETWORK.faults_end + settles(NETWORK, BOTH)
ENDED = SETTLED + QUIET_INTERVALS * NETWORK.advert_int
HAIR = 0.01
"""Seconds: less than an address that was deleted is away."""
PLACE = (0, virtual_addresses(NETWORK, 0, 0)[0])
FAULT = (ProbePlan(weight=0),)


def other_than_planned(*plans: RouterPlan) -> World:
    """Both run with configurations that are not those of their plans: the plans are what is judged by."""
    given = {each.name: Given(configuration(each, NETWORK, len(BOTH))) for each in BOTH}
    return World(scenario(network=NETWORK, routers=plans), given=given)


def test_all_is_well_without_a_defect() -> None:
    assert other_than_planned(*BOTH).run().wrong == ""


# --- in the end ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("instant", [SETTLED, ENDED], ids=["settled", "ended"])
def test_one_holder_is_asked_for_twice(instant: float) -> None:
    """For a moment nobody has it, and nothing else is wrong."""
    made = World(scenario(network=NETWORK))
    made.timeline.at(instant - HAIR, made.play, at(0.0, Verb.STEAL))
    outcome = made.run()
    assert (outcome.wrong, outcome.seconds) == ("one holder", instant)


def test_the_best_is_asked_for() -> None:
    assert other_than_planned(BOTH[0], replace(BOTH[1], priority=(200,))).run().wrong == "the best"


def test_one_master_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VrrpdNode, "is_master", lambda *_: True)
    assert World(scenario(network=NETWORK)).run().wrong == "one Master"


def test_where_nobody_may_nobody_must() -> None:
    ill = [replace(each, probes=FAULT, end=End.ILL) for each in BOTH]
    assert other_than_planned(*ill).run().wrong == "nobody may"


@pytest.mark.parametrize("verbs", [(Verb.HAND, Verb.TAKE_BACK), (Verb.STEAL,)], ids=["state", "address"])
def test_quiet_is_asked_for(verbs: tuple[Verb, ...]) -> None:
    """There and back: at both looks all is well."""
    made = World(scenario(network=NETWORK))
    for number, verb in enumerate(verbs):
        made.timeline.at(SETTLED + 1 + 2 * number, made.play, at(0.0, verb))
    outcome = made.run()
    assert (outcome.wrong, outcome.seconds) == ("quiet", ENDED)


# --- while the faults rage ----------------------------------------------------------------------------------------


PROBED = tuple(replace(each, probes=(ProbePlan(weight=-60),)) for each in BOTH)


def test_a_verdict_has_its_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Prober, "deserves", lambda *_, **__: False)
    assert World(scenario(network=NETWORK, routers=PROBED)).run().wrong == "verdict"


def test_what_is_handed_over_is_not_wanted() -> None:
    made = World(scenario(at(10.0, Verb.HAND), network=NETWORK))
    made.timeline.at(9.0, lambda: setattr(node(made, "r1"), "engine", Handed(node(made, "r1"))))
    assert made.run().wrong == "handed over"


def test_an_address_that_nobody_removes_has_two_holders() -> None:
    made = World(scenario(network=NETWORK))
    made.timeline.at(10.0, node(made, "r2").kernel.add, PLACE, None)
    outcome = made.run()
    assert outcome.wrong == "two holders"
    assert outcome.seconds == pytest.approx(10.0 + bounds(made.scenario).both_live)


def test_a_storm_is_one() -> None:
    made = World(scenario(network=NETWORK))
    for step in range(20):
        made.timeline.at(10.0 + step * HAIR, lambda: node(made, "r1").engine.advertise(node(made, "r1").clock.now()))
    assert made.run().wrong == "storm"


class Handed:
    """An engine that says that it has handed over, and has not."""

    def __init__(self, one: VrrpdNode) -> None:
        self._engine = one.engine

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    def hand_over(self, *_: object) -> bool:
        return True


LEAVES: tuple[tuple[Action, tuple[RouterPlan, ...], str], ...] = (
    (at(10.0, Verb.STOP), BOTH, "stopped"),
    (at(10.0, Verb.DRAIN), BOTH, "left"),
    (at(10.0, Verb.HAND), BOTH, "left"),
    (at(10.0, Verb.DOWN), BOTH, "left"),
    (at(10.0, Verb.FAIL), tuple(replace(each, probes=FAULT) for each in BOTH), "left"),
    (at(10.0, Verb.RELOAD, argument="priority=50"), BOTH, "left"),
)


def hard_of_hearing(
    self: Addresses, instance: Instance, *, hold: bool, said: Callable[..., None] = Addresses.hold
) -> None:
    """By the kernel is judged, whatever the engine says: here nobody hears that it lets go."""
    if hold:
        said(self, instance, hold=hold)


@pytest.mark.parametrize(("action", "routers", "rule"), LEAVES, ids=[f"{action.verb.value}" for action, _, _ in LEAVES])
def test_who_leaves_has_nothing(
    action: Action, routers: tuple[RouterPlan, ...], rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Addresses, "hold", hard_of_hearing)
    outcome = World(scenario(action, network=NETWORK, routers=routers)).run()
    assert outcome.wrong == rule
    assert outcome.seconds - 10.0 == pytest.approx(0.0, abs=1.5)


def test_who_is_drained_has_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor what somebody has given it before."""
    monkeypatch.setattr(Addresses, "hold", hard_of_hearing)
    monkeypatch.setattr(Addresses, "disturbed", lambda _: None)
    outcome = World(scenario(at(9.9, Verb.PLANT, "r2"), at(10.0, Verb.DRAIN, "r2"), network=NETWORK)).run()
    assert outcome.wrong == "drained"
    assert outcome.seconds == pytest.approx(10.0 + LET_GO, abs=0.001)


def test_who_cannot_be_heard_lets_go_by_itself_when_the_lease_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel alone would leave it a second longer what was put back."""
    monkeypatch.setattr(Addresses, "_look_at_ends", lambda _: None)
    made = World(scenario(at(10.0, Verb.MUTE), at(12.6, Verb.STEAL), network=NETWORK))
    assert made.run().wrong == "two holders"
