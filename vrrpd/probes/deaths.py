"""The end of a process as an event: one pidfd for each process, readable when it ends (pidfd_open(2))."""

import asyncio
import os
from collections.abc import Iterable

from vrrpd.probes.processes import Process, read

MAX_WATCHED = 32
"""Descriptors of one probe; a daemon has 1024 by default, for up to 50 probes. The oldest processes are watched."""

Key = tuple[int, int]
"""Pid and start: which process it is."""


class Deaths:
    """Processes that are watched. To be used inside a running event loop."""

    def __init__(self) -> None:
        """Nobody is watched yet."""
        self._descriptors: dict[Key, int] = {}
        self._died = asyncio.Event()
        self.blind = ""
        """Why processes cannot be watched; empty: they are."""

    def follow(self, processes: Iterable[Process]) -> tuple[Process, ...]:
        """Watch these and no others; returns those that live. What died before it could be watched is left out."""
        wanted = sorted(processes, key=lambda process: (process.started, process.pid))
        watched, rest = wanted[:MAX_WATCHED], wanted[MAX_WATCHED:]
        keys = {_key(each) for each in watched}
        for key in [key for key in self._descriptors if key not in keys]:
            self._drop(key)
        self.blind = ""
        return (*(each for each in watched if self._watch(each)), *rest)

    def clear(self) -> None:
        """Forget the deaths until now: somebody is about to look at the processes."""
        self._died.clear()

    async def wait(self) -> None:
        """Until one of them has ended since `clear`."""
        await self._died.wait()

    def close(self) -> None:
        """Watch nobody."""
        for key in list(self._descriptors):
            self._drop(key)

    def _watch(self, process: Process) -> bool:
        """Say whether it lives."""
        key = _key(process)
        if key in self._descriptors:
            return True
        try:
            descriptor = os.pidfd_open(process.pid)
        except ProcessLookupError:
            return False
        except OSError as error:
            self.blind = f"the end of a process is seen at the next check only: pidfd_open: {error.strerror}"
            return True
        if (now := read(process.pid)) is None or now.started != process.started:
            os.close(descriptor)  # the pid is another process's by now
            return False
        self._descriptors[key] = descriptor
        asyncio.get_running_loop().add_reader(descriptor, self._ended, key)
        return True

    def _ended(self, key: Key) -> None:
        self._drop(key)
        self._died.set()

    def _drop(self, key: Key) -> None:
        descriptor = self._descriptors.pop(key)
        asyncio.get_running_loop().remove_reader(descriptor)
        os.close(descriptor)


def _key(process: Process) -> Key:
    return (process.pid, process.started)
