"""How a family asks who has an address, and how it is told: ARP (RFC 826), neighbour discovery (RFC 4861).

The kernel hands up nothing but claims of addresses that we ask for (classic BPF, linux/filter.h), so a busy segment
costs nothing. Neighbour discovery behind extension headers, which no system sends, is not seen.
"""

import ctypes
import socket
import struct
from abc import ABC, abstractmethod
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from typing import Generic, TypeVar

from vrrpd.protocol.frames import Claim, arp_probe, neighbor_solicitation, parse_arp, parse_na
from vrrpd.protocol.messages import Address

SO_ATTACH_FILTER = 26
BPF_LOAD_WORD, BPF_LOAD_OCTET, BPF_JUMP_EQUAL, BPF_RETURN = 0x20, 0x30, 0x15, 0x06
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
        return _load(BPF_LOAD_WORD, SENDER_AT) + _one_of(int(each) for each in addresses)


class _NeighborDiscovery(Resolution[IPv6Address]):
    ethertype = 0x86DD
    kind = IPv6Address

    def question(self, mac: bytes, sender: IPv6Address, address: IPv6Address) -> bytes:
        return neighbor_solicitation(mac, sender, address)

    def parse(self, frame: bytes) -> Claim | None:
        return parse_na(frame)

    def filter(self, addresses: Iterable[IPv6Address]) -> bytes:
        only = _or_nothing(BPF_LOAD_OCTET, NEXT_HEADER_AT, ICMPV6)
        only += _or_nothing(BPF_LOAD_OCTET, TYPE_AT, NEIGHBOR_ADVERTISEMENT)
        tails = {int.from_bytes(each.packed[12:]) for each in addresses}
        return only + _load(BPF_LOAD_WORD, TARGET_TAIL_AT) + _one_of(tails)


ARP: Resolution[IPv4Address] = _Arp()
NEIGHBOR_DISCOVERY: Resolution[IPv6Address] = _NeighborDiscovery()


def attach(made: socket.socket, program: bytes) -> None:
    """Let the kernel filter (struct sock_fprog): how many instructions of 8 octets, and where they are."""
    buffer = ctypes.create_string_buffer(program, len(program))
    made.setsockopt(
        socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    )


def _load(code: int, at: int) -> bytes:
    return struct.pack("@HBBI", code, 0, 0, at)


def _return(octets: int) -> bytes:
    return struct.pack("@HBBI", BPF_RETURN, 0, 0, octets)


def _or_nothing(code: int, at: int, value: int) -> bytes:
    """Go on if it is this there, else the frame is dropped."""
    return _load(code, at) + struct.pack("@HBBI", BPF_JUMP_EQUAL, 1, 0, value) + _return(0)


def _one_of(values: Iterable[int]) -> bytes:
    """What was loaded last; with too many of them whatever it is."""
    wanted = sorted(values)
    if len(wanted) > FILTERED_LIMIT:
        return _return(WHOLE_FRAME)
    checks = (struct.pack("@HBBI", BPF_JUMP_EQUAL, 0, 1, each) + _return(WHOLE_FRAME) for each in wanted)
    return b"".join(checks) + _return(0)
