"""Frames that move the hosts of a segment to a new Master, and when to send them; those that ask who has an address.

Gratuitous ARP (RFC 5227 3, RFC 9568 6.4.1) and unsolicited neighbour advertisements (RFC 4861 7.2.6), laid out as
keepalived and FRR lay them out. Whole Ethernet frames without FCS and padding.
"""

import struct
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

from vrrpd.protocol.checksum import checksum, ones_complement_sum, pseudo_header_for
from vrrpd.protocol.ethernet import (
    ETHERNET_OCTETS,
    ETHERTYPE_ARP,
    ETHERTYPE_IPV4,
    ETHERTYPE_IPV6,
    IPV6,
    MAC_OCTETS,
    ON_LINK_HOP_LIMIT,
    ethernet,
    ipv6_to_group,
)
from vrrpd.protocol.messages import Address, Seconds

_BROADCAST = b"\xff" * MAC_OCTETS
_ARP_REQUEST, _ARP_REPLY = 1, 2
_ARP = struct.Struct("!HHBBH6s4s6s4s")
"""Hardware and protocol type, their lengths, operation, sender's MAC and address, target's (RFC 826)."""
_ARP_KIND = (1, ETHERTYPE_IPV4, MAC_OCTETS, 4)
PROBES_KEPT = 1024
"""Questions: each Master asks the same ones again and again, hundreds of them every second."""

_ALL_NODES = IPv6Address("ff02::1")
_ICMPV6 = 58
_SOLICITED_NODE = IPv6Address("ff02::1:ff00:0").packed[:13]
"""Followed by the last three octets of the address (RFC 4291 2.7.1)."""
_DISCOVERY = struct.Struct("!BBHI16s")
"""Type, code, checksum, flags or zero, target (RFC 4861 4.3 and 4.4)."""
_NEIGHBOR_SOLICITATION, _NEIGHBOR_ADVERTISEMENT = 135, 136
_ROUTER_FLAG = 0x80000000
_OVERRIDE_FLAG = 0x20000000
_SOURCE_LINK_LAYER_ADDRESS, _TARGET_LINK_LAYER_ADDRESS = 1, 2
_OPTION_UNIT = 8
_RIGHT = 0xFFFF
"""The sum over all that a checksum covers, and the checksum."""


def gratuitous_arp(mac: bytes, address: IPv4Address) -> bytes:
    """A broadcast ARP request by and for `address`, 42 octets. `mac`: 6 octets, or ValueError."""
    return _arp_request(mac, address, _BROADCAST, address)


