"""Each check on receipt alone and in its order; what the format can carry and what it cannot."""

import struct
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

import pytest

from tests.protocol.samples import (
    OWN4,
    OWN6,
    PASSWORD,
    PEER4,
    PEER6,
    V2,
    V2_PASS,
    V3,
    V3_IPV6,
    datagram,
    ends_of,
    receiver,
    with_octet,
)
from vrrpd.protocol.messages import (
    Advertisement,
    Authentication,
    AuthType,
    Datagram,
    Family,
    Parameters,
    Rejection,
    Seconds,
    Unicast,
    UnicastPeer,
    Version,
)
from vrrpd.protocol.packet import (
    HOP_LIMIT,
    MULTICAST,
    PROTOCOL,
    PacketError,
    decode,
    destinations,
    encode,
    vrid_of,
)

ALL = {"v2": V2, "v2 pass": V2_PASS, "v3": V3, "v3 ipv6": V3_IPV6}


def rejected(packet: Datagram, own: Parameters | None) -> Rejection | None:
    """The verdict of `decode`; None: accepted."""
    try:
        decode(packet, own)
    except PacketError as error:
        return error.rejection
    return None


def summed(packet: Datagram) -> Datagram:
    """With the right checksum, computed here by another way: subtract and fold, not add."""
    payload = with_octet(with_octet(packet.payload, 6, 0), 7, 0)
    pseudo = b""
    if payload[0] >> 4 == 3:
        tail = struct.pack("!BBH" if packet.family is Family.IPV4 else "!xxBBxxH", 0, PROTOCOL, len(payload))
        pseudo = packet.source.packed + packet.destination.packed + tail
    even = payload + b"\0" * (len(payload) % 2)
    number = int.from_bytes(pseudo + even) % 0xFFFF
    return replace(packet, payload=payload[:6] + (0xFFFF - number).to_bytes(2) + payload[8:])


def changed(advertisement: Advertisement, at: int, value: int) -> Datagram:
    """One octet of the message changed, and the checksum made good again."""
    packet = datagram(advertisement)
    return summed(replace(packet, payload=with_octet(packet.payload, at, value)))


def test_constants() -> None:
    """RFC 9568 5.1.1 and 5.1.2; IANA."""
    assert (PROTOCOL, HOP_LIMIT) == (112, 255)
    assert {family: str(group) for family, group in MULTICAST.items()} == {
        Family.IPV4: "224.0.0.18",
        Family.IPV6: "ff02::12",
    }


# --- the octets -----------------------------------------------------------------------------------------------------

LAYOUTS = {
    # RFC 3768 5.1
    "v2": (V2, "21 33 96 01 00 01 ---- c0000264 0000000000000000"),
    # RFC 2338 5.3.10
    "v2 pass": (V2_PASS, "21 33 96 01 01 01 ---- c0000264 7333637265740000"),
    # RFC 9568 5.1
    "v3": (V3, "31 33 96 02 0019 ---- c0000264 c0000265"),
    "v3 ipv6": (V3_IPV6, "31 33 96 02 0019 ---- fe800000000000000000000000000100 20010db8000000000000000000000100"),
}


@pytest.mark.parametrize(("advertisement", "layout"), LAYOUTS.values(), ids=LAYOUTS)
def test_layout(advertisement: Advertisement, layout: str) -> None:
    """Every field where the RFC draws it; the checksum is the other tests' business."""
    head, tail = layout.split("----")
    payload = datagram(advertisement).payload
    assert payload[:6] + payload[8:] == bytes.fromhex(head + tail)


@pytest.mark.parametrize("advertisement", ALL.values(), ids=ALL)
def test_checksum(advertisement: Advertisement) -> None:
    """RFC 3768 5.3.8: over the message with the password. RFC 5798 5.2.8: with the pseudo header."""
    packet = datagram(advertisement)
    assert summed(packet) == packet


@pytest.mark.parametrize("advertisement", ALL.values(), ids=ALL)
def test_decode_undoes_encode(advertisement: Advertisement) -> None:
    """What one router says is what the other hears."""
    assert decode(datagram(advertisement), receiver(advertisement)) == advertisement


