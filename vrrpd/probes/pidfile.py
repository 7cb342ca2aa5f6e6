"""Which process a pid file names, and whether it is still the one that was meant.

Pids come again: a file that a crash left behind may name a stranger. Blocks; to be called in a thread.
"""

import time
from pathlib import Path

from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown
from vrrpd.probes.processes import TICKS, Process, read

MAX_READ = 64
"""Octets; a pid has seven digits, and some programs write more lines behind it."""
MAX_PID = 1 << 22
"""PID_MAX_LIMIT of Linux."""
SLACK = 2.0
"""Seconds by which a process may seem younger than the file it was named in: both clocks are read coarsely."""


class PidFile:
    """One pid file, read again and again."""

    def __init__(self, path: str, *, trust: bool) -> None:
        """`trust`: the caller compares names, which says more than ages."""
        self._path = Path(path)
        self._trust = trust
        self._accepted: tuple[int, int, int] | None = None

    def process(self, *, alive: bool) -> Process | None:
        """The process it names, None if that is gone. `alive`: the one it named before still lives.

        Raises `ProbeFailed` if the file is missing, empty or names a stranger, `ProbeUnknown` if it may not be read.
        """
        pid, written = self._read(alive=alive)
        process = read(pid)
        if process is not None and not self._trust:
            self._compare_ages(process, written)
        return process

    def _read(self, *, alive: bool) -> tuple[int, int]:
        """Pid, and when it was written in ns. While it is being written anew, it is empty or missing for a moment:
        then a failure is not certain as long as the process of before lives.
        """
        try:
            with self._path.open("rb") as file:
                text, written = file.read(MAX_READ), self._path.stat().st_mtime_ns
        except FileNotFoundError:
            raise ProbeFailed(f"{self._path}: no such pid file", certain=not alive) from None
        except OSError as error:
            raise ProbeUnknown(f"{self._path}: {error.strerror}") from error
        first = (text.split() or [b""])[0]
        if not text.strip():
            raise ProbeFailed(f"{self._path} is empty", certain=not alive)
        if not first.isdigit() or not 1 <= int(first) <= MAX_PID:
            raise ProbeUnknown(f"{self._path} holds no pid: {first[:20].decode(errors='replace')!r}")
        return int(first), written

    def _compare_ages(self, process: Process, written: int) -> None:
        """Who wrote the file, or whose parent did, is older than it. Asked once for each pair, since a clock that is
        set later, as when a virtual machine wakes up, moves the two apart.
        """
        pair = (process.pid, process.started, written)
        if pair == self._accepted:
            return
        now, since_boot = time.clock_gettime(time.CLOCK_REALTIME), time.clock_gettime(time.CLOCK_BOOTTIME)
        younger = (now - since_boot + process.started / TICKS) - written / 1e9
        if younger > SLACK:
            told = f"{self._path} is older than process {process.pid} ({process.comm}), so it means another one"
            raise ProbeFailed(f"{told}; if the clock was set since, give executable", certain=True)
        self._accepted = pair
