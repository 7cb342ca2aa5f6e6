"""Threads that nobody waits for."""

import _thread
import asyncio
import errno
import subprocess
import sys
import threading

import pytest

from tests.idle import idle
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
    await idle(threads)
    assert await threads.start(loop, lambda: 3) == 3


OUTLIVED = """
import asyncio, threading
from vrrpd.threads import Threads
async def begin():
    hangs = threading.Event()
    Threads("t", 1).start(asyncio.get_running_loop(), hangs.wait)
    await asyncio.sleep(0)
asyncio.run(begin())
"""


def test_what_hangs_does_not_keep_the_process() -> None:
    subprocess.run([sys.executable, "-c", OUTLIVED], check=True, timeout=20)


def test_what_outlives_the_loop_harms_nobody() -> None:
    """Nobody hears of its end, and nothing is raised in it."""
    hangs, ended = threading.Event(), threading.Event()

    def work() -> None:
        hangs.wait()
        ended.set()

    async def begin() -> None:
        asyncio.get_running_loop().call_soon(Threads("t", 1).start, asyncio.get_running_loop(), work)
        await asyncio.sleep(0)

    asyncio.run(begin())
    hangs.set()
    assert ended.wait(10.0)


async def test_whoever_starts_one_does_not_wait_for_it() -> None:
    """A new thread may wait for a processor for long: seconds, beside a program that is busy in the kernel.

    While nobody lets go of the interpreter (`switch interval`), it runs only if the caller waits.
    """
    threads, loop, begun = Threads("t", 1), asyncio.get_running_loop(), list[bool]()
    before = sys.getswitchinterval()
    sys.setswitchinterval(10.0)
    try:
        started = threads.start(loop, lambda: begun.append(True))
        assert not begun
    finally:
        sys.setswitchinterval(before)
    await started
    assert begun


async def test_no_thread_is_an_error_of_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    threads, loop = Threads("t", 1), asyncio.get_running_loop()
    with monkeypatch.context() as patched, pytest.raises(HangingError, match="can't start new thread"):
        patched.setattr(_thread, "start_new_thread", refuse)
        await threads.start(loop, lambda: None)
    assert await threads.start(loop, lambda: 1) == 1
