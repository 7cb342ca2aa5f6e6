"""All links, addresses, routes of one protocol or rules, as the kernel tells them (rtnetlink(7), netlink(7)); blocks.

Read by hand: the library makes a thousand addresses into a hundred thousand objects that refer to each other, which
takes ten times as long, and to collect them stops the whole process for a tenth of a second.
"""

import contextlib
import errno
import os
import socket
import struct
from collections.abc import Iterator

NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_REQUEST, NLM_F_DUMP, NLM_F_DUMP_INTR = 0x1, 0x300, 0x10
RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETRULE = 18, 22, 26, 34
SOL_NETLINK, NETLINK_GET_STRICT_CHK = 270, 12
IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS = 29, 0x8
NLA_TYPE_MASK = 0x3FFF
READ_OCTETS = 64 * 1024
"""Of one read; the kernel fills at most 32 KiB."""
ATTEMPTS = 4
"""At once, one after the other: a dump takes a millisecond, so only a storm interrupts that many."""

HEADER = struct.Struct("=IHHII")
"""nlmsghdr: length, type, flags, sequence, port."""
_ATTRIBUTE = struct.Struct("=HH")
"""Length with this head, type."""
LINK = struct.Struct("=BxHiII")
"""ifinfomsg: family, type, index, flags, change."""
ADDRESS = struct.Struct("=BBBBI")
"""ifaddrmsg: family, prefix length, flags, scope, index."""
ROUTE = struct.Struct("=BBBBBBBBI")
"""rtmsg: family, lengths of destination and source, TOS, table, protocol, scope, type, flags; fib_rule_hdr is alike."""

Row = tuple[tuple[int, ...], dict[int, bytes]]
"""The fixed part, and the attributes by their numbers."""


def links(patience: float) -> list[Row]:
    """Every interface: ifinfomsg and IFLA_*. Raises OSError: ETIMEDOUT after `patience` seconds of silence."""
    mask = struct.pack("=HHI", 8, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
    return _dump(RTM_GETLINK, bytes(LINK.size) + mask, LINK, patience)


def addresses(patience: float) -> list[Row]:
    """Every address: ifaddrmsg and IFA_*. Raises as `links`."""
    return _dump(RTM_GETADDR, bytes(ADDRESS.size), ADDRESS, patience)


def routes(family: int, protocol: int, patience: float) -> list[Row]:
    """Every route of this protocol: rtmsg and RTA_*. Raises as `links`.

    The kernel looks for them, as a host may have a million others; one before 4.20 gives them all.
    """
    return _dump(RTM_GETROUTE, ROUTE.pack(family, 0, 0, 0, 0, protocol, 0, 0, 0), ROUTE, patience, strict=True)


def rules(family: int, patience: float) -> list[Row]:
    """Every rule: fib_rule_hdr and FRA_*. Raises as `links`."""
    return _dump(RTM_GETRULE, ROUTE.pack(family, *[0] * 8), ROUTE, patience)


def _dump(command: int, body: bytes, fixed: struct.Struct, patience: float, *, strict: bool = False) -> list[Row]:
    """All of one instant: what came or went during a dump lets the kernel leave others out (it sets
    NLM_F_DUMP_INTR), and our interface would seem to be gone. Raises OSError EINTR if that does not end.
    """
    flags = NLM_F_REQUEST | NLM_F_DUMP
    request = HEADER.pack(HEADER.size + len(body), command, flags, 1, 0) + body
    for _ in range(ATTEMPTS):
        rows: list[Row] = []
        with _connect() as asked:
            asked.settimeout(patience)
            if strict:
                with contextlib.suppress(OSError):
                    asked.setsockopt(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)
            asked.send(request)
            if _read(asked, fixed, rows):
                return rows
    raise OSError(errno.EINTR, "netlink: the dump was interrupted again and again")


def _connect() -> socket.socket:
    """One for each dump: nothing of one that was given up can be taken for the next one's."""
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)


def _read(asked: socket.socket, fixed: struct.Struct, rows: list[Row]) -> bool:
    """To the end of a dump. False: it was interrupted."""
    whole = True
    while True:
        for kind, flags, message in messages(_receive(asked)):
            whole = whole and not flags & NLM_F_DUMP_INTR
            if kind in (NLMSG_ERROR, NLMSG_DONE):
                _refused(message)
                return whole
            rows.append((fixed.unpack_from(message), attributes(message, fixed.size)))


def _receive(asked: socket.socket) -> bytes:
    try:
        return asked.recv(READ_OCTETS)
    except TimeoutError as error:
        raise OSError(errno.ETIMEDOUT, "no answer from netlink") from error


def _refused(message: bytes) -> None:
    """Raises OSError if the last message tells of an error: an errno below 0, or 0."""
    number = -struct.unpack_from("=i", message)[0] if len(message) >= 4 else 0
    if number:
        raise OSError(number, os.strerror(number))


def messages(read: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Type, flags and body of each message of one read."""
    at = 0
    while at + HEADER.size <= len(read):
        length, kind, flags, *_ = HEADER.unpack_from(read, at)
        if length < HEADER.size:
            return
        yield kind, flags, read[at + HEADER.size : at + length]
        at += (length + 3) & ~3


def attributes(message: bytes, at: int) -> dict[int, bytes]:
    """What follows the fixed part, which ends at `at`, by numbers."""
    found: dict[int, bytes] = {}
    while at + _ATTRIBUTE.size <= len(message):
        length, kind = _ATTRIBUTE.unpack_from(message, at)
        if length < _ATTRIBUTE.size:
            break
        found[kind & NLA_TYPE_MASK] = message[at + _ATTRIBUTE.size : at + length]
        at += (length + 3) & ~3
    return found
