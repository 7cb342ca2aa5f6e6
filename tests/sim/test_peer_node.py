"""keepalived and FRR as our routers meet them."""

import pytest

from tests.sim.worlds import at, moves, scenario
from vrrpd.engine.journal import Role
from vrrpd.sim.peer_node import PeerNode
from vrrpd.sim.plan import Action, Kind, Network, RouterPlan, Verb
from vrrpd.sim.world import World

MAKES = pytest.mark.parametrize("kind", [Kind.KEEPALIVED, Kind.FRR])


def world(kind: Kind, *actions: Action, priority: int = 150, network: Network | None = None) -> World:
    """`r1` is the peer, `r2` runs vrrpd with priority 100."""
    peer = RouterPlan(name="r1", kind=kind, priority=(priority,), fast_preempt=False)
    ours = RouterPlan(name="r2", priority=(100,))
    return World(scenario(*actions, network=network, routers=(peer, ours)), journal=True)


def mixed(kind: Kind, *actions: Action, priority: int = 150) -> World:
    """Begun."""
    made = world(kind, *actions, priority=priority)
    made.begin()
    return made


def holders(made: World) -> tuple[str, ...]:
    return made.safety.holders(made.safety.holdings[0].place)


def peer(made: World) -> PeerNode:
    found = made.nodes["r1"]
    assert isinstance(found, PeerNode)
    return found


@MAKES
def test_it_and_ours_agree_who_is_better(kind: Kind) -> None:
    made = mixed(kind, at(12.0, Verb.STOP), at(20.0, Verb.START))
    made.run_to(10.0)
    assert (holders(made), peer(made).is_master("VI_0")) == (("r1",), True)
    made.run_to(13.0)
    assert holders(made) == ("r2",)
    made.run_to(26.0)
    assert holders(made) == ("r1",)
    assert made.safety.overlapped < 0.05


@MAKES
def test_it_yields_to_ours(kind: Kind) -> None:
    made = mixed(kind, at(10.0, Verb.CRASH, "r2"), at(18.0, Verb.START, "r2", "forgetful"), priority=50)
    made.run_to(17.0)
    assert holders(made) == ("r1",)
    made.run_to(25.0)
    assert holders(made) == ("r2",)


@MAKES
def test_one_that_dies_keeps_the_addresses(kind: Kind) -> None:
    made = mixed(kind, at(10.0, Verb.CRASH))
    made.run_to(20.0)
    assert holders(made) == ("r1", "r2")


@MAKES
def test_one_that_was_frozen_is_no_storm(kind: Kind) -> None:
    made = mixed(kind, at(10.0, Verb.FREEZE), at(20.0, Verb.THAW))
    made.run_to(30.0)
    assert holders(made) == ("r1",)


@pytest.mark.parametrize(("kind", "holding"), [(Kind.KEEPALIVED, False), (Kind.FRR, True)])
def test_without_carrier_frr_stays_master(kind: Kind, holding: bool) -> None:
    made = mixed(kind, at(10.0, Verb.DOWN), at(20.0, Verb.UP))
    made.run_to(15.0)
    assert ("r1" in holders(made)) is holding
    made.run_to(30.0)
    assert holders(made) == ("r1",)


@MAKES
def test_a_lower_priority_is_answered_by_keepalived_only(kind: Kind) -> None:
    """After a partition ours is heard with its lower priority, before the peer's next turn."""
    made = mixed(kind, at(10.0, Verb.SPLIT), at(20.0, Verb.HEAL))
    made.run_to(30.0)
    assert holders(made) == ("r1",)


@pytest.mark.parametrize(("kind", "silenced"), [(Kind.KEEPALIVED, True), (Kind.FRR, False)])
def test_junk_silences_keepalived_only(kind: Kind, silenced: bool) -> None:
    """Ours takes over, is answered, and yields, again and again."""
    made = world(kind, network=Network(junk_every=0.4, faults_end=60.0))
    outcome = made.run()
    assert (outcome.wrong, outcome.detail) == ("", "")
    assert (Role.MASTER in {role for role, _ in moves(made, "r2")}) is silenced
    assert holders(made) == ("r1",)
