"""The other half of the seeds of `test_campaign`: a file of its own goes to a worker of its own."""

import pytest

from tests.sim.test_campaign import BLOCK, SEEDS
from vrrpd.sim.campaign import campaign


@pytest.mark.timeout(300)  # as there
@pytest.mark.parametrize("first", range(SEEDS, 2 * SEEDS, BLOCK))
def test_many_more_seeds_break_no_promise(first: int) -> None:
    played = campaign(range(first, first + BLOCK), 1)
    assert [f"seed {each.seed}: {each.outcome.detail}" for each in played if each.outcome.wrong] == []


def test_late_timers_are_counted_by_the_clock_of_their_host() -> None:
    """It runs fast: a takeover that is late by two timers is late by a hair more than two in true seconds."""
    (played,) = campaign([3001083], 1)
    assert not played.outcome.wrong, played.outcome.detail


def test_a_rest_ends_on_a_clock_of_another_rate() -> None:
    """What was left of it was less than the clock can tell."""
    (played,) = campaign([4400959], 1)
    assert not played.outcome.wrong, played.outcome.detail
