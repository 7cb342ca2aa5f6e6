"""A whole run: the hosts, the faults, the calm after them, and the verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from traceback import format_exception

from vrrpd.engine.journal import Entry, StateChanged
from vrrpd.sim.addresses import places_of
from vrrpd.sim.bounds import bounds
from vrrpd.sim.faults import Faults
from vrrpd.sim.junk import Junk
from vrrpd.sim.lan import Lan
from vrrpd.sim.liveness import claimant, judge, rightful, settles
from vrrpd.sim.node import Node, Stage
from vrrpd.sim.peer_node import PeerNode
from vrrpd.sim.plan import Action, Kind, RouterPlan, Scenario
from vrrpd.sim.safety import Safety, Violation
from vrrpd.sim.settings import Given, Setup, configuration
from vrrpd.sim.timeline import Timeline
from vrrpd.sim.vigil import Vigil
from vrrpd.sim.vrrpd_node import VrrpdNode

QUIET_INTERVALS = 10
"""So long nothing may change in the end."""

Told = tuple[float, str, Entry]
"""When, on which host, and what."""
NOTHING_GIVEN: Mapping[str, Given] = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`wrong`: the promise that was broken first; empty: none. `seconds`: virtual ones that were played.

    `overlapped`: how long two hosts that hear each other had one address, all together.
    """

    wrong: str
    detail: str
    seconds: float
    overlapped: float


class World:
    """One run of a scenario: `run` for the whole of it with its verdict, or `begin`, `run_to` and `play` by hand.

    `given`: by router, in place of what follows from its plan. `journal`: keep what all daemons tell. `judged` False:
    broken promises are not looked for, as where two holders are to be shown and not to be a failure.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        given: Mapping[str, Given] = NOTHING_GIVEN,
        journal: bool = False,
        judged: bool = True,
    ) -> None:
        """Built, not begun."""
        self.scenario = scenario
        network = scenario.network
        self.timeline = Timeline()
        random = Random(network.noise)
        self.lan = Lan(self.timeline, random, network.weather)
        self.safety = Safety(self.timeline, self.lan, bounds(scenario), judged=judged)
        self.stage = Stage(self.timeline, random, self.lan, self.safety, network)
        self.journal: list[Told] = []
        self.nodes: dict[str, Node] = {}
        self._setup = Setup(network, len(scenario.routers), given)
        self._recording = journal
        self._last_move = 0.0
        for number, plan in enumerate(scenario.routers):
            self.nodes[plan.name] = self._node(plan, number)
        vigil = Vigil(self.timeline, self.lan, self.safety.holders, bounds(scenario))
        if judged:
            vigil.watch(self.nodes)
            self.safety.on_change = vigil.look
        self._faults = Faults(self.timeline, self.lan, self.safety, self.nodes)

    def _node(self, plan: RouterPlan, number: int) -> Node:
        if plan.kind is not Kind.VRRPD:
            return PeerNode(plan, number, self.stage, self._setup)
        listener = self._tell if self._recording else self._watch
        return VrrpdNode(plan, number, self.stage, self._setup, listener)

    def _tell(self, name: str, entry: Entry) -> None:
        self.journal.append((self.timeline.now, name, entry))
        self._watch(name, entry)

    def _watch(self, _name: str, entry: Entry) -> None:
        if isinstance(entry, StateChanged):
            self._last_move = self.timeline.now

    # --- by hand ------------------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Virtual time in seconds."""
        return self.timeline.now

    def begin(self) -> None:
        """Let the daemons start, and the actions of the scenario come, at their instants."""
        for node in self.nodes.values():
            self.timeline.at(node.plan.starts, node.start)
        for action in self.scenario.actions:
            self.timeline.at(action.at, self._faults.play, action)
        Junk(self.stage, self.nodes).begin()

    def run_to(self, instant: float) -> None:
        """Play until then. Raises Violation."""
        self.timeline.run(instant)

    def play(self, action: Action) -> None:
        """Now, whatever its instant says."""
        self._faults.play(action)

    # --- the whole of it ----------------------------------------------------------------------------------------

    def run(self) -> Outcome:
        """Play it to its end, or to the first promise that is broken."""
        try:
            self._play()
        except Violation as violation:
            return self._outcome(violation.rule, str(violation))
        except Exception as error:  # noqa: BLE001 - whatever a daemon raises is a finding, with its seed
            return self._outcome("defect", "".join(format_exception(error)))
        return self._outcome("", "")

    def _outcome(self, wrong: str, detail: str) -> Outcome:
        return Outcome(wrong, detail, self.timeline.now, self.safety.overlapped)

    def _play(self) -> None:
        network = self.scenario.network
        self.begin()
        self.run_to(network.faults_end)
        self._faults.calm()
        plans = [node.plan for node in self.nodes.values()]
        settled = network.faults_end + settles(network, plans)
        self.run_to(settled)
        self._judge()
        interval = max(each.advert_int or network.advert_int for each in plans)
        self.run_to(settled + QUIET_INTERVALS * interval)
        self._judge()
        last = max([self._last_move, *(each.at for each in self.safety.holdings[-1:])])
        if last > settled:
            raise Violation(
                self.timeline.now, "quiet", f"a state or an address has changed {last - settled:.3f} s late"
            )

    def _judge(self) -> None:
        network = self.scenario.network
        nodes = self.nodes.values()
        instances = configuration(next(iter(nodes)).plan, network, len(self.nodes)).instances
        for number, instance in enumerate(instances):
            numbers = range(len(instances)) if network.sync else (number,)
            names = {instances[each].name for each in numbers}
            claims = [claimant(each.plan, numbers, yields=bool(names & each.yielding)) for each in nodes]
            masters = tuple(each.name for each in nodes if each.is_master(instance.name))
            for place in places_of(instance):
                finding = judge(place, self.safety.holders(place), masters, rightful(claims))
                if finding is not None:
                    raise Violation(self.timeline.now, finding.rule, finding.detail)
