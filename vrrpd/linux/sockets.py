"""Raw sockets of VRRP: one for each interface and family, for both directions (vrrp-wire, RFC 9568 5.1).

IPv4: TTL 255, TOS 0xc0, destination 224.0.0.18, never looped back. IPv6: hop limit 255, traffic class 0xc0, ff02::12,
checksum by us, so that a bad one can be counted. The source of each message is given with it.

Where an instance has unicast peers the socket hears what is for any address of this host, too. It stays bound to its
interface: peers are reached by routes over that one, and others are not heard.
"""

import asyncio
import socket
import struct
import sys
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address

from vrrpd.linux.netlink import Interface, error_name
from vrrpd.linux.overrun import Overrun
from vrrpd.protocol.ipv4 import from_ipv4
from vrrpd.protocol.messages import Address, Datagram, Family, Rejection
from vrrpd.protocol.packet import HOP_LIMIT, MULTICAST, PROTOCOL, PacketError
from vrrpd.protocol.virtual_mac import TRAFFIC_CLASS

RECEIVE_BUFFER = 256 * 1024
"""Octets; some hundred advertisements (the kernel counts about 800 for each) while the process is not scheduled."""
DRAIN_LIMIT = 16
"""Datagrams read at one wake-up: about a millisecond of work. A flood must not keep the election's timer waiting."""
FULL_BUFFER = 1024
"""Datagrams, more than a receive buffer holds (the kernel doubles it): all that came while nobody read."""
EARLY_LIMIT = 4096
"""Datagrams thrown away before a socket is used, which hears all interfaces until then."""
ERRORS_LIMIT = 100
"""One after the other, and nothing read in between: the kernel tells an error of a socket once, so one that stays
would wake us for ever. The next look at the kernel opens the socket anew."""
LARGEST = 65535
"""Octets of one read: no datagram is larger."""

IP_PKTINFO = 8
IP_RECVERR = 11
IP_MULTICAST_ALL = 49
IPV6_RECVERR = 25
IPV6_MULTICAST_ALL = 29

_ANY: Mapping[Family, Address] = {Family.IPV4: IPv4Address(0), Family.IPV6: IPv6Address(0)}

Key = tuple[str, Family]
OnDatagram = Callable[[Datagram], None]
OnBadPacket = Callable[[str, Address, PacketError], None]
"""Interface, source, what is wrong."""
OnOverrun = Callable[[Key, int], None]
"""Where datagrams were lost because nobody read in time, and how many."""


_DROPS = {
    Family.IPV4: (socket.IPPROTO_IP, IP_RECVERR),
    Family.IPV6: (socket.IPPROTO_IPV6, IPV6_RECVERR),
}
"""A full queue of the interface is no error to a raw socket unless it wants to know (ip(7), IP_RECVERR: ENOBUFS). Set
for the send only: at any other time ICMP errors, which anybody can forge, would be errors of this socket, too."""
WAYS_LIMIT = 1024
"""Kept for each socket; only reloads with other addresses again and again come to so many."""

Endpoint = tuple[str, int] | tuple[str, int, int, int]


Groups = Mapping[Key, Collection[Address]]
"""Where another group is used than that of the RFC: all that are used there."""
NO_GROUPS: Groups = {}


@dataclass(frozen=True, slots=True)
class _Hearing:
    """What a socket takes in: messages to these groups, and with `unicast` those to any address of this host."""

    groups: frozenset[Address]
    unicast: bool


@dataclass(frozen=True, slots=True)
class _Way:
    """From a source to a destination: control messages and the address."""

    control: tuple[tuple[int, int, bytes], ...]
    endpoint: Endpoint


@dataclass(slots=True)
class _Open:
    """An open socket; an interface that is made anew has another index and needs another socket."""

    socket: socket.socket
    index: int
    hearing: "_Hearing"
    overrun: Overrun
    ways: dict[tuple[Address, Address, int], _Way] = field(default_factory=dict)
    last: tuple[Address, Address, int, _Way] | None = None
    """The very source, destination and hop limit of the last message: hundreds have the same, and to look them up would
    be to compute what identifies two addresses each time."""

    def way(self, source: Address, destination: Address, hop_limit: int) -> _Way:
        """Known or learned."""
        if self.last is not None:
            from_there, to_there, limit, way = self.last
            if from_there is source and to_there is destination and limit == hop_limit:
                return way
        way = self.ways.get((source, destination, hop_limit)) or _learn(self, source, destination, hop_limit)
        self.last = source, destination, hop_limit, way
        return way


