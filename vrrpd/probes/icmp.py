"""ICMP echo on the wire: RFC 792 and RFC 4443 section 4. Pure: octets in, values out."""

import struct
from typing import NamedTuple

ECHO_REQUEST, ECHO_REPLY = 8, 0
ECHO_REQUEST_6, ECHO_REPLY_6 = 128, 129
IPV4, IPV6 = 4, 6
"""Versions."""

_HEAD = struct.Struct("!BBHHH")
"""Type, code, checksum, identifier, sequence number."""


class Echo(NamedTuple):
    """A request, or the reply that must repeat all of it."""

    identifier: int
    sequence: int
    payload: bytes


def request(version: int, echo: Echo) -> bytes:
    """The message. Of IPv6 the kernel fills in the checksum, whose pseudo header only it knows (raw(7), RFC 3542)."""
    kind = ECHO_REQUEST if version == IPV4 else ECHO_REQUEST_6
    blank = _HEAD.pack(kind, 0, 0, echo.identifier, echo.sequence) + echo.payload
    sum_of_all = checksum(blank) if version == IPV4 else 0
    return _HEAD.pack(kind, 0, sum_of_all, echo.identifier, echo.sequence) + echo.payload


def reply(version: int, packet: bytes) -> Echo | None:
    """What a packet from a raw socket says, None if it is no echo reply. Of IPv4 it has the IP header in front."""
    message = packet
    if version == IPV4:
        if len(packet) < 20 or packet[0] >> 4 != IPV4:
            return None
        message = packet[(packet[0] & 0x0F) * 4 :]
    if len(message) < _HEAD.size:
        return None
    kind, code, _, identifier, sequence = _HEAD.unpack_from(message)
    if (kind, code) != (ECHO_REPLY if version == IPV4 else ECHO_REPLY_6, 0):
        return None
    if version == IPV4 and checksum(message) != 0:
        return None
    return Echo(identifier, sequence, message[_HEAD.size :])


def checksum(octets: bytes) -> int:
    """RFC 1071; 0 over a message that has its own in it."""
    padded = octets + b"\0" * (len(octets) % 2)
    total: int = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
