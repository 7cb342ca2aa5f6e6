"""The virtual MAC, and frames that leave with it, as scapy reads them."""

from ipaddress import ip_address

import pytest
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether

from vrrpd.protocol.messages import Family
from vrrpd.protocol.packet import MULTICAST
from vrrpd.protocol.virtual_mac import is_virtual, multicast_frame, virtual_mac

PAYLOAD = b"\x31\x33\x64\x01\x00\x64\x00\x00\xc0\x00\x02\x64"


@pytest.mark.parametrize(
    ("family", "expected"), [(Family.IPV4, "00:00:5e:00:01:33"), (Family.IPV6, "00:00:5e:00:02:33")]
)
def test_the_mac_of_a_virtual_router(family: Family, expected: str) -> None:
    """RFC 9568 7.3."""
    mac = virtual_mac(family, 51)
    assert mac.hex(":") == expected
    assert is_virtual(mac)


@pytest.mark.parametrize("mac", ["", "00005e000333", "020000000001", "00005e0001"])
def test_others_are_not(mac: str) -> None:
    """Also what is too short."""
    assert not is_virtual(bytes.fromhex(mac))


def test_an_ipv4_frame() -> None:
    """As a raw socket of the kernel would send it, but from another MAC."""
    frame = multicast_frame(virtual_mac(Family.IPV4, 51), ip_address("192.0.2.1"), MULTICAST[Family.IPV4], PAYLOAD)
    found = Ether(frame)
    ip = found[IP]
    assert (found.src, found.dst, found.type) == ("00:00:5e:00:01:33", "01:00:5e:00:00:12", 0x0800)
    assert (ip.src, ip.dst, ip.ttl, ip.tos, ip.proto, ip.len) == ("192.0.2.1", "224.0.0.18", 255, 0xC0, 112, 32)
    assert frame.endswith(PAYLOAD)
    right = ip.chksum
    del ip.chksum
    assert right == Ether(found.build())[IP].chksum


def test_an_ipv6_frame() -> None:
    """The same, RFC 2464 7 for the destination."""
    frame = multicast_frame(virtual_mac(Family.IPV6, 51), ip_address("fe80::1"), MULTICAST[Family.IPV6], PAYLOAD)
    found = Ether(frame)
    ip = found[IPv6]
    assert (found.src, found.dst, found.type) == ("00:00:5e:00:02:33", "33:33:00:00:00:12", 0x86DD)
    assert (ip.src, ip.dst, ip.hlim, ip.tc, ip.nh, ip.plen) == ("fe80::1", "ff02::12", 255, 0xC0, 112, 12)
    assert frame.endswith(PAYLOAD)
