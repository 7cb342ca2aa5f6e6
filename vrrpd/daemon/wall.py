"""Instants of our clock as wall-clock time, the same whenever somebody asks."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from vrrpd.protocol.messages import Seconds

SET_SECONDS = 0.1
"""A wall clock that is away by more has been set; less is the time between our two readings, or NTP's slewing."""
CLOSE_SECONDS = 0.001
ATTEMPTS = 5
"""At reading both clocks within that time: on a busy machine another program may run between the two."""


def _read_wall() -> float:
    return time.clock_gettime(time.CLOCK_REALTIME)


class WallClock:
    """Keeps the difference of the two clocks until the wall clock is set.

    Else a `since` would be another one each time it is asked for, by what the machine did between two readings, and
    `vrrpctl restart` would take that for another daemon.
    """

    def __init__(self, now: Callable[[], Seconds], read_wall: Callable[[], float] = _read_wall) -> None:
        """`now` is our clock; `read_wall` gives Unix time."""
        self._now = now
        self._read_wall = read_wall
        self._difference = self._measure()

    def __call__(self, at: Seconds) -> datetime:
        """The wall-clock time of an instant of our clock."""
        difference = self._measure()
        if abs(difference - self._difference) > SET_SECONDS:
            self._difference = difference
        return datetime.fromtimestamp(at + self._difference, UTC)

    def _measure(self) -> float:
        """The difference as read in the shortest time."""
        shortest, difference = float("inf"), 0.0
        for _ in range(ATTEMPTS):
            before = self._now()
            wall = self._read_wall()
            took = self._now() - before
            if took < shortest:
                shortest, difference = took, wall - before
            if took < CLOSE_SECONDS:
                break
        return difference
