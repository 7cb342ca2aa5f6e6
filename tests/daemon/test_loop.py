"""The loop of the daemon: its clock, and that nothing which hangs stands before others in a queue."""

import asyncio
import os
import selectors
import socket
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from tests.engine.scene import DOWN, master
from vrrpd.daemon.loop import ASIDE_LIMIT, BootTimeLoop
from vrrpd.engine.journal import Role, StateChanged
from vrrpd.linux import lookups
from vrrpd.linux.lookups import LOOKUPS_LIMIT, Found, Question
from vrrpd.protocol.messages import Reason, Seconds
from vrrpd.threads import HangingError

T = TypeVar("T")
PATIENCE = 10.0
MANY = 4 * (os.cpu_count() or 1) + 8
"""More than the threads of asyncio's own pool, which are four more than there are processors."""


def run(main: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=BootTimeLoop) as runner:
        return runner.run(main)


def begin(count: int, hangs: threading.Event) -> "list[asyncio.Future[bool]]":
    """So much that hangs."""
    return [asyncio.get_running_loop().run_in_executor(None, hangs.wait) for _ in range(count)]


@pytest.fixture
def hangs() -> threading.Event:
    """What hangs waits for this, which never comes."""
    return threading.Event()


def test_the_clock_goes_on_while_the_machine_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A timer of a host that was suspended is due as it wakes; CLOCK_MONOTONIC would have stood still."""
    clocks = {time.CLOCK_BOOTTIME: 1000.0, time.CLOCK_MONOTONIC: 1000.0}

    async def main() -> list[str]:
        fired: list[str] = []
        asyncio.get_running_loop().call_later(3600.0, fired.append, "due")
        clocks[time.CLOCK_BOOTTIME] += 3600.0
        for _ in range(3):
            await asyncio.sleep(0)
        return fired

    monkeypatch.setattr(time, "clock_gettime", clocks.__getitem__)
    assert run(main()) == ["due"]


def test_a_master_that_was_asleep_is_backup_as_it_wakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """It advertises nothing: somebody else is Master by now."""
    clocks = {time.CLOCK_BOOTTIME: DOWN, time.CLOCK_MONOTONIC: DOWN}
    scene = master()
    sent = len(scene.sent)

    async def main() -> None:
        loop, due = asyncio.get_running_loop(), scene.engine.deadline()
        assert due is not None
        loop.call_at(due, lambda: scene.engine.tick(Seconds(loop.time())))
        for asleep, role in ((0.0, Role.MASTER), (60.0, Role.BACKUP)):
            clocks[time.CLOCK_BOOTTIME] += asleep
            for _ in range(3):
                await asyncio.sleep(0)
            assert scene.roles()[-1] is role

    monkeypatch.setattr(time, "clock_gettime", clocks.__getitem__)
    run(main())
    assert scene.entries(StateChanged)[-1].reason is Reason.PAUSED
    assert (scene.held, len(scene.sent)) == ({"VI_1": False}, sent)


def test_what_came_while_it_stood_still_comes_before_what_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's selector finds nothing when it was interrupted and its time was over: see `ThawedSelector`."""
    select = selectors.EpollSelector.select
    interrupted: list[bool] = []

    def late(selector: selectors.EpollSelector, timeout: float | None = None) -> object:
        if timeout != 0 and not interrupted:
            interrupted.append(True)
            ours.send(b"x")
            clocks[time.CLOCK_BOOTTIME] += 3.4
            return []
        return select(selector, timeout)

    async def main() -> bytes:
        loop, heard = asyncio.get_running_loop(), bytearray()
        due: asyncio.Future[bytes] = loop.create_future()
        loop.add_reader(theirs, lambda: heard.extend(theirs.recv(1)))
        loop.call_later(1.0, lambda: due.set_result(bytes(heard)))
        return await due

    clocks = {time.CLOCK_BOOTTIME: 1000.0, time.CLOCK_MONOTONIC: 1000.0}
    monkeypatch.setattr(time, "clock_gettime", clocks.__getitem__)
    monkeypatch.setattr(selectors.EpollSelector, "select", late)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert run(main()) == b"x"


def test_who_has_work_does_not_wait_for_who_hangs(hangs: threading.Event) -> None:
    """Neither for others' work nor, at the end, for a thread."""

    async def main() -> int:
        begin(MANY, hangs)
        return await asyncio.to_thread(lambda: 7)

    assert run(main()) == 7


def test_there_is_a_limit(hangs: threading.Event) -> None:
    async def main() -> None:
        begin(ASIDE_LIMIT, hangs)
        with pytest.raises(HangingError):
            await asyncio.to_thread(lambda: 7)

    run(main())


def test_names_that_hang_take_no_thread_from_others(hangs: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """asyncio looks up the name of every connection by `getaddrinfo` of the loop."""
    asked: list[Question] = []
    all_asked = threading.Event()

    def look_up(question: Question) -> Found:
        asked.append(question)
        if len(asked) == LOOKUPS_LIMIT:
            all_asked.set()
        hangs.wait()
        return []

    async def main() -> bool:
        loop = asyncio.get_running_loop()
        tasks = [
            loop.create_task(loop.create_connection(asyncio.Protocol, f"n{number}.invalid", 5672))
            for number in range(LOOKUPS_LIMIT)
        ]
        await asyncio.sleep(0)
        result = await asyncio.to_thread(all_asked.wait, PATIENCE)
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return result

    monkeypatch.setattr(lookups, "_look_up", look_up)
    assert run(main())
    assert {each.host for each in asked} == {f"n{number}.invalid" for number in range(LOOKUPS_LIMIT)}


def test_an_executor_that_is_given_is_used() -> None:
    async def main() -> str:
        with ThreadPoolExecutor(1, "given") as pool:
            return await asyncio.get_running_loop().run_in_executor(pool, lambda: threading.current_thread().name)

    assert run(main()).startswith("given")
