"""All links, addresses, routes of one protocol or rules, as the kernel tells them (rtnetlink(7)); blocks."""

import contextlib
import errno
import socket
import struct

from vrrpd.linux.rtnetlink import (
    ADDRESS,
    HEADER,
    LINK,
    NLM_F_DUMP,
    NLM_F_DUMP_INTR,
    NLM_F_REQUEST,
    NLMSG_DONE,
    NLMSG_ERROR,
    READ_OCTETS,
    ROUTE,
    RTM_GETADDR,
    RTM_GETLINK,
    RTM_GETROUTE,
    RTM_GETRULE,
    attributes,
    connect,
    messages,
    refusal,
    u32,
)

SOL_NETLINK, NETLINK_GET_STRICT_CHK = 270, 12
IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS = 29, 0x8
ATTEMPTS = 4
"""At once, one after the other: a dump takes a millisecond, so only a storm interrupts that many."""

Row = tuple[tuple[int, ...], dict[int, bytes]]
"""The fixed part, and the attributes by their numbers."""


def links(patience: float) -> list[Row]:
    """Every interface: ifinfomsg and IFLA_*. Raises OSError: ETIMEDOUT after `patience` seconds of silence."""
    return _dump(RTM_GETLINK, bytes(LINK.size) + u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS), LINK, patience)


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
        with connect() as asked:  # one for each: what comes late of one that was given up is not the next one's
            asked.settimeout(patience)
            if strict:
                with contextlib.suppress(OSError):
                    asked.setsockopt(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)
            asked.send(request)
            if _read(asked, fixed, rows):
                return rows
    raise OSError(errno.EINTR, "netlink: the dump was interrupted again and again")


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
        raise refusal(number)
