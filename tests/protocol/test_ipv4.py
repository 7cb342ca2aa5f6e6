"""The IP header that a raw socket leaves before a message: whole, not a fragment, ours."""

import struct
from ipaddress import ip_address

import pytest

from tests.protocol.samples import PEER4, V2, datagram, receiver
from vrrpd.protocol.ipv4 import from_ipv4
from vrrpd.protocol.messages import Datagram, Family, Rejection
from vrrpd.protocol.packet import MULTICAST, PacketError, decode

GOOD = datagram(V2)


def ip_packet(payload: bytes, *, first: int = 0x45, total: int = 0, fragment: int = 0, protocol: int = 112) -> bytes:
    """An IPv4 packet as a raw socket reads it; `total` 0: the true one."""
    options = bytes(4 * ((first & 0x0F) - 5)) if first & 0x0F > 5 else b""
    length = total or 20 + len(options) + len(payload)
    fixed = struct.pack("!BBHHHBBH", first, 0xC0, length, 7, fragment, 255, protocol, 0)
    return fixed + PEER4.packed + MULTICAST[Family.IPV4].packed + options + payload


def test_from_ipv4() -> None:
    """Everything the checks need of the header, and the message behind it."""
    assert from_ipv4("eth0", ip_packet(GOOD.payload)) == GOOD


HEADERS = {
    # RFC 791 3.1
    "options": (ip_packet(GOOD.payload, first=0x46), None),
    "padding": (ip_packet(GOOD.payload) + bytes(6), None),
    "do not fragment": (ip_packet(GOOD.payload, fragment=0x4000), None),
    "nothing": (b"", Rejection.RUNT),
    "19 octets": (ip_packet(b"")[:19], Rejection.RUNT),
    "header length 4": (ip_packet(GOOD.payload, first=0x44), Rejection.RUNT),
    "header longer than read": (ip_packet(b"")[:20].replace(b"\x45", b"\x4f", 1), Rejection.RUNT),
    "version 6": (ip_packet(GOOD.payload, first=0x65), Rejection.RUNT),
    "total more than read": (ip_packet(GOOD.payload, total=41), Rejection.LENGTH),
    "total less than header": (ip_packet(GOOD.payload, total=19), Rejection.LENGTH),
    "first fragment": (ip_packet(GOOD.payload, fragment=0x2000), Rejection.LENGTH),
    "later fragment": (ip_packet(GOOD.payload, fragment=0x0001), Rejection.LENGTH),
    "authentication header": (ip_packet(GOOD.payload, protocol=51), Rejection.LENGTH),
}


@pytest.mark.parametrize(("raw", "rejection"), HEADERS.values(), ids=HEADERS)
def test_ip_header(raw: bytes, rejection: Rejection | None) -> None:
    """Whole, not a fragment, ours; padding after the total length is none of our business."""
    if rejection is None:
        assert from_ipv4("eth0", raw).payload == GOOD.payload
    else:
        with pytest.raises(PacketError) as caught:
            from_ipv4("eth0", raw)
        assert caught.value.rejection is rejection


def test_empty_message_is_a_datagram() -> None:
    """FRR 8.4.4 dies of one; here it is a runt."""
    empty = from_ipv4("eth0", ip_packet(b""))
    assert empty == Datagram("eth0", Family.IPV4, PEER4, ip_address("224.0.0.18"), 255, b"")
    with pytest.raises(PacketError) as caught:
        decode(empty, receiver(V2))
    assert caught.value.rejection is Rejection.RUNT
