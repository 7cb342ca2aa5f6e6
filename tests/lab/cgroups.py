"""Control groups by name, in each hierarchy of this machine: make, enter, remove, sweep (cgroups(7)).

A systemd in a container needs one of its own: two in the same one take each other's processes.
"""

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

from tests.lab.waiting import wait_until

REMOVAL_TIMEOUT_SECONDS = 10.0
"""From SIGKILL to the last process until its group can go."""


def hierarchies() -> list[Path]:
    """Those in which systemd keeps its groups: the one of version 2, or with version 1 `systemd` and `unified`."""
    top = Path("/sys/fs/cgroup")
    return [path for path in (top, top / "systemd", top / "unified") if (path / "cgroup.procs").exists()]


def make(name: str) -> list[Path]:
    """One group in each hierarchy; returns their paths. A process enters by its pid in their `cgroup.procs`."""
    made = [hierarchy / name for hierarchy in hierarchies()]
    for path in made:
        path.mkdir(exist_ok=True)
    return made


def remove(name: str) -> None:
    """End the processes in the groups of this name, and remove the groups with what systemd made below them."""

    def gone() -> bool:
        tops = [hierarchy / name for hierarchy in hierarchies() if (hierarchy / name).exists()]
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
    names = {path.name for hierarchy in hierarchies() for path in hierarchy.iterdir() if is_leftover(path.name)}
    for name in names:
        remove(name)
    return sorted(names)
