"""Control groups by name, in each hierarchy of this machine: make, enter, starve, remove, sweep (cgroups(7)).

A systemd in a container needs one of its own: two in the same one take each other's processes. And a limit of memory
brings the OOM killer to a process of ours and to nobody else.
"""

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

from tests.lab.waiting import LabError, wait_until

TOP = Path("/sys/fs/cgroup")
REMOVAL_TIMEOUT_SECONDS = 10.0
"""From SIGKILL to the last process until its group can go."""


def hierarchies() -> list[Path]:
    """Those in which systemd keeps its groups: the one of version 2, or with version 1 `systemd` and `unified`."""
    return [path for path in (TOP, TOP / "systemd", TOP / "unified") if (path / "cgroup.procs").exists()]


def _memory() -> Path:
    """The hierarchy with the memory controller, of version 2 or 1. Raises `LabError` if there is none."""
    if (TOP / "cgroup.procs").exists() and "memory" in (TOP / "cgroup.subtree_control").read_text().split():
        return TOP
    if (TOP / "memory" / "cgroup.procs").exists():
        return TOP / "memory"
    raise LabError(f"no memory controller in {TOP} for groups of ours (cgroups(7))")


class Starved:
    """A group whose processes may take `limit` bytes more than they had when they entered, and no swap.

    Its name says who made it, as those of namespaces do. The processes end with the group.
    """

    def __init__(self, name: str, limit: int) -> None:
        self._name = name
        self._path = _memory() / name
        self._path.mkdir()
        first = self._path / "memory.limit_in_bytes"
        # Memory and swap together is what version 1 calls memsw; it must not be below the first.
        rows = [(first, limit), (self._path / "memory.memsw.limit_in_bytes", limit)]
        if not first.exists():
            rows = [(self._path / "memory.max", limit), (self._path / "memory.swap.max", 0)]
        for file, value in rows:
            if file.exists():  # without swap in the kernel there is nothing to limit
                file.write_text(str(value))

    def enter(self, pid: int) -> None:
        """What the process has already stays on the account of the group it comes from."""
        (self._path / "cgroup.procs").write_text(str(pid))

    def kills(self) -> int:
        """Processes of it that the kernel has killed for want of memory."""
        files = [self._path / name for name in ("memory.events", "memory.oom_control")]
        lines = [line.split() for file in files if file.exists() for line in file.read_text().splitlines()]
        return sum(int(value) for name, value in lines if name == "oom_kill")

    def remove(self) -> None:
        """And what runs in it."""
        remove(self._name)


def make(name: str) -> list[Path]:
    """One group in each hierarchy; returns their paths. A process enters by its pid in their `cgroup.procs`."""
    made = [hierarchy / name for hierarchy in hierarchies()]
    for path in made:
        path.mkdir(exist_ok=True)
    return made


def _all() -> list[Path]:
    """Wherever a group of ours may be."""
    memory = TOP / "memory"
    return [*hierarchies(), *([memory] if (memory / "cgroup.procs").exists() else [])]


def remove(name: str) -> None:
    """End the processes in the groups of this name, and remove the groups with what systemd made below them."""

    def gone() -> bool:
        tops = [hierarchy / name for hierarchy in _all() if (hierarchy / name).exists()]
        for top in tops:
            _empty(top)
        return not tops

    wait_until(gone, REMOVAL_TIMEOUT_SECONDS, f"removal of the control groups {name}")


def _empty(top: Path) -> None:
    """One attempt: the kernel removes a group only when it has no process and no child left."""
    for path in sorted((top, *(each for each in top.rglob("*") if each.is_dir())), reverse=True):
        with contextlib.suppress(OSError):
            for pid in (path / "cgroup.procs").read_text().split():
                os.kill(int(pid), signal.SIGKILL)
            path.rmdir()


def sweep(is_leftover: Callable[[str], bool]) -> list[str]:
    """Remove the groups whose name is a leftover; returns the names."""
    names = {path.name for hierarchy in _all() for path in hierarchy.iterdir() if is_leftover(path.name)}
    for name in names:
        remove(name)
    return sorted(names)