class Wire:
    """All sockets. `open_for` and `follow` open what is wanted; `send` and the callbacks are the traffic."""

    def __init__(self, on_datagram: OnDatagram, on_bad_packet: OnBadPacket, on_overrun: OnOverrun) -> None:
        """The callbacks are called from the event loop."""
        self._loop = asyncio.get_running_loop()
        self._on_datagram = on_datagram
        self._on_bad_packet = on_bad_packet
        self._on_overrun = on_overrun
        self._open: dict[Key, _Open] = {}
        self._errors: Counter[Key] = Counter()

    def open_for(
        self,
        wanted: Collection[Key],
        interfaces: Mapping[str, Interface],
        unicast: Collection[Key] = (),
        groups: Groups = NO_GROUPS,
    ) -> None:
        """Open what is missing on interfaces that exist; `unicast`: where that is to be heard as well.

        Raises OSError before anything is changed.
        """
        fresh: dict[Key, _Open] = {}
        try:
            for key in wanted:
                interface = interfaces.get(key[0])
                hearing = _Hearing(frozenset(groups.get(key, (MULTICAST[key[1]],))), key in unicast)
                if interface is not None and not self._current(key, interface, hearing):
                    made = _open(interface, key[1], hearing)
                    fresh[key] = _Open(made, interface.index, hearing, Overrun(made))
        except OSError:
            for each in fresh.values():
                each.socket.close()
            raise
        for key, opened in fresh.items():
            self._close(key)
            self._open[key] = opened
            self._loop.add_reader(opened.socket, self._take, key, opened, DRAIN_LIMIT)

    def close_except(self, wanted: Collection[Key]) -> None:
        """Close what nobody wants any more."""
        for key in [each for each in self._open if each not in wanted]:
            self._close(key)

    def follow(
        self,
        wanted: Collection[Key],
        interfaces: Mapping[str, Interface],
        unicast: Collection[Key] = (),
        groups: Groups = NO_GROUPS,
    ) -> dict[str, OSError]:
        """Open what interfaces that came, or came anew, need, and close those of interfaces that are gone.

        Returns the interfaces that exist without a socket, and why.

        One that fails does not keep the others from opening. Call it on every change.
        """
        deaf: dict[str, OSError] = {}
        for key in wanted:
            if key[0] not in interfaces:
                self._close(key)
            try:
                self.open_for([key], interfaces, unicast, groups)
            except OSError as error:
                deaf[key[0]] = error
        return deaf

    def send(self, key: Key, source: Address, destination: Address, payload: bytes, hop_limit: int = HOP_LIMIT) -> str:
        """One message to the group, or to a peer with this TTL or hop limit. Never blocks.

        Returns the errno name of a failure, else an empty string.
        """
        opened = self._open.get(key)
        if opened is None:
            return "ENODEV"
        way = opened.way(source, destination, hop_limit)
        level, option = _DROPS[key[1]]
        try:
            opened.socket.setsockopt(level, option, 1)
            try:
                opened.socket.sendmsg([payload], way.control, 0, way.endpoint)
            finally:
                opened.socket.setsockopt(level, option, 0)
        except OSError as error:
            return error_name(error)
        return ""

    def catch_up(self) -> None:
        """Read all that has come; some ten milliseconds at most. After a standstill, before timers count."""
        for key, opened in list(self._open.items()):
            self._take(key, opened, FULL_BUFFER)

    def _current(self, key: Key, interface: Interface, hearing: _Hearing) -> bool:
        opened = self._open.get(key)
        return opened is not None and (opened.index, opened.hearing) == (interface.index, hearing)

    def _close(self, key: Key) -> None:
        opened = self._open.pop(key, None)
        self._errors.pop(key, None)
        if opened is not None:
            self._loop.remove_reader(opened.socket)
            opened.socket.close()

    def _take(self, key: Key, opened: _Open, limit: int) -> None:
        """Losses are asked for last: later ones find a full queue, which wakes us again, so none stays untold."""
        self._drain(key, opened.socket, limit)
        if lost := opened.overrun.lost():
            self._on_overrun(key, lost)

    def _drain(self, key: Key, reader: socket.socket, limit: int) -> None:
        for _ in range(limit):
            try:
                data, ancillary, _, sender = reader.recvmsg(LARGEST, 256)
            except BlockingIOError:
                return
            except OSError:  # such as ENETDOWN: links tell the engine
                self._errors[key] += 1
                if self._errors[key] >= ERRORS_LIMIT:
                    self._close(key)
                return
            self._errors.pop(key, None)
            self._read(key, data, ancillary, str(sender[0]))

    def _read(self, key: Key, data: bytes, ancillary: list[tuple[int, int, bytes]], sender: str) -> None:
        interface, family = key
        try:
            if family is Family.IPV4:
                datagram = from_ipv4(interface, data)
            else:
                datagram = _from_ipv6(interface, data, ancillary, IPv6Address(sender.partition("%")[0]))
        except PacketError as error:
            self._on_bad_packet(interface, ip_address(sender.partition("%")[0]), error)
            return
        self._on_datagram(datagram)

    def close(self) -> None:
        """Close everything."""
        self.close_except(())


def raw_socket(domain: int, protocol: int) -> socket.socket:
    """Raises OSError in words for the commonest reason (capabilities(7))."""
    try:
        return socket.socket(domain, socket.SOCK_RAW, protocol)
    except PermissionError as error:
        raise OSError(error.errno, "cannot open a raw socket: CAP_NET_RAW is missing") from error


