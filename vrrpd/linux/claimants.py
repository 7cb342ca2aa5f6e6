"""Hears other hosts claim our virtual addresses, and asks who has them: by ARP, by neighbour discovery (packet(7)).

A socket on an interface exists only while an instance there holds its addresses or has just asked.
"""

import asyncio
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Generic, TypeVar

from vrrpd.config.model import Instance
from vrrpd.linux.bpf import attach
from vrrpd.linux.netlink import Interface, error_name
from vrrpd.linux.resolution import WHOLE_FRAME, Resolution
from vrrpd.protocol.ethernet import MAC_OCTETS
from vrrpd.protocol.messages import Address
from vrrpd.protocol.virtual_mac import is_virtual

DRAIN_LIMIT = 16
"""Frames read at one wake-up: a flood must not keep the election's timer waiting."""
RECEIVE_BUFFER = 64 * 1024
"""Octets, for some dozen frames: what is lost in a flood comes again."""
LISTEN_SECONDS = 1.0
"""A socket that was opened for a question stays this long: hosts answer within a millisecond."""
PATIENCE = 0.01
"""Seconds until a socket is opened for an address that is held: to become Master goes first."""

A = TypeVar("A", IPv4Address, IPv6Address)

OnClaim = Callable[[str, Address, str], None]
"""Interface, address, and who claims it: a MAC of another host, as text."""


@dataclass(frozen=True, slots=True)
class _Open(Generic[A]):
    """`addresses` are those in its filter: this very set. An interface that is made anew has another index."""

    socket: socket.socket
    index: int
    addresses: frozenset[A]


