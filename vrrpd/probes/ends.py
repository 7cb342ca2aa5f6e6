"""The end of processes as an event: one pidfd for each, readable when it ends (pidfd_open(2))."""

import asyncio
import os
from collections.abc import Collection, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
"""Which process it is."""


class Ends(Generic[Key]):
    """Processes that are watched. To be used inside a running event loop."""

    def __init__(self) -> None:
        """Nobody is watched yet."""
        self._descriptors: dict[Key, int] = {}
        self._news = asyncio.Event()
        self.ended = False
        """One has ended since `keep`."""

    @property
    def living(self) -> tuple[Key, ...]:
        """Those that are watched and have not ended."""
        return tuple(self._descriptors)

    def keep(self, keys: Collection[Key]) -> None:
        """Watch no others from now on; whoever has ended before is no news."""
        for key in [key for key in self._descriptors if key not in keys]:
            self._drop(key)
        self.ended = False

    def watch(self, key: Key, descriptor: int) -> None:
        """One more, by its pidfd, which is ours from now on."""
        self._descriptors[key] = descriptor
        asyncio.get_running_loop().add_reader(descriptor, self._end, key)

    def clear(self) -> None:
        """Forget the news until now: somebody is about to look at the processes."""
        self._news.clear()

    async def wait(self) -> None:
        """Until one of them has ended since `clear`."""
        await self._news.wait()

    def close(self) -> None:
        """Watch nobody."""
        self.keep(())

    def _end(self, key: Key) -> None:
        self._drop(key)
        self.ended = True
        self._news.set()

    def _drop(self, key: Key) -> None:
        descriptor = self._descriptors.pop(key)
        asyncio.get_running_loop().remove_reader(descriptor)
        os.close(descriptor)
