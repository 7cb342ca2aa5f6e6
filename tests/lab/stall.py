"""What a busy machine takes away: from a program that was ready to run, and from us who look at the clock.

A bound in seconds judges the program under test only after that is taken off.
"""

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab.waiting import now

PERIOD_SECONDS = 0.005
LATE_SECONDS = 0.005
"""A waking that is later than this is a stall; an idle machine is late by a tenth of it."""


def kept_waiting(pid: int) -> float:
    """Seconds, since its start, that the main thread of this process was ready to run and had no processor.

    From the kernel (sched-stats, /proc/PID/schedstat): also while a quota of its control group was used up. It goes
    on over execve(2).
    """
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9


class Stalls:
    """A thread that sleeps for a moment again and again, and notes when it woke too late; a context manager.

    What another thread of ours has seen in such a span it may have seen too late by the length of the span.
    """

    def __init__(self) -> None:
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
            due = now() + PERIOD_SECONDS
            time.sleep(PERIOD_SECONDS)
            if (woke := now()) - due > LATE_SECONDS:
                self.spans.append((due, woke))
