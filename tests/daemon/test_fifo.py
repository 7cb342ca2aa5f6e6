"""The named pipe: made, filled, drained, lost; nothing waits for its reader."""

import asyncio
import os
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

from vrrpd.daemon.fifo import BACKLOG_LIMIT, Fifo
from vrrpd.engine.journal import Entry
from vrrpd.engine.journal_notify import FifoLost
from vrrpd.protocol.messages import Seconds

AT = Seconds(7.0)
Scenario = Callable[[Fifo, list[Entry]], Awaitable[None]]


def play(scenario: Scenario) -> list[Entry]:
    """Returns what it published."""

    async def run() -> list[Entry]:
        told: list[Entry] = []
        fifo = Fifo(told.append, lambda: AT)
        await scenario(fifo, told)
        fifo.close()
        return told

    return asyncio.run(run())


def reader(path: Path) -> int:
    """An end to read from, which does not wait."""
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK)


def read(descriptor: int) -> str:
    """What is there now."""
    octets = b""
    try:
        while more := os.read(descriptor, 65536):
            octets += more
    except BlockingIOError:
        pass
    return octets.decode()


def test_it_is_made_and_lines_wait_in_it_for_a_reader(tmp_path: Path) -> None:
    path = tmp_path / "fifo"

    async def scenario(fifo: Fifo, _told: list[Entry]) -> None:
        fifo.configure(str(path))
        assert stat.S_ISFIFO(path.stat().st_mode)
        fifo.write('INSTANCE "V" MASTER 100')
        fifo.write('INSTANCE "V" BACKUP 100')
        first = reader(path)
        assert read(first) == 'INSTANCE "V" MASTER 100\nINSTANCE "V" BACKUP 100\n'
        os.close(first)
        fifo.write('INSTANCE "V" STOP 100')  # no reader is no reason to fail
        second = reader(path)
        assert read(second) == 'INSTANCE "V" STOP 100\n'
        os.close(second)

    assert play(scenario) == []


def test_what_the_pipe_does_not_take_waits_and_comes_in_order(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    lines = [f"{number:0200}" for number in range(600)]  # more than the 64 KiB of a pipe

    async def scenario(fifo: Fifo, _told: list[Entry]) -> None:
        fifo.configure(str(path))
        for line in lines:
            fifo.write(line)
        end, found = reader(path), ""
        while len(found) < 201 * len(lines):
            found += read(end)
            await asyncio.sleep(0)
        os.close(end)
        assert found.splitlines() == lines

    assert play(scenario) == []


def test_beyond_the_limit_lines_are_lost_and_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "fifo"

    async def scenario(fifo: Fifo, told: list[Entry]) -> None:
        fifo.configure(str(path))
        while not told:
            fifo.write("x" * 200)
        fifo.write("x")
        fifo.write("x")
        end = reader(path)
        while len(told) < 2:
            read(end)
            await asyncio.sleep(0)
        os.close(end)

    assert play(scenario) == [FifoLost(AT, str(path), 1, "EAGAIN"), FifoLost(AT, str(path), 2, "EAGAIN")]


def test_what_waits_at_the_end_is_lost_and_told(tmp_path: Path) -> None:
    path = tmp_path / "fifo"

    async def scenario(fifo: Fifo, _told: list[Entry]) -> None:
        fifo.configure(str(path))
        for _ in range(BACKLOG_LIMIT):
            fifo.write("x" * 200)

    (lost,) = play(scenario)
    assert isinstance(lost, FifoLost)
    assert lost.lines > 0


def test_what_is_no_pipe_is_left_alone_and_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    path.write_text("mine")

    async def scenario(fifo: Fifo, told: list[Entry]) -> None:
        fifo.configure(str(path))
        assert told == [FifoLost(AT, str(path), 0, "EEXIST")]
        assert path.read_text() == "mine"
        path.unlink()
        fifo.write("line")
        end = reader(path)
        assert read(end) == "line\n"
        os.close(end)

    assert len(play(scenario)) == 1


def test_a_reload_changes_the_pipe_or_ends_it(tmp_path: Path) -> None:
    async def scenario(fifo: Fifo, _told: list[Entry]) -> None:
        fifo.configure(str(tmp_path / "a"))
        fifo.configure(str(tmp_path / "b"))
        fifo.write("line")
        end = reader(tmp_path / "b")
        fifo.configure(str(tmp_path / "b"))
        assert read(end) == "line\n"
        fifo.configure("")
        fifo.write("line")
        assert read(end) == ""
        os.close(end)

    assert play(scenario) == []
