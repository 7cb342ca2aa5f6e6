"""The history: over restarts, bounded, and never in the way."""

import asyncio
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.observe.samples import Clock
from vrrpd.daemon.disk import Disk
from vrrpd.daemon.history import FILE_NAME, FOLLOWERS_LIMIT, WAITING_LIMIT, History
from vrrpd.engine.journal import Entry
from vrrpd.engine.journal_daemon import HistoryLost
from vrrpd.observe.events import HISTORY_LOST, Level
from vrrpd.observe.lines import Line
from vrrpd.protocol.messages import Seconds


def line(event: str) -> Line:
    return Line(Seconds(1.0), event, Level.INFO, {"n": 1})


class World:
    """A history, its disk, and what it published."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.disk, self.clock = Disk(), Clock()
        self.published: list[Entry] = []
        self.history = History(directory, self.disk, self.published.append, self.clock.now, self.clock.wall)

    async def settled(self) -> None:
        """Every write is done, and its end was seen."""
        while (writing := self.history._writing) is not None and not writing.done():
            await asyncio.wait({writing})

    def kept(self) -> list[str]:
        """Events in the file."""
        return events((self.directory / FILE_NAME).read_text().splitlines())


def events(lines: Sequence[str]) -> list[Any]:
    return [json.loads(each)["event"] for each in lines]


async def test_over_a_restart(tmp_path: Path) -> None:
    """What is told before the file was read comes after what is in it."""
    first = World(tmp_path)
    first.history.start()
    for event in ("a", "b"):
        first.history.tell(line(event))
    first.history.finish()
    first.disk.settle(10.0)
    second = World(tmp_path)
    second.history.start()
    second.history.tell(line("c"))
    assert events(await second.history.last(2)) == ["b", "c"]
    assert events(await second.history.last(10)) == ["a", "b", "c"]
    assert await second.history.last(0) == []


async def test_a_line_is_json(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.history.tell(line("probe.changed"))
    (text,) = await world.history.last(5)
    expected = {"timestamp": "2027-01-15T08:00:01.000Z", "level": "info", "event": "probe.changed", "n": 1}
    assert json.loads(text) == expected
    await world.settled()


async def test_followers_get_the_past_and_what_comes(tmp_path: Path) -> None:
    """So many at once."""
    world = World(tmp_path)
    world.history.tell(line("a"))
    followers = [await world.history.follow(1) for _ in range(FOLLOWERS_LIMIT)]
    assert await world.history.follow(1) is None
    world.history.tell(line("b"))
    for each in followers:
        assert each is not None
        assert events(await each.take(60.0)) == ["a", "b"]
        each.close()
    assert await world.history.follow(1) is not None
    await world.settled()


async def test_a_disk_that_fails_costs_lines_and_is_told(tmp_path: Path) -> None:
    """Counted; what is told of that is not kept itself; the gap is told in the file as soon as it can be."""
    world = World(tmp_path / "nowhere")
    world.history.tell(line("a"))
    await world.settled()
    why = "No such file or directory"
    assert world.published == [HistoryLost(Seconds(0.0), 1, why)]
    world.history.tell(line(HISTORY_LOST))
    assert len(world.published) == 1
    world.directory.mkdir()
    world.history.tell(line("b"))
    await world.settled()
    assert world.kept() == [HISTORY_LOST, "b"]
    assert events(await world.history.last(9)) == ["a", HISTORY_LOST, "b"]


async def test_a_disk_that_hangs_costs_lines_only(tmp_path: Path) -> None:
    """Nothing waits for it, and what waits for it is bounded."""
    world, released = World(tmp_path), threading.Event()
    world.disk.do(released.wait)  # type: ignore[unused-awaitable] # it is released below
    for _ in range(WAITING_LIMIT + 3):
        world.history.tell(line("a"))
    assert [each.lines for each in world.published if isinstance(each, HistoryLost)] == [1, 1]
    released.set()
    await world.settled()
    await world.settled()
    assert world.kept().count("a") == WAITING_LIMIT + 1


@pytest.mark.parametrize("junk", [b"\xff", b"nonsense\n"])
async def test_a_file_that_is_wrong_is_passed_over(tmp_path: Path, junk: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(junk)
    world = World(tmp_path)
    world.history.start()
    assert await world.history.last(9) == []
