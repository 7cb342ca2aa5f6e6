"""Gratuitous ARP, unsolicited NA and their schedule, octet by octet."""

import struct
from ipaddress import IPv4Address, IPv6Address

import pytest

from vrrpd.protocol.checksum import checksum, ones_complement_sum
from vrrpd.protocol.frames import (
    Claim,
    Schedule,
    arp_probe,
    gratuitous_arp,
    neighbor_solicitation,
    parse_arp,
    parse_na,
    unsolicited_na,
)
from vrrpd.protocol.messages import Seconds

MAC = bytes.fromhex("02000000000a")


def test_gratuitous_arp() -> None:
    """RFC 5227 3: an ARP request, sender and target the same; the target MAC is broadcast, as the peers have it."""
    expected = "ffffffffffff 02000000000a 08060001 0800 06 04 000102000000000a c0000264ffffffffffff c0000264"
    frame = gratuitous_arp(MAC, IPv4Address("192.0.2.100"))
    assert frame == bytes.fromhex(expected)
    assert len(frame) == 42


def test_arp_probe() -> None:
    """RFC 826: an ordinary question; nothing is known of the target's MAC."""
    expected = "ffffffffffff 02000000000a 08060001 0800 06 04 0001 02000000000a c0000201 000000000000 c0000264"
    assert arp_probe(MAC, IPv4Address("192.0.2.1"), IPv4Address("192.0.2.100")) == bytes.fromhex(expected)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        pytest.param(
            "02000000000a 02000000000b 08060001 0800 06 04 0002 02000000000b c0000264 02000000000a c0000201",
            Claim(bytes.fromhex("02000000000b"), IPv4Address("192.0.2.100")),
            id="answer",
        ),
        pytest.param(
            "ffffffffffff 02000000000b 08060001 0800 06 04 0001 02000000000b c0000264 ffffffffffff c0000264"
            + "00" * 18,
            Claim(bytes.fromhex("02000000000b"), IPv4Address("192.0.2.100")),
            id="gratuitous, padded",
        ),
        pytest.param(
            "ffffffffffff 02000000000b 08060001 0800 06 04 0003 02000000000b c0000264 ffffffffffff c0000264",
            None,
            id="RARP",
        ),
        pytest.param(
            "ffffffffffff 02000000000b 08060006 0800 06 04 0001 02000000000b c0000264 ffffffffffff c0000264",
            None,
            id="not Ethernet",
        ),
        pytest.param(
            "ffffffffffff 02000000000b 08000001 0800 06 04 0001 02000000000b c0000264 ffffffffffff c0000264",
            None,
            id="not ARP",
        ),
        pytest.param("ffffffffffff 02000000000b 08060001 0800 06 04 0001 02000000000b", None, id="cut short"),
        pytest.param("", None, id="empty"),
    ],
)
def test_parse_arp(text: str, claim: Claim | None) -> None:
    """Sender's MAC and address of a request or a reply; anything else claims nothing."""
    assert parse_arp(bytes.fromhex(text)) == claim


@pytest.mark.parametrize(("router", "flags"), [(False, "20000000"), (True, "a0000000")])
def test_unsolicited_na(router: bool, flags: str) -> None:
    """RFC 4861 4.4 and 7.2.6: to all nodes, from and about the address, override, R as told, S never."""
    frame = unsolicited_na(MAC, IPv6Address("2001:db8::100"), router=router)
    address = "20010db8000000000000000000000100"
    before = f"333300000001 02000000000a 86dd 60000000 0020 3a ff {address} ff020000000000000000000000000001 8800"
    after = f"{flags} {address} 0201 02000000000a"
    assert len(frame) == 86
    assert frame[:56] == bytes.fromhex(before)
    assert frame[58:] == bytes.fromhex(after)


@pytest.mark.parametrize("router", [False, True])
def test_na_checksum(router: bool) -> None:
    """RFC 4443 2.3: with the IPv6 pseudo header, the sum over all is 0xFFFF."""
    frame = unsolicited_na(MAC, IPv6Address("fe80::5e:100"), router=router)
    assert ones_complement_sum(frame[22:54] + bytes.fromhex("00000020 0000003a") + frame[54:]) == 0xFFFF


def test_neighbor_solicitation() -> None:
    """RFC 4861 4.3: to the solicited-node group, from our own address with our MAC as an option."""
    address = "20010db80000000000000000abcd1234"
    ends = "fe800000000000000000000000000001 ff0200000000000000000001ffcd1234"
    frame = neighbor_solicitation(MAC, IPv6Address("fe80::1"), IPv6Address("2001:db8::abcd:1234"))
    assert frame[:56] == bytes.fromhex(f"3333ffcd1234 02000000000a 86dd 60000000 0020 3a ff {ends} 8700")
    assert frame[58:] == bytes.fromhex(f"00000000 {address} 0101 02000000000a")
    assert ones_complement_sum(frame[22:54] + bytes.fromhex("00000020 0000003a") + frame[54:]) == 0xFFFF


