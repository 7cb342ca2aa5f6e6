"""What must hold for every input: bytes nobody has thought of, and every advertisement that can be said."""

import contextlib
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.samples import (
    OWN4,
    PEER4,
    PEER6,
    V2,
    V2_PASS,
    V3,
    V3_IPV6,
    datagram,
    receiver,
)
from vrrpd.protocol.ipv4 import from_ipv4
from vrrpd.protocol.messages import (
    Address,
    Advertisement,
    Authentication,
    AuthType,
    Datagram,
    Family,
    Parameters,
    Seconds,
    Version,
)
from vrrpd.protocol.packet import MULTICAST, PacketError, decode, vrid_of

SAMPLES = [V2, V2_PASS, V3, V3_IPV6]

addresses4 = st.ip_addresses(v=4)
addresses6 = st.ip_addresses(v=6)


@st.composite
def advertisements(draw: st.DrawFn) -> Advertisement:
    """Everything the formats can carry: both versions, both families, 0 to 255 addresses, any password."""
    version = draw(st.sampled_from(Version))
    family = draw(st.sampled_from(Family)) if version is Version.V3 else Family.IPV4
    units = draw(st.integers(1, 255 if version is Version.V2 else 4095))
    address = addresses4 if family is Family.IPV4 else addresses6
    # Some few, or very many: hypothesis would seldom reach the limits by itself.
    count = draw(st.integers(1 if version is Version.V3 else 0, 4) | st.sampled_from([1, 254, 255]))
    listed = draw(st.lists(address, min_size=min(count, 4), max_size=min(count, 4)))
    password = st.builds(Authentication, st.just(AuthType.PASS), st.binary(min_size=8, max_size=8))
    return Advertisement(
        version=version,
        vrid=draw(st.integers(1, 255)),
        priority=draw(st.integers(0, 255)),
        interval=Seconds(units / (1 if version is Version.V2 else 100)),
        addresses=tuple((listed * 64)[:count]),
        authentication=draw(st.just(Authentication()) | password) if version is Version.V2 else Authentication(),
    )


@st.composite
def receivers(draw: st.DrawFn) -> Parameters | None:
    """Any virtual router, or none."""
    own = receiver(draw(st.sampled_from(SAMPLES)))
    return draw(st.none() | st.just(replace(own, priority=draw(st.sampled_from([1, 100, 255])))))


def judge(packet: Datagram, own: Parameters | None) -> None:
    """All that a receiver calls; it may refuse, and nothing else."""
    with contextlib.suppress(PacketError):
        vrid_of(packet.payload)
    with contextlib.suppress(PacketError):
        decode(packet, own)


@given(st.binary(max_size=1500), receivers(), st.sampled_from(Family), st.sampled_from([255, 1]))
def test_any_bytes(payload: bytes, own: Parameters | None, family: Family, hop_limit: int) -> None:
    source: Address = PEER4 if family is Family.IPV4 else PEER6
    judge(Datagram("eth0", family, source, MULTICAST[family], hop_limit, payload), own)


@given(st.binary(max_size=100) | st.binary(max_size=100).map(lambda rest: b"\x45" + rest), receivers())
def test_any_bytes_from_a_raw_socket(raw: bytes, own: Parameters | None) -> None:
    with contextlib.suppress(PacketError):
        judge(from_ipv4("eth0", raw), own)


@given(st.sampled_from(SAMPLES), receivers(), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), max_size=4))
def test_any_damage(advertisement: Advertisement, own: Parameters | None, damage: list[tuple[int, int]]) -> None:
    """Nearly valid packets go deepest."""
    packet = datagram(advertisement)
    payload = bytearray(packet.payload)
    for at, value in damage:
        payload[at % len(payload)] = value
    judge(replace(packet, payload=bytes(payload)), own)


@given(st.sampled_from(SAMPLES), st.data())
def test_any_change_is_found_or_means_something_else(advertisement: Advertisement, data: st.DataObject) -> None:
    """One octet changed: the checksum refuses, whatever the octet was."""
    packet = datagram(advertisement)
    at = data.draw(st.integers(0, len(packet.payload) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda value: value != packet.payload[at]))
    payload = packet.payload[:at] + bytes([value]) + packet.payload[at + 1 :]
    with pytest.raises(PacketError):
        decode(replace(packet, payload=payload), receiver(advertisement))


@given(advertisements(), st.booleans())
def test_decode_undoes_encode(advertisement: Advertisement, pseudo_header: bool) -> None:
    """Whatever can be said is heard as it was said."""
    source = OWN4 if not advertisement.addresses else advertisement.addresses[0]
    own = replace(
        receiver(advertisement),
        pseudo_header=pseudo_header,
        primary_address=IPv4Address("203.0.113.1") if source.version == 4 else IPv6Address("fe80::1"),
    )
    assert decode(datagram(advertisement, pseudo_header=pseudo_header), own) == advertisement
