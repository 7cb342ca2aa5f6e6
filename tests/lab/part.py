"""A real program running on a host of the laboratory, from start to kill -9."""

import abc
import contextlib
import itertools
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab.namespaces import all_processes
from tests.lab.net import Host
from tests.lab.stall import kept_waiting
from tests.lab.waiting import LabError, LabTimeoutError, wait_until

ROOT = Path(__file__).resolve().parents[2]
"""The repository, from where `-m vrrpd` and `-m tests.lab...` are found."""
LOG_TAIL_CHARACTERS = 3000
"""Of a log shown in an error."""

POLL_SECONDS = 0.001
"""Between two looks at what a signal does, which takes microseconds."""

_numbers = itertools.count(1)


class Part(abc.ABC):
    """One program: its directory, process, readiness and log. Use as a context manager, or `start` and
    `stop`.

    Subclasses say `argv`, `is_ready` and, where needed, `environment`. The namespace's removal ends what is
    left.
    """

    kind = "part"
    start_timeout = 60.0
    """Seconds until it must be ready; what takes longer hangs. vrrpd takes half a second on an idle machine."""
    stop_timeout = 30.0

    def __init__(self, host: Host) -> None:
        self.host = host
        self.directory = host.directory / f"{self.kind}{next(_numbers)}"
        self.directory.mkdir()
        self.directory.chmod(0o777)  # some programs give up root and must still write here
        self.log_file = self.directory / "log"
        self.started_in = 0.0
        """Seconds from exec to ready, of the last start."""
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.running:
            self.kill()

    @abc.abstractmethod
    def argv(self) -> Sequence[str]:
        """The command to run in the namespace, in the foreground."""

    def environment(self) -> Mapping[str, str]:
        """Variables on top of our own."""
        return {}

    @abc.abstractmethod
    def is_ready(self) -> bool:
        """True once the program does its work; asked every few milliseconds."""

    def start(self) -> Self:
        """Start and wait until ready; raises `LabError` with the end of the log if it dies or is too
        slow."""
        self.launch()
        return self.wait_ready()

    def launch(self) -> None:
        """Start and return at once."""
        self._log_start = self.log_file.stat().st_size if self.log_file.exists() else 0
        with self.log_file.open("ab") as output:
            self._process = self.host.popen(self.argv(), output, self.environment())

    def wait_ready(self) -> Self:
        """The second half of `start`."""
        try:
            self.started_in = wait_until(self._ready_or_dead, self.start_timeout, f"start of {self}")
        except LabTimeoutError as error:
            raise LabError(f"{error}\n{self.log()[-LOG_TAIL_CHARACTERS:]}") from error
        return self

    def _ready_or_dead(self) -> bool:
        if not self.running:
            raise LabError(f"{self} ended while starting:\n{self.log()[-LOG_TAIL_CHARACTERS:]}")
        return self.is_ready()

    def __str__(self) -> str:
        return f"{self.kind} on {self.host.name}"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The main process; raises `LabError` before the first start."""
        if self._process is None:
            raise LabError(f"{self} was never started")
        return self._process

    @property
    def pid(self) -> int:
        """Of the main process."""
        return self.process.pid

    @property
    def running(self) -> bool:
        """The main process exists (it may be frozen)."""
        return self._process is not None and self._process.poll() is None

    def tree(self) -> list[int]:
        """Process ids of the main process and its descendants, parents first."""
        return [self.pid, *descendants(self.pid)]

    def log(self) -> str:
        """What it wrote since its last start."""
        if not self.log_file.exists():
            return ""
        return self.log_file.read_bytes()[self._log_start :].decode(errors="replace")

    def wait_log(self, text: str, timeout: float = 10.0) -> float:
        """Wait until the log holds `text`; returns the seconds waited."""
        return wait_until(lambda: text in self.log(), timeout, f"{text!r} in the log of {self}")

    def terminate(self) -> None:
        """Send SIGTERM and return at once."""
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        """SIGTERM and wait; returns the exit status (negative: ended by that signal)."""
        self.terminate()
        return self.wait()

    def wait(self) -> int:
        """Wait for the end; returns the exit status. Raises `LabError` if it does not end."""
        try:
            return self.process.wait(self.stop_timeout)
        except subprocess.TimeoutExpired as error:
            raise LabError(
                f"{self} did not end within {self.stop_timeout} s\n{self.log()[-LOG_TAIL_CHARACTERS:]}"
            ) from error

    def reload(self) -> None:
        """Send SIGHUP and return at once."""
        self.process.send_signal(signal.SIGHUP)

    def kill(self) -> None:
        """SIGKILL to the whole tree, without one of them seeing another die first (keepalived's child would
        resign)."""
        tree = self.tree()
        signal_all(tree, signal.SIGSTOP)
        signal_all(tree, signal.SIGKILL)
        self.process.wait(self.stop_timeout)
        wait_until(lambda: not any(map(alive, tree)), self.stop_timeout, f"death of {self}")

    def freeze(self) -> list[int]:
        """SIGSTOP to the whole tree, and wait until it stands; returns its process ids."""
        tree = self.tree()
        signal_all(tree, signal.SIGSTOP)
        wait_until(lambda: all(map(stands, tree)), self.stop_timeout, f"{self} stands still", POLL_SECONDS)
        return tree

    def thaw(self) -> None:
        """SIGCONT to the whole tree."""
        signal_all(self.tree(), signal.SIGCONT)

    def kept_waiting(self) -> float:
        """Seconds that threads of the main process were ready to run while the machine ran others, since its start."""
        return kept_waiting(self.pid)

    def rss_mib(self) -> float:
        """Resident memory of the main process."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def descendants(pid: int) -> list[int]:
    """Process ids of all children and their children, by /proc."""
    parents = {each: _parent(each) for each in all_processes()}
    found: list[int] = []
    generation = {pid}
    while generation:
        generation = {child for child, parent in parents.items() if parent in generation}
        found.extend(sorted(generation))
    return found


def _stat(pid: int) -> list[str]:
    return _fields(Path(f"/proc/{pid}/stat"))


def _fields(stat: Path) -> list[str]:
    try:
        # The command in parentheses may hold anything; state and parent follow it (proc_pid_stat(5)).
        return stat.read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def alive(pid: int) -> bool:
    """The process exists and is not a zombie."""
    fields = _stat(pid)
    return bool(fields) and fields[0] not in "ZX"


def stands(pid: int) -> bool:
    """Stopped by a signal, with all its threads, or dead."""
    states = [fields[0] for each in Path(f"/proc/{pid}/task").glob("*/stat") if (fields := _fields(each))]
    return set(states) <= set("TZX")


def signal_all(pids: Sequence[int], number: signal.Signals) -> None:
    """Send a signal to each of these processes; those that are gone do not matter."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
