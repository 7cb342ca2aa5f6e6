"""What netlink tells, in our types; the kernel itself is in tests/kernel/test_netlink.py."""

import asyncio
import errno
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address, ip_interface
from typing import ClassVar

import pytest

from tests.virtual_time import run_virtual
from vrrpd.linux import dump, iproute, netlink, request
from vrrpd.linux.dump import Row
from vrrpd.linux.netlink import (
    ANSWER_TIMEOUT,
    IMPORT_AFTER,
    Held,
    Interface,
    Lifetime,
    Netlink,
    _held,
    _interface,
    error_name,
)
from vrrpd.linux.request import PROTOCOL_MARK, Request
from vrrpd.linux.rtnetlink import refusal
from vrrpd.protocol.messages import Address

ETH0 = bytes.fromhex("020000000001")
VIP = ip_interface("192.0.2.100/32")
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


PATIENCE = 10.0


class Line:
    """Stands in for `request.Requests`. `script`: what happens to each call, in turn: an error, or its answers."""

    made: ClassVar[list["Line"]] = []
    script: ClassVar[list[OSError | list[int]]] = []

    def __init__(self, patience: float) -> None:
        assert patience == ANSWER_TIMEOUT
        self.is_open = True
        self.asked: list[Request] = []
        self.made.append(self)

    def ask(self, requests: Sequence[Request], *, quietly: bool = False) -> list[int]:
        self.quietly = quietly
        self.asked += requests
        act = self.script.pop(0) if self.script else [0] * len(requests)
        if isinstance(act, OSError):
            raise act
        return act

    def close(self) -> None:
        self.is_open = False


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> type[Line]:
    monkeypatch.setattr(Line, "made", [])
    monkeypatch.setattr(Line, "script", [])
    monkeypatch.setattr(request, "Requests", Line)
    return Line


def play(line: type[Line], act: Callable[[Netlink], Awaitable[None]]) -> None:
    async def main() -> None:
        opened = Netlink()
        await opened.open()
        await act(opened)
        await opened.close()

    run_virtual(main())
    assert not any(each.is_open for each in line.made)


@pytest.mark.parametrize(
    ("happens", "told", "connections"),
    [([errno.EPERM], errno.EPERM, 1), (OSError(errno.ENOBUFS, "full"), errno.ENOBUFS, 2)],
    ids=["refused", "broken"],
)
def test_a_connection_that_broke_is_replaced(
    line: type[Line], happens: OSError | list[int], told: int, connections: int
) -> None:
    """A late answer would meet the next request. What the kernel refuses is an answer."""

    async def act(opened: Netlink) -> None:
        line.script.append(happens)
        if isinstance(happens, OSError):
            with pytest.raises(OSError) as caught:
                await opened.renew([Lifetime(2, VIP, 3)])
            assert caught.value.errno == told
        else:
            assert await opened.renew([Lifetime(2, VIP, 3)]) == [told]
        await opened.renew([Lifetime(2, VIP, 3)])
        assert len(line.made) == connections

    play(line, act)


def test_many_leases_are_one_question(line: type[Line]) -> None:
    async def act(opened: Netlink) -> None:
        line.script.append([0, errno.ENODEV])
        assert await opened.renew([Lifetime(2, VIP, 3), Lifetime(9, VIP, None)]) == [0, errno.ENODEV]
        assert line.made[0].asked == [request.put(2, VIP, 3), request.put(9, VIP)]
        assert line.made[0].quietly

    play(line, act)


def test_many_are_removed_by_one_question(line: type[Line]) -> None:
    """What is gone already is a success there, too."""

    async def act(opened: Netlink) -> None:
        line.script.append([0, errno.EADDRNOTAVAIL, errno.ENODEV, errno.EPERM])
        places = [(index, VIP.ip, 32) for index in (2, 3, 9, 4)]
        assert await opened.remove_many(places) == [0, 0, 0, errno.EPERM]
        assert line.made[0].asked == [request.take(*each) for each in places]
        assert not line.made[0].quietly

    play(line, act)


async def loaded(opened: Netlink) -> None:
    """The second is over, and the thread that imports has ended: that takes real time."""
    await asyncio.sleep(IMPORT_AFTER)
    deadline = time.monotonic() + PATIENCE
    while opened._single is None:
        assert time.monotonic() < deadline, "not imported"
        await asyncio.sleep(0)


def test_the_library_removes_once_it_is_loaded(line: type[Line], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the first second waits for it, and no addition ever: a new Master has two milliseconds."""
    removed: list[int] = []

    class Single:
        def __init__(self, patience: float) -> None:
            assert patience == ANSWER_TIMEOUT

        async def remove(self, index: int, address: Address, prefix_length: int) -> None:
            removed.append(index)

        async def close(self) -> None:
            """Nothing was opened."""

    monkeypatch.setattr(iproute, "IpRoute", Single)

    async def act(opened: Netlink) -> None:
        line.script.append([errno.EADDRNOTAVAIL])
        await opened.remove(2, VIP.ip, 32)
        await loaded(opened)
        await opened.remove(7, VIP.ip, 32)
        await opened.add(7, VIP, 3)
        assert line.made[0].asked == [request.take(2, VIP.ip, 32), request.put(7, VIP, 3)]
        assert removed == [7]

    play(line, act)


def test_no_change_waits_for_the_library(line: type[Line], monkeypatch: pytest.MonkeyPatch) -> None:
    """To import it takes a tenth of a second; here it takes until the change is done."""
    changed = threading.Event()
    monkeypatch.setattr(netlink, "_iproute", lambda: changed.wait(PATIENCE) and iproute.IpRoute)

    async def act(opened: Netlink) -> None:
        await asyncio.sleep(2 * IMPORT_AFTER)
        await opened.remove(7, VIP.ip, 32)
        assert line.made[0].asked == [request.take(7, VIP.ip, 32)]
        changed.set()

    play(line, act)


@pytest.mark.parametrize("by_library", [False, True], ids=["by hand", "by the library"])
@pytest.mark.parametrize("answer", [errno.EADDRNOTAVAIL, errno.ENODEV])
def test_to_remove_what_is_not_there_is_a_success(
    by_library: bool, answer: int, line: type[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal is none."""
    refused = [answer, errno.EPERM]

    class Single:
        def __init__(self, _: float) -> None:
            """Nothing is opened."""

        async def remove(self, *_: object) -> None:
            raise refusal(refused.pop(0))

        async def close(self) -> None:
            """Nothing was opened."""

    monkeypatch.setattr(iproute, "IpRoute", Single)

    async def act(opened: Netlink) -> None:
        line.script += [[each] for each in refused]
        if by_library:
            await loaded(opened)
        await opened.remove(2, VIP.ip, 32)
        with pytest.raises(PermissionError):
            await opened.remove(2, VIP.ip, 32)
        assert bool(line.made[0].asked) is not by_library

    play(line, act)


def test_error_names() -> None:
    assert error_name(OSError(errno.ENOBUFS, "full")) == "ENOBUFS"
    assert error_name(OSError("who knows")) == "other"


def test_not_open() -> None:
    async def main() -> None:
        netlink = Netlink()
        with pytest.raises(OSError, match="not open"):
            await netlink.snapshot()
        with pytest.raises(OSError, match="not open"):
            await netlink.add(2, VIP)
        with pytest.raises(OSError, match="not open"):
            await netlink.remove(2, VIP.ip, 32)
        await netlink.close()

    run_virtual(main())