@lru_cache(maxsize=PROBES_KEPT)
def arp_probe(mac: bytes, sender: IPv4Address, address: IPv4Address) -> bytes:
    """Who has `address`? An ordinary broadcast ARP request from our own `sender`, 42 octets. `mac`: 6, or ValueError.

    Not an RFC 5227 probe from 0.0.0.0: hosts that hold an address by mistake answer an ordinary question.
    """
    return _arp_request(mac, sender, bytes(MAC_OCTETS), address)


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody says that `address` is at `mac`, 6 octets."""

    mac: bytes
    address: Address


def parse_arp(frame: bytes) -> Claim | None:
    """What its sender claims, whether it asks or answers; None: it is no ARP for IPv4 on Ethernet (RFC 826)."""
    if len(frame) < ETHERNET_OCTETS + _ARP.size or frame[12:14] != ETHERTYPE_ARP.to_bytes(2):
        return None
    fields = _ARP.unpack_from(frame, ETHERNET_OCTETS)
    hardware, protocol, size, length, operation, mac, address, *_ = fields
    if (hardware, protocol, size, length) != _ARP_KIND or operation not in (_ARP_REQUEST, _ARP_REPLY):
        return None
    return Claim(mac, IPv4Address(address))


def _arp_request(mac: bytes, sender: IPv4Address, target_mac: bytes, target: IPv4Address) -> bytes:
    arp = _ARP.pack(*_ARP_KIND, _ARP_REQUEST, mac, sender.packed, target_mac, target.packed)
    return ethernet(_BROADCAST, mac, ETHERTYPE_ARP) + arp


def unsolicited_na(mac: bytes, address: IPv6Address, *, router: bool) -> bytes:
    """A neighbour advertisement to all nodes from `address` itself, 86 octets. `mac`: 6 octets, or ValueError.

    `router` sets the R flag: hosts drop us from their default routers if it is missing though we forward, and the
    reverse. O is set, so that caches are overwritten; S never is, as nobody asked.
    """
    flags = _OVERRIDE_FLAG | (_ROUTER_FLAG if router else 0)
    option = struct.pack("!BB", _TARGET_LINK_LAYER_ADDRESS, 1) + mac
    return _discovery(mac, address, _ALL_NODES, _NEIGHBOR_ADVERTISEMENT, flags, address, option)


@lru_cache(maxsize=PROBES_KEPT)
def neighbor_solicitation(mac: bytes, sender: IPv6Address, address: IPv6Address) -> bytes:
    """Who has `address`? To its solicited-node group from our own `sender`, 86 octets. `mac`: 6, or ValueError.

    No probe for duplicates, which comes from no address: its answer goes to all nodes, and a host that is about to
    take the address would give it up for the question (RFC 4862 5.4.3).
    """
    option = struct.pack("!BB", _SOURCE_LINK_LAYER_ADDRESS, 1) + mac
    group = IPv6Address(_SOLICITED_NODE + address.packed[13:])
    return _discovery(mac, sender, group, _NEIGHBOR_SOLICITATION, 0, address, option)


def parse_na(frame: bytes) -> Claim | None:
    """What a whole Ethernet frame claims; None: it is no neighbour advertisement of an owner (RFC 4861 7.1.2).

    Without the override flag it is a proxy or an anycast address, and no cache follows it (7.2.4). Without a link-layer
    address it is at the sender's.
    """
    body = frame[ETHERNET_OCTETS + IPV6.size :]
    if len(body) < _DISCOVERY.size or frame[12:14] != ETHERTYPE_IPV6.to_bytes(2):
        return None
    version, length, protocol, hops, *ends = IPV6.unpack_from(frame, ETHERNET_OCTETS)
    if (version >> 28, protocol, hops) != (6, _ICMPV6, ON_LINK_HOP_LIMIT) or not _DISCOVERY.size <= length <= len(body):
        return None
    body = body[:length]
    kind, code, _, flags, target = _DISCOVERY.unpack_from(body)
    if (kind, code) != (_NEIGHBOR_ADVERTISEMENT, 0) or not flags & _OVERRIDE_FLAG:
        return None
    source, destination = map(IPv6Address, ends)
    if ones_complement_sum(pseudo_header_for(source, destination, _ICMPV6, length) + body) != _RIGHT:
        return None
    return Claim(_link_layer_address(body[_DISCOVERY.size :]) or frame[6:12], IPv6Address(target))


def _link_layer_address(options: bytes) -> bytes:
    """The target's, if it is among them: a type, a length in units of 8 octets, a value; else nothing."""
    while len(options) >= _OPTION_UNIT and options[1] > 0:
        if options[0] == _TARGET_LINK_LAYER_ADDRESS:
            return options[2 : 2 + MAC_OCTETS]
        options = options[options[1] * _OPTION_UNIT :]
    return b""


def _discovery(
    mac: bytes, source: IPv6Address, destination: IPv6Address, kind: int, flags: int, target: IPv6Address, option: bytes
) -> bytes:
    """A whole frame to a multicast group."""
    length = _DISCOVERY.size + len(option)
    headers = ipv6_to_group(mac, source, destination, _ICMPV6, length)
    body = _DISCOVERY.pack(kind, 0, 0, flags, target.packed) + option
    right = checksum(pseudo_header_for(source, destination, _ICMPV6, length) + body)
    return headers + _DISCOVERY.pack(kind, 0, right, flags, target.packed) + option


AGAIN = (Seconds(0.0), Seconds(1.0), Seconds(3.0), Seconds(10.0))
"""After a rival or a pause: at once, and later for neighbours whose caches the rival has filled in the meantime."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Rounds of frames after an announcement, as keepalived.conf(5) has them.

    A round at once and one `delay` later (0: never) send `repeat` frames for each address; then `refresh_repeat` for
    each every `refresh` (0: never). keepalived: garp_master_delay, garp_master_repeat, garp_master_refresh,
    garp_master_refresh_repeat. With `again` the rounds are those of `AGAIN` instead.
    """

    delay: Seconds
    repeat: int
    refresh: Seconds
    refresh_repeat: int = 1
    again: bool = False

    def due(self, since: Seconds, done: int) -> Seconds | None:
        """When the next round is due, `done` rounds after the announcement at `since`; None: no more."""
        bursts = self._bursts()
        if done < len(bursts):
            return Seconds(since + bursts[done])
        if self.refresh <= 0:
            return None
        return Seconds(since + bursts[-1] + (done - len(bursts) + 1) * self.refresh)

    def frames(self, done: int) -> int:
        """How many frames for each address the round after `done` rounds has."""
        return self.repeat if done < len(self._bursts()) else self.refresh_repeat

    def _bursts(self) -> tuple[Seconds, ...]:
        if self.again:
            return AGAIN
        return (Seconds(0.0), self.delay) if self.delay > 0 else (Seconds(0.0),)
