"""The end of the processes behind the stats socket, on real children of ours."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import pytest

from vrrpd.probes.haproxy_process import Behind

SOON = 10.0


@asynccontextmanager
async def child() -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that does nothing."""
    process = await asyncio.create_subprocess_exec("sleep", "60")
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@contextmanager
def following() -> Iterator[Behind]:
    behind = Behind()
    yield behind
    behind.close()


async def test_an_end_is_an_event() -> None:
    async with child() as first, child() as second:
        with following() as behind:
            behind.follow((first.pid, second.pid))
            assert set(behind.living) == {first.pid, second.pid}
            second.kill()
            await asyncio.wait_for(behind.wait(), SOON)
            assert (behind.ended, behind.living) == (True, (first.pid,))
            behind.clear()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(behind.wait(), 0.01)


async def test_who_answers_next_is_watched_and_nobody_else() -> None:
    """An old worker that ends after a reload is no news."""
    async with child() as old, child() as new:
        with following() as behind:
            behind.follow((old.pid,))
            behind.follow((new.pid,))
            old.kill()
            await old.wait()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(behind.wait(), 0.01)
            assert (behind.ended, behind.living) == (False, (new.pid,))


async def test_an_answer_after_an_end_forgets_it() -> None:
    async with child() as old, child() as new:
        with following() as behind:
            behind.follow((old.pid,))
            old.kill()
            await asyncio.wait_for(behind.wait(), SOON)
            behind.follow((new.pid,))
            assert not behind.ended


async def test_whom_we_cannot_see_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """0: not told; a pid of another namespace; a sandbox that forbids it."""

    def refuse(pid: int) -> int:
        raise PermissionError(1, "Operation not permitted")

    with following() as behind:
        behind.follow((0, -1, 2**22))
        assert behind.living == ()
        monkeypatch.setattr(os, "pidfd_open", refuse)
        behind.follow((os.getpid(),))
        assert (behind.living, behind.ended) == ((), False)


async def test_nothing_stays_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    async with child() as process:
        behind = Behind()
        for _ in range(3):
            behind.follow((process.pid,))
            behind.follow(())
        behind.follow((process.pid, os.getpid()))
        behind.close()
        assert behind.living == ()
    assert len(os.listdir("/proc/self/fd")) == before
