"""Headers of frames, octet by octet; whole frames are in test_frames.py and test_virtual_mac.py."""

from ipaddress import IPv6Address

import pytest

from vrrpd.protocol.ethernet import ETHERTYPE_ARP, ethernet, ipv6_to_group

MAC = bytes.fromhex("02000000000b")
OWN, GROUP = IPv6Address("fe80::1"), IPv6Address("ff02::1:ff00:12")


def test_ethernet() -> None:
    assert ethernet(b"\xff" * 6, MAC, ETHERTYPE_ARP) == b"\xff" * 6 + MAC + b"\x08\x06"
    with pytest.raises(ValueError, match="6 octets, not 5"):
        ethernet(b"\xff" * 6, MAC[:5], ETHERTYPE_ARP)


def test_ipv6_to_a_group() -> None:
    """33-33 and the last four octets of the group (RFC 2464 7); hop limit 255, from the link itself."""
    made = ipv6_to_group(MAC, OWN, GROUP, 112, 40, traffic_class=0xC0)
    assert made[:14] == bytes.fromhex("3333ff000012") + MAC + b"\x86\xdd"
    assert made[14:] == bytes.fromhex("6c000000002870ff") + OWN.packed + GROUP.packed
