"""Looks in a thread of their own."""

import _thread
import asyncio
import threading

import pytest

from tests.idle import idle
from vrrpd.probes.aside import Aside
from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown


async def test_result_and_error_of_another_thread_come_here() -> None:
    aside = Aside("/x")
    assert await aside.call(threading.get_ident) != threading.get_ident()

    def fail() -> None:
        raise ProbeFailed("gone")

    with pytest.raises(ProbeFailed, match=r"^gone$"):
        await aside.call(fail)
    assert await aside.call(lambda: 2) == 2


async def test_hanging_look_is_the_only_one() -> None:
    aside, hangs, ended = Aside("/x"), threading.Event(), threading.Event()

    def look() -> None:
        hangs.wait()
        ended.set()

    loop = asyncio.get_running_loop()
    first = loop.create_task(aside.call(look))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    with pytest.raises(ProbeUnknown, match=r"^/x: a look before hangs in the kernel$"):
        await aside.call(lambda: None)
    hangs.set()
    await idle(aside._threads)
    assert ended.is_set()
    assert await aside.call(lambda: 3) == 3


async def test_no_thread_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    aside = Aside("/x")
    with monkeypatch.context() as patched, pytest.raises(ProbeUnknown, match=r"^/x: can't start new thread$"):
        patched.setattr(_thread, "start_new_thread", refuse)
        await aside.call(lambda: None)
    assert await aside.call(lambda: 1) == 1
