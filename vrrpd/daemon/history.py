"""The history: what the log tells, as JSON lines in the state directory, over restarts and bounded in size.

A disk that is slow, full or hangs costs lines of the history, which are counted, and nothing else.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from vrrpd.api.follower import Follower
from vrrpd.api.stream import COUNT_LIMIT
from vrrpd.daemon.disk import Disk
from vrrpd.daemon.rotation import Files
from vrrpd.engine.journal import Publish
from vrrpd.engine.journal_daemon import HistoryLost
from vrrpd.observe.events import HISTORY_LOST, Level
from vrrpd.observe.lines import Line, as_json
from vrrpd.observe.state import Wall
from vrrpd.protocol.messages import Seconds

FILE_NAME = "events.jsonl"
WAITING_LIMIT = 1000
"""Lines that wait for the disk."""
FOLLOWERS_LIMIT = 8
"""At once: operators, each with a terminal or two."""


class History:
    """Attach `tell` to the log. Implements `vrrpd.api.follower.Events`."""

    def __init__(self, state_dir: Path, disk: Disk, publish: Publish, now: Callable[[], Seconds], wall: Wall) -> None:
        """Nothing is read or written before `start`."""
        self._files = Files(state_dir / FILE_NAME)
        self._disk = disk
        self._publish = publish
        self._now = now
        self._wall = wall
        self._lines: deque[str] = deque(maxlen=COUNT_LIMIT)
        self._waiting: list[str] = []
        self._lost = 0
        self._followers: set[Follower] = set()
        self._loading: asyncio.Future[Sequence[str]] | None = None
        self._writing: asyncio.Future[None] | None = None

    def start(self) -> None:
        """Read what an earlier daemon wrote; what is told meanwhile comes after it."""
        self._loading = self._disk.do(lambda: self._files.last(COUNT_LIMIT))
        self._loading.add_done_callback(self._loaded)

    def tell(self, line: Line) -> None:
        """Keep one line, and give it to all who follow."""
        text = as_json(line, self._wall)
        self._lines.append(text)
        for each in tuple(self._followers):
            each.give(text)
        if line.event != HISTORY_LOST:  # it could not be written either
            self._keep(text)

    async def last(self, count: int) -> Sequence[str]:
        """See `Events`."""
        if self._loading is not None:
            await asyncio.wait({self._loading})
        return list(self._lines)[-count:] if count else []

    async def follow(self, count: int) -> Follower | None:
        """See `Events`."""
        past = await self.last(count)
        if len(self._followers) >= FOLLOWERS_LIMIT:
            return None
        follower = Follower(past, self._followers.discard)
        self._followers.add(follower)
        return follower

    def finish(self) -> None:
        """Give what waits to the disk: the process is about to end."""
        if self._waiting:
            batch, self._waiting = self._waiting, []
            self._writing = self._disk.do(lambda: self._files.append(batch))

    def _loaded(self, loading: "asyncio.Future[Sequence[str]]") -> None:
        room = COUNT_LIMIT - len(self._lines)
        if room and not loading.cancelled() and loading.exception() is None:
            self._lines.extendleft(reversed(loading.result()[-room:]))

    def _keep(self, text: str) -> None:
        if len(self._waiting) >= WAITING_LIMIT:
            self._lose(1, "the disk does not keep up")
            return
        self._waiting.append(text)
        self._write()

    def _write(self) -> None:
        """One write at a time; it takes all that waits, and tells first what was lost before."""
        if not self._waiting or (self._writing is not None and not self._writing.done()):
            return
        batch, self._waiting, told = self._waiting, [], self._lost
        gap = [as_json(Line(self._now(), HISTORY_LOST, Level.ERROR, {"lines": told}), self._wall)] if told else []
        self._writing = self._disk.do(lambda: self._files.append([*gap, *batch]))
        self._writing.add_done_callback(lambda writing: self._written(writing, len(batch), told))

    def _written(self, writing: "asyncio.Future[None]", count: int, told: int) -> None:
        if writing.cancelled():
            return
        error = writing.exception()
        if isinstance(error, OSError):
            self._lose(count, error.strerror or str(error))
        else:
            self._lost -= told
        self._write()

    def _lose(self, count: int, why: str) -> None:
        self._lost += count
        self._publish(HistoryLost(self._now(), count, why))
