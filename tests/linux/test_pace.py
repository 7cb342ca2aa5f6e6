"""When to look again, on a clock of paper."""

from itertools import pairwise

import pytest

from vrrpd.linux.pace import LOOK_PAUSE, LOOK_SHARE, RETRY_FIRST, RETRY_LAST, SWEEP_SECONDS, Pace
from vrrpd.protocol.messages import Seconds


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> Seconds:
        return Seconds(self.at)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(clock)


def test_without_failures_it_is_regular(clock: Clock, pace: Pace) -> None:
    for _ in range(3):
        assert pace.due == clock.at + SWEEP_SECONDS
        clock.at = pace.due
        pace.swept(good=True)


def test_failures_come_ever_more_slowly_up_to_the_last(clock: Clock, pace: Pace) -> None:
    instants = []
    for _ in range(10):
        pace.failed()
        instants.append(pace.due)
        clock.at = pace.due
    gaps = [late - early for early, late in pairwise(instants)]
    assert gaps[:3] == pytest.approx([4 * RETRY_FIRST, 8 * RETRY_FIRST, 16 * RETRY_FIRST])
    assert gaps[-1] == pytest.approx(RETRY_LAST)


def test_a_success_begins_anew(clock: Clock, pace: Pace) -> None:
    for _ in range(10):
        pace.failed()
        clock.at = pace.due
    pace.swept(good=True)
    pace.failed()
    assert pace.due == pytest.approx(clock.at + 2 * RETRY_FIRST)


def test_failures_in_between_do_not_put_it_off(clock: Clock, pace: Pace) -> None:
    """A renewal fails each second, and each time what is due would be due later."""
    pace.failed()
    due = pace.due
    while clock.at + 0.01 < due:
        clock.at += 0.01
        pace.failed()
    assert pace.due == due


@pytest.mark.parametrize(("busy", "rest"), [(0.0, LOOK_PAUSE), (0.5, 0.5 * LOOK_SHARE)])
def test_a_costly_look_is_followed_by_a_rest(clock: Clock, pace: Pace, busy: float, rest: float) -> None:
    assert pace.rest() == 0
    pace.looked(busy)
    clock.at += 10
    pace.looked(busy)
    assert pace.rest() == pytest.approx(rest)
    clock.at += 10
    assert pace.rest() == 0


def test_one_look_that_was_held_up_is_no_reason_to_rest(clock: Clock, pace: Pace) -> None:
    """An address that is deleted just then would be away for as long. What stays costly is believed the second time."""
    pace.looked(0.0)
    pace.looked(0.5)
    assert pace.rest() == pytest.approx(LOOK_PAUSE)
    pace.looked(0.4)
    assert pace.rest() == pytest.approx(0.4 * LOOK_SHARE)
