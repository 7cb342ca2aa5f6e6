"""The end of HAProxy as an event: pidfds of the processes behind the stats socket (pidfd_open(2)).

Two may be watched, since either may be out of sight. `Pid` of `show info` is the worker, as HAProxy itself counts:
from another PID namespace it is nobody or somebody else. The peer of the socket is told as we count, but it is the
master. To watch somebody else does no harm: when he ends, HAProxy is asked once more and answers.
"""

import asyncio
import os
from collections.abc import Iterable
from contextlib import suppress


class Behind:
    """The processes that answered last. To be used inside a running event loop."""

    def __init__(self) -> None:
        """Nobody answered yet."""
        self._living: dict[int, int] = {}
        self._news = asyncio.Event()
        self.ended = False
        """One of those that answered last is gone."""

    @property
    def living(self) -> tuple[int, ...]:
        """Pids of those that are watched and live."""
        return tuple(self._living)

    def follow(self, pids: Iterable[int]) -> None:
        """Watch these, who have just answered, and no others. Whom we cannot see is left out."""
        wanted = {pid for pid in pids if pid > 0}
        for pid in set(self._living) - wanted:
            self._drop(pid)
        self.ended = False
        for pid in wanted - set(self._living):
            with suppress(OSError):  # ESRCH: another PID namespace; EPERM, ENOSYS: a sandbox; EMFILE
                self._watch(pid)

    def clear(self) -> None:
        """Forget the news until now: HAProxy is about to be asked."""
        self._news.clear()

    async def wait(self) -> None:
        """Until one of them has ended since `clear`."""
        await self._news.wait()

    def close(self) -> None:
        """Watch nobody."""
        self.follow(())

    def _watch(self, pid: int) -> None:
        descriptor = os.pidfd_open(pid)
        asyncio.get_running_loop().add_reader(descriptor, self._end, pid)
        self._living[pid] = descriptor

    def _end(self, pid: int) -> None:
        self._drop(pid)
        self.ended = True
        self._news.set()

    def _drop(self, pid: int) -> None:
        descriptor = self._living.pop(pid)
        asyncio.get_running_loop().remove_reader(descriptor)
        os.close(descriptor)
