"""The end of processes that /proc has told of, each the very one that was seen."""

import os
from collections.abc import Iterable

from vrrpd.probes.ends import Ends
from vrrpd.probes.processes import Process, read

MAX_WATCHED = 32
"""Descriptors of one probe; a daemon has 1024 by default, for up to 50 probes. The oldest processes are watched."""

Key = tuple[int, int]
"""Pid and start: which process it is."""


class Deaths(Ends[Key]):
    """Processes that are watched, by pid and start."""

    def __init__(self) -> None:
        """Nobody is watched yet."""
        super().__init__()
        self.blind = ""
        """Why processes cannot be watched; empty: they are."""

    def follow(self, processes: Iterable[Process]) -> tuple[Process, ...]:
        """Watch these and no others; returns those that live. What died before it could be watched is left out."""
        wanted = sorted(processes, key=lambda process: (process.started, process.pid))
        watched, rest = wanted[:MAX_WATCHED], wanted[MAX_WATCHED:]
        self.keep({_key(each) for each in watched})
        self.blind = ""
        return (*(each for each in watched if self._lives(each)), *rest)

    def _lives(self, process: Process) -> bool:
        """From now on watched, too, if that is possible."""
        key = _key(process)
        if key in self.living:
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
        self.watch(key, descriptor)
        return True


def _key(process: Process) -> Key:
    return (process.pid, process.started)