@pytest.mark.parametrize(
    ("advertisement", "differs"), [(V2, False), (V3, True), (V3_IPV6, False)], ids=["v2", "v3", "v3 ipv6"]
)
def test_pseudo_header_switch(advertisement: Advertisement, differs: bool) -> None:
    """RFC 9568 5.2.8 sums the message only, on IPv4; both routers must agree, and only v3 on IPv4 has the choice."""
    with_it, without = datagram(advertisement), datagram(advertisement, pseudo_header=False)
    own, own_without = receiver(advertisement), replace(receiver(advertisement), pseudo_header=False)
    assert (with_it != without) is differs
    assert rejected(without, own_without) is None
    assert rejected(without, own) is (Rejection.CHECKSUM if differs else None)
    assert rejected(with_it, own_without) is (Rejection.CHECKSUM if differs else None)


@pytest.mark.parametrize(
    ("bad", "message"),
    {
        "v2 on ipv6": (replace(V3_IPV6, version=Version.V2, interval=Seconds(1.0)), "VRRPv2 is for IPv4"),
        "v3 with password": (replace(V3, authentication=PASSWORD), "no authentication"),
        "vrid 0": (replace(V2, vrid=0), "out of range"),
        "vrid 256": (replace(V2, vrid=256), "out of range"),
        "priority -1": (replace(V2, priority=-1), "out of range"),
        "priority 256": (replace(V2, priority=256), "out of range"),
        "v3 without address": (replace(V3, addresses=()), "0 addresses, must be 1..255"),
        "256 addresses": (replace(V2, addresses=V2.addresses * 256), "256 addresses, must be 0..255"),
        "mixed families": (replace(V3, addresses=V3.addresses + V3_IPV6.addresses), "one family"),
        "v2 interval 0": (replace(V2, interval=Seconds(0.0)), "1..255 units"),
        "v2 interval 256": (replace(V2, interval=Seconds(256.0)), "1..255 units"),
        "v2 interval 1.5 s": (replace(V2, interval=Seconds(1.5)), "1..255 units"),
        "v3 interval 0": (replace(V3, interval=Seconds(0.004)), "1..4095 units"),
        "v3 interval 40.96 s": (replace(V3, interval=Seconds(40.96)), "1..4095 units"),
        "v3 interval 15 ms": (replace(V3, interval=Seconds(0.015)), "1..4095 units"),
        "password of 7": (replace(V2, authentication=replace(PASSWORD, data=b"1111111")), "8 octets"),
    }.values(),
)
def test_not_encodable(bad: Advertisement, message: str) -> None:
    """A value that does not fit would be another value on the wire (FRR sends 500 ms as 1 s)."""
    source, destination = ends_of(bad)
    with pytest.raises(ValueError, match=message):
        encode(bad, source, destination)


@pytest.mark.parametrize(
    "good",
    {
        "v2 least": replace(V2, vrid=1, priority=0, addresses=()),
        "v2 most": replace(V2, vrid=255, priority=255, interval=Seconds(255.0), addresses=V2.addresses * 255),
        "v3 least": replace(V3, interval=Seconds(0.01), addresses=V3.addresses[:1]),
        "v3 most": replace(V3, interval=Seconds(40.95), addresses=V3.addresses[:1] * 255),
        "v3 ipv6 most": replace(V3_IPV6, addresses=V3_IPV6.addresses[:1] * 255),
    }.values(),
)
def test_limits_are_inside(good: Advertisement) -> None:
    """The ends of every range work both ways."""
    assert decode(datagram(good), receiver(good)) == good


def test_type_zero_is_sent_as_zeroes() -> None:
    """RFC 3768 5.3.10, whatever was left in the data."""
    leftover = replace(V2, authentication=Authentication(AuthType.NONE, b"leftover"))
    assert datagram(leftover).payload == datagram(V2).payload


def test_destinations() -> None:
    """The group, or each peer, but never ourselves: hosts may share a list."""
    peers = (UnicastPeer(PEER4), UnicastPeer(OWN4), UnicastPeer(IPv4Address("198.51.100.7")))
    own = receiver(V2)
    assert destinations(own) == (MULTICAST[Family.IPV4],)
    assert destinations(receiver(V3_IPV6)) == (MULTICAST[Family.IPV6],)
    assert destinations(replace(own, group=IPv4Address("224.0.0.200"))) == (IPv4Address("224.0.0.200"),)
    assert destinations(replace(own, unicast=Unicast(peers))) == (PEER4, IPv4Address("198.51.100.7"))


