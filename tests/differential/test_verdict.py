"""What all pairs of a scenario say together."""

from tests.differential.compare import Difference
from tests.differential.configuration import side
from tests.differential.observation import Change, Observation, Window
from tests.differential.scenario import Aspect, Scenario, step, wanted
from tests.differential.verdict import confirmed, found, result

SCENARIO = Scenario(
    name="s", title="s", a=side(), steps=(step(1),), wanted=(wanted(0, "vip_lease", Aspect.HOLDERS, makes=("vv",)),)
)
WANTED = Difference("vv", 0, Aspect.HOLDERS, "192.0.2.100", "a", "-")
UNWANTED = Difference("kv", 0, Aspect.HOLDERS, "192.0.2.100", "a", "-")


def test_the_first_pair_is_what_the_others_are_compared_with() -> None:
    windows = [Window("e", changes=(Change("a/51: 100", after),)) for after in (1.0, 1.05, 2.0)]
    played = [Observation("s", makes, (window,)) for makes, window in zip(("kk", "vv", "kv"), windows, strict=True)]
    assert [(each.makes, each.aspect) for each in found(SCENARIO, played)] == [("kv", Aspect.TIMES)]


def test_what_is_wanted_and_seen_is_good() -> None:
    made = result(SCENARIO, [WANTED])
    assert made.good
    assert dict(made.wanted) == {"vip_lease": (WANTED,)}


def test_what_is_not_wanted_is_bad() -> None:
    assert result(SCENARIO, [WANTED, UNWANTED]).unwanted == (UNWANTED,)
    assert not result(SCENARIO, [WANTED, UNWANTED]).good


def test_what_is_wanted_and_never_seen_is_told() -> None:
    assert result(SCENARIO, []).idle == ("step 0: vip_lease (holders)",)
    assert not result(SCENARIO, []).good


def test_a_difference_counts_if_it_is_there_twice() -> None:
    assert confirmed([WANTED], [WANTED, UNWANTED]) == [WANTED]
    assert result(SCENARIO, confirmed([], [UNWANTED]), either=[WANTED, UNWANTED]).good
