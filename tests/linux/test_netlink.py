"""What pyroute2 gives, in our types; the kernel itself is in tests/kernel/test_netlink.py."""

import asyncio
import errno
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_address, ip_interface
from typing import ClassVar, Self

import pytest
from pyroute2.netlink.exceptions import NetlinkError

from tests.virtual_time import run_virtual
from vrrpd.linux import dump, netlink
from vrrpd.linux.dump import Row
from vrrpd.linux.netlink import (
    ANSWER_TIMEOUT,
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

ETH0 = bytes.fromhex("020000000001")
CACHE = struct.Struct("=IIII")


def link(flags: int, mac: bytes | None) -> Row:
    return (0, 1, 2, flags, 0), {3: b"eth0\0"} | ({1: mac} if mac is not None else {})


def address(attributes: dict[int, bytes], length: int = 24, flags: int = 0) -> Row:
    return (2, length, flags, 0, 2), attributes


@pytest.mark.parametrize(("flags", "up"), [(0x41, True), (0x01, False), (0x40, False), (0, False)])
def test_up_needs_the_administrator_and_carrier(flags: int, up: bool) -> None:
    assert _interface(link(flags, ETH0)) == Interface("eth0", 2, up, ETH0)


def test_an_interface_without_a_mac() -> None:
    assert _interface(link(0x41, None)).mac == b""


OWN, OTHER = ip_address("192.0.2.1"), ip_address("192.0.2.9")
SIX = ip_address("fe80::1")
LOCAL = {1: OWN.packed, 2: OWN.packed}
ROWS: dict[str, tuple[Row, Held]] = {
    "own": (address(LOCAL), Held("eth0", OWN, 24, marked=False)),
    "ours": (address({**LOCAL, 11: bytes([PROTOCOL_MARK])}), Held("eth0", OWN, 24, marked=True)),
    "keepalived's": (address({**LOCAL, 11: bytes([18])}), Held("eth0", OWN, 24, marked=False)),
    "point to point": (address({1: OTHER.packed, 2: OWN.packed}), Held("eth0", OWN, 24, marked=False)),
    "ipv6": (address({1: SIX.packed, 8: struct.pack("=I", 0x80)}, 64), Held("eth0", SIX, 64, marked=False)),
    "tentative": (
        address({**LOCAL, 8: struct.pack("=I", 0x40)}),
        Held("eth0", OWN, 24, marked=False, usable=False),
    ),
    "duplicate": (
        address({**LOCAL, 8: struct.pack("=I", 0x108)}),
        Held("eth0", OWN, 24, marked=False, usable=False),
    ),
    "flags of old": (address(LOCAL, flags=0x40), Held("eth0", OWN, 24, marked=False, usable=False)),
    "leased": (address({**LOCAL, 6: CACHE.pack(3, 3, 7, 7)}), Held("eth0", OWN, 24, marked=False, leased=True)),
    "for ever": (address({**LOCAL, 6: CACHE.pack(3, 0xFFFFFFFF, 7, 7)}), Held("eth0", OWN, 24, marked=False)),
}


@pytest.mark.parametrize(("row", "expected"), ROWS.values(), ids=ROWS.keys())
def test_address(row: Row, expected: Held) -> None:
    assert _held(row, "eth0") == expected


def test_a_snapshot_is_in_the_kernels_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address of an interface that came in between the two dumps is left out."""
    stray = (2, 24, 0, 0, 9), LOCAL
    monkeypatch.setattr(dump, "links", lambda _: [link(0x41, ETH0)])
    monkeypatch.setattr(dump, "addresses", lambda _: [address({1: SIX.packed}, 64), stray, address(LOCAL)])

    async def main() -> None:
        opened = Netlink()
        await opened.open()
        snapshot = await opened.snapshot()
        await opened.close()
        assert list(snapshot.interfaces) == ["eth0"]
        assert [each.address for each in snapshot.addresses] == [SIX, OWN]

    run_virtual(main())


class Library:
    """Stands in for AsyncIPRoute. `script`: what happens to each call, in turn: error or "silence"."""

    made: ClassVar[list["Library"]] = []
    script: ClassVar[list[Exception | str]] = []

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

    async def nlm_request(self, message: object, command: int, flags: int) -> AsyncIterator[Message]:
        await self._act()
        return self._answer()

    async def get(self) -> AsyncIterator[Message]:
        await self._act()
        yield {"event": "RTM_NEWLINK", "index": 2, "ifname": "eth0"}

    async def _act(self) -> None:
        act = self.script.pop(0) if self.script else ""
        if isinstance(act, Exception):
            raise act
        if act == "silence":
            await asyncio.Event().wait()

    async def _answer(self) -> AsyncIterator[Message]:
        yield {}


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


def test_a_call_that_is_given_up_takes_its_connection_along(library: type[Library]) -> None:
    """Its answer may still come, and would be taken for another's."""

    async def act(opened: Netlink) -> None:
        library.script.append("silence")
        adding = asyncio.get_running_loop().create_task(opened.add(2, ip_interface("192.0.2.100/32")))
        await asyncio.sleep(0.1)
        adding.cancel()
        await asyncio.wait([adding])
        assert adding.cancelled()
        await opened.add(2, ip_interface("192.0.2.100/32"))
        assert len(library.made) == 2

    play(library, act)


def test_a_call_that_hangs_ends(library: type[Library]) -> None:
    async def act(opened: Netlink) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        library.script.append("silence")
        with pytest.raises(OSError, match="no answer"):
            await opened.add(2, ip_interface("192.0.2.100/32"))
        assert loop.time() - begun == pytest.approx(ANSWER_TIMEOUT)

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
