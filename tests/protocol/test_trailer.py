"""The trailer of auth_hmac: its octets, what it proves, and what is refused; the vectors are those of the draft."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.samples import PEER4, V2, V2_PASS, V3, V3_IPV6, ends_of, receiver, with_octet
from tests.protocol.test_properties import advertisements
from vrrpd.protocol.messages import Advertisement, Datagram, Family, Parameters, Rejection
from vrrpd.protocol.packet import HOP_LIMIT, PacketError, decode, encode
from vrrpd.protocol.trailer import (
    MARKS_LIMIT,
    TRAILER_OCTETS,
    Fault,
    Key,
    Marks,
    Mode,
    Signing,
    Source,
    TrailerError,
    check,
    next_number,
    seal,
)

FIRST, SECOND = Key(1, bytes(range(32))), Key(2, b"a passphrase of forty-one octets, or so.")
SIGNING = Signing((FIRST,), 1, window=None)
NUMBER = 0x6800000080000000
"""Of the vectors: 0x68000000 seconds and a half."""
SENT = float(0x68000000) + 0.5


# --- the vectors --------------------------------------------------------------------------------------------------

VECTORS = {
    # draft-cassen-vrrp-auth-hmac, appendix: message, trailer
    "IPv4": (
        "198.51.100.10",
        "3133c80100644402c0000264",
        "0101000068000000800000001b84bc4e8e43892dc6d98448f8ee2265",
    ),
    "IPv6": (
        "fe80::10",
        "3133c8010064a2e9fe800000000000000000000000000100",
        "010100006800000080000000c8c56146ebfd66ee10ec4d8186461b78",
    ),
}


@pytest.mark.parametrize(("source", "message", "trailer"), VECTORS.values(), ids=VECTORS)
def test_vectors(source: str, message: str, trailer: str) -> None:
    """What we make is what the draft prints, octet for octet; and we take it."""
    made = seal(SIGNING, NUMBER, ip_address(source), bytes.fromhex(message))
    assert made.hex() == trailer
    assert len(made) == TRAILER_OCTETS
    marks = check(SIGNING, ip_address(source), bytes.fromhex(message), made, (), SENT)
    assert marks == ((ip_address(source).packed, NUMBER),)


# --- one octet changed --------------------------------------------------------------------------------------------

SOURCE = ip_address("fe80::10")
MESSAGE, TRAILER = bytes.fromhex(VECTORS["IPv6"][1]), bytes.fromhex(VECTORS["IPv6"][2])

CHANGED = {
    # what is behind the message begins at 24
    "version": (0, Fault.WRONG),
    "VRID": (1, Fault.WRONG),
    "priority": (2, Fault.WRONG),
    "interval": (5, Fault.WRONG),
    "checksum": (7, None),  # the kernel of an IPv6 sender computes it afterwards
    "last octet of the address": (23, Fault.WRONG),
    "type": (24, Fault.MALFORMED),
    "key id": (25, Fault.UNKNOWN_KEY),
    "reserved": (26, Fault.MALFORMED),
    "reserved, second octet": (27, Fault.MALFORMED),
    "seconds": (31, Fault.WRONG),
    "fraction": (32, Fault.WRONG),
    "counter": (35, Fault.WRONG),
    "first octet of the MAC": (36, Fault.WRONG),
    "last octet of the MAC": (51, Fault.WRONG),
}


def fault(look: Callable[[], object]) -> Fault | None:
    """The verdict; None: accepted."""
    try:
        look()
    except TrailerError as error:
        return error.fault
    return None


@pytest.mark.parametrize(("at", "expected"), CHANGED.values(), ids=CHANGED)
def test_one_octet_changed(at: int, expected: Fault | None) -> None:
    """All of the message is under the MAC but its checksum."""
    image = with_octet(MESSAGE + TRAILER, at, (MESSAGE + TRAILER)[at] ^ 1)
    assert fault(lambda: check(SIGNING, SOURCE, image[:24], image[24:], (), SENT)) is expected


def test_another_source() -> None:
    """What one router signed another cannot send as its own."""
    assert fault(lambda: check(SIGNING, ip_address("fe80::20"), MESSAGE, TRAILER, (), SENT)) is Fault.WRONG


# --- modes and keys -----------------------------------------------------------------------------------------------

MODES = {
    "enforce": (Mode.ENFORCE, True, Fault.MISSING),
    "permissive": (Mode.PERMISSIVE, True, None),
    "receive-only": (Mode.RECEIVE_ONLY, False, None),
}


@pytest.mark.parametrize(("mode", "signs", "missing"), MODES.values(), ids=MODES)
def test_modes(mode: Mode, signs: bool, missing: Fault | None) -> None:
    """A missing trailer is the only thing that any mode excuses."""
    own = replace(SIGNING, mode=mode)
    assert own.signs is signs
    assert fault(lambda: check(own, SOURCE, MESSAGE, b"", (), SENT)) is missing
    assert fault(lambda: check(own, SOURCE, MESSAGE, TRAILER, (), SENT)) is None
    wrong = with_octet(TRAILER, 12, TRAILER[12] ^ 1)
    assert fault(lambda: check(own, SOURCE, MESSAGE, wrong, (), SENT)) is Fault.WRONG


def test_any_key_is_taken_and_one_signs() -> None:
    """Keys are changed without a gap: the new one everywhere first, then as the active one."""
    before, between = Signing((FIRST, SECOND), 1, window=None), Signing((FIRST, SECOND), 2, window=None)
    old, new = (seal(each, NUMBER, SOURCE, MESSAGE) for each in (before, between))
    assert (old[1], new[1]) == (1, 2)
    for each in (old, new):
        assert fault(lambda each=each: check(before, SOURCE, MESSAGE, each, (), SENT)) is None  # type: ignore[misc]
    assert fault(lambda: check(SIGNING, SOURCE, MESSAGE, new, (), SENT)) is Fault.UNKNOWN_KEY
    other = replace(SIGNING, keys=(Key(1, SECOND.secret),))
    assert fault(lambda: check(other, SOURCE, MESSAGE, old, (), SENT)) is Fault.WRONG


def test_a_key_that_is_not_there_signs_nothing() -> None:
    """The configuration refuses that first."""
    with pytest.raises(ValueError, match="no key 3"):
        seal(replace(SIGNING, active=3), NUMBER, SOURCE, MESSAGE)


def test_secrets_are_not_shown() -> None:
    """Logs and tracebacks print these by repr and str."""
    shown = f"{SECOND!r} {Signing((SECOND,), 2)} {receiver(V3)}"
    assert "passphrase" not in shown
    assert "Key(2)" in shown


# --- lately, and once ---------------------------------------------------------------------------------------------

LATELY = {
    "the same second": (0, None),
    "5 s old": (5, None),
    "6 s old": (6, Fault.STALE),
    "5 s ahead": (-5, None),
    "6 s ahead": (-6, Fault.STALE),
    "two hours old": (7200, Fault.STALE),
}


@pytest.mark.parametrize(("later", "expected"), LATELY.values(), ids=LATELY)
def test_window(later: float, expected: Fault | None) -> None:
    """By the clocks of both; monotonic compares none."""
    own = replace(SIGNING, window=5)
    assert fault(lambda: check(own, SOURCE, MESSAGE, TRAILER, (), SENT + later)) is expected
    assert fault(lambda: check(SIGNING, SOURCE, MESSAGE, TRAILER, (), SENT + later)) is None


def test_a_wrong_clock_is_told_before_a_wrong_key() -> None:
    """Old messages in a flood cost no MAC each."""
    own = Signing((SECOND,), 2, window=5)
    assert fault(lambda: check(own, SOURCE, MESSAGE, TRAILER, (), SENT + 9)) is Fault.STALE


def sealed(number: int, source: Source = SOURCE) -> bytes:
    return seal(SIGNING, number, source, MESSAGE)


@pytest.mark.parametrize("window", [5, None], ids=["time", "monotonic"])
def test_not_twice_and_not_backwards(window: int | None) -> None:
    """The last number of each sender counts; what is refused changes nothing."""
    own = replace(SIGNING, window=window)
    marks = check(own, SOURCE, MESSAGE, sealed(NUMBER + 1), (), SENT)
    for number in (NUMBER + 1, NUMBER, NUMBER - 1):
        look = partial(check, own, SOURCE, MESSAGE, sealed(number), marks, SENT)
        assert fault(look) is Fault.REPLAYED
    assert check(own, SOURCE, MESSAGE, sealed(NUMBER + 2), marks, SENT) == ((SOURCE.packed, NUMBER + 2),)
    other = ip_address("fe80::20")
    both = check(own, other, MESSAGE, sealed(NUMBER, other), marks, SENT)
    assert both == (*marks, (other.packed, NUMBER))


def test_a_sender_whose_clock_was_wrong_is_heard_again() -> None:
    """A mark that the window would refuse anyway is no reason to be deaf for an hour; without clocks it is one."""
    ahead: Marks = ((SOURCE.packed, NUMBER + (3600 << 32)),)
    own = replace(SIGNING, window=5)
    assert check(own, SOURCE, MESSAGE, TRAILER, ahead, SENT) == ((SOURCE.packed, NUMBER),)
    assert fault(lambda: check(SIGNING, SOURCE, MESSAGE, TRAILER, ahead, SENT)) is Fault.REPLAYED


def test_the_marks_are_bounded() -> None:
    """Who was heard longest ago is forgotten."""
    marks: Marks = tuple((number.to_bytes(16), NUMBER) for number in range(MARKS_LIMIT))
    after = check(SIGNING, SOURCE, MESSAGE, TRAILER, marks, SENT)
    assert after == (*marks[1:], (SOURCE.packed, NUMBER))


# --- the number of the next message -------------------------------------------------------------------------------

NEXT = {
    "the first": (None, SENT, 5, NUMBER),
    "the clock": (NUMBER - 1, SENT, 5, NUMBER),
    "the same instant": (NUMBER, SENT, 5, NUMBER + 1),
    "set back a little": (NUMBER, SENT - 5, 5, NUMBER + 1),
    "set back beyond the window": (NUMBER, SENT - 3600, 5, NUMBER - (3600 << 32)),
    "set back, monotonic": (NUMBER, SENT - 3600, None, NUMBER + 1),
    "the counter runs over": (NUMBER | 0xFFFF, SENT, 5, (NUMBER | 0xFFFF) + 1),
    "after 2106": ((1 << 64) - 1, 0.5, 5, 0x80000000),
    "the first after 2038": (None, float(0x90000000), None, 0x90000000 << 32),
}


@pytest.mark.parametrize(("last", "wall", "window", "expected"), NEXT.values(), ids=NEXT)
def test_next_number(last: int | None, wall: float, window: int | None, expected: int) -> None:
    """The larger of the clock and one more than the last; a clock that was set back far is followed."""
    assert next_number(last, wall, window) == expected


# --- behind an advertisement --------------------------------------------------------------------------------------


def on_the_wire(advertisement: Advertisement, signing: Signing | None, number: int = NUMBER) -> Datagram:
    """As it arrives; None: without a trailer."""
    source, destination = ends_of(advertisement)
    sign = partial(seal, signing, number, source) if signing else None
    payload = encode(advertisement, source, destination, seal=sign)
    return Datagram(
        "eth0", Family.IPV4 if source.version == 4 else Family.IPV6, source, destination, HOP_LIMIT, payload
    )


def verdict(packet: Datagram, own: Parameters, marks: Marks = ()) -> Advertisement | Rejection:
    """What is heard, or why not."""

    def verify(source: Source, message: bytes, trailer: bytes) -> None:
        assert own.signing is not None
        check(own.signing, source, message, trailer, marks, SENT)

    try:
        return decode(packet, own, verify)
    except PacketError as error:
        return error.rejection


ALL = {"v2": V2, "v2 pass": V2_PASS, "v3": V3, "v3 ipv6": V3_IPV6}


@pytest.mark.parametrize("advertisement", ALL.values(), ids=ALL)
def test_both_versions_and_families(advertisement: Advertisement) -> None:
    """The message before the trailer is the same as without one, but that the checksum of IPv6 is over both."""
    own = replace(receiver(advertisement), signing=SIGNING)
    signed, plain = on_the_wire(advertisement, SIGNING), on_the_wire(advertisement, None)
    assert len(signed.payload) == len(plain.payload) + TRAILER_OCTETS
    same = signed.payload[: len(plain.payload)] == plain.payload
    assert same is (advertisement is not V3_IPV6)
    assert verdict(signed, own) == advertisement
    assert verdict(plain, own) is Rejection.HMAC_MISSING
    assert verdict(plain, replace(own, signing=replace(SIGNING, mode=Mode.PERMISSIVE))) == advertisement
    assert verdict(signed, receiver(advertisement)) is Rejection.HMAC_UNEXPECTED
    assert verdict(signed, own, ((signed.source.packed, NUMBER),)) is Rejection.HMAC_REPLAYED
    assert verdict(on_the_wire(advertisement, Signing((Key(1, SECOND.secret),), 1)), own) is Rejection.HMAC_WRONG


def test_every_fault_is_a_rejection() -> None:
    """They are label values of the same metric."""
    assert {each.value for each in Fault} <= {each.value for each in Rejection}


def test_a_strangers_trailer_is_no_fault() -> None:
    """Another VRID on the link may be signed or not: it is none of our business."""
    for signing in (SIGNING, None):
        with pytest.raises(PacketError) as caught:
            decode(on_the_wire(V2, signing), None)
        assert caught.value.rejection is Rejection.VRID


def test_who_has_keys_never_hears_without_looking() -> None:
    """A caller that forgets to verify is a defect, not a way in."""
    with pytest.raises(ValueError, match="must verify"):
        decode(on_the_wire(V2, None), replace(receiver(V2), signing=SIGNING))


@pytest.mark.parametrize("octets", [1, 27, 29, 56])
def test_other_lengths(octets: int) -> None:
    """A whole trailer or none."""
    packet = on_the_wire(V2, None)
    longer = replace(packet, payload=packet.payload + bytes(octets))
    assert verdict(longer, replace(receiver(V2), signing=SIGNING)) is Rejection.LENGTH


@given(advertisements(), st.binary(min_size=32, max_size=64), st.integers(0, (1 << 64) - 1), st.integers(1, 255))
def test_round_trip(advertisement: Advertisement, secret: bytes, number: int, identity: int) -> None:
    """Whatever can be said can be signed, and is heard with the same key; with another it is not."""
    source, destination = ends_of(advertisement)
    signing = Signing((Key(identity, secret),), identity, window=None)
    payload = encode(advertisement, source, destination, seal=partial(seal, signing, number, source))
    family = Family.IPV4 if source.version == 4 else Family.IPV6
    packet = Datagram("eth0", family, source, destination, HOP_LIMIT, payload)
    own = replace(receiver(advertisement), signing=signing)
    assert verdict(packet, own) == advertisement
    other = replace(signing, keys=(Key(identity, bytes(each ^ 1 for each in secret)),))
    assert verdict(packet, replace(own, signing=other)) is Rejection.HMAC_WRONG


@given(st.binary(min_size=TRAILER_OCTETS, max_size=TRAILER_OCTETS), st.sampled_from(Mode))
def test_nobody_guesses_it(trailer: bytes, mode: Mode) -> None:
    """Any other octets are refused, for one of the reasons there are."""
    own = replace(SIGNING, mode=mode)
    assert fault(lambda: check(own, PEER4, on_the_wire(V2, None).payload, trailer, (), SENT)) is not None
