"""Rows of what was seen, and the seconds that come of it."""

import pytest

from bench.tally import Change, Window, answered_twice, is_out, outage, owned

WATCH = Window(100.0, 110.0)


@pytest.mark.parametrize(
    ("successes", "seconds"),
    [
        pytest.param([99.95, *(100 + i / 20 for i in range(201))], 0.0, id="served all the time"),
        pytest.param([99.95, 103.0, *(103 + i / 20 for i in range(141))], 3.05, id="one pause, from before the fault"),
        pytest.param([99.9, *(102 + i / 20 for i in range(21)), *(107 + i / 20 for i in range(61))], 6.1, id="two add"),
        pytest.param([98.0, 99.95], 10.05, id="to the end, and nothing from before the last success"),
        pytest.param([99.95, *(105 + i / 20 for i in range(300))], 5.05, id="what came after the watch does not count"),
    ],
)
def test_outage_adds_long_pauses(successes: list[float], seconds: float) -> None:
    assert outage(successes, WATCH) == pytest.approx(seconds)


@pytest.mark.parametrize(("successes", "out"), [([109.4], True), ([109.6], False), ([110.1], True), ([], True)])
def test_out_means_no_success_lately(successes: list[float], out: bool) -> None:
    assert is_out(successes, WATCH.ended) is out


MASTER = Change(90.0, "high", held=True)


@pytest.mark.parametrize(
    ("changes", "none", "two"),
    [
        pytest.param([MASTER], 0, 0, id="nothing happened"),
        pytest.param([MASTER, Change(101, "high", False), Change(104, "low", True)], 3, 0, id="handed over"),
        pytest.param([MASTER, Change(103, "low", True)], 0, 7, id="stays on the dead host"),
        pytest.param([MASTER, Change(103, "low", True), Change(105, "high", False)], 0, 2, id="lease ran out"),
        pytest.param([Change(103, "low", True), MASTER], 0, 7, id="in any order"),
        pytest.param([MASTER, Change(111, "low", True)], 0, 0, id="after the watch"),
    ],
)
def test_owned_counts_holders(changes: list[Change], none: float, two: float) -> None:
    assert (owned(changes, WATCH, {0}), owned(changes, WATCH, {2})) == (none, two)


def test_two_answers_count_only_in_the_same_question() -> None:
    requests = [101.0, 101.5, 102.0, 102.5]
    answers = [(101.1, "a"), (101.2, "b"), (101.6, "a"), (102.1, "b"), (102.2, "b")]
    assert answered_twice(requests, answers, WATCH) == pytest.approx(0.5)
