"""Echo requests and replies."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrrpd.probes.icmp import IPV4, IPV6, Echo, checksum, reply, request

ECHO = Echo(0x1234, 7, b"0123456789abcdef")
HEADER = bytes([0x45]) + b"\0" * 19
LONG_HEADER = bytes([0x46]) + b"\0" * 23


def answered(version: int, echo: Echo = ECHO) -> bytes:
    """The ICMP message a host would send back."""
    message = bytearray(request(version, echo))
    message[0] = 0 if version == IPV4 else 129
    if version == IPV4:
        message[2:4] = b"\0\0"
        message[2:4] = struct.pack("!H", checksum(bytes(message)))
    return bytes(message)


def test_request_on_the_wire() -> None:
    """Type 8, code 0, checksum, identifier, sequence (RFC 792)."""
    assert request(IPV4, Echo(1, 2, b"\xff")).hex() == "0800f8fb00010002ff"
    assert request(IPV6, Echo(1, 2, b"\xff")).hex() == "8000000000010002ff"


def test_checksum() -> None:
    """The example of RFC 1071, section 3."""
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF ^ 0xDDF2


@pytest.mark.parametrize(
    ("version", "packet", "expected"),
    [
        (IPV4, HEADER + answered(IPV4), ECHO),
        (IPV4, LONG_HEADER + answered(IPV4), ECHO),
        (IPV6, answered(IPV6), ECHO),
        (IPV4, HEADER + request(IPV4, ECHO), None),
        (IPV6, request(IPV6, ECHO), None),
        (IPV4, HEADER + answered(IPV4)[:-1] + b"x", None),
        (IPV4, answered(IPV4), None),
        (IPV4, HEADER + b"\0\0\0", None),
        (IPV4, b"", None),
        (IPV6, b"\x81", None),
    ],
    ids=[
        "IPv4",
        "IPv4 with options",
        "IPv6",
        "our own request",
        "our own request, IPv6",
        "wrong checksum",
        "no IP header",
        "cut",
        "empty",
        "cut, IPv6",
    ],
)
def test_reply(version: int, packet: bytes, expected: Echo | None) -> None:
    assert reply(version, packet) == expected


@given(st.sampled_from((IPV4, IPV6)), st.binary(max_size=80))
def test_anything_may_come(version: int, packet: bytes) -> None:
    assert reply(version, packet) is None or isinstance(reply(version, packet), Echo)
