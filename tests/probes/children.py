"""Processes for the probes to find: copies of sleep under a name that nobody else has."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Child = subprocess.Popen[bytes]


def program(folder: Path, name: str = "") -> Path:
    """An executable that sleeps; its name is at most 15 characters and ours alone."""
    path = folder / (name or f"vt{os.getpid()}")
    shutil.copy(shutil.which("sleep") or "", path)
    return path


@contextmanager
def running(path: Path, count: int = 1) -> Iterator[list[Child]]:
    """So many of it; all have ended afterwards."""
    children = [subprocess.Popen([path, "1000"]) for _ in range(count)]
    try:
        for child in children:
            while not Path(f"/proc/{child.pid}/cmdline").read_bytes().startswith(os.fsencode(path)):
                os.sched_yield()  # Popen returns a moment before the kernel has given it its name and arguments
        yield children
    finally:
        for child in children:
            kill(child)


def kill(child: Child) -> None:
    """Kill it, and let nothing of it remain."""
    child.kill()
    child.wait()


def zombie(child: Child) -> None:
    """Kill it and wait until it has ended, without reaping it."""
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)


def freeze(child: Child) -> None:
    """Stop it."""
    child.send_signal(signal.SIGSTOP)
