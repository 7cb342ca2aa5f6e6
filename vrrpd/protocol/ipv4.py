"""The IPv4 header that a raw socket leaves before a message (RFC 791 3.1, raw(7)). Of IPv6 the kernel gives none."""

import struct
from ipaddress import IPv4Address

from vrrpd.protocol.messages import Datagram, Family, Rejection
from vrrpd.protocol.packet import PROTOCOL, PacketError

_IP_HEADER = struct.Struct("!BxHxxHBBxx4s4s")
"""Version and IHL, total length, fragment, TTL, protocol, source, destination (RFC 791 3.1)."""
_IP_FRAGMENT = 0x3FFF
"""More Fragments and the fragment offset (RFC 791 3.1)."""


def from_ipv4(interface: str, raw: bytes) -> Datagram:
    """Strip the IP header from one read of an IPv4 raw socket; what follows the total length is padding.

    Raises PacketError: RUNT without a whole IP header; LENGTH if the rest cannot be one whole VRRP message.
    """
    if len(raw) < _IP_HEADER.size:
        raise PacketError(Rejection.RUNT, f"{len(raw)} octets, less than an IP header")
    first, total, fragment, ttl, protocol, source, destination = _IP_HEADER.unpack_from(raw)
    header = (first & 0x0F) * 4
    if first >> 4 != 4 or not _IP_HEADER.size <= header <= len(raw):
        raise PacketError(Rejection.RUNT, f"no whole IPv4 header: first octet {first:#04x}, {len(raw)} octets")
    if not header <= total <= len(raw):
        raise PacketError(Rejection.LENGTH, f"IP total length {total}, received {len(raw)} octets")
    if fragment & _IP_FRAGMENT:
        raise PacketError(Rejection.LENGTH, "IP fragment")
    if protocol != PROTOCOL:
        raise PacketError(Rejection.LENGTH, f"IP protocol {protocol}, not {PROTOCOL}")
    ends = (IPv4Address(source), IPv4Address(destination))
    return Datagram(interface, Family.IPV4, *ends, ttl, raw[header:total])
