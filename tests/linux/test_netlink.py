"""What pyroute2 gives, in our types; the kernel itself is in tests/kernel/test_netlink.py."""

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_address, ip_interface
from typing import Any, ClassVar, Self

import pytest
from pyroute2.netlink import NLM_F_DUMP_INTR, NLM_F_MULTI
from pyroute2.netlink.exceptions import NetlinkError
from pyroute2.netlink.rtnl import RTM_GETADDR

from tests.virtual_time import run_virtual
from vrrpd.linux import netlink
from vrrpd.linux.netlink import (
    ANSWER_TIMEOUT,
    DUMP_ATTEMPTS,
    PROTOCOL_MARK,
    Held,
    Interface,
    Message,
    Netlink,
    _held,
    _interface,
    error_name,
    watch,
)

LINK = {"index": 2, "flags": 0x1 | 0x40, "ifname": "eth0", "address": "02:00:00:00:00:01"}
ADDRESS = {"index": 2, "prefixlen": 24, "flags": 0, "local": "192.0.2.1", "address": "192.0.2.1"}


@pytest.mark.parametrize(("flags", "up"), [(0x41, True), (0x01, False), (0x40, False), (0, False)])
def test_up_needs_the_administrator_and_carrier(flags: int, up: bool) -> None:
    expected = Interface("eth0", 2, up, bytes.fromhex("020000000001"))
    assert _interface({**LINK, "flags": flags}) == expected


def test_an_interface_without_a_mac() -> None:
    assert _interface({**LINK, "address": None}).mac == b""


ROWS: dict[str, tuple[dict[str, Any], Held]] = {
    "own": ({}, Held("eth0", ip_address("192.0.2.1"), 24, marked=False)),
    "ours": ({"proto": PROTOCOL_MARK}, Held("eth0", ip_address("192.0.2.1"), 24, marked=True)),
    "keepalived's": ({"proto": 18}, Held("eth0", ip_address("192.0.2.1"), 24, marked=False)),
    "point to point": ({"address": "192.0.2.9"}, Held("eth0", ip_address("192.0.2.1"), 24, marked=False)),
    "ipv6": (
        {"local": None, "address": "fe80::1", "prefixlen": 64, "flags": 0x80},
        Held("eth0", ip_address("fe80::1"), 64, marked=False),
    ),
    "tentative": ({"flags": 0x40}, Held("eth0", ip_address("192.0.2.1"), 24, marked=False, usable=False)),
    "duplicate": ({"flags": 0x08}, Held("eth0", ip_address("192.0.2.1"), 24, marked=False, usable=False)),
    "no flags": ({"flags": None}, Held("eth0", ip_address("192.0.2.1"), 24, marked=False)),
}


@pytest.mark.parametrize(("change", "expected"), ROWS.values(), ids=ROWS.keys())
def test_address(change: dict[str, Any], expected: Held) -> None:
    assert _held({**ADDRESS, **change}, "eth0") == expected


class Library:
    """Stands in for AsyncIPRoute. `script`: what happens to each call, in turn: error, "silence", flags of a dump."""

    made: ClassVar[list["Library"]] = []
    script: ClassVar[list[Exception | str | int]] = []

    def __init__(self) -> None:
        self.is_open = False
        self.made.append(self)

    async def __aenter__(self) -> Self:
        self.is_open = True
        return self

    async def __aexit__(self, *_: object) -> None:
        self.is_open = False

    async def bind(self, groups: int) -> None:
        assert groups

    async def nlm_request(
        self, message: object, command: int, flags: int, callback: Callable[[Message], bool] = lambda _: False
    ) -> AsyncIterator[Message]:
        end = await self._act()
        return self._answer(ADDRESS if command == RTM_GETADDR else LINK, callback, end)

    async def get(self) -> AsyncIterator[Message]:
        await self._act()
        yield {"event": "RTM_NEWLINK", "index": 2, "ifname": "eth0"}

    async def _act(self) -> int:
        act = self.script.pop(0) if self.script else 0
        if isinstance(act, Exception):
            raise act
        if act == "silence":
            await asyncio.Event().wait()
        return act if isinstance(act, int) else 0

    async def _answer(self, message: Message, callback: Callable[[Message], bool], end: int) -> AsyncIterator[Message]:
        """The flags are those of the message that says that it was the last one, which nobody is given."""
        assert not callback({"header": {"flags": NLM_F_MULTI}})
        yield message
        assert not callback({"header": {"flags": NLM_F_MULTI | end}})


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> type[Library]:
    monkeypatch.setattr(Library, "made", [])
    monkeypatch.setattr(Library, "script", [])
    monkeypatch.setattr(netlink, "AsyncIPRoute", Library)
    return Library


