"""Pidfds: the end of a process as an event."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.probes.children import Child, program, running, zombie
from vrrpd.probes import deaths
from vrrpd.probes.deaths import Deaths
from vrrpd.probes.processes import Process, read


def process(child: Child) -> Process:
    """As /proc has it."""
    found = read(child.pid)
    assert found is not None
    return found


async def test_death_wakes_before_anybody_reaps(tmp_path: Path) -> None:
    watcher = Deaths()
    with running(program(tmp_path), 2) as (one, other):
        both = (process(one), process(other))
        assert watcher.follow(both) == both
        waiting = asyncio.get_running_loop().create_task(watcher.wait())
        await asyncio.sleep(0)
        assert not waiting.done()
        zombie(one)
        async with asyncio.timeout(20):
            await waiting
        watcher.clear()
        assert watcher.follow((both[1],)) == (both[1],)
        watcher.close()
    assert watcher.living == ()


async def test_who_died_before_or_is_another_by_now_is_left_out(tmp_path: Path) -> None:
    watcher = Deaths()
    with running(program(tmp_path)) as (child,):
        found = process(child)
        assert watcher.follow((found._replace(started=found.started - 1),)) == ()
    assert watcher.follow((found,)) == ()
    assert watcher.living == ()


async def test_oldest_are_watched_and_all_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deaths, "MAX_WATCHED", 1)
    watcher = Deaths()
    with running(program(tmp_path), 2) as children:
        found = [process(child) for child in children]
        assert len(watcher.follow(found)) == 2
        assert list(watcher.living) == [min((each.started, each.pid) for each in found)[::-1]]
        watcher.close()


async def test_kernel_without_pidfd_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int) -> int:
        raise OSError(38, "Function not implemented")

    watcher = Deaths()
    with running(program(tmp_path)) as (child,), monkeypatch.context() as patched:
        patched.setattr(os, "pidfd_open", refuse)
        assert watcher.follow((process(child),)) == (process(child),)
        assert (
            watcher.blind == "the end of a process is seen at the next check only: pidfd_open: Function not implemented"
        )
