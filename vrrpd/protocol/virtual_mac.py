"""The MAC of a virtual router, and advertisements that leave with it (RFC 9568 7.3, RFC 3768 7.3)."""

import struct
from ipaddress import IPv6Address

from vrrpd.protocol.checksum import checksum
from vrrpd.protocol.ethernet import ETHERTYPE_IPV4, MAC_OCTETS, ethernet, ipv6_to_group
from vrrpd.protocol.messages import Address, Family
from vrrpd.protocol.packet import HOP_LIMIT, PROTOCOL

TRAFFIC_CLASS = 0xC0
"""TOS or traffic class of advertisements: internetwork control, as keepalived and FRR send."""

_PREFIX = bytes.fromhex("00005e0001")
_PREFIX_IPV6 = bytes.fromhex("00005e0002")
_DO_NOT_FRAGMENT = 0x4000
_IPV4 = struct.Struct("!BBHHHBBH4s4s")
"""Version and IHL, TOS, length, identification, fragment, TTL, protocol, checksum, source, destination (RFC 791)."""


def virtual_mac(family: Family, vrid: int) -> bytes:
    """6 octets: 00-00-5E-00-01-{VRID} for IPv4, 00-00-5E-00-02-{VRID} for IPv6."""
    return (_PREFIX_IPV6 if family is Family.IPV6 else _PREFIX) + bytes([vrid])


def is_virtual(mac: bytes) -> bool:
    """It is that of some virtual router, so any host of the segment may be behind it."""
    return len(mac) == MAC_OCTETS and mac[:5] in (_PREFIX, _PREFIX_IPV6)


def multicast_frame(mac: bytes, source: Address, group: Address, payload: bytes) -> bytes:
    """An advertisement as a whole Ethernet frame from `mac`, without FCS. `payload`: what follows the IP header."""
    if isinstance(source, IPv6Address) and isinstance(group, IPv6Address):
        return ipv6_to_group(mac, source, group, PROTOCOL, len(payload), traffic_class=TRAFFIC_CLASS) + payload
    destination = bytes.fromhex("01005e") + bytes([group.packed[1] & 0x7F]) + group.packed[2:]  # RFC 1112 6.4
    return ethernet(destination, mac, ETHERTYPE_IPV4) + _ipv4(source, group, len(payload)) + payload


def _ipv4(source: Address, group: Address, octets: int) -> bytes:
    """No identification is needed where nothing may be fragmented (RFC 6864 4.1)."""

    def header(right: int) -> bytes:
        ends = source.packed, group.packed
        length = _IPV4.size + octets
        return _IPV4.pack(0x45, TRAFFIC_CLASS, length, 0, _DO_NOT_FRAGMENT, HOP_LIMIT, PROTOCOL, right, *ends)

    return header(checksum(header(0)))
