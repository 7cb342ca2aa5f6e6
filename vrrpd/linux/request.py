"""Changes of addresses, as the kernel takes them (rtnetlink(7), netlink(7)): many in one message; blocks.

Written by hand: pyroute2 takes half a millisecond for each, and a Master of hundreds of virtual routers renews as many
leases a second. Removals are left to it (`iproute`). A test reads with it what is written here.
"""

import errno
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from vrrpd.config.entries import DetailedAddress, VirtualAddress
from vrrpd.linux.rtnetlink import (
    ADDRESS,
    HEADER,
    IFA_ADDRESS,
    IFA_BROADCAST,
    IFA_CACHEINFO,
    IFA_FLAGS,
    IFA_LABEL,
    IFA_LOCAL,
    IFA_PROTO,
    NLM_F_ACK,
    NLM_F_CREATE,
    NLM_F_REPLACE,
    NLM_F_REQUEST,
    NLMSG_ERROR,
    READ_OCTETS,
    RTM_DELADDR,
    RTM_NEWADDR,
    SCOPES,
    attribute,
    connect,
    messages,
    string,
    u32,
)
from vrrpd.protocol.messages import Address

IFA_F_NODAD = 0x02
HOST_LENGTH = 128
FOREVER = 0xFFFFFFFF
"""INFINITY_LIFE_TIME of linux/if_addr.h."""
PROTOCOL_MARK = 112
"""IFA_PROTO of our addresses: the number of VRRP. Not keepalived's 18 (RTPROT_KEEPALIVED): what carries this mark is
removed at start, and must be ours for certain. Kernels before 5.18 ignore it."""
REMEMBERED = 4096
"""Requests to put an address: each renewal of a lease is one of two or three that are the same every second."""
BATCH_LIMIT = 64
"""Requests in one message. Each that is refused is answered, and the queue of a socket holds some 200 answers."""
QUIETLY = 1 << 31
"""Of a sequence number: `news` has the kernel leave these changes out. The numbers themselves stay below it."""
_CACHE = struct.Struct("=IIII")
"""ifa_cacheinfo: preferred, valid, created, updated."""


@dataclass(frozen=True, slots=True)
class Request:
    """One change: RTM_*, NLM_F_* on top of the usual, and what follows the header."""

    command: int
    flags: int
    body: bytes


@lru_cache(maxsize=REMEMBERED)
def put(index: int, address: VirtualAddress, lifetime: int | None = None) -> Request:
    """Add, renew or take over an address, with our mark. It may be there already.

    `lifetime`: whole seconds until the kernel removes it by itself; None: it stays. IPv6 without duplicate address
    detection, which would keep a new Master from answering for a second, unless asked for.
    """
    detail = address if isinstance(address, DetailedAddress) else None
    attributes = _which(address.ip) + attribute(IFA_PROTO, bytes([PROTOCOL_MARK]))
    if address.version == 6 and (detail is None or detail.nodad):
        attributes += u32(IFA_FLAGS, IFA_F_NODAD)
    if detail is not None:
        attributes += _words(detail)
    lifetimes = lifetimes_of(address, lifetime)
    if lifetimes is not None:
        attributes += attribute(IFA_CACHEINFO, _CACHE.pack(*lifetimes, 0, 0))
    scope = SCOPES[detail.scope] if detail is not None else 0
    body = _fixed(index, address.ip, address.network.prefixlen, scope) + attributes
    return Request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, body)


def lifetimes_of(address: VirtualAddress, lifetime: int | None) -> tuple[int, int] | None:
    """Seconds for which it is preferred and for which it is there; None: both for ever.

    An IPv6 address of length 128 is deprecated, as with keepalived. Else it would match neighbours better than the
    host's own address (RFC 6724 5, rule 8), and connections of the host itself would begin at it and break with it.
    """
    if address.version == 6 and address.network.prefixlen == HOST_LENGTH:
        return 0, FOREVER if lifetime is None else lifetime
    return None if lifetime is None else (lifetime, lifetime)


def take(index: int, address: Address, prefix_length: int) -> Request:
    """Remove an address."""
    return Request(RTM_DELADDR, 0, _fixed(index, address, prefix_length) + _which(address))


def _words(detail: DetailedAddress) -> bytes:
    label = string(IFA_LABEL, detail.label) if detail.label else b""
    return label + (attribute(IFA_BROADCAST, detail.broadcast.packed) if detail.broadcast else b"")


def _fixed(index: int, address: Address, prefix_length: int, scope: int = 0) -> bytes:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    return ADDRESS.pack(family, prefix_length, 0, scope, index)


def _which(address: Address) -> bytes:
    return attribute(IFA_LOCAL, address.packed) + attribute(IFA_ADDRESS, address.packed)


class Requests:
    """One connection. After an OSError of `ask` it is of no use any more: a late answer would meet the next request."""

    def __init__(self, patience: float) -> None:
        """`patience`: seconds to wait for an answer. Raises OSError."""
        self._socket = connect()
        self._socket.settimeout(patience)
        self._sequence = 0

    @property
    def port(self) -> int:
        """Which the kernel's news of our changes name as well."""
        port: int = self._socket.getsockname()[0]
        return port

    def ask(self, requests: Sequence[Request], *, quietly: bool = False) -> list[int]:
        """The errno of each, 0: done. Raises OSError: ETIMEDOUT without an answer. `quietly`: see `QUIETLY`."""
        return [
            number
            for at in range(0, len(requests), BATCH_LIMIT)
            for number in self._some(requests[at:][:BATCH_LIMIT], QUIETLY if quietly else 0)
        ]

    def close(self) -> None:
        """Give the connection up."""
        self._socket.close()

    def _some(self, requests: Sequence[Request], mark: int) -> list[int]:
        """The kernel tells of each that it refuses, in order; that the last one is done is asked for."""
        first = mark + self._next(len(requests))
        final = first + len(requests) - 1
        parts = [_message(each, at, NLM_F_ACK if at == final else 0) for at, each in enumerate(requests, first)]
        self._socket.send(b"".join(parts))
        numbers = [0] * len(requests)
        while True:
            for sequence, number in self._answers():
                if first <= sequence <= final:
                    numbers[sequence - first] = number
                if sequence == final:
                    return numbers

    def _next(self, count: int) -> int:
        """The first of so many sequence numbers. Hundreds of leases a second use all of them up within months."""
        if self._sequence + count >= QUIETLY:
            self._sequence = 0
        first = self._sequence + 1
        self._sequence += count
        return first

    def _answers(self) -> list[tuple[int, int]]:
        """Sequence and errno of each."""
        try:
            read = self._socket.recv(READ_OCTETS)
        except TimeoutError as error:
            raise OSError(errno.ETIMEDOUT, "no answer from netlink") from error
        # nlmsgerr: the error, then the header of what it is about
        return [
            (HEADER.unpack_from(body, 4)[3], -struct.unpack_from("=i", body)[0])
            for kind, _, body in messages(read)
            if kind == NLMSG_ERROR and len(body) >= 4 + HEADER.size
        ]


def _message(request: Request, sequence: int, more: int) -> bytes:
    length = HEADER.size + len(request.body)
    return HEADER.pack(length, request.command, NLM_F_REQUEST | request.flags | more, sequence, 0) + request.body
