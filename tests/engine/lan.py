"""Several engines on several links in virtual time: adverts travel, links and segments fail, everything is checked."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address
from typing import Any

from vrrpd.config.model import Configuration, Instance
from vrrpd.engine.engine import Engine
from vrrpd.engine.inputs import Link, Outcome, Result
from vrrpd.engine.instance import NO_PAST, Past
from vrrpd.engine.journal import Entry, Role, StateChanged
from vrrpd.protocol.messages import Address, Datagram, Family, Seconds
from vrrpd.protocol.packet import MULTICAST

LATENCY = 0.0002
"""Seconds from one host to another: a switch and two kernels."""


@dataclass
class Node:
    """A host: its engine, and what it holds."""

    name: str
    lan: "Lan"
    links: dict[str, Link]
    held: dict[str, bool] = field(default_factory=dict)
    moves: list[StateChanged] = field(default_factory=list)
    alive: bool = True

    def __post_init__(self) -> None:
        """A fresh daemon."""
        self.engine = Engine(self, self._publish)

    def _publish(self, entry: Entry) -> None:
        if isinstance(entry, StateChanged):
            self.moves.append(entry)

    def send(self, instance: Instance, source: Address, *rest: Any, **named: Any) -> bool:
        """To all others on the link."""
        payload = named.get("payload", rest[-1] if rest else b"")
        self.lan.carry(self, instance.interface, source, payload)
        return True

    def hold(self, instance: Instance, hold: bool) -> None:
        """Note the desired set."""
        self.held[instance.name] = hold

    def renew(self, instance: Instance) -> None:
        """No leases here."""

    def ask(self, instance: Instance, source: Address, addresses: Sequence[Address]) -> None:
        """No ARP here."""

    def announce(self, instance: Instance, repeat: int) -> None:
        """No ARP here."""

    def link(self, name: str, *, up: bool) -> None:
        """A cable is pulled, or put back."""
        self.links[name] = replace(self.links[name], up=up)
        self.engine.link_changed(self.links[name], self.lan.now)
        self.lan.check(self)

    def result(self, probe: str, *, well: bool) -> None:
        """A probe has run."""
        outcome = Outcome.OK if well else Outcome.FAIL
        self.engine.checked(probe, Result(outcome, Seconds(0.0), ""), self.lan.now)
        self.lan.check(self)

    def masters(self) -> set[str]:
        """Names of the instances that are Master here, as last told."""
        last = {each.instance: each.new for each in self.moves}
        return {name for name, role in last.items() if role is Role.MASTER} if self.alive else set()


class Lan:
    """Links by name, each one segment; `cut` has what does not arrive: link, from, to."""

    def __init__(self) -> None:
        """Nobody is there."""
        self.nodes: dict[str, Node] = {}
        self.now = Seconds(0.0)
        self.cut: set[tuple[str, str, str]] = set()
        self.carried = 0
        self.check: Callable[[Node], None] = lambda _: None
        self._wire: list[tuple[float, int, str, Datagram]] = []

    def boot(self, name: str, addresses: dict[str, str], configuration: Configuration, past: Past = NO_PAST) -> Node:
        """A host starts, or starts again."""
        links = {each: Link(each, True, True, (IPv4Address(own),)) for each, own in addresses.items()}
        node = self.nodes[name] = Node(name, self, links)
        for link in links.values():
            node.engine.link_changed(link, self.now)
        node.engine.configure(configuration, "test", self.now, past)
        return node

    def carry(self, sender: Node, link: str, source: Address, payload: bytes) -> None:
        """Put on the wire."""
        for node in self.nodes.values():
            if node is not sender and (link, sender.name, node.name) not in self.cut:
                self.carried += 1
                group = MULTICAST[Family.IPV4]
                datagram = Datagram(link, Family.IPV4, source, group, 255, payload)
                heapq.heappush(self._wire, (self.now + LATENCY, self.carried, node.name, datagram))

    def run(self, until: float) -> None:
        """Let time pass."""
        while (due := self._next()) is not None and due <= until:
            self.now = Seconds(max(due, self.now))
            self._deliver()
            for node in self._living():
                node.engine.tick(self.now)
                self.check(node)
        self.now = Seconds(until)

    def holders(self) -> list[tuple[str, set[str]]]:
        """Who is Master of what now."""
        return [(node.name, masters) for node in self._living() if (masters := node.masters())]

    def _living(self) -> list[Node]:
        return [node for node in self.nodes.values() if node.alive]

    def _deliver(self) -> None:
        while self._wire and self._wire[0][0] <= self.now:
            _, _, name, datagram = heapq.heappop(self._wire)
            node = self.nodes[name]
            if node.alive and node.links[datagram.interface].up:
                node.engine.received(datagram, self.now)
                self.check(node)

    def _next(self) -> float | None:
        dues = [due for node in self._living() if (due := node.engine.deadline()) is not None]
        return min([*dues, *(each[0] for each in self._wire[:1])], default=None)
