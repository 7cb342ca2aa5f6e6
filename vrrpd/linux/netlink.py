"""What the kernel has, and changes to it: a thin wrapper of pyroute2's AsyncIPRoute; what is read at once is in `dump`.

It hides that library's traps: a watch does not end after its first message, errors are OSError with an errno, and a
connection that broke is replaced (the library would answer with its first error for ever).
"""

import asyncio
import contextlib
import errno
import socket
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, TypeVar

from pyroute2 import AsyncIPRoute
from pyroute2.netlink import NLM_F_ACK, NLM_F_CREATE, NLM_F_REPLACE, NLM_F_REQUEST
from pyroute2.netlink.exceptions import NetlinkError
from pyroute2.netlink.rtnl import (
    RTM_DELADDR,
    RTM_NEWADDR,
    RTMGRP_IPV4_IFADDR,
    RTMGRP_IPV6_IFADDR,
    RTMGRP_LINK,
)
from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg

from vrrpd.config.model import VirtualAddress
from vrrpd.linux import dump
from vrrpd.linux.dump import Row
from vrrpd.protocol.messages import Address

T = TypeVar("T")
Message = Mapping[str, Any]
"""A netlink message as pyroute2 gives it: attributes by their short names."""

PROTOCOL_MARK = 112
"""IFA_PROTO of our addresses: the number of VRRP. Not keepalived's 18 (RTPROT_KEEPALIVED): what carries this mark is
removed at start, and must be ours for certain. Kernels before 5.18 ignore it."""

IFF_UP, IFF_RUNNING = 0x1, 0x40
IFA_F_NODAD, IFA_F_DADFAILED, IFA_F_TENTATIVE = 0x02, 0x08, 0x40
FOREVER = 0xFFFFFFFF
ANSWER_TIMEOUT = 2.0
"""Seconds. The kernel answers in less than a millisecond; a call that hangs must not hang the reconciler for ever."""

IFLA_ADDRESS, IFLA_IFNAME = 1, 3
IFA_ADDRESS, IFA_LOCAL, IFA_CACHEINFO, IFA_FLAGS, IFA_PROTO = 1, 2, 6, 8, 11


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface: `up` is administratively up and with carrier; `mac` is empty where there is none."""

    name: str
    index: int
    up: bool
    mac: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """An address that the kernel has.

    `marked`: it carries our mark. `usable`: not tentative, not a duplicate. `leased`: the kernel removes it by itself.
    """

    interface: str
    address: Address
    prefix_length: int
    marked: bool
    usable: bool = True
    leased: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything at one instant, in the kernel's order."""

    interfaces: Mapping[str, Interface]
    addresses: tuple[Held, ...]


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


class Netlink:
    """One connection for changes. One that broke or gave no answer is replaced by the next call.

    Whatever it does may block while the kernel is busy: see `kernel.Kernel`.
    """

    def __init__(self) -> None:
        """Nothing is opened yet."""
        self._ask: AsyncIPRoute | None = None
        self._is_open = False
        self.busy = 0.0
        """Seconds of the processor that the last snapshot took."""

    async def open(self) -> None:
        """Raises OSError."""
        self._is_open = True
        await self._do(_nothing)

    async def close(self) -> None:
        """Give the connection up."""
        self._is_open = False
        await self._drop()

    async def snapshot(self) -> Snapshot:
        """Dump links and addresses. Blocks. Raises OSError."""
        if not self._is_open:
            raise OSError(errno.ENOTCONN, "netlink is not open")
        began = time.thread_time()
        try:
            return _snapshot(dump.links(ANSWER_TIMEOUT), dump.addresses(ANSWER_TIMEOUT))
        finally:
            self.busy = time.thread_time() - began

    async def add(self, index: int, address: VirtualAddress, lifetime: int | None = None) -> None:
        """Add, renew or take over an address, with our mark. It may be there already. Raises OSError.

        `lifetime`: whole seconds until the kernel removes it by itself; None: it stays. IPv6 without duplicate address
        detection, which would keep a new Master from answering for a second.
        """
        message = _message(index, address.ip, address.network.prefixlen)
        message["attrs"].append(("IFA_PROTO", PROTOCOL_MARK))
        if address.version == 6:
            message["attrs"].append(("IFA_FLAGS", IFA_F_NODAD))
        if lifetime is not None:
            message["attrs"].append(("IFA_CACHEINFO", {"ifa_valid": lifetime, "ifa_preferred": lifetime}))
        await self._do(lambda ask: _change(ask, message, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE))

    async def remove(self, index: int, address: Address, prefix_length: int) -> None:
        """Remove an address. One that is not there is a success. Raises OSError."""
        try:
            message = _message(index, address, prefix_length)
            await self._do(lambda ask: _change(ask, message, RTM_DELADDR))
        except OSError as error:
            if error.errno not in (errno.EADDRNOTAVAIL, errno.ENODEV):
                raise

    async def _do(self, call: Callable[[AsyncIPRoute], Awaitable[T]]) -> T:
        """One call, of `ANSWER_TIMEOUT` at most. Raises OSError, also where the kernel refuses."""
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):  # wait_for may lose a cancellation (Python 3.11)
                return await call(self._ask or await self._connect())
        except NetlinkError as error:
            raise OSError(error.code, str(error)) from error
        except TimeoutError as error:
            await self._drop()
            raise OSError(errno.ETIMEDOUT, "no answer from netlink") from error
        except (OSError, asyncio.CancelledError):  # an answer that nobody waits for must not meet the next call
            await self._drop()
            raise

    async def _connect(self) -> AsyncIPRoute:
        if not self._is_open:
            raise OSError(errno.ENOTCONN, "netlink is not open")
        self._ask = AsyncIPRoute()
        try:
            return await self._ask.__aenter__()
        except KeyError as error:  # the library tried 180 addresses of its own
            raise OSError(errno.EADDRINUSE, "netlink: no free address") from error

    async def _drop(self) -> None:
        """Whatever state it is in."""
        ask, self._ask = self._ask, None
        if ask is not None:
            with contextlib.suppress(OSError):
                await ask.__aexit__(None, None, None)


