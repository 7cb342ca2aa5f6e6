"""Probe `haproxy` over several answers and checks: reloads, deaths, silence."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.probes.proxied import Server, answer
from tests.probes.served import Talk, answering, on_path, silent
from vrrpd.probes.haproxy import AGAIN, HaproxyProbe
from vrrpd.probes.haproxy_options import HaproxyOptions
from vrrpd.probes.outcome import ProbeFailed

R1 = Server("r1")
DEAD = Server("r1", "DOWN", "L4CON")
NEW = Server("r1", "UP 1/2", "INI")
WELL = answer(R1, act=1)
WELL_TOLD = "backend rabbit: 1 of 1 servers up"
HELD = "starting: as before until checked: backend rabbit: 0 of 1 servers up (r1 not checked yet)"
STOPPING = answer(R1, act=1, stopping=1)
SOON = 10.0


class Asked:
    """A server that gives these answers in turn, and the probe that asks it."""

    def __init__(self, path: str) -> None:
        self.probe = HaproxyProbe(HaproxyOptions(socket=path, backends=("rabbit",)))

    async def verdict(self) -> str:
        """The detail of one check, with how it ended in front when it was not well."""
        try:
            return (await self.probe.check()).detail
        except ProbeFailed as failed:
            return f"{'certainly' if failed.certain else 'failed'}: {failed}"


@asynccontextmanager
async def asked(tmp_path: Path, answers: Iterable[str], *, then: Talk = silent) -> AsyncIterator[Asked]:
    turns = iter([answering(each.encode()) for each in answers])

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await next(turns, then)(reader, writer)

    async with on_path(tmp_path / "s", talk) as path:
        made = Asked(path)
        yield made
        await made.probe.close()


async def test_asks_both_questions_on_one_connection(tmp_path: Path) -> None:
    questions: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        questions.append(await reader.readline())
        writer.write(WELL.encode())

    async with asked(tmp_path, [], then=talk) as it:
        assert await it.verdict() == WELL_TOLD
    assert questions == [b"show info;show stat -1 6 -1\n"]


# Reload


async def test_a_reload_holds_the_verdict_of_the_check_before(tmp_path: Path) -> None:
    answers = [WELL, answer(NEW, act=1, uptime=0), answer(NEW, act=1, uptime=1), answer(DEAD)]
    async with asked(tmp_path, answers) as it:
        told = [await it.verdict() for _ in answers]
    assert told == [WELL_TOLD, HELD, HELD, "failed: down: backend rabbit: 0 of 1 servers up (r1 L4CON)"]


async def test_a_restart_after_a_failure_holds_nothing(tmp_path: Path) -> None:
    answers = [WELL, answer(DEAD), answer(NEW, act=1, uptime=0)]
    async with asked(tmp_path, answers) as it:
        told = [await it.verdict() for _ in answers]
    assert told[2] == "failed: starting: backend rabbit: 0 of 1 servers up (r1 not checked yet)"


async def test_a_late_answer_during_a_reload_does_not_take_the_grace_away(tmp_path: Path) -> None:
    async with asked(tmp_path, [WELL], then=silent) as it:
        assert await it.verdict() == WELL_TOLD
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(it.probe.check(), 0.02)
        path = tmp_path / "s"
        path.unlink()
        async with on_path(path, answering(answer(NEW, act=1, uptime=0).encode())):
            assert await it.verdict() == HELD


@pytest.mark.parametrize("moment", [STOPPING, "", WELL[:-20], "Name: HAProxy\n"])
async def test_an_old_worker_that_still_answers_is_no_failure(tmp_path: Path, moment: str) -> None:
    """During a reload it takes a connection now and then: it hangs up, or says that it is stopping."""
    async with asked(tmp_path, [*[moment] * len(AGAIN), WELL]) as it:
        assert await it.verdict() == WELL_TOLD


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (STOPPING, "failed: stopping: PATH: haproxy says Stopping: 1"),
        ("# pxname,svname,status,act,bck,check_status\n\n", "failed: stopping: PATH: haproxy says Stopping: not told"),
        ("", "failed: garbled: the socket does not talk like haproxy: ''"),
    ],
)
async def test_what_stays_so_is_a_failure(tmp_path: Path, moment: str, told: str) -> None:
    async with asked(tmp_path, [moment] * (len(AGAIN) + 1)) as it:
        assert await it.verdict() == told.replace("PATH", str(tmp_path / "s"))


async def test_servers_that_are_down_are_not_asked_for_twice(tmp_path: Path) -> None:
    async with asked(tmp_path, [answer(DEAD), WELL]) as it:
        assert (await it.verdict()).startswith("failed: down")
        assert await it.verdict() == WELL_TOLD


# Death


@asynccontextmanager
async def worker() -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that stands for the one that answers."""
    process = await asyncio.create_subprocess_exec("sleep", "60")
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def test_a_death_is_noticed_and_certain(tmp_path: Path) -> None:
    async with worker() as process:
        async with on_path(tmp_path / "s", answering(answer(R1, act=1, pid=process.pid).encode())) as path:
            it = Asked(path)
            assert await it.verdict() == WELL_TOLD
            process.kill()
            await asyncio.wait_for(it.probe.changed(), SOON)
        assert await it.verdict() == f"certainly: gone: {path}: haproxy has ended"
        # Nothing new: the next look is at the next tick.
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(it.probe.changed(), 0.02)
        await it.probe.close()


