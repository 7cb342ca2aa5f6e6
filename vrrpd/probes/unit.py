"""The processes of a systemd unit, from its control group: no D-Bus, no privilege, no process to start.

systemd gives each unit a control group of its name below those of its slices (systemd.slice(5), cgroups(7)), and
removes it when the last process has gone. Blocks; to be called in a thread.
"""

import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown

CGROUPS = Path("/sys/fs/cgroup")
ROOTS = ("", "unified", "systemd")
"""Below `CGROUPS`: version 2; version 2 beside 1; systemd's own hierarchy of version 1."""
MAX_SLICES = 1024
"""Slices searched for the unit; each template has one, hosts have some tens."""
MAX_GROUPS = 256
"""Control groups below a unit's own, where it has `Delegate=`."""
MAX_PROCS = 65536
"""Octets of a list of pids: about 10,000 processes."""
NAME = re.compile(r"[A-Za-z0-9:_.@\\-]{1,255}")
"""systemd.unit(5)."""


def full(name: str) -> str:
    """As systemctl(1) reads it: without a type it is a service."""
    return name if name.endswith((".service", ".scope", ".slice", ".socket", ".mount")) else f"{name}.service"


def members(unit: str) -> frozenset[int]:
    """Pids of all its processes, empty if it has none or does not run. Raises `ProbeUnknown` without systemd."""
    found = [group for root in ROOTS if (group := _search(CGROUPS / root, full(unit))) is not None]
    if not found and not any((CGROUPS / root / "system.slice").is_dir() for root in ROOTS):
        raise ProbeUnknown(f"unit: {CGROUPS} has no control groups of systemd")
    return frozenset(pid for group in found for each in _below(group) for pid in _pids(each))


def _search(root: Path, unit: str) -> Path | None:
    """Where the unit's group is; looks into slices only, in the usual one first."""
    waiting = deque([root / "system.slice", root])
    for _ in range(MAX_SLICES):
        if not waiting:
            return None
        place = waiting.popleft()
        if (place / unit / "cgroup.procs").is_file():
            return place / unit
        waiting.extend(each for each in _folders(place) if each.name.endswith(".slice"))
    raise ProbeFailed(f"unit: not among the first {MAX_SLICES} slices below {root}")


def _below(group: Path) -> Iterator[Path]:
    waiting = deque([group])
    for _ in range(MAX_GROUPS):
        if not waiting:
            return
        yield (place := waiting.popleft())
        waiting.extend(_folders(place))


def _folders(place: Path) -> list[Path]:
    try:
        return sorted(each for each in place.iterdir() if each.is_dir())
    except OSError:  # gone meanwhile
        return []


def _pids(group: Path) -> list[int]:
    """A threaded group refuses to be read, its parent lists the processes."""
    try:
        with (group / "cgroup.procs").open("rb") as file:
            return [int(each) for each in file.read(MAX_PROCS).split()]
    except OSError:
        return []
