"""Small worlds for the tests of the simulator."""

from random import Random

from vrrpd.engine.journal import Role, StateChanged
from vrrpd.protocol.messages import Reason
from vrrpd.sim.bounds import bounds
from vrrpd.sim.lan import Lan
from vrrpd.sim.node import Stage
from vrrpd.sim.plan import Action, Network, RouterPlan, Scenario, Verb
from vrrpd.sim.safety import Safety
from vrrpd.sim.timeline import Timeline
from vrrpd.sim.vrrpd_node import VrrpdNode
from vrrpd.sim.world import World

BOTH = (RouterPlan(name="r1", priority=(150,)), RouterPlan(name="r2", priority=(100,)))


def scenario(*actions: Action, network: Network | None = None, routers: tuple[RouterPlan, ...] = BOTH) -> Scenario:
    return Scenario(network=network or Network(faults_end=30.0), routers=routers, actions=actions)


def at(instant: float, verb: Verb, router: str = "r1", argument: str = "") -> Action:
    return Action(instant, verb, router, argument)


def stage(network: Network | None = None) -> Stage:
    chosen = network or Network()
    timeline, random = Timeline(), Random(1)
    lan = Lan(timeline, random, chosen.weather)
    safety = Safety(timeline, lan, bounds(Scenario(network=chosen, routers=BOTH)))
    return Stage(timeline, random, lan, safety, chosen)


def world(*actions: Action, network: Network | None = None, routers: tuple[RouterPlan, ...] = BOTH) -> World:
    made = World(scenario(*actions, network=network, routers=routers), journal=True)
    made.begin()
    return made


def node(made: World, name: str) -> VrrpdNode:
    found = made.nodes[name]
    assert isinstance(found, VrrpdNode)
    return found


def holders(made: World, number: int = 0) -> tuple[str, ...]:
    places = sorted({each.place for each in made.safety.holdings}, key=str)
    return made.safety.holders(places[number]) if places else ()


def moves(made: World, name: str, after: float = 0.0) -> list[tuple[Role, Reason]]:
    """Of one router, from an instant on."""
    changes = [entry for when, who, entry in made.journal if who == name and when > after]
    return [(each.new, each.reason) for each in changes if isinstance(each, StateChanged)]
