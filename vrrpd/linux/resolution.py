"""How a family asks who has an address, and how it is told: ARP (RFC 826), neighbour discovery (RFC 4861).

The kernel hands up nothing but claims of addresses that we ask for (`bpf`), so a busy segment
costs nothing. Neighbour discovery behind extension headers, which no system sends, is not seen.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from typing import Generic, TypeVar

from vrrpd.linux.bpf import LOAD_OCTET, LOAD_WORD, hand_up, load, skip
from vrrpd.protocol.frames import Claim, arp_probe, neighbor_solicitation, parse_arp, parse_na
from vrrpd.protocol.messages import Address

SENDER_AT = 28
"""Octets from the start of an ARP frame to the sender's address."""
NEXT_HEADER_AT, TYPE_AT, TARGET_TAIL_AT = 20, 54, 74
"""Octets from the start of a frame with IPv6 and ICMPv6; the last four octets of the target."""
ICMPV6, NEIGHBOR_ADVERTISEMENT = 58, 136
WHOLE_FRAME = 128
"""Octets to hand up: an ARP frame has 60 with its padding, an advertisement 86 with its one option."""
FILTERED_LIMIT = 1000
"""Addresses told to the kernel, two instructions each of at most 4096; with more it hands every claim up."""

A = TypeVar("A", IPv4Address, IPv6Address)


class Resolution(ABC, Generic[A]):
    """Of one family. `ethertype` is what its frames have."""

    ethertype: int
    kind: type[A]

    def of(self, addresses: Iterable[Address]) -> list[A]:
        """Those of this family."""
        return [each for each in addresses if isinstance(each, self.kind)]

    @abstractmethod
    def question(self, mac: bytes, sender: A, address: A) -> bytes:
        """A whole frame: who has it?"""

    @abstractmethod
    def parse(self, frame: bytes) -> Claim | None:
        """What a frame claims that the filter let pass."""

    @abstractmethod
    def filter(self, addresses: Iterable[A]) -> bytes:
        """A program for the kernel that hands up claims of these, and of others as it may be."""


class _Arp(Resolution[IPv4Address]):
    ethertype = 0x0806
    kind = IPv4Address

    def question(self, mac: bytes, sender: IPv4Address, address: IPv4Address) -> bytes:
        return arp_probe(mac, sender, address)

    def parse(self, frame: bytes) -> Claim | None:
        return parse_arp(frame)

    def filter(self, addresses: Iterable[IPv4Address]) -> bytes:
        return load(LOAD_WORD, SENDER_AT) + _one_of(int(each) for each in addresses)


class _NeighborDiscovery(Resolution[IPv6Address]):
    ethertype = 0x86DD
    kind = IPv6Address

    def question(self, mac: bytes, sender: IPv6Address, address: IPv6Address) -> bytes:
        return neighbor_solicitation(mac, sender, address)

    def parse(self, frame: bytes) -> Claim | None:
        return parse_na(frame)

    def filter(self, addresses: Iterable[IPv6Address]) -> bytes:
        only = _or_nothing(LOAD_OCTET, NEXT_HEADER_AT, ICMPV6)
        only += _or_nothing(LOAD_OCTET, TYPE_AT, NEIGHBOR_ADVERTISEMENT)
        tails = {int.from_bytes(each.packed[12:]) for each in addresses}
        return only + load(LOAD_WORD, TARGET_TAIL_AT) + _one_of(tails)


ARP: Resolution[IPv4Address] = _Arp()
NEIGHBOR_DISCOVERY: Resolution[IPv6Address] = _NeighborDiscovery()


def _or_nothing(code: int, at: int, value: int) -> bytes:
    """Go on if it is this there, else the frame is dropped."""
    return load(code, at) + skip(value, same=1) + hand_up(0)


def _one_of(values: Iterable[int]) -> bytes:
    """What was loaded last; with too many of them whatever it is."""
    wanted = sorted(values)
    if len(wanted) > FILTERED_LIMIT:
        return hand_up(WHOLE_FRAME)
    checks = (skip(each, other=1) + hand_up(WHOLE_FRAME) for each in wanted)
    return b"".join(checks) + hand_up(0)