def test_another_group() -> None:
    """What is sent to the one of the RFC is for others then."""
    group = IPv4Address("224.0.0.200")
    own = replace(receiver(V2), group=group)
    assert decode(replace(datagram(V2), destination=group), own) == V2
    with pytest.raises(PacketError, match=r"sent to 224\.0\.0\.18, must be 224\.0\.0\.200"):
        decode(datagram(V2), own)


# --- the checks, in the order of RFC 3768 7.1, RFC 5798 7.1, RFC 9568 7.1 -------------------------------------------

V2_OWN, PASS_OWN, V3_OWN, IPV6_OWN = (receiver(a) for a in (V2, V2_PASS, V3, V3_IPV6))
GOOD = datagram(V2)
UNICAST = replace(GOOD, destination=OWN4)
UNICAST6 = replace(datagram(V3_IPV6), destination=OWN6, payload=encode(V3_IPV6, PEER6, OWN6))
LISTED = replace(V2_OWN, unicast=Unicast((UnicastPeer(PEER4),)))
BOUNDED = replace(V2_OWN, unicast=Unicast((UnicastPeer(PEER4, 254, 254),)))
STRANGERS_PEERS = Unicast((UnicastPeer(IPv4Address("192.0.2.9"), 255, 255),))
STRANGER = replace(V2_OWN, unicast=STRANGERS_PEERS)
OWNER = replace(V2, priority=255, addresses=(IPv4Address("192.0.2.77"),))
ZONED = replace(datagram(V3_IPV6), source=IPv6Address("fe80::3%eth0"), destination=IPv6Address("ff02::12%eth0"))

