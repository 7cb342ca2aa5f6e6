"""The wall-clock time of an instant does not depend on when it is asked for."""

import time
from datetime import UTC, datetime

from vrrpd.daemon.wall import ATTEMPTS, WallClock
from vrrpd.protocol.messages import Seconds

STARTED = Seconds(100.0)
UNIX = 1_000_000.0


class Machine:
    """Two clocks that run alike, and stalls that come after our clock was read."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self.set_by = 0.0
        self.stalls: list[float] = []

    def now(self) -> Seconds:
        read = Seconds(STARTED + self.elapsed)
        self.elapsed += self.stalls.pop() if self.stalls else 0.0
        return read

    def wall(self) -> float:
        return UNIX + self.elapsed + self.set_by


def unix(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_the_same_whenever_it_is_asked_for() -> None:
    machine = Machine()
    clock = WallClock(machine.now, machine.wall)
    for elapsed in (0.0, 0.0004, 1.7, 86_400.0):
        machine.elapsed, machine.set_by = elapsed, elapsed * 1e-6
        assert clock(STARTED) == unix(UNIX)


def test_a_stall_between_the_two_clocks_is_no_difference() -> None:
    machine = Machine()
    clock = WallClock(machine.now, machine.wall)
    machine.stalls = [0.5] * (ATTEMPTS - 1)
    assert clock(STARTED) == unix(UNIX)


def test_a_clock_that_is_set_is_followed() -> None:
    machine = Machine()
    clock = WallClock(machine.now, machine.wall)
    machine.set_by = 3600.0
    assert clock(STARTED) == unix(UNIX + 3600)


def test_by_default_the_wall_clock_of_the_machine() -> None:
    told = WallClock(lambda: STARTED)(STARTED).timestamp()
    assert abs(told - time.clock_gettime(time.CLOCK_REALTIME)) < 60
