"""Interfaces with a MAC of their own on another one (macvlan; rtnetlink(7), linux/if_link.h): found and changed.

The settings that sysctl knows as net.ipv4.conf.INTERFACE go by netlink, too: it asks for CAP_NET_ADMIN only, and
/proc/sys may be read-only for us.
"""

import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vrrpd.linux import dump
from vrrpd.linux.dump import Row
from vrrpd.linux.request import Request
from vrrpd.linux.rtnetlink import (
    IFF_UP,
    IFLA_ADDRESS,
    IFLA_IFNAME,
    LINK,
    NLM_F_CREATE,
    NLM_F_EXCL,
    RTM_DELLINK,
    RTM_NEWLINK,
    RTM_SETLINK,
    attribute,
    attributes,
    number,
    string,
    text,
    u32,
)

IFLA_LINK, IFLA_LINKINFO, IFLA_IFALIAS, IFLA_AF_SPEC = 5, 18, 20, 26
IFLA_INFO_KIND, IFLA_INFO_DATA, IFLA_MACVLAN_MODE = 1, 2, 1
MODE_BRIDGE = 4
"""In mode private the kernel hands what comes from our own virtual MAC to the macvlan alone, and the interface below is
deaf to a Master with that MAC."""
IFLA_INET_CONF, IFLA_INET6_ADDR_GEN_MODE, GENERATE_NONE = 1, 8, 1
KIND = "macvlan"

RP_FILTER, ARP_FILTER, ARP_ANNOUNCE, ARP_IGNORE, PROMOTE_SECONDARIES, ACCEPT_LOCAL = 8, 13, 18, 19, 20, 23
"""IPV4_DEVCONF_* of linux/ip.h: the sysctls of these names."""


@dataclass(frozen=True, slots=True)
class Device:
    """An interface. `base`: index of the one below it, 0: none. `conf`: its sysctls of IPv4, by number."""

    name: str
    index: int
    enabled: bool
    mac: bytes
    base: int = 0
    kind: str = ""
    mode: int = 0
    alias: str = ""
    conf: Mapping[int, int] = field(default_factory=dict)


def devices(patience: float) -> dict[str, Device]:
    """All interfaces by name. Blocks. Raises OSError as `dump.links`."""
    found = (device(row) for row in dump.links(patience))
    return {each.name: each for each in found}


def device(row: Row) -> Device:
    """From one row of the kernel's answer."""
    (_, _, index, flags, _), has = row
    info = attributes(has.get(IFLA_LINKINFO, b""), 0)
    data = attributes(info.get(IFLA_INFO_DATA, b""), 0)
    families = attributes(has.get(IFLA_AF_SPEC, b""), 0)
    ipv4 = attributes(families.get(socket.AF_INET, b""), 0).get(IFLA_INET_CONF, b"")
    return Device(
        text(has.get(IFLA_IFNAME)),
        index,
        bool(flags & IFF_UP),
        has.get(IFLA_ADDRESS, b""),
        number(has.get(IFLA_LINK)),
        text(info.get(IFLA_INFO_KIND)),
        number(data.get(IFLA_MACVLAN_MODE)),
        text(has.get(IFLA_IFALIAS)),
        dict(_numbered(ipv4)),
    )


def create(name: str, base: int, mac: bytes) -> Request:
    """A macvlan that is down yet."""
    data = attribute(IFLA_INFO_DATA, u32(IFLA_MACVLAN_MODE, MODE_BRIDGE))
    info = attribute(IFLA_INFO_KIND, KIND.encode()) + data
    body = _named(name) + u32(IFLA_LINK, base) + attribute(IFLA_ADDRESS, mac)
    return Request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, body + attribute(IFLA_LINKINFO, info))


def enable(name: str) -> Request:
    """Set it up."""
    return Request(RTM_NEWLINK, 0, _named(name, IFF_UP))


def mark(name: str, alias: str) -> Request:
    """Give it an alias, which `ip link` shows."""
    return Request(RTM_SETLINK, 0, _named(name) + attribute(IFLA_IFALIAS, alias.encode()))


def set_conf(name: str, conf: Mapping[int, int]) -> Request:
    """Set sysctls of IPv4."""
    values = b"".join(u32(key, value) for key, value in conf.items())
    family = attribute(socket.AF_INET, attribute(IFLA_INET_CONF, values))
    return Request(RTM_SETLINK, 0, _named(name) + attribute(IFLA_AF_SPEC, family))


def generate_nothing(name: str) -> Request:
    """No link-local address from its MAC: every router of the group would have the same. Refused without IPv6."""
    family = attribute(socket.AF_INET6, attribute(IFLA_INET6_ADDR_GEN_MODE, bytes([GENERATE_NONE])))
    return Request(RTM_SETLINK, 0, _named(name) + attribute(IFLA_AF_SPEC, family))


def delete(index: int) -> Request:
    """Remove it with all its addresses."""
    return Request(RTM_DELLINK, 0, LINK.pack(0, 0, index, 0, 0))


def _named(name: str, flags: int = 0) -> bytes:
    """The interface of this name; `flags` are set, others left."""
    return LINK.pack(0, 0, 0, flags, flags) + string(IFLA_IFNAME, name)


def _numbered(values: bytes) -> Iterator[tuple[int, int]]:
    """The kernel gives all of them in a row, number 1 first."""
    return enumerate(struct.unpack(f"={len(values) // 4}I", values[: len(values) // 4 * 4]), start=1)
