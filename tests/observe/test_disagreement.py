"""Warnings: who disagrees with us of late."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

import pytest

from tests.observe.samples import OTHER, SECOND, THIRD, VIP, heard, rejected
from vrrpd.engine.journal import AddressConflict, OwnerAnswered
from vrrpd.engine.journal_peers import AddressesDiffer, IntervalDiffers
from vrrpd.observe.disagreement import FORGET_INTERVALS, FORGET_LEAST, WARNINGS_LIMIT, Disagreeing, Disagreements, Kind
from vrrpd.observe.events import TEXT_LIMIT
from vrrpd.protocol.messages import Discard, Rejection, Seconds

DOWN = Seconds(3.5)
MAC = "02:00:00:00:00:0b"


def rival(at: float, source: str = "10.0.0.12") -> Disagreeing:
    return replace(heard(at, 90, source=source), discarded=Discard.RIVAL)


def list_differs(at: float) -> Disagreeing:
    return AddressesDiffer(Seconds(at), "VI_1", OTHER, (THIRD,), (VIP,))


def interval_differs(at: float) -> Disagreeing:
    return IntervalDiffers(Seconds(at), "VI_1", OTHER, Seconds(0.5), SECOND)


def told(*entries: Disagreeing) -> Disagreements:
    made = Disagreements()
    for entry in entries:
        made.heard(entry)
    return made


def keys(made: Disagreements, now: float, down: Seconds = DOWN) -> list[tuple[Kind, str]]:
    return [(kind, peer) for kind, peer, _ in made.recent(Seconds(now), down)]


@pytest.mark.parametrize(
    ("entry", "kind", "peer", "words"),
    [
        (rival(1), Kind.RIVAL, "10.0.0.12", "another Master with priority 90"),
        (rejected(1, Rejection.AUTH_FAILED), Kind.AUTHENTICATION, "10.0.0.12", "password"),
        (rejected(1, Rejection.VERSION), Kind.VERSION, "10.0.0.12", "vrrp_version"),
        (list_differs(1), Kind.ADDRESSES, "10.0.0.12", f"only it has {THIRD}; only we have {VIP}: give all"),
        (interval_differs(1), Kind.INTERVAL, "10.0.0.12", "it advertises each 0.5 s, we each 1 s: give all"),
        (AddressConflict(Seconds(1), "VI_1", VIP, MAC), Kind.ADDRESS_CONFLICT, MAC, f"{MAC} answers for {VIP}"),
        (OwnerAnswered(Seconds(1), "VI_1", VIP, MAC, waiting=False), Kind.SILENT_OWNER, MAC, "firewall"),
    ],
    ids=lambda each: each.value if isinstance(each, Kind) else "",
)
def test_says_who_what_and_what_to_do(entry: Disagreeing, kind: Kind, peer: str, words: str) -> None:
    ((found, who, warned),) = told(entry).recent(Seconds(2), DOWN)
    assert (found, who, warned.count) == (kind, peer, 1)
    assert words in warned.text


@pytest.mark.parametrize("discarded", [None, Discard.LOWER_PRIORITY, Discard.OWN_ADDRESS, Discard.NOT_TAKING_PART])
def test_a_normal_advertisement_disagrees_with_nobody(discarded: Discard | None) -> None:
    assert keys(told(replace(heard(1), discarded=discarded)), 1) == []


def test_another_virtual_router_disagrees_with_nobody() -> None:
    assert keys(told(rejected(1, Rejection.VRID)), 1) == []


def test_every_other_rejection_has_its_kind() -> None:
    made = [keys(told(rejected(1, each)), 1) for each in Rejection if each is not Rejection.VRID]
    assert all(len(each) == 1 for each in made)


def test_repetition_is_counted() -> None:
    ((_, _, warned),) = told(rival(1), rival(2), rival(4)).recent(Seconds(4), DOWN)
    assert (warned.count, warned.since, warned.last) == (3, Seconds(1), Seconds(4))


def test_silence_is_forgiven() -> None:
    """After some Master_Down_Intervals; not sooner than a Master could have asked again."""
    assert len(keys(told(rival(1)), 1 + FORGET_LEAST)) == 1
    assert keys(told(rival(1)), 1.1 + FORGET_LEAST) == []
    slow = Seconds(100.0)
    assert len(keys(told(rival(1)), 1 + FORGET_INTERVALS * slow, slow)) == 1
    assert keys(told(rival(1)), 1.1 + FORGET_INTERVALS * slow, slow) == []


@pytest.mark.parametrize("differs", [list_differs, interval_differs])
def test_a_peer_that_agrees_again_is_forgiven_at_once(differs: Callable[[float], Disagreeing]) -> None:
    """What its advertisement has to be told of comes before it, at the same instant; another peer changes nothing."""
    twice = told(differs(1), heard(1), differs(2), heard(2))
    ((_, _, warned),) = twice.recent(Seconds(2), DOWN)
    assert warned.count == 2
    twice.heard(heard(3, source=str(THIRD)))
    assert len(keys(twice, 3)) == 1
    twice.heard(heard(3))
    assert keys(twice, 3) == []


def test_what_was_refused_is_not_forgiven_for_a_good_packet() -> None:
    """Both may come from one address: from the peer, and from who forges it."""
    assert keys(told(rejected(1, Rejection.ADDRESSES), heard(2)), 2) == [(Kind.ADDRESSES, "10.0.0.12")]


def test_a_list_that_is_as_long_as_a_packet_fits_into_a_line() -> None:
    many = tuple(IPv6Address(0x20010DB8 << 96 | each << 64 | 0xFFFF << 48 | 0xFFFF) for each in range(1, 256))
    ((_, _, warned),) = told(AddressesDiffer(SECOND, "VI_1", OTHER, (), many)).recent(SECOND, DOWN)
    assert "and 247 more: give all" in warned.text
    assert len(warned.text) < TEXT_LIMIT


def test_forged_senders_of_one_kind_leave_the_others_be() -> None:
    """The stalest of the crowd goes; a single rival stays."""
    forged = [
        replace(rejected(2 + each / 100, Rejection.CHECKSUM), source=IPv4Address(0x0A000100 + each))
        for each in range(100)
    ]
    found = keys(told(rival(1), *forged), 4)
    assert len(found) == WARNINGS_LIMIT
    assert found[0] == (Kind.RIVAL, "10.0.0.12")
    assert found[-1] == (Kind.CHECKSUM, str(IPv4Address(0x0A000163)))
