"""What the kernel has, and changes to it; what is read at once is in `dump`, what it tells in `news`.

What is in a hurry or comes by the hundred, additions, renewals, dumps and news, is done by hand. The removal of one
address is the work of pyroute2 (`iproute`): where it did not run for a second it needs a millisecond, and a new Master
has two until it announces.
Errors are OSError with an errno. A connection that broke is replaced by the next call.
"""

import asyncio
import errno
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vrrpd.config.model import VirtualAddress
from vrrpd.linux import dump, request
from vrrpd.linux.dump import Row
from vrrpd.linux.request import FOREVER, PROTOCOL_MARK, Request
from vrrpd.linux.rtnetlink import (
    IFA_CACHEINFO,
    IFA_FLAGS,
    IFA_PROTO,
    IFF_RUNNING,
    IFF_UP,
    IFLA_ADDRESS,
    IFLA_IFNAME,
    number,
    own_address,
    refusal,
    text,
)
from vrrpd.protocol.messages import Address
from vrrpd.threads import HangingError, Threads

if TYPE_CHECKING:
    from vrrpd.linux.iproute import IpRoute

IFA_F_DADFAILED, IFA_F_TENTATIVE = 0x08, 0x40
ANSWER_TIMEOUT = 2.0
"""Seconds. The kernel answers in less than a millisecond; a call that hangs must not hang the reconciler for ever."""
NOT_THERE = (errno.EADDRNOTAVAIL, errno.ENODEV)
"""The kernel's answers to the removal of what is gone already."""
IMPORT_AFTER = 1.0
"""Seconds after the start, which does not wait for pyroute2."""


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
class Lifetime:
    """One address on the interface of this index, and for how many whole seconds; None: for ever."""

    index: int
    address: VirtualAddress
    seconds: int | None


class Netlink:
    """A connection for single changes and one for many. One that broke or gave no answer is replaced by the next call.

    Whatever it does may block while the kernel is busy: see `kernel.Kernel`.
    """

    def __init__(self) -> None:
        """Nothing is opened yet."""
        self._requests: request.Requests | None = None
        self._single: IpRoute | None = None
        self._is_open = False
        self.busy = 0.0
        """Seconds of the processor that the last snapshot took."""

    async def open(self) -> None:
        """Raises OSError."""
        self._is_open = True
        self._connect()
        asyncio.get_running_loop().call_later(IMPORT_AFTER, self._load)

    @property
    def port(self) -> int:
        """Of the connection for changes; another one where it broke since. Raises OSError."""
        return self._connect().port

    async def close(self) -> None:
        """Give the connections up."""
        self._is_open = False
        self._drop()
        single, self._single = self._single, None
        if single is not None:
            await single.close()

    async def snapshot(self) -> Snapshot:
        """Dump links and addresses. Blocks. Raises OSError."""
        self._connected()
        began = time.thread_time()
        try:
            return _snapshot(dump.links(ANSWER_TIMEOUT), dump.addresses(ANSWER_TIMEOUT))
        finally:
            self.busy = time.thread_time() - began

    async def add(self, index: int, address: VirtualAddress, lifetime: int | None = None) -> None:
        """Add, renew or take over an address, see `request.put`. Raises OSError."""
        self._change(request.put(index, address, lifetime))

    async def renew(self, lifetimes: Sequence[Lifetime]) -> list[int]:
        """Many at once, as `add`. Returns the errno of each, 0: done. Raises OSError if there is no answer.

        No news of it for who watches with `port`, but for IPv6: there the kernel does not say who asked.
        """
        return self._ask([request.put(each.index, each.address, each.seconds) for each in lifetimes], quietly=True)

    async def remove(self, index: int, address: Address, prefix_length: int) -> None:
        """Remove an address. One that is not there is a success. Raises OSError."""
        try:
            if self._single is not None:
                await self._single.remove(index, address, prefix_length)
            else:
                self._change(request.take(index, address, prefix_length))
        except OSError as error:
            if error.errno not in NOT_THERE:
                raise

    async def remove_many(self, places: Sequence[tuple[int, Address, int]]) -> list[int]:
        """As `remove`, at once. Returns and raises as `renew`: a stop has a few seconds for hundreds of addresses."""
        numbers = self._ask([request.take(*each) for each in places])
        return [0 if each in NOT_THERE else each for each in numbers]

    async def ask(self, requests: Sequence[Request]) -> list[int]:
        """Other changes, one after the other. Returns and raises as `renew`."""
        return self._ask(requests)

    def _ask(self, requests: Sequence[Request], *, quietly: bool = False) -> list[int]:
        """Raises OSError if there is no answer to tell."""
        try:
            return self._connect().ask(requests, quietly=quietly)
        except OSError:
            self._drop()
            raise

    def _load(self) -> None:
        """In a thread: a change that is asked for meanwhile must not wait for it."""
        Threads("pyroute2", 1).start(asyncio.get_running_loop(), _iproute).add_done_callback(self._loaded)

    def _loaded(self, loading: "asyncio.Future[type[IpRoute]]") -> None:
        if self._is_open and not isinstance(loading.exception(), HangingError):
            self._single = loading.result()(ANSWER_TIMEOUT)

    def _change(self, change: Request) -> None:
        """One, by hand. Raises OSError."""
        (refused,) = self._ask([change])
        if refused:
            raise refusal(refused)

    def _connected(self) -> None:
        if not self._is_open:
            raise OSError(errno.ENOTCONN, "netlink is not open")

    def _connect(self) -> request.Requests:
        self._connected()
        if self._requests is None:
            self._requests = request.Requests(ANSWER_TIMEOUT)
        return self._requests

    def _drop(self) -> None:
        opened, self._requests = self._requests, None
        if opened is not None:
            opened.close()


def _iproute() -> "type[IpRoute]":
    from vrrpd.linux.iproute import IpRoute  # it takes a tenth of a second

    return IpRoute


def _snapshot(links: list[Row], addresses: list[Row]) -> Snapshot:
    """An address whose interface came in between is left out: its event asks for another look."""
    interfaces = [_interface(each) for each in links]
    names = {each.index: each.name for each in interfaces}
    held = tuple(_held(each, names[each[0][4]]) for each in addresses if each[0][4] in names)
    return Snapshot({each.name: each for each in interfaces}, held)


def _interface(row: Row) -> Interface:
    (_, _, index, flags, _), attributes = row
    up = bool(flags & IFF_UP and flags & IFF_RUNNING)
    return Interface(text(attributes.get(IFLA_IFNAME)), index, up, attributes.get(IFLA_ADDRESS, b""))


def _held(row: Row, interface: str) -> Held:
    (_, prefix_length, few_flags, *_), attributes = row
    flags = number(attributes.get(IFA_FLAGS), few_flags)
    return Held(
        interface,
        own_address(attributes),
        prefix_length,
        marked=number(attributes.get(IFA_PROTO)) == PROTOCOL_MARK,
        usable=not flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED),
        # ifa_cacheinfo: preferred, valid, created, updated
        leased=number(attributes.get(IFA_CACHEINFO, b"")[4:8], FOREVER) != FOREVER,
    )


def error_name(error: OSError) -> str:
    """The name of its errno, such as ENODEV: a closed vocabulary, fit for the label of a metric."""
    return errno.errorcode.get(error.errno or 0, "other")