CHECKS: dict[str, tuple[Datagram, Parameters | None, Rejection | None]] = {
    # 0: own packets (RFC 9568 5.1.1.1), senders that cannot be, and the group (RFC 9568 5.1.1.2, 5.1.2.2)
    "own/ipv4": (replace(GOOD, source=OWN4), V2_OWN, Rejection.OWN_ADDRESS),
    "own/ipv6": (replace(datagram(V3_IPV6), source=OWN6), IPV6_OWN, Rejection.OWN_ADDRESS),
    "own/ipv6 with zone": (
        replace(datagram(V3_IPV6), source=IPv6Address("fe80::1%eth0")),
        IPV6_OWN,
        Rejection.OWN_ADDRESS,
    ),
    "source/zero": (replace(GOOD, source=IPv4Address("0.0.0.0")), V2_OWN, Rejection.SOURCE),
    "source/zero to no router": (replace(GOOD, source=IPv4Address("0.0.0.0")), None, Rejection.SOURCE),
    "source/multicast": (replace(GOOD, source=IPv4Address("224.0.0.18")), V2_OWN, Rejection.SOURCE),
    "source/ipv6 zero": (replace(datagram(V3_IPV6), source=IPv6Address("::")), IPV6_OWN, Rejection.SOURCE),
    "destination/unicast": (replace(GOOD, destination=OWN4), V2_OWN, Rejection.DESTINATION),
    "destination/other group": (replace(GOOD, destination=IPv4Address("224.0.0.1")), V2_OWN, Rejection.DESTINATION),
    "destination/all nodes": (
        replace(datagram(V3_IPV6), destination=IPv6Address("ff02::1")),
        IPV6_OWN,
        Rejection.DESTINATION,
    ),
    "destination/with zone": (ZONED, IPV6_OWN, None),
    # unicast, as keepalived has it: not in the RFCs
    "unicast/from a peer": (UNICAST, LISTED, None),
    "unicast/from a peer through routers": (replace(UNICAST, hop_limit=3), LISTED, None),
    "unicast/TTL too low": (replace(UNICAST, hop_limit=253), BOUNDED, Rejection.TTL),
    "unicast/TTL too high": (replace(UNICAST, hop_limit=255), BOUNDED, Rejection.TTL),
    "unicast/TTL in bounds": (replace(UNICAST, hop_limit=254), BOUNDED, None),
    "unicast/from a stranger": (UNICAST, STRANGER, Rejection.SOURCE),
    "unicast/from a stranger, unchecked": (
        UNICAST,
        replace(STRANGER, unicast=replace(STRANGERS_PEERS, check_source=False)),
        None,
    ),
    "unicast/ipv6 with zone": (
        replace(UNICAST6, source=IPv6Address("fe80::3%eth0")),
        replace(IPV6_OWN, unicast=Unicast((UnicastPeer(PEER6),))),
        None,
    ),
    "unicast/to the group": (GOOD, LISTED, Rejection.DESTINATION),
    "unicast/broadcast": (replace(GOOD, destination=IPv4Address("255.255.255.255")), LISTED, Rejection.DESTINATION),
    "unicast/to a virtual address": (replace(GOOD, destination=V2.addresses[0]), LISTED, Rejection.DESTINATION),
    "unicast/own": (replace(UNICAST, source=OWN4), LISTED, Rejection.OWN_ADDRESS),
    "unicast/to no router": (replace(UNICAST, hop_limit=3), None, Rejection.VRID),
    "unicast/v3 checksum of the group": (
        replace(datagram(V3), destination=OWN4),
        replace(V3_OWN, unicast=Unicast((UnicastPeer(PEER4),))),
        Rejection.CHECKSUM,
    ),
    # 1: the fixed part
    "runt/0": (replace(GOOD, payload=b""), V2_OWN, Rejection.RUNT),
    "runt/7": (replace(GOOD, payload=GOOD.payload[:7]), V2_OWN, Rejection.RUNT),
    "runt/to no router": (replace(GOOD, payload=GOOD.payload[:7]), None, Rejection.RUNT),
    # 2: "MUST verify that the IP TTL is 255"
    "ttl/255": (GOOD, V2_OWN, None),
    "ttl/254": (replace(GOOD, hop_limit=254), V2_OWN, Rejection.TTL),
    "ttl/0": (replace(GOOD, hop_limit=0), V2_OWN, Rejection.TTL),
    # 3: "MUST verify the VRRP version"
    "version/v3 to v2": (changed(V2, 0, 0x31), V2_OWN, Rejection.VERSION),
    "version/v2 to v3": (changed(V3, 0, 0x21), V3_OWN, Rejection.VERSION),
    "version/4 to no router": (changed(V2, 0, 0x41), None, Rejection.VERSION),
    "version/v2 on ipv6 to no router": (changed(V3_IPV6, 0, 0x21), None, Rejection.VERSION),
    # 4: "MUST verify that the VRRP packet type is 1" (ADVERTISEMENT)
    "type/0": (changed(V2, 0, 0x20), V2_OWN, Rejection.TYPE),
    "type/2": (changed(V3, 0, 0x32), V3_OWN, Rejection.TYPE),
    # 5: "MUST verify that the received packet contains the complete VRRP packet"
    "length/one short": (summed(replace(GOOD, payload=GOOD.payload[:-1])), V2_OWN, Rejection.LENGTH),
    "length/one long": (summed(replace(GOOD, payload=GOOD.payload + b"\0")), V2_OWN, Rejection.LENGTH),
    "length/v2 without authentication": (summed(replace(GOOD, payload=GOOD.payload[:12])), V2_OWN, Rejection.LENGTH),
    "length/count too high": (changed(V3, 3, 3), V3_OWN, Rejection.LENGTH),
    "length/count too low": (changed(V3, 3, 1), V3_OWN, Rejection.LENGTH),
    "length/v3 of no address": (
        summed(replace(datagram(V3), payload=with_octet(datagram(V3).payload[:8], 3, 0))),
        V3_OWN,
        Rejection.LENGTH,
    ),
    "length/ipv6 addresses": (changed(V3_IPV6, 3, 1), IPV6_OWN, Rejection.LENGTH),
    # 6: "MUST verify the VRRP checksum"
    "checksum/v2": (replace(GOOD, payload=with_octet(GOOD.payload, 7, 0)), V2_OWN, Rejection.CHECKSUM),
    "checksum/v3 of another source": (replace(datagram(V3), source=OWN4), V3_OWN, Rejection.OWN_ADDRESS),
    "checksum/v3 forged source": (replace(datagram(V3), source=IPv4Address("192.0.2.4")), V3_OWN, Rejection.CHECKSUM),
    "checksum/v2 password counts": (
        replace(datagram(V2_PASS), payload=with_octet(datagram(V2_PASS).payload, 19, 1)),
        PASS_OWN,
        Rejection.CHECKSUM,
    ),
    "checksum/to no router": (replace(GOOD, payload=with_octet(GOOD.payload, 7, 0)), None, Rejection.CHECKSUM),
    # 7: "MUST verify that the VRID is configured on the receiving interface"
    "vrid/no router": (GOOD, None, Rejection.VRID),
    "vrid/v3 no router": (datagram(V3), None, Rejection.VRID),
    "vrid/another router's": (GOOD, replace(V2_OWN, vrid=52), Rejection.VRID),
    # 8: "and the local router is not the IP Address owner"
    "owner/v2": (GOOD, replace(V2_OWN, priority=255), Rejection.OWNER),
    "owner/v3": (datagram(V3), replace(V3_OWN, priority=255), Rejection.OWNER),
    "owner/254 is none": (GOOD, replace(V2_OWN, priority=254), None),
    # 9: RFC 2338 5.3.6: AH (2) is known there, but not here
    "auth type/2": (changed(V2, 4, 2), V2_OWN, Rejection.AUTH_TYPE),
    "auth type/255": (changed(V2_PASS, 4, 255), PASS_OWN, Rejection.AUTH_TYPE),
    # 10: RFC 2338 7.1, RFC 3768 7.1
    "auth mismatch/password not wanted": (datagram(V2_PASS), V2_OWN, Rejection.AUTH_MISMATCH),
    "auth mismatch/password missing": (GOOD, PASS_OWN, Rejection.AUTH_MISMATCH),
    # 11: RFC 2338 5.3.10: all 8 octets
    "auth/right": (datagram(V2_PASS), PASS_OWN, None),
    "auth/last octet": (changed(V2_PASS, 19, 1), PASS_OWN, Rejection.AUTH_FAILED),
    "auth/first octet": (changed(V2_PASS, 12, 0), PASS_OWN, Rejection.AUTH_FAILED),
    "auth/data of type 0 ignored": (changed(V2, 15, 1), V2_OWN, None),
    # 12: RFC 3768 7.1: "MUST verify that the Adver Interval is the same"; RFC 9568 learns it, but 0 (erratum 8301)
    "interval/v2 differs": (changed(V2, 5, 2), V2_OWN, Rejection.INTERVAL),
    "interval/v2 zero": (changed(V2, 5, 0), V2_OWN, Rejection.INTERVAL),
    "interval/v3 differs": (changed(V3, 5, 200), V3_OWN, None),
    "interval/v3 zero": (changed(V3, 5, 0), V3_OWN, Rejection.INTERVAL),
    "interval/v3 zero and reserved bits": (
        summed(replace(changed(V3, 5, 0), payload=with_octet(changed(V3, 5, 0).payload, 4, 0xF0))),
        V3_OWN,
        Rejection.INTERVAL,
    ),
    # 13: RFC 3768 7.1 MAY; "if the packet was not generated by the address owner" MUST drop
    "addresses/v2 differ": (GOOD, replace(V2_OWN, addresses=(IPv4Address("192.0.2.77"),)), Rejection.ADDRESSES),
    "addresses/v2 one more": (
        GOOD,
        replace(V2_OWN, addresses=(*V2.addresses, IPv4Address("192.0.2.77"))),
        Rejection.ADDRESSES,
    ),
    "addresses/v2 none": (datagram(replace(V2, addresses=())), V2_OWN, Rejection.ADDRESSES),
    "addresses/v2 differ, from the owner": (datagram(OWNER), V2_OWN, None),
    "addresses/v2 resign with others": (datagram(replace(OWNER, priority=0)), V2_OWN, Rejection.ADDRESSES),
    "addresses/v3 differ": (datagram(V3), replace(V3_OWN, addresses=V2.addresses), None),
}


