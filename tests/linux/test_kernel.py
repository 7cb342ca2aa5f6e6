"""The thread, with a netlink that blocks as long as it is told to; the kernel is in tests/kernel/test_netlink.py."""

import asyncio
import errno
import threading
from collections.abc import Awaitable, Callable
from ipaddress import ip_address, ip_interface

import pytest

from vrrpd.config.model import VirtualAddress
from vrrpd.linux import kernel
from vrrpd.linux.kernel import EVENTS_LIMIT, Inbox, Kernel
from vrrpd.linux.netlink import Snapshot
from vrrpd.linux.news import Event
from vrrpd.protocol.messages import Address

VIP = ip_interface("192.0.2.100/32")
BOUND = 10.0
PORT = 4711


class Blocking:
    """Stands in for `Netlink`. `gate`: closed, each change waits inside the kernel."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.busy = 0.0
        self.port = PORT
        self.done: list[str] = []
        self.threads: set[int] = set()
        self.refuse: OSError | None = None

    async def open(self) -> None:
        self._act("open")

    async def close(self) -> None:
        self._act("close")

    async def snapshot(self) -> Snapshot:
        self._act("look")
        self.busy = 0.25
        return Snapshot({}, ())

    async def add(self, index: int, address: VirtualAddress, lifetime: int | None = None) -> None:
        self._act(f"+{address} {index} {lifetime}")

    async def remove(self, index: int, address: Address, prefix_length: int) -> None:
        self._act(f"-{address}/{prefix_length} {index}")

    def _act(self, what: str) -> None:
        self.threads.add(threading.get_ident())
        assert self.gate.wait(BOUND)
        if self.refuse:
            raise self.refuse
        self.done.append(what)


Act = Callable[[Kernel, Blocking], Awaitable[None]]


def play(monkeypatch: pytest.MonkeyPatch, act: Act) -> Blocking:
    netlink = Blocking()
    monkeypatch.setattr(kernel, "Netlink", lambda: netlink)

    async def main() -> None:
        opened = Kernel()
        await opened.open()
        try:
            async with asyncio.timeout(BOUND):
                await act(opened, netlink)
        finally:
            netlink.gate.set()
            await opened.close()

    asyncio.run(main())
    return netlink


def test_our_loop_runs_while_the_kernel_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything takes place in one other thread, which ends with `close`."""

    async def act(opened: Kernel, netlink: Blocking) -> None:
        netlink.gate.clear()
        adding = asyncio.get_running_loop().create_task(opened.add(2, VIP, 3))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not adding.done()
        netlink.gate.set()
        await adding
        await opened.remove(2, VIP.ip, 32)
        assert await opened.snapshot() == Snapshot({}, ())
        assert opened.busy == 0.25

    netlink = play(monkeypatch, act)
    assert netlink.done == ["open", "+192.0.2.100/32 2 3", "-192.0.2.100/32 2", "look", "close"]
    (thread,) = netlink.threads
    assert thread != threading.get_ident()
    assert "netlink" not in [each.name for each in threading.enumerate()]


def test_what_was_given_up_before_it_began_is_never_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be wrong by then. What had begun is the kernel's, and what is asked later follows it."""
    monkeypatch.setattr(kernel, "PATIENCE", 0.05)

    async def act(opened: Kernel, netlink: Blocking) -> None:
        netlink.gate.clear()
        for address in (VIP, ip_interface("192.0.2.101/32")):
            with pytest.raises(OSError, match="no answer") as caught:
                await opened.add(2, address)
            assert caught.value.errno == errno.ETIMEDOUT
        netlink.gate.set()
        monkeypatch.setattr(kernel, "PATIENCE", BOUND)
        await opened.remove(2, VIP.ip, 32)
        assert netlink.done == ["open", "+192.0.2.100/32 2 None", "-192.0.2.100/32 2"]

    play(monkeypatch, act)


def test_a_refusal_is_raised_here(monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(opened: Kernel, netlink: Blocking) -> None:
        netlink.refuse = OSError(errno.EPERM, "refused")
        with pytest.raises(PermissionError):
            await opened.add(2, VIP)
        netlink.refuse = None

    play(monkeypatch, act)


def test_not_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, after, and when it could not be opened: then the thread is gone as well."""
    netlink = Blocking()
    monkeypatch.setattr(kernel, "Netlink", lambda: netlink)

    async def main() -> None:
        made = Kernel()
        with pytest.raises(OSError, match="not open"):
            await made.snapshot()
        netlink.refuse = OSError(errno.EPERM, "refused")
        with pytest.raises(PermissionError):
            await made.open()
        assert "netlink" not in [each.name for each in threading.enumerate()]
        await made.close()

    asyncio.run(main())


def test_events_come_to_our_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """In order; a watch that is cancelled ends over there, too."""
    ended = threading.Event()
    told: list[str] = []

    async def watch(
        ready: Callable[[], None], event: Callable[[Event], None], overrun: Callable[[], None], port: int
    ) -> None:
        assert port == PORT
        try:
            ready()
            for index in range(3):
                event(Event(index))
            overrun()
            await asyncio.Event().wait()
        finally:
            ended.set()

    def tell(what: str) -> None:
        assert threading.get_ident() == here
        told.append(what)

    async def act(opened: Kernel, _: Blocking) -> None:
        done = asyncio.Event()
        watching = asyncio.get_running_loop().create_task(
            opened.watch(lambda: tell("ready"), lambda each: tell(str(each.index)), done.set)
        )
        await done.wait()
        watching.cancel()
        await asyncio.wait([watching])
        assert await asyncio.to_thread(ended.wait, BOUND)

    here = threading.get_ident()
    monkeypatch.setattr(kernel, "watch", watch)
    play(monkeypatch, act)
    assert told == ["ready", "0", "1", "2"]


@pytest.mark.parametrize(("count", "overruns"), [(EVENTS_LIMIT, 0), (EVENTS_LIMIT + 1, 1), (EVENTS_LIMIT * 3, 1)])
def test_events_that_nobody_takes_are_bounded(count: int, overruns: int) -> None:
    """While our loop is held up; one wake-up for all of them, and what comes later is told as ever."""
    told: list[int | None] = []
    overrun: list[int] = []

    async def main() -> None:
        inbox = Inbox(asyncio.get_running_loop(), lambda each: told.append(each.index), lambda: overrun.append(1))
        for index in range(count):
            inbox.put(Event(index, renewed=ip_address("192.0.2.100")))
        await asyncio.sleep(0)
        assert len(overrun) == overruns
        assert told == ([] if overruns else list(range(count)))
        inbox.put(Event(7))
        await asyncio.sleep(0)
        assert told[-1] == 7

    asyncio.run(main())