async def test_a_death_during_a_check_is_certain_too(tmp_path: Path) -> None:
    """The socket refuses before the end of the process is an event; the event comes between two questions."""
    async with worker() as process:
        async with on_path(tmp_path / "s", answering(answer(R1, act=1, pid=process.pid).encode())) as path:
            it = Asked(path)
            await it.verdict()
        process.kill()
        assert await it.verdict() == f"certainly: gone: {path}: haproxy has ended"
        await it.probe.close()


async def test_a_socket_that_refuses_while_the_process_lives_is_not_certain(tmp_path: Path) -> None:
    """As after SIGUSR1: it lives until its sessions end, and an operator may yet start another one."""
    async with on_path(tmp_path / "s", answering(WELL.encode())) as path:
        it = Asked(path)
        await it.verdict()
    assert await it.verdict() == f"failed: stopping: {path}: nobody listens, though its process lives"
    (tmp_path / "s").unlink()
    assert (await it.verdict()).startswith(f"failed: gone: {path}: no such socket")
    await it.probe.close()


async def test_without_anybody_to_watch_a_refusal_is_a_plain_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from another PID namespace, or in a sandbox: no event, no alarm, the verdict comes by ticks."""

    def refuse(pid: int) -> int:
        raise ProcessLookupError(3, "No such process")

    monkeypatch.setattr(os, "pidfd_open", refuse)
    async with on_path(tmp_path / "s", answering(WELL.encode())) as path:
        it = Asked(path)
        assert (await it.probe.check()).alarms == ()
    assert await it.verdict() == f"failed: gone: {path}: nobody listens"


async def test_a_new_worker_is_no_death(tmp_path: Path) -> None:
    async with worker() as old, worker() as new:
        answers = [answer(R1, act=1, pid=each.pid) for each in (old, new)]
        async with asked(tmp_path, answers) as it:
            assert await it.verdict() == WELL_TOLD
            old.kill()
            await asyncio.wait_for(it.probe.changed(), SOON)
            assert await it.verdict() == WELL_TOLD
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(it.probe.changed(), 0.02)


# Silence


async def test_a_frozen_haproxy_is_told_as_such(tmp_path: Path) -> None:
    heard = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        heard.set()
        await silent(reader, writer)

    async with asked(tmp_path, [WELL], then=hang) as it, asyncio.TaskGroup() as group:
        await it.verdict()
        check = group.create_task(it.probe.check())
        await asyncio.wait_for(heard.wait(), SOON)
        assert it.probe.late() == f"frozen? haproxy takes the connection and says nothing (pid {os.getpid()})"
        check.cancel()


async def test_what_refused_before_the_time_was_over_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paused, never = asyncio.Event(), asyncio.Event()

    async def pause(seconds: float) -> None:
        paused.set()
        await never.wait()

    async with asked(tmp_path, [STOPPING]) as it, asyncio.TaskGroup() as group:
        monkeypatch.setattr(asyncio, "sleep", pause)
        check = group.create_task(it.probe.check())
        await asyncio.wait_for(paused.wait(), SOON)
        assert it.probe.late() == f"stopping: {tmp_path / 's'}: haproxy says Stopping: 1"
        check.cancel()
        monkeypatch.undo()
