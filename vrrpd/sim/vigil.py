"""Nobody has an address although a router could: for how long that may be.

A router could if it runs, is heard, has a link to the segment (in a sync group to all), is not drained, and no probe
that is a fault says otherwise. From when nobody whom it hears has the address, it waits as long as it waits for a
silent Master (`Bounds.takeover`); from when it became well, its probes have to find that out first (`Bounds.known`).
Each advertisement that it follows makes it wait anew, and so does its own time as Master: that may end, by a better one
or an operator, before the kernel has the address. A Master that goes on and never has it breaks another promise
(`vrrpd.sim.keeping`). A sync group takes over as one, so while it hears who holds any address of the group it waits for
none of them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from vrrpd.config.model import Instance
from vrrpd.sim.addresses import places_of
from vrrpd.sim.bounds import Bounds
from vrrpd.sim.kernel import Place
from vrrpd.sim.lan import Lan
from vrrpd.sim.node import Node
from vrrpd.sim.safety import Violation
from vrrpd.sim.timeline import Timeline
from vrrpd.sim.vrrpd_node import VrrpdNode

Holders = Callable[[Place], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Case:
    """An address that a host could have. `together`: those that move with its virtual router."""

    node: VrrpdNode
    together: tuple[Instance, ...]
    place: Place


class Vigil:
    """Looks whenever anything has changed."""

    def __init__(self, timeline: Timeline, lan: Lan, holders: Holders, bounds: Bounds) -> None:
        """Nobody is watched."""
        self._timeline = timeline
        self._lan = lan
        self._holders = holders
        self._bounds = bounds
        self._nodes: tuple[VrrpdNode, ...] = ()
        self._well: dict[tuple[str, Place], float] = {}
        self._missing: dict[tuple[str, Place], Case] = {}

    def watch(self, nodes: Mapping[str, Node]) -> None:
        """These, by name; hosts of another make are promised nothing."""
        self._nodes = tuple(each for each in nodes.values() if isinstance(each, VrrpdNode))

    def look(self) -> None:
        """Who has what, who hears whom, or how somebody is, may be otherwise than before."""
        for node in self._nodes:
            for instance in node.instances:
                well = node.could_serve(instance)
                together = node.instances if instance.sync_group else (instance,)
                group = [place for each in together for place in places_of(each)] if instance.sync_group else ()
                for place in places_of(instance):
                    self._note(Case(node, together, place), group or (place,), well=well)

    def _note(self, case: Case, group: Iterable[Place], *, well: bool) -> None:
        name, now = case.node.name, self._timeline.now
        key = (name, case.place)
        if not well:
            self._well.pop(key, None)
            self._missing.pop(key, None)
            return
        began = self._well.setdefault(key, now)
        if any(self._hears_of(name, each) for each in group):
            self._missing.pop(key, None)
        elif key not in self._missing:
            self._missing[key] = case
            due = self._bounds.takeover + max(now, began + self._bounds.known)
            self._timeline.at(due, self._judge, case, now)

    def _hears_of(self, name: str, place: Place) -> bool:
        """It has it, or hears who has."""
        holders = self._holders(place)
        return name in holders or any(self._lan.hears(place[0], each, name) for each in holders)

    def _judge(self, case: Case, since: float) -> None:
        name, now = case.node.name, self._timeline.now
        if self._missing.get((name, case.place)) is not case:  # not the one meant: in one instant it may be well twice
            return
        due = case.node.waits_since(case.together) + self._bounds.takeover
        if due > now:
            self._timeline.at(due, self._judge, case, since)
            return
        text = f"nobody has {case.place[1]} for {now - since:.3f} s, and {name} is well"
        raise Violation(now, "nobody", text)
