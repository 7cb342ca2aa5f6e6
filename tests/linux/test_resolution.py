"""The filter that the kernel gets; sockets on a wire: tests/kernel/test_disagreement.py and test_rival_ipv6.py."""

from ipaddress import IPv4Address, IPv6Address

import pytest

from tests.linux.filters import run
from vrrpd.linux.resolution import (
    ARP,
    FILTERED_LIMIT,
    NEIGHBOR_DISCOVERY,
    WHOLE_FRAME,
)
from vrrpd.protocol.frames import arp_probe, gratuitous_arp, neighbor_solicitation, unsolicited_na

MAC = bytes.fromhex("02000000000b")
FIRST, SECOND, OTHER = IPv4Address("192.0.2.100"), IPv4Address("192.0.2.101"), IPv4Address("192.0.2.102")
SIX, SEVEN, EIGHT = (IPv6Address(f"2001:db8::{each}") for each in (6, 7, 8))
OWN = IPv6Address("fe80::1")
BPF_MAXINSNS = 4096


@pytest.mark.parametrize(("address", "octets"), [(FIRST, WHOLE_FRAME), (SECOND, WHOLE_FRAME), (OTHER, 0)])
def test_only_claims_of_our_addresses_pass(address: IPv4Address, octets: int) -> None:
    assert run(ARP.filter({FIRST, SECOND}), gratuitous_arp(MAC, address)) == octets


@pytest.mark.parametrize(("address", "octets"), [(SIX, WHOLE_FRAME), (SEVEN, WHOLE_FRAME), (EIGHT, 0)])
def test_only_advertisements_of_our_addresses_pass(address: IPv6Address, octets: int) -> None:
    assert run(NEIGHBOR_DISCOVERY.filter({SIX, SEVEN}), unsolicited_na(MAC, address, router=False)) == octets


def test_nothing_else_of_ipv6_passes() -> None:
    """Neither questions, nor what is no ICMPv6 but looks like an advertisement further on."""
    program = NEIGHBOR_DISCOVERY.filter({SIX})
    assert run(program, neighbor_solicitation(MAC, OWN, SIX)) == 0
    found = unsolicited_na(MAC, SIX, router=False)
    assert run(program, found[:20] + b"\x06" + found[21:]) == 0


def test_addresses_with_the_same_end_need_one_instruction() -> None:
    """Link-local and global ones often have; what belongs to nobody is sorted out later."""
    one, two = IPv6Address("fe80::100"), IPv6Address("2001:db8::100")
    assert NEIGHBOR_DISCOVERY.filter({one, two}) == NEIGHBOR_DISCOVERY.filter({one})


@pytest.mark.parametrize("count", [FILTERED_LIMIT, FILTERED_LIMIT + 1])
def test_the_program_fits_the_kernel(count: int) -> None:
    """With too many addresses every claim passes and is sorted out later."""
    for program, last, stranger in (
        (
            ARP.filter(FIRST + each for each in range(count)),
            gratuitous_arp(MAC, FIRST + count - 1),
            gratuitous_arp(MAC, FIRST - 1),
        ),
        (
            NEIGHBOR_DISCOVERY.filter(SIX + each for each in range(count)),
            unsolicited_na(MAC, SIX + count - 1, router=False),
            unsolicited_na(MAC, SIX - 1, router=False),
        ),
    ):
        assert len(program) // 8 <= BPF_MAXINSNS
        assert run(program, last) == WHOLE_FRAME
        assert (run(program, stranger) == 0) is (count <= FILTERED_LIMIT)


def test_each_asks_and_reads_its_own_protocol() -> None:
    """And takes the addresses of its family out of any."""
    assert ARP.question(MAC, FIRST, SECOND) == arp_probe(MAC, FIRST, SECOND)
    assert NEIGHBOR_DISCOVERY.question(MAC, OWN, SIX) == neighbor_solicitation(MAC, OWN, SIX)
    for resolution, own in ((ARP, FIRST), (NEIGHBOR_DISCOVERY, SIX)):
        assert resolution.of((FIRST, SIX)) == [own]
    heard = ARP.parse(gratuitous_arp(MAC, FIRST)), NEIGHBOR_DISCOVERY.parse(unsolicited_na(MAC, SIX, router=True))
    assert [each.address for each in heard if each] == [FIRST, SIX]
