"""The Internet checksum against sums done by hand."""

from ipaddress import IPv4Address, IPv6Address

import pytest

from vrrpd.protocol.checksum import checksum, ones_complement_sum, pseudo_header_for


@pytest.mark.parametrize(
    ("data", "expected"),
    {
        "nothing": ("", 0x0000),
        "one word": ("1234", 0x1234),
        "RFC 1071 section 3": ("0001f203f4f5f6f7", 0xDDF2),
        "the carry comes round": ("ffff0001", 0x0001),
        "an odd octet is the high one": ("01", 0x0100),
        "two zeroes": ("ffffffff", 0xFFFF),
    }.values(),
)
def test_sum(data: str, expected: int) -> None:
    """RFC 1071 1 and 3."""
    assert ones_complement_sum(bytes.fromhex(data)) == expected
    assert checksum(bytes.fromhex(data)) == 0xFFFF - expected


def test_carry_of_the_carry() -> None:
    """More words than one fold can take: 0x10001 times 0xFFFF is 0x1_0000_FFFF and needs two."""
    assert ones_complement_sum(b"\xff" * 2 * 0x10001) == 0xFFFF


def test_pseudo_header_ipv4() -> None:
    """RFC 793 3.1: addresses, zero, protocol, length in 16 bits."""
    header = pseudo_header_for(IPv4Address("192.0.2.1"), IPv4Address("224.0.0.18"), 112, 12)
    assert header.hex(" ", 4) == "c0000201 e0000012 0070000c"


def test_pseudo_header_ipv6() -> None:
    """RFC 8200 8.1: addresses, length in 32 bits, three zeroes, next header."""
    header = pseudo_header_for(IPv6Address("fe80::1"), IPv6Address("ff02::12"), 112, 40)
    expected = "fe800000000000000000000000000001 ff020000000000000000000000000012 00000028 00000070"
    assert header == bytes.fromhex(expected)
