"""Waiting for conditions with a bound, and the clock of the laboratory."""

import time
from collections.abc import Callable

POLL_SECONDS = 0.01
"""Between two looks at a condition: short against what is measured, long against the cost of one look."""


class LabError(Exception):
    """The laboratory could not do what it was asked for; the text says what and shows the last output."""


class LabTimeoutError(LabError):
    """A condition did not become true within its bound."""


def now() -> float:
    """Unix time in seconds, the clock of the kernel's time stamps on frames."""
    return time.clock_gettime(time.CLOCK_REALTIME)


def wait_until(condition: Callable[[], bool], timeout: float, what: str, poll: float = POLL_SECONDS) -> float:
    """Return the seconds it took until `condition()` was true; raises `LabTimeoutError` after `timeout`
    seconds."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > timeout:
            raise LabTimeoutError(f"{what}: not within {timeout:g} s")
        time.sleep(poll)
    return time.monotonic() - started
