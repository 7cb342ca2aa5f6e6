"""Somebody who reads the events as they happen, and how far behind he may be."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

BEHIND_LIMIT = 512
"""Lines that wait for a reader, besides those it asked for from the past; one that is further behind is cut off."""


class Follower:
    """Lines for one reader. `cut`: it was too slow and gets nothing any more."""

    def __init__(self, past: Iterable[str], leave: Callable[["Follower"], None]) -> None:
        """`leave` is called when it reads no more."""
        self._waiting = deque(past)
        self._limit = BEHIND_LIMIT + len(self._waiting)
        self._more = asyncio.Event()
        self._leave = leave
        self.cut = False

    def give(self, line: str) -> None:
        """One line more. Never blocks."""
        if len(self._waiting) >= self._limit:
            self.cut = True
            self._waiting.clear()
        if not self.cut:
            self._waiting.append(line)
        self._more.set()

    async def take(self, patience: float) -> Sequence[str]:
        """What waits; if nothing does, what comes within so many seconds, which may be nothing."""
        try:
            if not self._waiting:
                async with asyncio.timeout(patience):
                    await self._more.wait()
        except TimeoutError:
            return ()
        self._more.clear()
        taken = tuple(self._waiting)
        self._waiting.clear()
        return taken

    def close(self) -> None:
        """It reads no more."""
        self._leave(self)


class Events(Protocol):
    """What has happened and happens, as lines of JSON."""

    async def last(self, count: int) -> Sequence[str]:
        """The last so many lines, the oldest first."""
        ...

    async def follow(self, count: int) -> Follower | None:
        """The same, and all that come; None: there are too many followers already."""
        ...
