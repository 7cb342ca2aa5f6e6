"""What an action of a scenario does to the world."""

from collections.abc import Mapping
from typing import assert_never

from vrrpd.sim.lan import Lan
from vrrpd.sim.node import Node
from vrrpd.sim.plan import Action, End, Verb
from vrrpd.sim.probing import Truth
from vrrpd.sim.safety import Safety
from vrrpd.sim.settings import probe_name
from vrrpd.sim.timeline import Timeline
from vrrpd.sim.vrrpd_node import VrrpdNode

TRUTHS = {Verb.FAIL: Truth.DOWN, Verb.HANG: Truth.HUNG, Verb.BLIND: Truth.BLIND, Verb.MEND: Truth.UP}
STARTED = 1.0
"""Seconds after which a daemon has started and can be talked to."""


class Faults:
    """Plays actions on the hosts. What makes no sense at its instant is left out, as of a crash of what is dead."""

    def __init__(self, timeline: Timeline, lan: Lan, safety: Safety, nodes: Mapping[str, Node]) -> None:
        """`nodes` by name."""
        self._timeline = timeline
        self._lan = lan
        self._safety = safety
        self._nodes = nodes
        self._over = False

    def play(self, action: Action) -> None:
        """Now."""
        node, argument = self._nodes[action.router], action.argument
        match action.verb:
            case Verb.CRASH:
                node.crash()
            case Verb.START:
                node.start(forgetful=argument == "forgetful")
            case Verb.STOP:
                node.stop()
            case Verb.REBOOT:
                node.power_off()
                self._timeline.after(float(argument or "5"), self._boot, node)
            case Verb.FREEZE:
                node.freeze()
            case Verb.THAW:
                node.thaw()
            case Verb.DOWN | Verb.UP:
                node.set_link(int(argument or "0"), up=action.verb is Verb.UP)
            case Verb.CUT | Verb.JOIN | Verb.SPLIT | Verb.HEAL:
                self._rewire(action)
            case _:
                if isinstance(node, VrrpdNode):
                    self._play_on_daemon(node, action)
                    self._safety.changed()

    def _boot(self, node: Node) -> None:
        if not self._over:
            node.start()

    def _rewire(self, action: Action) -> None:
        match action.verb:
            case Verb.CUT:
                self._lan.cut(action.router, *action.way)
            case Verb.JOIN:
                self._lan.join(action.router, *action.way)
            case Verb.SPLIT:
                self._lan.split([action.router, *filter(None, action.argument.split(","))])
            case _:
                self._lan.heal()
        self._safety.changed()

    @staticmethod
    def _play_on_daemon(node: VrrpdNode, action: Action) -> None:
        argument = action.argument
        match action.verb:
            case Verb.RESTART:
                node.restart()
            case Verb.MUTE | Verb.UNMUTE:
                node.set_mute(mute=action.verb is Verb.MUTE)
            case Verb.FAIL | Verb.HANG | Verb.BLIND | Verb.MEND:
                node.service.set(_probe(argument), TRUTHS[action.verb])
            case Verb.DRAIN:
                node.drain(float(argument) if argument else None)
            case Verb.UNDRAIN:
                node.undrain()
            case Verb.HAND:
                node.hand_over(int(argument or "0"))
            case Verb.TAKE_BACK:
                node.take_back(int(argument or "0"))
            case Verb.STEAL | Verb.PLANT:
                node.disturb(int(argument or "0"), there=action.verb is Verb.PLANT)
            case Verb.RELOAD:
                node.reload(argument)
            case _:
                pass

    def calm(self) -> None:
        """All is well from now on, as far as the plans say so."""
        self._over = True
        self._lan.calm()
        self._safety.changed()
        for node in self._nodes.values():
            node.thaw()
            for segment in range(len(node.own)):
                node.link_is_well(segment)
            if isinstance(node, VrrpdNode):
                node.set_mute(mute=False)
                node.service.mend()
            self._end(node)
        self._safety.changed()

    def _end(self, node: Node) -> None:
        node.start()
        if isinstance(node, VrrpdNode):
            node.undrain()
            self._timeline.after(STARTED, node.undrain)  # of one that was not there to be told
        match node.plan.end:
            case End.WELL:
                pass
            case End.ILL:
                if isinstance(node, VrrpdNode):
                    node.service.set(probe_name(0), Truth.DOWN)
            case End.STOPPED:
                node.stop()
            case End.DRAINED:
                if isinstance(node, VrrpdNode):
                    self._timeline.after(STARTED, node.drain, None)
            case _:
                assert_never(node.plan.end)


def _probe(argument: str) -> str:
    """By its number, or by its name."""
    return probe_name(int(argument or "0")) if argument.isdigit() or not argument else argument
