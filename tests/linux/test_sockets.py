"""What can be said without a kernel; the rest is in tests/kernel/test_sockets.py."""

import socket
import struct
from ipaddress import IPv6Address, ip_address

import pytest

from vrrpd.linux.sockets import _from_ipv6, _source_of
from vrrpd.protocol.messages import Datagram, Family, Rejection
from vrrpd.protocol.packet import PacketError

SOURCE = IPv6Address("fe80::2")
GROUP = ip_address("ff02::12")
HOPS = (socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT, struct.pack("=i", 255))
INFO = (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, GROUP.packed + struct.pack("=i", 2))
OTHER = (socket.SOL_SOCKET, 29, bytes(16))


@pytest.mark.parametrize("ancillary", [[HOPS, INFO], [INFO, HOPS], [OTHER, INFO, OTHER, HOPS]])
def test_control_messages_come_in_any_order(ancillary: list[tuple[int, int, bytes]]) -> None:
    expected = Datagram("eth0", Family.IPV6, SOURCE, GROUP, 255, b"payload")
    assert _from_ipv6("eth0", b"payload", ancillary, SOURCE) == expected


@pytest.mark.parametrize("ancillary", [[], [HOPS], [INFO], [HOPS, (*INFO[:2], b"short")]])
def test_control_messages_may_be_missing(ancillary: list[tuple[int, int, bytes]]) -> None:
    with pytest.raises(PacketError) as caught:
        _from_ipv6("eth0", b"payload", ancillary, SOURCE)
    assert caught.value.rejection is Rejection.RUNT


def test_source_is_a_control_message() -> None:
    """struct in_pktinfo: index, source, destination; struct in6_pktinfo: source, index."""
    index = struct.pack("=i", 7)
    own = ip_address("192.0.2.1")
    assert _source_of(own, 7) == (socket.IPPROTO_IP, 8, index + own.packed + bytes(4))
    assert _source_of(SOURCE, 7) == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, SOURCE.packed + index)