@pytest.mark.parametrize(("packet", "own", "verdict"), CHECKS.values(), ids=CHECKS)
def test_check(packet: Datagram, own: Parameters | None, verdict: Rejection | None) -> None:
    """One thing wrong, one reason."""
    assert rejected(packet, own) is verdict


def test_address_order_does_not_matter() -> None:
    """Compared as sets: keepalived and FRR list the same addresses each in its own order."""
    two = replace(V2, addresses=V3.addresses)
    own = replace(receiver(two), addresses=V3.addresses[::-1])
    assert decode(datagram(two), own).addresses == V3.addresses


def test_reserved_bits_are_ignored() -> None:
    """RFC 9568 5.2.6; FRR takes 0xF019 for 614.65 s."""
    assert decode(changed(V3, 4, 0xF0), V3_OWN).interval == 0.25


def test_data_of_type_zero_is_not_kept() -> None:
    """RFC 3768 5.3.10: ignored on receipt."""
    assert decode(changed(V2, 15, 1), V2_OWN) == V2


# What is wrong in each packet is wrong in all that follow, so the first failing check alone decides.
WRONGS: list[tuple[Rejection, Callable[[Datagram], Datagram]]] = [
    (Rejection.ADDRESSES, lambda p: replace(p, payload=with_octet(p.payload, 11, 0x4D))),
    (Rejection.INTERVAL, lambda p: replace(p, payload=with_octet(p.payload, 5, 9))),
    (Rejection.AUTH_FAILED, lambda p: replace(p, payload=with_octet(p.payload, 19, 9))),
    (Rejection.AUTH_MISMATCH, lambda p: replace(p, payload=with_octet(p.payload, 4, 0))),
    (Rejection.AUTH_TYPE, lambda p: replace(p, payload=with_octet(p.payload, 4, 9))),
    (Rejection.VRID, lambda p: replace(p, payload=with_octet(p.payload, 1, 52))),
    (Rejection.CHECKSUM, lambda p: replace(p, payload=with_octet(p.payload, 6, p.payload[6] ^ 1))),
    (Rejection.LENGTH, lambda p: replace(p, payload=with_octet(p.payload, 3, 9))),
    (Rejection.TYPE, lambda p: replace(p, payload=with_octet(p.payload, 0, 0x22))),
    (Rejection.VERSION, lambda p: replace(p, payload=with_octet(p.payload, 0, 0x42))),
    (Rejection.TTL, lambda p: replace(p, hop_limit=254)),
    (Rejection.RUNT, lambda p: replace(p, payload=p.payload[:7])),
    (Rejection.DESTINATION, lambda p: replace(p, destination=PEER4)),
    (Rejection.SOURCE, lambda p: replace(p, source=IPv4Address("0.0.0.0"))),
    (Rejection.OWN_ADDRESS, lambda p: replace(p, source=OWN4)),
]


