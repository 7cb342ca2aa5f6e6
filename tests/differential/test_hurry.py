"""Where fast_preempt excuses times: it must be sooner, and by Skew_Time."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.differential.compare import Difference, differences, explanation, missed
from tests.differential.configuration import side
from tests.differential.events import start, verdict
from tests.differential.observation import Change, Observation, Window
from tests.differential.scenario import Aspect, Scenario, step, wanted

SCENARIO = Scenario(
    name="s",
    title="s",
    a=side(),
    b=side(90),
    steps=(step(1, verdict("a", "chk", 0)), step(1, start("a"))),
    wanted=tuple(wanted(at, "fast_preempt", Aspect.TIMES, makes=("vv", "vk")) for at in (0, 1)),
)
WINDOW = Window(event="e", states={}, priorities={}, holders={}, calls={}, changes=())
SKEW = 156 / 256
SLOW = (Change("a/51: 100", 0.5 + 3 + SKEW),)
FAST = (Change("a/51: 100", 1 + SKEW),)


def unwanted(model: Sequence[Change], other: Sequence[Change], makes: str = "vv", at: int = 0) -> list[Difference]:
    """In the step of that number; in the other one all is well."""
    one: list[tuple[Change, ...]] = [SLOW, SLOW]
    two: list[tuple[Change, ...]] = [FAST, FAST]
    one[at], two[at] = tuple(model), tuple(other)
    first, second = (
        Observation("s", of, tuple(replace(WINDOW, changes=changes) for changes in each))
        for of, each in (("kk", one), (makes, two))
    )
    found = [*missed(SCENARIO, second), *differences(SCENARIO, first, second)]
    return [each for each in found if explanation(SCENARIO, each) is None and each.step == at]


@pytest.mark.parametrize("intervals", [0, 1, 2])
def test_sooner_and_by_skew_time(intervals: int) -> None:
    assert unwanted(SLOW, [Change("a/51: 100", intervals + SKEW)]) == []


def test_later_is_no_excuse() -> None:
    """Even by Skew_Time after some advertisement."""
    for after in (5 + SKEW, 4.5):
        (found,) = unwanted(SLOW, [Change("a/51: 100", after)], at=1)
        assert (found.aspect, found.required) == (Aspect.TIMES, False)


def test_something_else_is_no_excuse() -> None:
    (found,) = unwanted([*SLOW, Change("b/51: 0", 0.1)], FAST)
    assert not found.required


@pytest.mark.parametrize("after", [1.0, 1 + SKEW - 0.15, 1 + SKEW + 0.15])
def test_at_any_other_moment(after: float) -> None:
    """At once would be as wrong as late."""
    (found,) = unwanted(SLOW, [Change("a/51: 100", after)])
    assert str(found) == (
        "vv, step 0: times of a takeover by Skew_Time (required): -, here a/51: 100 after " + f"{after:.2f} s"
    )


@pytest.mark.parametrize(("after", "right"), [(0.2, False), (SKEW, True), (1.2, True), (3.7, False)])
def test_one_that_starts_hears_the_first_at_any_moment(after: float, right: bool) -> None:
    """But never takes over before Skew_Time."""
    assert (unwanted(SLOW, [Change("a/51: 100", after)], at=1) == []) is right


def test_it_is_for_who_takes_over() -> None:
    """keepalived on a promises nothing; nor is anything excused there."""
    assert [each.required for each in unwanted(SLOW, FAST, "kv")] == [False]
    assert [each.required for each in unwanted(SLOW, [Change("b/51: 90", SKEW)], "vk")] == [True, False]
    assert [each.required for each in unwanted(SLOW, SLOW, "kv")] == []
