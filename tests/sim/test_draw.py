"""From a seed to a scenario."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache

import pytest

from vrrpd.sim.draw import draw
from vrrpd.sim.plan import Action, End, Kind, Network, ProbePlan, RouterPlan, Scenario, Verb, Weather

SEEDS = 600
LEAST = 4
"""Of all seeds: what fewer draw is not hunted for."""
FLAPS = 4
"""Times that something goes away within few intervals."""


@cache
def many() -> tuple[Scenario, ...]:
    return tuple(map(draw, range(SEEDS)))


def test_equal_seeds_draw_equal_scenarios() -> None:
    assert draw(7) == draw(7)
    assert draw(7) != draw(8)


def done(scene: Scenario, *verbs: Verb) -> Iterator[Action]:
    return (each for each in scene.actions if each.verb in verbs)


def flaps(scene: Scenario, *verbs: Verb) -> bool:
    """The same thing of the same router, again and again."""
    times = Counter((each.router, each.argument) for each in done(scene, *verbs))
    return max(times.values(), default=0) >= FLAPS


def mixed(scene: Scenario, keyword: str) -> bool:
    return len({getattr(each, keyword) for each in scene.routers}) > 1


def argument(scene: Scenario, verb: Verb, found: Callable[[str], object]) -> bool:
    return any(found(each.argument) for each in done(scene, verb))


def peers(scene: Scenario, *kinds: Kind) -> bool:
    return any(each.kind in (kinds or (Kind.KEEPALIVED, Kind.FRR)) for each in scene.routers)


NAMED: dict[str, Callable[[Scenario], object]] = {
    "loss": lambda it: it.network.weather.loss,
    "several lost in a row": lambda it: it.network.weather.burst > 1,
    "duplication": lambda it: it.network.weather.duplicate,
    "delay": lambda it: it.network.weather.slow > Weather().slow,
    "reordering": lambda it: it.network.weather.straggle and it.network.weather.straggler,
    "fair weather": lambda it: it.network.weather == Weather(),
    "two segments": lambda it: it.network.segments == 2,
    "two segments with faults on the second": lambda it: argument(it, Verb.DOWN, "1".__eq__),
    "one-way partition": lambda it: any(done(it, Verb.CUT)),
    "one-way partition of one segment": lambda it: argument(it, Verb.CUT, lambda way: " " in way),
    "full partition": lambda it: argument(it, Verb.SPLIT, lambda side: not side),
    "partition into groups": lambda it: argument(it, Verb.SPLIT, bool),
    "links that flap": lambda it: flaps(it, Verb.DOWN),
    "crash": lambda it: any(done(it, Verb.CRASH)),
    "freeze and thaw": lambda it: any(done(it, Verb.FREEZE)) and any(done(it, Verb.THAW)),
    "restart with the state file": lambda it: argument(it, Verb.START, lambda how: not how),
    "restart without the state file": lambda it: argument(it, Verb.START, "forgetful".__eq__),
    "clock rate skew, fast": lambda it: any(each.rate > 1 for each in it.routers),
    "clock rate skew, slow": lambda it: any(each.rate < 1 for each in it.routers),
    "probes that flap": lambda it: flaps(it, Verb.FAIL, Verb.HANG, Verb.BLIND),
    "probes that hang": lambda it: any(done(it, Verb.HANG)),
    "probes that lie": lambda it: any(probe.noise for each in it.routers for probe in each.probes),
    "probes that are a fault": lambda it: any(probe.weight == 0 for each in it.routers for probe in each.probes),
    "reloads": lambda it: any(done(it, Verb.RELOAD)),
    "drain without end": lambda it: argument(it, Verb.DRAIN, lambda seconds: not seconds),
    "drain for a time": lambda it: argument(it, Verb.DRAIN, bool),
    "addresses deleted": lambda it: any(done(it, Verb.STEAL)),
    "addresses added": lambda it: any(done(it, Verb.PLANT)),
    "VRRPv2": lambda it: it.network.version == 2,
    "VRRPv3": lambda it: it.network.version == 3,
    "IPv6": lambda it: it.network.ipv6,
    "unicast": lambda it: it.network.unicast,
    "mixed priorities": lambda it: mixed(it, "priority"),
    "equal priorities": lambda it: not mixed(it, "priority"),
    "mixed preempt modes": lambda it: mixed(it, "nopreempt"),
    "preempt_delay": lambda it: any(each.preempt_delay for each in it.routers),
    "fast_preempt on some": lambda it: mixed(it, "fast_preempt"),
    "sync groups": lambda it: it.network.sync and it.network.segments * it.network.groups > 1,
    "keepalived": lambda it: peers(it, Kind.KEEPALIVED),
    "FRR": lambda it: peers(it, Kind.FRR),
    "keepalived and FRR": lambda it: peers(it, Kind.KEEPALIVED) and peers(it, Kind.FRR),
    "peers with IPv6": lambda it: peers(it) and it.network.ipv6,
    "peers with VRRPv2": lambda it: peers(it) and it.network.version == 2,
    "keepalived by unicast": lambda it: peers(it, Kind.KEEPALIVED) and it.network.unicast,
    "keepalived and packets to be rejected": lambda it: peers(it, Kind.KEEPALIVED) and it.network.junk_every,
}


@pytest.mark.parametrize("name", NAMED)
def test_everything_is_drawn(name: str) -> None:
    """Each by some of the seeds, and not by all."""
    found = sum(bool(NAMED[name](each)) for each in many())
    assert LEAST <= found <= SEEDS - LEAST


@pytest.mark.parametrize("kind", [Network, Weather, RouterPlan, ProbePlan])
def test_no_keyword_is_always_the_same(kind: type) -> None:
    parts = [each for scene in many() for each in parts_of(scene) if isinstance(each, kind)]
    same = [each.name for each in fields(kind) if len({getattr(part, each.name) for part in parts}) < 2]
    assert same == []


def parts_of(scene: Scenario) -> Iterator[object]:
    yield scene.network
    yield scene.network.weather
    for each in scene.routers:
        yield each
        yield from each.probes


def test_every_verb_kind_end_and_number() -> None:
    assert {action.verb for each in many() for action in each.actions} == set(Verb)
    assert {router.kind for each in many() for router in each.routers} == set(Kind)
    assert {router.end for each in many() for router in each.routers} == set(End)
    assert {len(each.routers) for each in many()} == {2, 3, 4, 5}


def test_every_keyword_that_a_reload_may_change() -> None:
    given = {each.argument.partition("=")[0] for scene in many() for each in done(scene, Verb.RELOAD)}
    assert given == {
        "priority",
        "nopreempt",
        "fast_preempt",
        "preempt_delay",
        "takeover_guard",
        "when_all_failed",
        "flap_limit",
        "advert_int",
    }


def test_nothing_happens_after_the_faults() -> None:
    assert all(action.at < each.network.faults_end for each in many()[:50] for action in each.actions)