def test_order_of_checks() -> None:
    """From a packet that only the last check refuses to one that everything is wrong with."""
    packet = datagram(V2_PASS)
    assert rejected(packet, PASS_OWN) is None
    for rejection, spoil in WRONGS:
        packet = spoil(packet)
        if rejection.value.startswith(("add", "int", "auth", "vrid")):
            packet = summed(packet)
        assert rejected(packet, PASS_OWN) is rejection


def test_owner_comes_between_vrid_and_authentication() -> None:
    """The one check that is about us and not about the packet."""
    own = replace(PASS_OWN, priority=255)
    assert rejected(changed(V2_PASS, 4, 9), own) is Rejection.OWNER
    assert rejected(changed(V2_PASS, 1, 52), own) is Rejection.VRID


def test_every_rejection_is_tested() -> None:
    """A new reason needs a row; those of the trailer are in test_trailer.py."""
    of_message = {each for each in Rejection if not each.value.startswith("hmac_")}
    assert {verdict for _, _, verdict in CHECKS.values()} == {None, *of_message}


def test_error_names_reason_and_detail_but_no_password() -> None:
    """It ends in a log."""
    with pytest.raises(PacketError) as caught:
        decode(changed(V2_PASS, 19, 1), PASS_OWN)
    assert (str(caught.value), caught.value.detail) == ("auth_failed: wrong password", "wrong password")


def test_error_names_what_was_heard() -> None:
    """So that an operator can compare the two configurations."""
    with pytest.raises(PacketError, match=r"addresses 192\.0\.2\.100 are not ours"):
        decode(GOOD, replace(V2_OWN, addresses=()))
    with pytest.raises(PacketError, match="addresses none are not ours"):
        decode(datagram(replace(V2, addresses=())), V2_OWN)


def test_vrid_of() -> None:
    """Readable as soon as the fixed part is there."""
    assert vrid_of(GOOD.payload[:8]) == 51
    with pytest.raises(PacketError, match="7 octets"):
        vrid_of(GOOD.payload[:7])