def play(library: type[Library], act: Callable[[Netlink], Awaitable[None]]) -> None:
    async def main() -> None:
        opened = Netlink()
        await opened.open()
        await act(opened)
        await opened.close()

    run_virtual(main())
    assert not any(each.is_open for each in library.made)


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

    async def act(opened: Netlink) -> None:
        library.script.append(happens)
        with pytest.raises(OSError) as caught:
            await opened.add(2, ip_interface("192.0.2.100/32"))
        assert caught.value.errno == told
        await opened.add(2, ip_interface("192.0.2.100/32"))
        assert len(library.made) == connections

    play(library, act)


def test_a_call_that_hangs_ends(library: type[Library]) -> None:
    async def act(opened: Netlink) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        library.script.append("silence")
        with pytest.raises(OSError, match="no answer"):
            await opened.snapshot()
        assert loop.time() - begun == pytest.approx(ANSWER_TIMEOUT)

    play(library, act)


def test_a_dump_that_was_interrupted_is_made_anew(library: type[Library]) -> None:
    """What came or went meanwhile lets the kernel leave others out: our own interface might seem to be gone."""

    async def act(opened: Netlink) -> None:
        library.script += [NLM_F_DUMP_INTR, 0, NLM_F_DUMP_INTR, 0]
        snapshot = await opened.snapshot()
        assert (list(snapshot.interfaces), len(snapshot.addresses)) == (["eth0"], 1)
        assert library.script == []

    play(library, act)


def test_a_storm_that_interrupts_every_dump_is_told(library: type[Library]) -> None:
    async def act(opened: Netlink) -> None:
        library.script += [NLM_F_DUMP_INTR] * (DUMP_ATTEMPTS + 1)
        with pytest.raises(OSError) as caught:
            await opened.snapshot()
        assert caught.value.errno == errno.EINTR
        assert library.script == [NLM_F_DUMP_INTR]

    play(library, act)


@pytest.mark.parametrize(
    ("end", "raised", "told"),
    [
        (OSError(errno.ENOBUFS, "full"), None, ["ready", "event", "event", "overrun"]),
        (NetlinkError(errno.ECONNRESET, "lost"), errno.ECONNRESET, ["ready", "event", "event"]),
        (OSError(errno.EBADF, "bad"), errno.EBADF, ["ready", "event", "event"]),
    ],
)
def test_watch_goes_on_until_it_ends(
    library: type[Library], end: Exception, raised: int | None, told: list[str]
) -> None:
    """The library's own reading ends after each batch; its errors are of two kinds."""
    seen: list[str] = []
    library.script += ["batch", "batch", end]
    watching = watch(lambda: seen.append("ready"), lambda _: seen.append("event"), lambda: seen.append("overrun"))
    if raised is None:
        run_virtual(watching)
    else:
        with pytest.raises(OSError) as caught:
            run_virtual(watching)
        assert caught.value.errno == raised
    assert seen == told
    assert not library.made[0].is_open


def test_error_names() -> None:
    assert error_name(OSError(errno.ENOBUFS, "full")) == "ENOBUFS"
    assert error_name(OSError("who knows")) == "other"


def test_not_open() -> None:
    async def main() -> None:
        netlink = Netlink()
        with pytest.raises(OSError, match="not open"):
            await netlink.snapshot()
        await netlink.close()

    run_virtual(main())
