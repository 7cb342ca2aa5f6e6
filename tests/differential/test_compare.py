"""Each aspect in which two playings may differ, and how near times must be."""

from dataclasses import replace

import pytest

from tests.differential.compare import Difference, differences, explanation, missed
from tests.differential.configuration import side
from tests.differential.events import stop, verdict
from tests.differential.observation import Change, Observation, Window
from tests.differential.scenario import Aspect, Scenario, due, shall, step, wanted

SCENARIO = Scenario(
    name="s",
    title="s",
    a=side(),
    steps=(step(1, stop("a")), step(1, verdict("a", "chk", 1))),
    wanted=(wanted(0, "told_at_once", Aspect.TIMES, makes=("vv",)),),
    dues=(due(0, "b/51: 90", 0.65, "vv"),),
    shalls=(shall(1, Aspect.STATES, "a VI_1", "MASTER", "vv"),),
)
WINDOW = Window(
    event="e",
    states={"a VI_1": ("MASTER",)},
    priorities={"a/51": ("100", "0")},
    holders={"192.0.2.100": ("a", "-")},
    calls={"a notify": ("INSTANCE VI_1 MASTER 100",)},
    changes=(Change("a/51: 0", 0.5), Change("b/51: 90", 0.65)),
)


def played(*windows: Window, makes: str = "vv") -> Observation:
    return Observation("s", makes, windows)


def aspects(other: Window, number: int = 0) -> list[Aspect]:
    windows = [WINDOW, WINDOW]
    windows[number] = other
    found = list(differences(SCENARIO, played(WINDOW, WINDOW, makes="kk"), played(*windows)))
    assert all(each.step == number for each in found)
    return [each.aspect for each in found]


@pytest.mark.parametrize(
    ("other", "aspect"),
    [
        (replace(WINDOW, states={"a VI_1": ("MASTER", "FAULT")}), Aspect.STATES),
        (replace(WINDOW, states={}), Aspect.STATES),
        (replace(WINDOW, priorities={"a/51": ("100",)}), Aspect.PRIORITIES),
        (replace(WINDOW, priorities={**WINDOW.priorities, "b/51": ("90",)}), Aspect.PRIORITIES),
        (replace(WINDOW, holders={"192.0.2.100": ("a",)}), Aspect.HOLDERS),
        (replace(WINDOW, calls={"a notify": ("INSTANCE VI_1 MASTER 80",)}), Aspect.CALLS),
        (replace(WINDOW, changes=(Change("b/51: 90", 0.5), Change("a/51: 0", 0.65))), Aspect.TIMES),
        (replace(WINDOW, changes=WINDOW.changes[:1]), Aspect.TIMES),
    ],
)
def test_each_aspect(other: Window, aspect: Aspect) -> None:
    assert aspects(other) == [aspect]
    assert aspects(other, number=1) == [aspect]


@pytest.mark.parametrize(
    ("first", "second", "slack", "number", "near"),
    [
        (0.59, 0.56, 0.0, 0, True),
        (0.61, 0.65, 0.0, 0, False),
        (0.5, 0.76, 0.0, 0, False),
        (0.5, 0.76, 0.02, 0, True),
        (2.65, 0.65, 0.0, 1, True),  # a script tells when it runs next
        (2.9, 0.65, 0.0, 1, False),
        (0.5, 0.76, 0.0, 1, False),  # and what follows has its own time
    ],
)
def test_times_are_near(first: float, second: float, slack: float, number: int, near: bool) -> None:
    changes = (Change("a/51: 0", first), Change("b/51: 90", second))
    assert aspects(replace(WINDOW, changes=changes, slack=slack), number) == ([] if near else [Aspect.TIMES])


def test_what_comes_at_one_moment_has_no_order() -> None:
    one = replace(WINDOW, changes=(Change("a/51: 100", 1.0), Change("a/52: 100", 0.09), Change("b/51: 0", 2.0)))
    two = replace(WINDOW, changes=(Change("a/52: 100", 1.0), Change("a/51: 100", 0.09), Change("b/51: 0", 2.0)))
    pair = played(one, WINDOW, makes="kk"), played(two, WINDOW)
    assert list(differences(SCENARIO, *pair)) == []


def test_what_the_machine_took_may_be_left_out() -> None:
    slow = replace(WINDOW, changes=(Change("a/51: 0", 0.5), Change("b/51: 90", 0.85)), slack=0.5)
    pair = played(WINDOW, WINDOW, makes="kk"), played(slow, WINDOW)
    assert list(differences(SCENARIO, *pair)) == []
    assert [each.aspect for each in differences(SCENARIO, *pair, patient=False)] == [Aspect.TIMES]


def test_a_time_that_is_due() -> None:
    assert list(missed(SCENARIO, played(WINDOW, WINDOW))) == []
    late = replace(WINDOW, changes=(Change("b/51: 90", 0.8),))
    assert [str(each) for each in missed(SCENARIO, played(late, WINDOW))] == [
        "vv, step 0: times of b/51: 90 (required): after 0.65 s, here b/51: 90 after 0.80 s"
    ]
    assert list(missed(SCENARIO, played(late, WINDOW, makes="kv"))) == []


def test_what_is_required_is_never_excused() -> None:
    found = list(missed(SCENARIO, played(WINDOW, replace(WINDOW, states={}))))
    assert [str(each) for each in found] == ["vv, step 1: states of a VI_1 (required): MASTER, here -"]
    late = replace(WINDOW, changes=(Change("b/51: 90", 0.8),))
    assert [explanation(SCENARIO, each) for each in missed(SCENARIO, played(late, WINDOW))] == [None]
    assert list(missed(SCENARIO, played(WINDOW, replace(WINDOW, states={}), makes="kv"))) == []


@pytest.mark.parametrize(
    ("makes", "number", "aspect", "explained"),
    [
        ("vv", 0, Aspect.TIMES, True),
        ("vk", 0, Aspect.TIMES, False),
        ("vv", 1, Aspect.TIMES, False),
        ("vv", 0, Aspect.STATES, False),
    ],
)
def test_a_difference_is_wanted_in_its_place_only(makes: str, number: int, aspect: Aspect, explained: bool) -> None:
    difference = Difference(makes, number, aspect, "", "", "")
    assert (explanation(SCENARIO, difference) is not None) is explained
