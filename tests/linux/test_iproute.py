"""What pyroute2 is asked for, and its traps; the kernel itself is in tests/kernel/test_netlink.py."""

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import IPv4Address, ip_interface
from typing import ClassVar, Self

import pytest
from pyroute2.netlink.exceptions import NetlinkError
from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg

from tests.virtual_time import run_virtual
from vrrpd.linux import iproute
from vrrpd.linux.iproute import IpRoute
from vrrpd.linux.request import put
from vrrpd.linux.rtnetlink import attributes, messages

PATIENCE = 2.0
VIP, SIX = ip_interface("192.0.2.100/24"), ip_interface("2001:db8::64/64")
BROADCAST = IPv4Address("192.0.2.255")


class Library:
    """Stands in for AsyncIPRoute. `script`: what happens to each call, in turn: error or "silence"."""

    made: ClassVar[list["Library"]] = []
    script: ClassVar[list[Exception | str]] = []
    asked: ClassVar[list[tuple[int, int, bytes]]] = []

    def __init__(self) -> None:
        self.is_open = False
        self.made.append(self)

    async def __aenter__(self) -> Self:
        self.is_open = True
        return self

    async def __aexit__(self, *_: object) -> None:
        self.is_open = False

    async def nlm_request(self, message: ifaddrmsg, command: int, flags: int) -> AsyncIterator[object]:
        act = self.script.pop(0) if self.script else ""
        if isinstance(act, Exception):
            raise act
        if act == "silence":
            await asyncio.Event().wait()
        message.encode()
        self.asked.append((command, flags, next(messages(bytes(message.data)))[2]))
        return self._answer()

    async def _answer(self) -> AsyncIterator[object]:
        yield {}


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> type[Library]:
    for name in ("made", "script", "asked"):
        monkeypatch.setattr(Library, name, [])
    monkeypatch.setattr(iproute, "AsyncIPRoute", Library)
    return Library


def play(library: type[Library], act: Callable[[IpRoute], Awaitable[None]]) -> None:
    async def main() -> None:
        opened = IpRoute(PATIENCE)
        await act(opened)
        await opened.close()

    run_virtual(main())
    assert not any(each.is_open for each in library.made)


def test_it_removes_an_address(library: type[Library]) -> None:
    async def act(opened: IpRoute) -> None:
        await opened.remove(7, VIP.ip, 24)

    play(library, act)
    ((command, flags, body),) = library.asked
    assert (command, flags, body[:8]) == (21, 0x5, put(7, VIP).body[:8])
    assert attributes(body, 8) == {1: VIP.ip.packed, 2: VIP.ip.packed}


@pytest.mark.parametrize(
    ("happens", "told", "connections"),
    [
        (NetlinkError(errno.EPERM, "no"), errno.EPERM, 1),
        (OSError(errno.ENOBUFS, "full"), errno.ENOBUFS, 2),
        ("silence", errno.ETIMEDOUT, 2),
    ],
    ids=["refused", "broken", "silent"],
)
def test_a_connection_that_broke_is_replaced(
    library: type[Library], happens: Exception | str, told: int, connections: int
) -> None:
    """The library would answer with its first error for ever. What the kernel refuses is an answer."""

    async def act(opened: IpRoute) -> None:
        library.script.append(happens)
        with pytest.raises(OSError) as caught:
            await opened.remove(2, VIP.ip, 24)
        assert caught.value.errno == told
        await opened.remove(2, VIP.ip, 24)
        assert len(library.made) == connections

    play(library, act)


def test_a_call_that_is_given_up_takes_its_connection_along(library: type[Library]) -> None:
    """Its answer may still come, and would be taken for another's."""

    async def act(opened: IpRoute) -> None:
        library.script.append("silence")
        adding = asyncio.get_running_loop().create_task(opened.remove(2, VIP.ip, 24))
        await asyncio.sleep(0.1)
        adding.cancel()
        await asyncio.wait([adding])
        assert adding.cancelled()
        await opened.remove(2, VIP.ip, 24)
        assert len(library.made) == 2

    play(library, act)


def test_a_call_that_hangs_ends(library: type[Library]) -> None:
    async def act(opened: IpRoute) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        library.script.append("silence")
        with pytest.raises(OSError, match="no answer"):
            await opened.remove(2, VIP.ip, 24)
        assert loop.time() - begun == pytest.approx(PATIENCE)

    play(library, act)


def test_a_library_without_a_free_address(library: type[Library], monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(_: Library) -> Library:
        raise KeyError("no free address available")

    monkeypatch.setattr(Library, "__aenter__", full)

    async def act(opened: IpRoute) -> None:
        with pytest.raises(OSError) as caught:
            await opened.remove(2, VIP.ip, 24)
        assert caught.value.errno == errno.EADDRINUSE

    play(library, act)
