"""What /proc tells of processes, to any user (proc_pid_stat(5), proc_pid_status(5)). Blocks; to be called in a thread.

`/proc/PID/exe` of other users' processes is closed to an unprivileged daemon, so names and arguments must do.
"""

import os
import pwd
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from vrrpd.probes.outcome import ProbeUnknown

PROC = Path("/proc")
COMM = 15
"""Octets of a process's name that the kernel keeps (TASK_COMM_LEN - 1)."""
ARGUMENTS = 3
"""Of the command line: interpreter, its option, the script (execve(2))."""
MAX_PIDS = 65536
"""Entries of /proc looked at in one scan, some seconds' worth."""
MAX_READ = 16384
"""Octets of one file of /proc; stat and status are much shorter, a command line is cut."""
TICKS = os.sysconf("SC_CLK_TCK")
"""Of the start time, in one second."""

_DEAD = frozenset("ZXx")
"""A zombie serves nobody."""


class Process(NamedTuple):
    """A process that lives. `started`: in `TICKS` since boot; with the pid it is unique, the pid alone comes again."""

    pid: int
    started: int
    comm: str


def read(pid: int) -> Process | None:
    """The process, None if there is none or only a zombie."""
    try:
        text = _content(pid, "stat")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    head, _, tail = text.rpartition(")")  # the name may hold both parentheses and spaces
    fields = tail.split()
    if len(fields) < 20 or fields[0] in _DEAD:
        return None
    return Process(pid, int(fields[19]), head.partition("(")[2])


def every() -> Iterator[Process]:
    """All processes that can be seen, in no order."""
    with os.scandir(PROC) as entries:
        for count, entry in enumerate(entries):
            if count >= MAX_PIDS:
                raise ProbeUnknown(f"{PROC} has more than {MAX_PIDS} entries")
            if entry.name.isdigit() and (process := read(int(entry.name))) is not None:
                yield process


def runs(process: Process, executable: str) -> bool:
    """Whether it runs that program: a name as in `ps -o comm`, or an absolute path.

    A path is compared with the executable where we may see it, and with the command line; a script counts when it was
    started as a program, as then the kernel names the process after it.
    """
    name = executable.rpartition("/")[2]
    if process.comm.encode(errors="surrogateescape") != name.encode()[:COMM]:
        return False
    return "/" not in executable or _link(process.pid) == executable or executable in _arguments(process.pid)


def goes_on_with(process: Process, arguments: Sequence[str], match: str) -> bool:
    """Whether its command line has these words behind the program. `match`: exact: these alone; partial: these first;
    initial: these first, and the last of them may be longer (keepalived.conf(5), param_match).
    """
    try:
        given = _content(process.pid, "cmdline").removesuffix("\0").split("\0")[1:]
    except OSError:
        return False
    wanted = list(arguments)
    if match == "initial":
        return "\0".join(given).startswith("\0".join(wanted))
    return (given if match == "exact" else given[: len(wanted)]) == wanted


def runs_as(process: Process, uid: int) -> bool:
    """Whether its effective user is `uid`."""
    try:
        lines = _content(process.pid, "status").splitlines()
    except OSError:
        return False
    return next((int(line.split()[2]) == uid for line in lines if line.startswith("Uid:")), False)


def uid_of(user: str) -> int:
    """Ask the name service. Raises `ProbeUnknown`."""
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        raise ProbeUnknown(f"user: this host has no user {user}") from None


def must_see_others() -> None:
    """Raise `ProbeUnknown` if /proc hides other users' processes: then having found none says nothing."""
    try:
        _content(1, "stat")
    except OSError as error:
        hint = "hidepid, or ProtectProc= in the unit"
        raise ProbeUnknown(f"{PROC} hides the processes of others ({hint}): {error.strerror}") from error


def _content(pid: int, name: str) -> str:
    with (PROC / str(pid) / name).open("rb", buffering=0) as file:
        return (file.read(MAX_READ) or b"").decode(errors="surrogateescape")


def _link(pid: int) -> str:
    """Empty where we may not see it; an executable that was replaced by an update is still the same program."""
    try:
        return str((PROC / str(pid) / "exe").readlink()).removesuffix(" (deleted)")
    except OSError:
        return ""


def _arguments(pid: int) -> list[str]:
    try:
        return _content(pid, "cmdline").split("\0")[:ARGUMENTS]
    except OSError:
        return []
