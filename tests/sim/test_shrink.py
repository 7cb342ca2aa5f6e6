"""Failing scenarios become short."""

from vrrpd.sim.draw import draw
from vrrpd.sim.plan import Action, Scenario, Verb
from vrrpd.sim.shrink import Shrinker, breaks_as


def crashes(scenario: Scenario) -> list[Action]:
    return [each for each in scenario.actions if each.verb is Verb.CRASH]


def test_what_does_not_matter_is_left_out() -> None:
    long = next(each for each in map(draw, range(100)) if len(crashes(each)) > 2 and len(each.routers) > 3)
    short = Shrinker(long, lambda scenario: len(crashes(scenario)) >= 2).shrink()
    assert [each.verb for each in short.actions] == [Verb.CRASH] * 2
    assert len(short.routers) == 2
    assert all(not each.probes for each in short.routers)
    assert short.network.groups == short.network.segments == 1


def test_nothing_is_left_out_of_what_is_short() -> None:
    shrinker = Shrinker(draw(3), lambda scenario: scenario == draw(3))
    assert shrinker.shrink() == draw(3)
    assert shrinker.runs > 0


def test_only_the_same_broken_promise_counts() -> None:
    assert not breaks_as("two holders")(draw(0))
    assert breaks_as("")(draw(0))
