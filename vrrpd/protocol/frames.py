"""Frames that move the hosts of a segment to a new Master, and when to send them.

Gratuitous ARP (RFC 5227 3, RFC 9568 6.4.1) and unsolicited neighbour advertisements (RFC 4861 7.2.6), laid out as
keepalived and FRR lay them out. Whole Ethernet frames without FCS and padding.
"""

import struct
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

from vrrpd.protocol.checksum import checksum, pseudo_header_for
from vrrpd.protocol.messages import Seconds

_MAC_OCTETS = 6
_BROADCAST = b"\xff" * _MAC_OCTETS
_ETHERTYPE_ARP = 0x0806
_ETHERTYPE_IPV6 = 0x86DD
_ARP_REQUEST, _ARP_REPLY = 1, 2
_ARP = struct.Struct("!HHBBH6s4s6s4s")
"""Hardware and protocol type, their lengths, operation, sender's MAC and address, target's (RFC 826)."""
_ARP_KIND = (1, 0x0800, _MAC_OCTETS, 4)
_ETHERNET_OCTETS = 14
PROBES_KEPT = 1024
"""Questions: each Master asks the same ones again and again, hundreds of them every second."""

_ALL_NODES = IPv6Address("ff02::1")
_ALL_NODES_MAC = bytes.fromhex("333300000001")
_ICMPV6 = 58
_NEIGHBOR_ADVERTISEMENT = 136
_ROUTER_FLAG = 0x80000000
_OVERRIDE_FLAG = 0x20000000
_TARGET_LINK_LAYER_ADDRESS = 2
_ON_LINK_HOP_LIMIT = 255


def gratuitous_arp(mac: bytes, address: IPv4Address) -> bytes:
    """A broadcast ARP request by and for `address`, 42 octets. `mac`: 6 octets, or ValueError."""
    return _arp_request(mac, address, _BROADCAST, address)


@lru_cache(maxsize=PROBES_KEPT)
def arp_probe(mac: bytes, sender: IPv4Address, address: IPv4Address) -> bytes:
    """Who has `address`? An ordinary broadcast ARP request from our own `sender`, 42 octets. `mac`: 6, or ValueError.

    Not an RFC 5227 probe from 0.0.0.0: hosts that hold an address by mistake answer an ordinary question.
    """
    return _arp_request(mac, sender, bytes(_MAC_OCTETS), address)


@dataclass(frozen=True, slots=True)
class Arp:
    """An ARP packet: its sender claims `address` for `mac`, whether it asks or answers (RFC 826)."""

    mac: bytes
    address: IPv4Address


def parse_arp(frame: bytes) -> Arp | None:
    """What a whole Ethernet frame claims; None: it is no ARP request or reply for IPv4 on Ethernet."""
    if len(frame) < _ETHERNET_OCTETS + _ARP.size or frame[12:14] != _ETHERTYPE_ARP.to_bytes(2):
        return None
    fields = _ARP.unpack_from(frame, _ETHERNET_OCTETS)
    hardware, protocol, size, length, operation, mac, address, *_ = fields
    if (hardware, protocol, size, length) != _ARP_KIND or operation not in (_ARP_REQUEST, _ARP_REPLY):
        return None
    return Arp(mac, IPv4Address(address))


def _arp_request(mac: bytes, sender: IPv4Address, target_mac: bytes, target: IPv4Address) -> bytes:
    ethernet = _ethernet(_BROADCAST, mac, _ETHERTYPE_ARP)
    return ethernet + _ARP.pack(*_ARP_KIND, _ARP_REQUEST, mac, sender.packed, target_mac, target.packed)


def unsolicited_na(mac: bytes, address: IPv6Address, *, router: bool) -> bytes:
    """A neighbour advertisement to all nodes from `address` itself, 86 octets. `mac`: 6 octets, or ValueError.

    `router` sets the R flag: hosts drop us from their default routers if it is missing though we forward, and the
    reverse. O is set, so that caches are overwritten; S never is, as nobody asked.
    """
    ethernet = _ethernet(_ALL_NODES_MAC, mac, _ETHERTYPE_IPV6)
    flags = _OVERRIDE_FLAG | (_ROUTER_FLAG if router else 0)
    option = struct.pack("!BB", _TARGET_LINK_LAYER_ADDRESS, 1) + mac
    body = struct.pack("!I", flags) + address.packed + option
    length = 4 + len(body)
    pseudo = pseudo_header_for(address, _ALL_NODES, _ICMPV6, length)
    right = checksum(pseudo + struct.pack("!BBH", _NEIGHBOR_ADVERTISEMENT, 0, 0) + body)
    ipv6 = struct.pack("!IHBB", 6 << 28, length, _ICMPV6, _ON_LINK_HOP_LIMIT) + address.packed + _ALL_NODES.packed
    return ethernet + ipv6 + struct.pack("!BBH", _NEIGHBOR_ADVERTISEMENT, 0, right) + body


def _ethernet(destination: bytes, source: bytes, ethertype: int) -> bytes:
    if len(source) != _MAC_OCTETS:
        raise ValueError(f"a MAC address has {_MAC_OCTETS} octets, not {len(source)}")
    return destination + source + struct.pack("!H", ethertype)


AGAIN = (Seconds(0.0), Seconds(1.0), Seconds(3.0), Seconds(10.0))
"""After a rival or a pause: at once, and later for neighbours whose caches the rival has filled in the meantime."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Rounds of frames after an announcement, as keepalived.conf(5) has them.

    A round at once and one `delay` later (0: never) send `repeat` frames for each address; then one frame for each
    every `refresh` (0: never). keepalived: garp_master_delay, garp_master_repeat, garp_master_refresh. With `again`
    the rounds are those of `AGAIN` instead.
    """

    delay: Seconds
    repeat: int
    refresh: Seconds
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
        return self.repeat if done < len(self._bursts()) else 1

    def _bursts(self) -> tuple[Seconds, ...]:
        if self.again:
            return AGAIN
        return (Seconds(0.0), self.delay) if self.delay > 0 else (Seconds(0.0),)
