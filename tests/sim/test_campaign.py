"""Many seeds. These, and those of `test_seeds`, are the ones that every change must pass."""

import pytest

from vrrpd.sim.campaign import Played, Tally, campaign, play
from vrrpd.sim.world import Outcome

SEEDS, BLOCK = 100, 25


@pytest.mark.timeout(300)  # seconds of work for a processor, which a busy machine may not give at once
@pytest.mark.parametrize("first", range(0, SEEDS, BLOCK))
def test_many_seeds_break_no_promise(first: int) -> None:
    """Replay a failure with `python -m vrrpd.sim --seed N`. In one process: others have the others."""
    played = campaign(range(first, first + BLOCK), 1)
    assert [f"seed {each.seed}: {each.outcome.detail}" for each in played if each.outcome.wrong] == []


def test_one_process_and_many_play_the_same() -> None:
    assert sorted(campaign(range(4), 2), key=lambda each: each.seed) == [play(seed) for seed in range(4)]


def test_the_tally_knows_the_first_that_failed() -> None:
    clock = iter((0.0, 2.0)).__next__
    tally = Tally(3, clock)
    for seed, wrong in ((7, ""), (9, "storm"), (8, "quiet")):
        tally.add(Played(seed, Outcome(wrong, "", 1800.0, 0.0), 0.6))
    assert tally.first is not None
    assert tally.first.seed == 8
    assert tally.line == (
        f"[{'#' * 20}] 3/3 seeds, 1.5/s, 1.5 virtual hours in 2 s of work, "
        "2,700 x real time, 3,000 x processor time, 2 failed"
    )


@pytest.mark.parametrize(("done", "bar"), [(0, "-" * 20), (1, "#" * 10 + "-" * 10)])
def test_the_bar_grows(done: int, bar: str) -> None:
    tally = Tally(2)
    for seed in range(done):
        tally.add(Played(seed, Outcome("", "", 1.0, 0.0)))
    assert f"[{bar}]" in tally.line
