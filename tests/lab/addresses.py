"""When each address of a host came and went, from the kernel's own news (rtnetlink(7))."""

import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from types import TracebackType
from typing import Self

from tests.lab import namespaces
from tests.lab.net import Host, Lan
from tests.lab.waiting import now

RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR = 0x10, 0x100
RTM_NEWADDR, RTM_DELADDR = 20, 21
IFA_ADDRESS, IFA_LOCAL = 1, 2
MESSAGE, ADDRESS, ATTRIBUTE = struct.Struct("=IHHII"), struct.Struct("=BBBBI"), struct.Struct("=HH")
"""nlmsghdr, ifaddrmsg and rtattr of linux/netlink.h, linux/if_addr.h and linux/rtnetlink.h."""
BUFFER = 1 << 16


@dataclass(frozen=True, slots=True)
class Held:
    """A host has an address from now on, or no more. `at`: Unix time, when we read it."""

    at: float
    host: str
    address: str
    held: bool


class AddressNews:
    """Collects them from `__enter__` on, in a thread; a context manager."""

    def __init__(self, lan: Lan) -> None:
        self._lan = lan
        self._news: list[Held] = []
        self._selector = selectors.DefaultSelector()
        self._sockets: list[socket.socket] = []
        self._thread = threading.Thread(target=self._collect, name="addresses", daemon=True)

    def __enter__(self) -> Self:
        self._wake, self._waker = socket.socketpair()
        self._selector.register(self._wake, selectors.EVENT_READ, None)
        for host in self._lan:
            self._sockets.append(namespaces.inside(host.namespace, _listen))
            self._selector.register(self._sockets[-1], selectors.EVENT_READ, host)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waker.send(b"x")
        self._thread.join()
        self._selector.close()
        for each in (*self._sockets, self._wake, self._waker):
            each.close()

    def news(self) -> list[Held]:
        """All so far, in order."""
        return list(self._news)

    def _collect(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                assert isinstance(key.fileobj, socket.socket)
                self._take(key.fileobj.recv(BUFFER), key.data)

    def _take(self, data: bytes, host: Host) -> None:
        at = now()
        self._news += [Held(at, host.name, address, held) for address, held in changes(data)]


def _listen() -> socket.socket:
    made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    made.bind((0, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR))
    return made


def changes(data: bytes) -> Iterator[tuple[str, bool]]:
    """Address and whether it is there now, of each message about an address."""
    while len(data) >= MESSAGE.size:
        length, kind, *_ = MESSAGE.unpack_from(data)
        if kind in (RTM_NEWADDR, RTM_DELADDR):
            yield _address(data[MESSAGE.size : length]), kind == RTM_NEWADDR
        data = data[max(MESSAGE.size, (length + 3) & ~3) :]


def _address(body: bytes) -> str:
    """IFA_LOCAL where there is one: with a peer, IFA_ADDRESS is the peer's."""
    rest, found = body[ADDRESS.size :], {}
    while len(rest) >= ATTRIBUTE.size:
        length, kind = ATTRIBUTE.unpack_from(rest)
        found[kind] = rest[ATTRIBUTE.size : length]
        rest = rest[max(ATTRIBUTE.size, (length + 3) & ~3) :]
    return str(ip_address(found.get(IFA_LOCAL) or found[IFA_ADDRESS]))
