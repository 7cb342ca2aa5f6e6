"""What the kernel tells of links and addresses as it happens (rtnetlink(7))."""

import asyncio
import errno
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vrrpd.linux import rtnetlink
from vrrpd.linux.bpf import EVERYTHING, LOAD_WORD, hand_up, load, mask, skip
from vrrpd.linux.request import PROTOCOL_MARK, QUIETLY
from vrrpd.linux.rtnetlink import (
    IFA_PROTO,
    IFLA_IFNAME,
    READ_OCTETS,
    RTM_DELADDR,
    RTM_DELLINK,
    RTM_NEWADDR,
    RTM_NEWLINK,
    listen,
)
from vrrpd.protocol.messages import Address

GROUPS = 0x1 | 0x10 | 0x100
"""RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR."""
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
    on_ready: Callable[[], None], on_event: Callable[[Event], None], on_overrun: Callable[[], None], port: int
) -> None:
    """Call `on_event` for each change of links and addresses, until cancelled or overrun. `port`: of who asks for
    changes; what he does quietly is not told.

    `on_ready`: from now on nothing is missed; look at everything. Returns after `on_overrun`, when the kernel has
    dropped events (ENOBUFS): thousands of old ones wait before the next new one, and to watch anew leaves them behind.
    Raises OSError when the connection is lost.
    """
    loop = asyncio.get_running_loop()
    with listen(GROUPS, _not_quiet(port)) as listener:
        on_ready()
        try:
            while True:
                for event in events(await loop.sock_recv(listener, READ_OCTETS)):
                    on_event(event)
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            on_overrun()


def _not_quiet(port: int) -> bytes:
    """For the kernel: sequence and port stand at 8 and 12 of nlmsghdr, and not in network order."""
    return b"".join(
        (
            load(LOAD_WORD, 12),
            skip(socket.htonl(port), other=4),
            load(LOAD_WORD, 8),
            mask(socket.htonl(QUIETLY)),
            skip(0, same=1),
            hand_up(0),
            hand_up(EVERYTHING),
        )
    )


def events(read: bytes) -> Iterator[Event]:
    """Of one read."""
    for kind, _, body in rtnetlink.messages(read):
        if kind in (RTM_NEWADDR, RTM_DELADDR):
            yield _of_address(kind, body)
        elif kind in (RTM_NEWLINK, RTM_DELLINK):
            index: int = rtnetlink.LINK.unpack_from(body)[2]
            found = rtnetlink.attributes(body, rtnetlink.LINK.size)
            yield Event(index, rtnetlink.text(found.get(IFLA_IFNAME)))


def _of_address(kind: int, body: bytes) -> Event:
    _, prefix_length, _, _, index = rtnetlink.ADDRESS.unpack_from(body)
    found = rtnetlink.attributes(body, rtnetlink.ADDRESS.size)
    address = rtnetlink.own_address(found)
    if kind == RTM_DELADDR:
        return Event(index, gone=(address, prefix_length))
    return Event(index, renewed=address if found.get(IFA_PROTO) == _OUR_MARK else None)
