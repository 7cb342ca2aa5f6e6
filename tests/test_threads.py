"""Threads that nobody waits for."""

import asyncio
import errno
import threading

import pytest

from tests.linux.joined import joined
from vrrpd.threads import HangingError, Threads


async def test_result_and_error_of_another_thread_come_here() -> None:
    threads, loop = Threads("t", 1), asyncio.get_running_loop()
    assert await threads.start(loop, threading.get_ident) != threading.get_ident()

    def fail() -> None:
        raise PermissionError("no")

    with pytest.raises(PermissionError, match=r"^no$"):
        await threads.start(loop, fail)
    assert await threads.start(loop, lambda: 2) == 2


async def test_what_hangs_takes_a_place_until_it_ends_and_no_more() -> None:
    """Cancelled or not."""
    threads, loop, hangs = Threads("t", 2), asyncio.get_running_loop(), threading.Event()
    first, second = (threads.start(loop, hangs.wait) for _ in range(2))
    first.cancel()
    with pytest.raises(HangingError, match="2 threads hang: t") as caught:
        await threads.start(loop, lambda: 3)
    assert caught.value.errno == errno.EAGAIN
    hangs.set()
    assert await second
    await joined("t")
    assert await threads.start(loop, lambda: 3) == 3


def test_what_outlives_the_loop_harms_nobody() -> None:
    """Not even the end of the process: the thread is a daemon."""
    hangs, before = threading.Event(), set(threading.enumerate())

    async def begin() -> None:
        asyncio.get_running_loop().call_soon(Threads("t", 1).start, asyncio.get_running_loop(), hangs.wait)
        await asyncio.sleep(0)

    asyncio.run(begin())
    (left,) = set(threading.enumerate()) - before
    assert left.daemon
    hangs.set()
    left.join()


async def test_no_thread_is_an_error_of_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    threads, loop = Threads("t", 1), asyncio.get_running_loop()
    with monkeypatch.context() as patched, pytest.raises(HangingError, match="can't start new thread"):
        patched.setattr(threading.Thread, "start", refuse)
        await threads.start(loop, lambda: None)
    assert await threads.start(loop, lambda: 1) == 1
