"""Network namespaces by name: make, enter, list their processes, remove, sweep up after the dead.

A name is `vl<pid>n<serial>-<label>`: it tells which process made it, so that leftovers of a killed test run
are known.
"""

import contextlib
import ctypes
import fcntl
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from tests.lab import cgroups
from tests.lab.waiting import LabError, wait_until

T = TypeVar("T")

NAMESPACES = Path("/run/netns")
"""Where iproute2 keeps them (ip-netns(8))."""
BROOM = Path("/run/vrrpd-lab.lock")
OWNED_NAME = re.compile(r"^vl(\d+)n\d+-")
COMMAND_TIMEOUT_SECONDS = 240.0
"""A command of the laboratory that takes longer hangs; on a busy machine rabbitmqctl takes half a minute, and pip
one or two."""
DEATH_TIMEOUT_SECONDS = 30.0
"""From SIGKILL until the process is gone."""
CLONE_NEWNET = 0x40000000
"""linux/sched.h; `os.setns` came only with Python 3.12."""


def call(argv: Sequence[str], stdin: str | None = None) -> str:
    """Run a command and return its output; raises `LabError` with its error text."""
    done = subprocess.run(
        argv, input=stdin, capture_output=True, text=True, timeout=COMMAND_TIMEOUT_SECONDS, check=False
    )
    if done.returncode != 0:
        raise LabError(f"{' '.join(argv)}: exit {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def prefix(serial: int) -> str:
    """Start of all names of one `Lan` of this process."""
    return f"vl{os.getpid()}n{serial}-"


def inside(name: str, function: Callable[[], T]) -> T:
    """Call `function` in a thread that has entered the namespace; sockets made there stay there."""
    results: list[T] = []
    errors: list[BaseException] = []

    def body() -> None:
        try:
            _enter(name)
            results.append(function())
        except BaseException as error:  # noqa: BLE001 - handed to the caller's thread below
            errors.append(error)

    thread = threading.Thread(target=body, name=f"inside {name}")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _enter(name: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(NAMESPACES / name, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.setns(descriptor, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {name}")
    finally:
        os.close(descriptor)


def processes(names: Iterable[str]) -> list[int]:
    """Process ids that live in one of these namespaces, ourselves never."""
    wanted = {identity for name in names if (identity := _identity(NAMESPACES / name)) is not None}
    found = [pid for pid in all_processes() if _identity(Path(f"/proc/{pid}/ns/net")) in wanted]
    return [pid for pid in found if pid != os.getpid()]


def all_processes() -> list[int]:
    """Process ids on the machine."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:  # gone in the meantime, or a zombie, which has no namespace any more
        return None
    return found.st_dev, found.st_ino


def remove(names: Sequence[str]) -> None:
    """End the processes in these namespaces (they can only be ours) and remove the namespaces."""

    def all_gone() -> bool:
        left = processes(names)
        for pid in left:
            _kill(pid)
        return not left

    wait_until(all_gone, DEATH_TIMEOUT_SECONDS, f"death of the processes in {', '.join(names)}")
    for name in names:
        if (NAMESPACES / name).exists():
            call(["ip", "netns", "delete", name])


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def leftovers(owner: int | None = None) -> list[str]:
    """Namespaces of the laboratory made by process `owner`, or by processes that are dead."""
    names = [entry.name for entry in NAMESPACES.iterdir()] if NAMESPACES.is_dir() else []
    return [name for name in names if _is_leftover(name, owner)]


@contextlib.contextmanager
def broom() -> Iterator[None]:
    """Nobody else sweeps meanwhile: two at once would find each other's work half done."""
    with BROOM.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def sweep() -> list[str]:
    """Remove namespaces, processes, control groups and files of dead owners; returns the names of what was
    found."""
    with broom():
        return sweep_now()


def sweep_now() -> list[str]:
    """As `sweep`, for who holds the broom."""
    found = leftovers()
    remove(found)
    found += cgroups.sweep(lambda name: _is_leftover(name, None))
    files = [path for path in Path(tempfile.gettempdir()).glob("vl*n*-*") if _is_leftover(path.name, None)]
    for path in files:
        shutil.rmtree(path, ignore_errors=True)
    return found + [path.name for path in files]


def _is_leftover(name: str, owner: int | None) -> bool:
    matched = OWNED_NAME.match(name)
    if matched is None:
        return False
    pid = int(matched.group(1))
    return pid == owner if owner is not None else not Path(f"/proc/{pid}").exists()
