"""What a busy machine takes away: from a program that was ready to run, and from us who look at the clock.

A bound in seconds judges the program under test only after that is taken off.
"""

import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab.waiting import now

PERIOD_SECONDS = 0.005
"""Of sleep; a waking that is later than as much again is a stall. An idle machine is late by a tenth of it."""

_accounts: dict[tuple[int, str], dict[str, float]] = {}
"""By process (its id, and when it began, as ids come again): seconds by thread, as last seen."""


def kept_waiting(pid: int) -> float:
    """Seconds, since its start, that threads of this process were ready to run and had no processor, all together.

    From the kernel (sched-stats, /proc/PID/task/TID/schedstat): also while a quota of its control group was used up.
    It goes on over execve(2), and never back: a thread that has ended counts as it was when we last asked.
    """
    process = Path(f"/proc/{pid}")
    began = (process / "stat").read_text().rpartition(")")[2].split()[19]  # as of proc_pid_stat(5)
    account = _accounts.setdefault((pid, began), {})
    for thread in (process / "task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):
            account[thread.name] = int((thread / "schedstat").read_text().split()[1]) / 1e9
    return sum(account.values())


class Stalls:
    """A thread that sleeps for a moment again and again, and notes when it woke too late; a context manager.

    What another thread of ours has seen in such a span it may have seen too late by the length of the span. `period`:
    seconds from one look to the next; a stall is as long at least.
    """

    def __init__(self, period: float = PERIOD_SECONDS) -> None:
        self._period = period
        self.spans: list[tuple[float, float]] = []
        """When it should have woken and when it did, Unix time."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="stalls", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def within(self, begun: float, ended: float) -> list[tuple[float, float]]:
        """The parts of the spans that lie between two instants."""
        return [(max(first, begun), min(last, ended)) for first, last in self.spans if first < ended and last > begun]

    def seconds(self, begun: float, ended: float) -> float:
        """Their length together."""
        return sum(last - first for first, last in self.within(begun, ended))

    def _watch(self) -> None:
        while not self._stop.is_set():
            due = now() + self._period
            time.sleep(self._period)
            if (woke := now()) - due > self._period:
                self.spans.append((due, woke))
