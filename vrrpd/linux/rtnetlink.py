"""What messages of netlink(7) and rtnetlink(7) are made of: numbers, headers, attributes. Asks nobody.

By hand: pyroute2 makes a thousand addresses into a hundred thousand objects that refer to each other, which takes ten
times as long, and to collect them stops the whole process for a tenth of a second. Numbers that one module alone needs
are there.
"""

import os
import socket
import struct
import sys
from collections.abc import Iterator, Mapping
from ipaddress import ip_address

from vrrpd.linux.bpf import attach
from vrrpd.protocol.messages import Address

NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP_INTR = 0x1, 0x4, 0x10
NLM_F_DUMP = 0x300
NLM_F_REPLACE, NLM_F_EXCL, NLM_F_CREATE = 0x100, 0x200, 0x400
RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK = 16, 17, 18, 19
RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR = 20, 21, 22
RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE = 24, 25, 26
RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE = 32, 33, 34
IFLA_ADDRESS, IFLA_IFNAME = 1, 3
IFA_ADDRESS, IFA_LOCAL, IFA_LABEL, IFA_BROADCAST, IFA_CACHEINFO, IFA_FLAGS, IFA_PROTO = 1, 2, 3, 4, 6, 8, 11
IFF_UP, IFF_RUNNING = 0x1, 0x40
SCOPES = {"global": 0, "site": 200, "link": 253, "host": 254}
"""RT_SCOPE_*."""
NLA_TYPE_MASK = 0x3FFF
READ_OCTETS = 64 * 1024
"""Of one read; the kernel fills at most 32 KiB."""

HEADER = struct.Struct("=IHHII")
"""nlmsghdr: length, type, flags, sequence, port."""
LINK = struct.Struct("=BxHiII")
"""ifinfomsg: family, type, index, flags, change."""
ADDRESS = struct.Struct("=BBBBI")
"""ifaddrmsg: family, prefix length, flags, scope, index."""
ROUTE = struct.Struct("=BBBBBBBBI")
"""rtmsg: family, lengths of destination and source, TOS, table, protocol, scope, type, flags; fib_rule_hdr is alike."""

_ATTRIBUTE = struct.Struct("=HH")
"""Length with this head, type."""


# --- read -------------------------------------------------------------------------------------------------------------


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


def number(value: bytes | None, otherwise: int = 0) -> int:
    """Of an attribute; `otherwise` where it is missing or empty."""
    return int.from_bytes(value, sys.byteorder) if value else otherwise


def text(value: bytes | None) -> str:
    """Of an attribute, such as the name of an interface, which may have any octets; empty where it is missing."""
    return value.rstrip(b"\0").decode(errors="surrogateescape") if value else ""


def own_address(found: Mapping[int, bytes]) -> Address:
    """Of the attributes of an address: IFA_LOCAL is that of a point-to-point link; IPv6 has IFA_ADDRESS only."""
    return ip_address(found.get(IFA_LOCAL) or found[IFA_ADDRESS])


def refusal(errno: int) -> OSError:
    """What the errno of an answer is raised as."""
    return OSError(errno, os.strerror(errno))


# --- write ------------------------------------------------------------------------------------------------------------


def attribute(kind: int, value: bytes) -> bytes:
    """Each begins at a multiple of four (RTA_ALIGN)."""
    return _ATTRIBUTE.pack(_ATTRIBUTE.size + len(value), kind) + value + bytes(-len(value) % 4)


def u32(kind: int, value: int) -> bytes:
    """An attribute that is a number."""
    return attribute(kind, struct.pack("=I", value))


def string(kind: int, value: str) -> bytes:
    """An attribute that is a text, ended by NUL."""
    return attribute(kind, value.encode(errors="surrogateescape") + b"\0")


# --- sockets ----------------------------------------------------------------------------------------------------------


def connect() -> socket.socket:
    """To ask. Raises OSError."""
    made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    try:
        made.bind((0, 0))  # the kernel chooses the port
    except OSError:
        made.close()
        raise
    return made


def listen(groups: int, program: bytes = b"") -> socket.socket:
    """To hear what is told to these groups (RTMGRP_*); reads do not block. Raises OSError.

    `program`: for the kernel, so that it tells less of it, see `bpf`.
    """
    made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)
    try:
        if program:
            attach(made, program)
        made.bind((0, groups))
    except OSError:
        made.close()
        raise
    return made