class ClaimWatch(Generic[A]):
    """`hold`, `ask` and `follow` open what is needed and close what is not; `configure` tells what may be needed.

    Of one family; what is said of addresses of another one is passed over. A filter is for all addresses that any
    instance may have on the interface: hundreds of routers that take over at once need one socket, and not one after
    the other.
    """

    def __init__(self, resolution: Resolution[A], on_claim: OnClaim) -> None:
        """`on_claim` is called from the event loop."""
        self._resolution: Resolution[A] = resolution
        self._loop = asyncio.get_running_loop()
        self._on_claim = on_claim
        self._holding: dict[str, Instance] = {}
        self._asking: dict[str, tuple[Instance, asyncio.TimerHandle]] = {}
        self._open: dict[str, _Open[A]] = {}
        self._filters: dict[str, frozenset[A]] = {}
        self._closing: set[asyncio.Future[None]] = set()
        self._interfaces: Mapping[str, Interface] = {}
        self._macs: frozenset[bytes] = frozenset()

    def configure(self, instances: Iterable[Instance]) -> None:
        """These may hold and ask from now on. A filter that stays right stays the same, and with it its socket."""
        before, found = self._filters, dict[str, set[A]]()
        for each in (*instances, *self._listeners()):
            for name, addresses in self._segments(each).items():
                found.setdefault(name, set()).update(addresses)
        wanted = {name: frozenset(each) for name, each in found.items()}
        self._filters = {name: old if (old := before.get(name)) == new else new for name, new in wanted.items()}
        self._match()

    def follow(self, interfaces: Mapping[str, Interface]) -> None:
        """What the kernel has now. All its MACs are ours, whichever of them answers for an address.

        But virtual ones: they are those of every router of a group, and our own frames do not come back to us.
        """
        self._interfaces = interfaces
        self._macs = frozenset(each.mac for each in interfaces.values() if not is_virtual(each.mac))
        self._match()

    def hold(self, instance: Instance, hold: bool) -> None:
        """Listen while the instance holds its addresses, from a moment later on."""
        if hold and any(self._segments(instance).values()):
            self._learn(instance)
            self._holding[instance.name] = instance
        elif self._holding.pop(instance.name, None) is None:
            return
        self._loop.call_later(PATIENCE, self._match)

    def ask(self, instance: Instance, source: Address, addresses: Iterable[Address]) -> str:
        """Ask for these, and listen for a second. Returns an errno name, else an empty string.

        They are addresses of the instance; claims of any of it are heard.
        """
        wanted = self._resolution.of(addresses)
        if not wanted:
            return ""
        listens = self._holding.get(instance.name) is instance and instance.interface in self._open
        error = "" if listens else self._listen_for(instance)
        opened, interface = self._open.get(instance.interface), self._interfaces.get(instance.interface)
        if opened is None or interface is None:
            return error
        try:
            for sender in self._resolution.of((source,)):
                for address in wanted:
                    opened.socket.send(self._resolution.question(interface.mac, sender, address))
        except OSError as refused:
            return error_name(refused)
        return ""

    def close(self) -> None:
        """Close everything."""
        self._holding.clear()
        for name in tuple(self._asking):
            self._forget(name)
        self._match()

    def _listen_for(self, instance: Instance) -> str:
        """For a second, though it does not hold. Returns as `ask`."""
        self._learn(instance)
        self._forget(instance.name)
        timer = self._loop.call_later(LISTEN_SECONDS, self._end_question, instance.name)
        self._asking[instance.name] = instance, timer
        return self._match()

    def _learn(self, instance: Instance) -> None:
        for name, addresses in self._segments(instance).items():
            known = self._filters.get(name, frozenset())
            if not known.issuperset(addresses):
                self._filters[name] = known.union(addresses)

    def _listeners(self) -> tuple[Instance, ...]:
        return (*self._holding.values(), *(each for each, _ in self._asking.values()))

    def _end_question(self, name: str) -> None:
        self._forget(name)
        self._match()

    def _forget(self, name: str) -> None:
        if (asked := self._asking.pop(name, None)) is not None:
            asked[1].cancel()

    def _match(self) -> str:
        """Open, renew and close, until there is a socket for what is wanted and none else."""
        error = ""
        wanted = self._wanted()
        for name in [each for each in self._open if each not in wanted]:
            self._close(name)
        for name, addresses in wanted.items():
            interface, opened = self._interfaces[name], self._open.get(name)
            if opened is not None and opened.index == interface.index and opened.addresses is addresses:
                continue
            self._close(name)
            try:
                self._open[name] = _Open(self._listen(interface, addresses), interface.index, addresses)
            except OSError as refused:
                error = error_name(refused)
        return error

    def _wanted(self) -> dict[str, frozenset[A]]:
        """The filter of each interface where somebody listens, where there is Ethernet."""
        names = {name for each in self._listeners() for name, _ in each.segments}
        there = [name for name in names if (each := self._interfaces.get(name)) and len(each.mac) == MAC_OCTETS]
        return {name: addresses for name in there if (addresses := self._filters[name])}

    def _listen(self, interface: Interface, addresses: frozenset[A]) -> socket.socket:
        """Raises OSError. Nothing is received before the filter is there: the protocol comes with `bind`."""
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        try:
            made.setblocking(False)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            attach(made, self._resolution.filter(addresses))
            made.bind((interface.name, self._resolution.ethertype))
        except OSError:
            made.close()
            raise
        self._loop.add_reader(made, self._drain, interface.name, made)
        return made

    def _close(self, name: str) -> None:
        opened = self._open.pop(name, None)
        if opened is not None:
            self._loop.remove_reader(opened.socket)
            # in a thread: the kernel waits until no processor uses it (synchronize_net), 5 to 25 ms
            closing = self._loop.run_in_executor(None, opened.socket.close)
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    def _drain(self, interface: str, reader: socket.socket) -> None:
        for _ in range(DRAIN_LIMIT):
            try:
                frame = reader.recv(WHOLE_FRAME)
            except OSError:  # nothing more, or the interface went away
                return
            claim = self._resolution.parse(frame)
            if claim is not None and claim.mac not in self._macs and self._is_listened_for(interface, claim.address):
                self._on_claim(interface, claim.address, claim.mac.hex(":"))

    def _is_listened_for(self, interface: str, address: Address) -> bool:
        return any((interface, address) in each.segments for each in self._listeners())

    def _segments(self, instance: Instance) -> Mapping[str, set[A]]:
        """By the interface of each link what others may claim there; of this family only, which may be none."""
        found: dict[str, set[A]] = {instance.interface: set()}
        for name, address in instance.segments:
            found.setdefault(name, set()).update(self._resolution.of((address,)))
        return found