def _open(interface: Interface, family: Family, hearing: _Hearing) -> socket.socket:
    made = raw_socket(_domain(family), PROTOCOL)
    try:
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.name.encode())
        (_configure_ipv4 if family is Family.IPV4 else _configure_ipv6)(made, interface.index)
        for group in hearing.groups:
            _join(made, group, interface.index, hearing.unicast)
        one = not hearing.unicast and len(hearing.groups) == 1
        made.bind(_endpoint(next(iter(hearing.groups)) if one else _ANY[family], interface.index))
        _throw_away(made)
    except OSError as error:
        made.close()
        text = f"cannot open a raw socket on {interface.name}: {error.strerror}"
        raise OSError(error.errno, text) from error
    return made


def _learn(opened: _Open, source: Address, destination: Address, hop_limit: int) -> _Way:
    """What every message from here to there has in common, made once."""
    family = Family.IPV4 if destination.version == 4 else Family.IPV6
    control = [_source_of(source, opened.index)]
    if not destination.is_multicast:
        control.append(_hop_limit_of(family, hop_limit))
    if len(opened.ways) >= WAYS_LIMIT:
        opened.ways.clear()
    way = opened.ways[source, destination, hop_limit] = _Way(tuple(control), _endpoint(destination, opened.index))
    return way


def _throw_away(made: socket.socket) -> None:
    """What came before the socket was bound may be from any interface, and lacks the control messages."""
    for _ in range(EARLY_LIMIT):
        try:
            made.recv(1)
        except BlockingIOError:
            return


def _configure_ipv4(made: socket.socket, _index: int) -> None:
    for option, value in (
        (socket.IP_MULTICAST_TTL, HOP_LIMIT),
        (socket.IP_TOS, TRAFFIC_CLASS),
        (socket.IP_MULTICAST_LOOP, 0),
        (IP_MULTICAST_ALL, 0),
    ):
        made.setsockopt(socket.IPPROTO_IP, option, value)


def _configure_ipv6(made: socket.socket, index: int) -> None:
    for option, value in (
        (socket.IPV6_MULTICAST_HOPS, HOP_LIMIT),
        (socket.IPV6_TCLASS, TRAFFIC_CLASS),
        (socket.IPV6_MULTICAST_LOOP, 0),
        (IPV6_MULTICAST_ALL, 0),
        (socket.IPV6_MULTICAST_IF, index),
        (socket.IPV6_RECVHOPLIMIT, 1),
        (socket.IPV6_RECVPKTINFO, 1),
    ):
        made.setsockopt(socket.IPPROTO_IPV6, option, value)


def _join(made: socket.socket, group: Address, index: int, unicast: bool) -> None:
    """A group of VRRP. With unicast, too: a peer that uses multicast is to be told of. There it may fail: some
    networks have no multicast at all, and nothing that matters comes by it.
    """
    try:
        if group.version == 4:
            member = struct.pack("=4s4si", group.packed, bytes(4), index)
            made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        else:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, struct.pack("=16si", group.packed, index))
    except OSError:
        if not unicast:
            raise


def _from_ipv6(
    interface: str, payload: bytes, ancillary: list[tuple[int, int, bytes]], source: IPv6Address
) -> Datagram:
    """The kernel leaves the IPv6 header out and tells hop limit and destination in control messages, in any order."""
    control = {kind: value for level, kind, value in ancillary if level == socket.IPPROTO_IPV6}
    hop_limit, info = control.get(socket.IPV6_HOPLIMIT, b""), control.get(socket.IPV6_PKTINFO, b"")
    if len(hop_limit) != 4 or len(info) != 20:
        raise PacketError(Rejection.RUNT, "hop limit or destination is missing")
    destination = IPv6Address(info[:16])
    return Datagram(interface, Family.IPV6, source, destination, int.from_bytes(hop_limit, sys.byteorder), payload)


def _source_of(source: Address, index: int) -> tuple[int, int, bytes]:
    """A control message that sets the source address: ip(7) in_pktinfo, ipv6(7) in6_pktinfo."""
    if source.version == 4:
        return socket.IPPROTO_IP, IP_PKTINFO, struct.pack("=i4s4s", index, source.packed, bytes(4))
    return socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, struct.pack("=16si", source.packed, index)


def _hop_limit_of(family: Family, hop_limit: int) -> tuple[int, int, bytes]:
    """A control message that sets the TTL or hop limit of this message only: ip(7), ipv6(7)."""
    level, kind = (
        (socket.IPPROTO_IP, socket.IP_TTL) if family is Family.IPV4 else (socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT)
    )
    return level, kind, struct.pack("=i", hop_limit)


def _endpoint(address: Address, index: int) -> Endpoint:
    """The scope of a link-local or multicast address is the interface."""
    if address.version == 4:
        return str(address), 0
    return str(address), 0, 0, index if address.is_link_local or address.is_multicast else 0


def _domain(family: Family) -> socket.AddressFamily:
    return socket.AF_INET if family is Family.IPV4 else socket.AF_INET6
