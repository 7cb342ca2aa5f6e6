"""What the kernel tells of links and addresses as it happens (rtnetlink(7)), read by hand as in `dump`."""

import asyncio
import errno
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from vrrpd.linux import dump
from vrrpd.linux.request import IFA_ADDRESS, IFA_LOCAL, IFA_PROTO, PROTOCOL_MARK, RTM_DELADDR, RTM_NEWADDR
from vrrpd.protocol.messages import Address

RTM_NEWLINK, RTM_DELLINK = 16, 17
IFLA_IFNAME = 3
GROUPS = 0x1 | 0x10 | 0x100
"""RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR."""
READ_OCTETS = 64 * 1024
_OUR_MARK = bytes([PROTOCOL_MARK])


@dataclass(frozen=True, slots=True)
class Event:
    """Something changed on an interface. `name` is empty for an event about an address.

    `renewed`: an address with our mark is there, as after each renewal of a lease. `gone`: an address that was removed,
    by whomever, and its prefix length.
    """

    index: int
    name: str = ""
    renewed: Address | None = None
    gone: tuple[Address, int] | None = None


async def watch(
    on_ready: Callable[[], None], on_event: Callable[[Event], None], on_overrun: Callable[[], None]
) -> None:
    """Call `on_event` for each change of links and addresses, until cancelled or overrun.

    `on_ready`: from now on nothing is missed; look at everything. Returns after `on_overrun`, when the kernel has
    dropped events (ENOBUFS): thousands of old ones wait before the next new one, and to watch anew leaves them behind.
    Raises OSError when the connection is lost.
    """
    loop = asyncio.get_running_loop()
    with listen() as listener:
        on_ready()
        try:
            while True:
                for event in events(await loop.sock_recv(listener, READ_OCTETS)):
                    on_event(event)
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            on_overrun()


def listen() -> socket.socket:
    """Raises OSError."""
    made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)
    try:
        made.bind((0, GROUPS))
    except OSError:
        made.close()
        raise
    return made


def events(read: bytes) -> Iterator[Event]:
    """Of one read."""
    for kind, _, body in dump.messages(read):
        if kind in (RTM_NEWADDR, RTM_DELADDR):
            yield _of_address(kind, body)
        elif kind in (RTM_NEWLINK, RTM_DELLINK):
            index: int = dump.LINK.unpack_from(body)[2]
            name = dump.attributes(body, dump.LINK.size).get(IFLA_IFNAME, b"")
            yield Event(index, name.rstrip(b"\0").decode(errors="surrogateescape"))


def _of_address(kind: int, body: bytes) -> Event:
    """IFA_LOCAL is the own address of a point-to-point link; IPv6 has IFA_ADDRESS only."""
    _, prefix_length, _, _, index = dump.ADDRESS.unpack_from(body)
    found = dump.attributes(body, dump.ADDRESS.size)
    address = ip_address(found.get(IFA_LOCAL) or found[IFA_ADDRESS])
    if kind == RTM_DELADDR:
        return Event(index, gone=(address, prefix_length))
    return Event(index, renewed=address if found.get(IFA_PROTO) == _OUR_MARK else None)