def advertisement(hops: int = 255, kind: int = 136, code: int = 0, flags: str = "60000000", options: str = "") -> bytes:
    """An answer to fe80::a about 2001:db8::100 with the right checksum, whatever else is wrong with it."""
    ends = bytes.fromhex("fe80000000000000000000000000000b fe80000000000000000000000000000a")
    body = bytes.fromhex(f"{flags} 20010db8000000000000000000000100 {options}")
    start = bytes([kind, code])
    right = checksum(ends + struct.pack("!II", len(body) + 4, 58) + start + b"\0\0" + body)
    header = struct.pack("!IHBB", 6 << 28, len(body) + 4, 58, hops)
    return bytes.fromhex("02000000000a 02000000000b 86dd") + header + ends + start + right.to_bytes(2) + body


def damaged(frame: bytes, at: int) -> bytes:
    return frame[:at] + bytes([frame[at] ^ 1]) + frame[at + 1 :]


@pytest.mark.parametrize(
    ("frame", "mac"),
    [
        pytest.param(advertisement(options="0201 02000000000c"), "02000000000c", id="answer"),
        pytest.param(advertisement(options="0e01 000000000000 0201 02000000000c"), "02000000000c", id="options"),
        pytest.param(advertisement(), "02000000000b", id="of its sender"),
        pytest.param(advertisement(options="0200 02000000000c"), "02000000000b", id="option without a length"),
        pytest.param(advertisement() + bytes(8), "02000000000b", id="padded"),
        pytest.param(unsolicited_na(MAC, IPv6Address("2001:db8::100"), router=True), MAC.hex(), id="unsolicited"),
        pytest.param(advertisement(hops=254), None, id="through a router"),
        pytest.param(advertisement(kind=135), None, id="a question"),
        pytest.param(advertisement(code=1), None, id="code"),
        pytest.param(advertisement(flags="40000000"), None, id="a proxy"),
        pytest.param(damaged(advertisement(), 70), None, id="checksum"),
        pytest.param(damaged(advertisement(), 12), None, id="not IPv6"),
        pytest.param(advertisement()[:-1], None, id="cut short"),
        pytest.param(damaged(advertisement(), 18), None, id="longer than it is"),
        pytest.param(b"", None, id="empty"),
    ],
)
def test_parse_na(frame: bytes, mac: str | None) -> None:
    """Who has the address; what no host would believe claims nothing."""
    claim = None if mac is None else Claim(bytes.fromhex(mac), IPv6Address("2001:db8::100"))
    assert parse_na(frame) == claim


@pytest.mark.parametrize("octets", [0, 5, 7, 8])
def test_mac_must_be_six_octets(octets: int) -> None:
    """Another length would shift every field after it."""
    with pytest.raises(ValueError, match=f"6 octets, not {octets}"):
        gratuitous_arp(bytes(octets), IPv4Address("192.0.2.100"))
    with pytest.raises(ValueError, match=f"6 octets, not {octets}"):
        unsolicited_na(bytes(octets), IPv6Address("fe80::1"), router=False)
    with pytest.raises(ValueError, match=f"6 octets, not {octets}"):
        neighbor_solicitation(bytes(octets), IPv6Address("fe80::1"), IPv6Address("fe80::2"))


SCHEDULES = {
    # keepalived's defaults: garp_master_repeat 5, garp_master_delay 5, garp_master_refresh 0
    "keepalived": (Schedule(Seconds(5.0), 5, Seconds(0.0)), [(100.0, 5), (105.0, 5), None, None]),
    "one burst": (Schedule(Seconds(0.0), 5, Seconds(0.0)), [(100.0, 5), None, None]),
    "refresh": (
        Schedule(Seconds(5.0), 3, Seconds(60.0)),
        [(100.0, 3), (105.0, 3), (165.0, 1), (225.0, 1), (285.0, 1)],
    ),
    "refresh, more than one": (Schedule(Seconds(5.0), 3, Seconds(60.0), 2), [(100.0, 3), (105.0, 3), (165.0, 2)]),
    "one burst, refresh": (Schedule(Seconds(0.0), 2, Seconds(10.0)), [(100.0, 2), (110.0, 1), (120.0, 1)]),
    "again": (
        Schedule(Seconds(5.0), 2, Seconds(60.0), again=True),
        [(100.0, 2), (101.0, 2), (103.0, 2), (110.0, 2), (170.0, 1)],
    ),
    "refresh sooner than delay": (Schedule(Seconds(5.0), 2, Seconds(1.0)), [(100.0, 2), (105.0, 2), (106.0, 1)]),
}


@pytest.mark.parametrize(("schedule", "rounds"), SCHEDULES.values(), ids=SCHEDULES)
def test_schedule(schedule: Schedule, rounds: list[tuple[float, int] | None]) -> None:
    """keepalived.conf(5): when each round is due, and how many frames it has for each address."""
    for done, expected in enumerate(rounds):
        due = schedule.due(Seconds(100.0), done)
        assert (None if due is None else (due, schedule.frames(done))) == expected