async def _nothing(_: AsyncIPRoute) -> None:
    """To connect is all."""


def _message(index: int, address: Address, prefix_length: int) -> ifaddrmsg:
    """To add or to remove. Made by hand: the library's `addr` takes twice as long, and a Master is waiting for it."""
    message = ifaddrmsg()
    message["family"] = socket.AF_INET if address.version == 4 else socket.AF_INET6
    message["index"], message["prefixlen"] = index, prefix_length
    message["attrs"] = [("IFA_LOCAL", str(address)), ("IFA_ADDRESS", str(address))]
    return message


async def _change(ask: AsyncIPRoute, message: ifaddrmsg, command: int, flags: int = 0) -> None:
    """Wait for the kernel's answer. Raises NetlinkError where it refuses."""
    answer = await ask.nlm_request(message, command, NLM_F_REQUEST | NLM_F_ACK | flags)
    _ = [each async for each in answer]


def _snapshot(links: list[Row], addresses: list[Row]) -> Snapshot:
    """An address whose interface came in between is left out: its event asks for another look."""
    interfaces = [_interface(each) for each in links]
    names = {each.index: each.name for each in interfaces}
    held = tuple(_held(each, names[each[0][4]]) for each in addresses if each[0][4] in names)
    return Snapshot({each.name: each for each in interfaces}, held)


async def watch(
    on_ready: Callable[[], None], on_event: Callable[[Event], None], on_overrun: Callable[[], None]
) -> None:
    """Call `on_event` for each change of links and addresses, until cancelled or overrun.

    `on_ready`: from now on nothing is missed; look at everything. Returns after `on_overrun`, when the kernel has
    dropped events (ENOBUFS): thousands of old ones wait before the next new one, and to watch anew leaves them behind.
    Raises OSError when the connection is lost.
    """
    groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR
    try:
        async with AsyncIPRoute() as listener:
            await listener.bind(groups=groups)
            on_ready()
            while True:  # get() ends after each batch
                async for message in _messages(listener):
                    on_event(_event(message))
    except NetlinkError as error:  # not an OSError, though it looks like one
        raise OSError(error.code, str(error)) from error
    except OSError as error:
        if error.errno != errno.ENOBUFS:
            raise
        on_overrun()


async def _messages(listener: AsyncIPRoute) -> AsyncIterator[Message]:
    async for message in listener.get():
        yield message


def _event(message: Message) -> Event:
    if message["event"] == "RTM_NEWADDR" and message.get("proto") == PROTOCOL_MARK:
        return Event(message["index"], renewed=_address(message))
    if message["event"] == "RTM_DELADDR":
        return Event(message["index"], gone=(_address(message), message["prefixlen"]))
    return Event(message["index"], message.get("ifname") or "")


def _address(message: Message) -> Address:
    """IFA_LOCAL is the own address of a point-to-point link; IPv6 has IFA_ADDRESS only."""
    return ip_address(str(message.get("local") or message.get("address")))


def _interface(row: Row) -> Interface:
    (_, _, index, flags, _), attributes = row
    up = bool(flags & IFF_UP and flags & IFF_RUNNING)
    name = attributes.get(IFLA_IFNAME, b"").rstrip(b"\0").decode(errors="surrogateescape")
    return Interface(name, index, up, attributes.get(IFLA_ADDRESS, b""))


def _held(row: Row, interface: str) -> Held:
    """IFA_LOCAL is the own address of a point-to-point link; IPv6 has IFA_ADDRESS only."""
    (_, prefix_length, few_flags, *_), attributes = row
    flags = _number(attributes.get(IFA_FLAGS), few_flags)
    return Held(
        interface,
        ip_address(attributes.get(IFA_LOCAL) or attributes[IFA_ADDRESS]),
        prefix_length,
        marked=_number(attributes.get(IFA_PROTO), 0) == PROTOCOL_MARK,
        usable=not flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED),
        # ifa_cacheinfo: preferred, valid, created, updated
        leased=_number(attributes.get(IFA_CACHEINFO, b"")[4:8], FOREVER) != FOREVER,
    )


def _number(value: bytes | None, otherwise: int) -> int:
    return int.from_bytes(value, sys.byteorder) if value else otherwise


def error_name(error: OSError) -> str:
    """The name of its errno, such as ENODEV: a closed vocabulary, fit for the label of a metric."""
    return errno.errorcode.get(error.errno or 0, "other")
