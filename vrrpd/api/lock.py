"""One daemon per run directory: a lock that dies with its process, and says who has it."""

import fcntl
import os
from pathlib import Path

PID_LIMIT = 32
"""Octets read of the other's process id; a lock file holds nothing else."""


class AlreadyRunningError(Exception):
    """Another daemon has this run directory; the text names its process id."""


class RunLock:
    """flock(2) on `run_dir`/vrrpd.lock. The file stays: removing it would let two daemons lock two files."""

    def __init__(self, run_dir: Path) -> None:
        """Nothing is opened yet."""
        self._path = run_dir / "vrrpd.lock"
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Raises `AlreadyRunningError`, or OSError if the file cannot be made."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = os.read(descriptor, PID_LIMIT).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise AlreadyRunningError(f"{self._path}: held by another vrrpd, process {other}") from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
        self._descriptor = descriptor

    def release(self) -> None:
        """Let another daemon have it. Harmless when not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
