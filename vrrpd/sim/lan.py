"""The network between the hosts: segments, who hears whom, and what becomes of a packet on its way."""

from collections.abc import Iterable, Iterator
from random import Random
from typing import Protocol

from vrrpd.protocol.messages import Address, Datagram
from vrrpd.protocol.packet import MULTICAST
from vrrpd.sim.plan import Weather
from vrrpd.sim.timeline import Timeline

FAST = 0.00005
"""Seconds that a packet takes at least."""
ARP = -1
"""In place of a virtual router, for what is lost in a row."""


class Station(Protocol):
    """A host as the network sees it."""

    name: str
    own: tuple[Address, ...]
    """Its primary address on each segment."""

    def deliver(self, segment: int, datagram: Datagram) -> None:
        """A VRRP message has come."""
        ...

    def claimed(self, segment: int, address: Address, mac: str) -> None:
        """An ARP frame has come: that host has this address."""
        ...

    def owns(self, segment: int, address: Address) -> bool:
        """Its kernel answers ARP for this address."""
        ...


class Lan:
    """`segments` wires with every host on each of them."""

    def __init__(self, timeline: Timeline, random: Random, weather: Weather) -> None:
        """Nobody is there yet and nothing is cut."""
        self._timeline = timeline
        self._random = random
        self._weather = weather
        self._stations: dict[str, Station] = {}
        self._down: set[tuple[int, str]] = set()
        self._cut: set[tuple[int, str, str]] = set()
        self._lost: dict[tuple[int, str, str, int], int] = {}
        """How many in a row, by segment, sender, receiver and virtual router, or `ARP`."""
        self._ways: dict[tuple[int, str], list[Station]] = {}
        self.changed_at = 0.0
        """When it last changed who hears whom."""

    def plug(self, station: Station) -> None:
        """Into every segment."""
        self._stations[station.name] = station
        self._ways.clear()

    # --- who hears whom -----------------------------------------------------------------------------------------

    def hears(self, segment: int, sender: str, receiver: str) -> bool:
        """A packet of the one reaches the other."""
        down = self._down
        cut = (segment, sender, receiver) in self._cut
        return not (cut or (segment, sender) in down or (segment, receiver) in down)

    def connected(self, segment: int, one: str, other: str) -> bool:
        """Both hear each other."""
        return self.hears(segment, one, other) and (segment, other, one) not in self._cut

    def connected_everywhere(self, one: str, other: str) -> bool:
        """Both hear each other on every segment."""
        return all(self.connected(segment, one, other) for segment in range(len(self._stations[one].own)))

    def is_up(self, segment: int, name: str) -> bool:
        """The port of a host has carrier."""
        return (segment, name) not in self._down

    def set_link(self, segment: int, name: str, *, up: bool) -> None:
        """Carrier on or off."""
        (self._down.discard if up else self._down.add)((segment, name))
        self._changed()

    def cut(self, sender: str, receiver: str, segment: int | None = None) -> None:
        """The other does not hear the one any more: on one segment, or on all."""
        self._cut.update(self._way(sender, receiver, segment))
        self._changed()

    def join(self, sender: str, receiver: str, segment: int | None = None) -> None:
        """It does again."""
        self._cut.difference_update(self._way(sender, receiver, segment))
        self._changed()

    def _way(self, sender: str, receiver: str, segment: int | None = None) -> Iterator[tuple[int, str, str]]:
        every = range(len(self._stations[sender].own))
        return ((each, sender, receiver) for each in (every if segment is None else (segment,)))

    def split(self, side: Iterable[str]) -> None:
        """Those on this side and all others do not hear one another."""
        here = set(side)
        there = set(self._stations) - here
        for one in here:
            for other in there:
                self._cut.update(self._way(one, other), self._way(other, one))
        self._changed()

    def heal(self) -> None:
        """Nothing is cut any more."""
        self._cut.clear()
        self._changed()

    def _changed(self) -> None:
        self.changed_at = self._timeline.now
        self._ways.clear()

    def calm(self) -> None:
        """From now on nothing is lost, doubled or late, and all links are up."""
        self._weather = Weather()
        self._down.clear()
        self.heal()

    # --- packets ------------------------------------------------------------------------------------------------

    def send(self, segment: int, sender: str, datagram: Datagram) -> None:
        """To the group, or with unicast to the one host that has that address itself."""
        destination = datagram.destination
        to_all = destination == MULTICAST[datagram.family]
        for station in self._receivers(segment, sender):
            if not to_all and station.own[segment] != destination:
                continue
            if not self._loses(segment, sender, station.name, datagram.payload[1]):
                self._carry(station, segment, datagram)

    def announce(self, segment: int, sender: str, address: Address) -> None:
        """A gratuitous ARP. One frame stands for the round, which may be lost, or come twice or late."""
        for station in self._receivers(segment, sender):
            self._pass_on(station, sender, FAST, segment, address, sender)

    def ask(self, segment: int, sender: str, addresses: Iterable[Address]) -> None:
        """By ARP; whoever has one of them answers after a moment. The answer may be lost, or come twice or late."""
        wanted = tuple(addresses)
        for station in self._receivers(segment, sender):
            for address in wanted:
                if station.owns(segment, address) and self.hears(segment, station.name, sender):
                    asker = self._stations[sender]
                    self._pass_on(asker, station.name, 2 * FAST, segment, address, station.name)

    def _pass_on(self, to: Station, sender: str, least: float, segment: int, address: Address, mac: str) -> None:
        if not self._loses(segment, sender, to.name, ARP):
            for pause in self._pauses(least):
                self._timeline.after(pause, to.claimed, segment, address, mac)

    def _receivers(self, segment: int, sender: str) -> list[Station]:
        key = segment, sender
        if key not in self._ways:
            others = (each for each in self._stations.values() if each.name != sender)
            self._ways[key] = [each for each in others if self.hears(segment, sender, each.name)]
        return self._ways[key]

    def _loses(self, segment: int, sender: str, receiver: str, vrid: int) -> bool:
        """Never more than `burst` in a row of one virtual router: what another one says does not break its silence.

        `vrid`: of an advertisement, or `ARP`.
        """
        weather = self._weather
        if weather.loss == 0.0:
            return False
        key = segment, sender, receiver, vrid
        lost = self._lost.get(key, 0)
        loses = lost < weather.burst and self._random.random() < weather.loss
        self._lost[key] = lost + 1 if loses else 0
        return loses

    def _carry(self, station: Station, segment: int, datagram: Datagram) -> None:
        for pause in self._pauses(FAST):
            self._timeline.after(pause, station.deliver, segment, datagram)

    def _pauses(self, least: float) -> list[float]:
        """How long each copy of a packet takes."""
        weather, chance = self._weather, self._random.random
        copies = 2 if weather.duplicate and chance() < weather.duplicate else 1
        pauses = []
        for _ in range(copies):
            pause = least + chance() * (weather.slow - least)
            if weather.straggle and chance() < weather.straggle:
                pause += chance() * weather.straggler
            pauses.append(pause)
        return pauses
