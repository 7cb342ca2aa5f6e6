"""The Internet checksum (RFC 1071) and the pseudo headers that some protocols put before what it covers."""

import struct

from vrrpd.protocol.messages import Address

_IPV4_OCTETS = 4


def ones_complement_sum(data: bytes) -> int:
    """RFC 1071: the 16-bit sum with end-around carry; an odd last octet is padded with zero.

    Over data that holds its own right checksum it is 0xFFFF.
    """
    padded = data if len(data) % 2 == 0 else data + b"\0"
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def checksum(data: bytes) -> int:
    """RFC 1071: what to put into the checksum field, which is zero in `data`."""
    return ~ones_complement_sum(data) & 0xFFFF


def pseudo_header_for(source: Address, destination: Address, protocol: int, length: int) -> bytes:
    """RFC 793 3.1 for IPv4 (12 octets), RFC 8200 8.1 for IPv6 (40 octets). `length`: octets after the IP header."""
    ends = source.packed + destination.packed
    if len(ends) == 2 * _IPV4_OCTETS:
        return ends + struct.pack("!BBH", 0, protocol, length)
    return ends + struct.pack("!I3xB", length, protocol)
