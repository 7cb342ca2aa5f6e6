"""From a scenario that breaks a promise to a short one that breaks the same.

Everything is tried to be left out: actions, routers, the weather, the junk, and each keyword that is not the default.
What is left out changes which chances the rest meets, so each attempt is given a few of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, replace
from typing import TypeVar

from vrrpd.sim.plan import Network, ProbePlan, RouterPlan, Scenario, Weather
from vrrpd.sim.world import World

CHANCES = 3
"""Runs with different noise before an attempt is given up."""
LONGEST = 3000
"""Runs in all; a shrunk scenario that could be shorter still is good enough."""
KEPT = {"name", "kind", "noise", "faults_end", "weather", "probes"}
"""Not reset to a default: what has another way to become less, or no meaning by itself."""

Breaks = Callable[[Scenario], bool]
Part = TypeVar("Part", Network, Weather, RouterPlan, ProbePlan)


def breaks_as(rule: str) -> Breaks:
    """Whether a scenario breaks this promise."""
    return lambda scenario: World(scenario).run().wrong == rule


class Shrinker:
    """One scenario becoming shorter. `runs`: how many it took so far."""

    def __init__(self, scenario: Scenario, breaks: Breaks) -> None:
        """`breaks` must be true of the scenario."""
        self.scenario = scenario
        self.runs = 0
        self._breaks = breaks

    def shrink(self) -> Scenario:
        """Until nothing can be left out any more."""
        before = None
        while before != self.scenario and self.runs < LONGEST:
            before = self.scenario
            self._drop_actions()
            for attempts in (_fewer_routers, _milder, _plainer_routers, _earlier, _rounder):
                self._take_any(attempts)
        return self.scenario

    def _drop_actions(self) -> None:
        """Halves first, then smaller and smaller pieces (delta debugging)."""
        size = len(self.scenario.actions)
        while size >= 1:
            start = 0
            while start < len(self.scenario.actions):
                actions = self.scenario.actions
                if not self._try(replace(self.scenario, actions=actions[:start] + actions[start + size :])):
                    start += size
            size //= 2

    def _take_any(self, attempts: Callable[[Scenario], Iterator[Scenario]]) -> None:
        """Begin anew with each that succeeds."""
        while any(self._try(each) for each in attempts(self.scenario)):
            pass

    def _try(self, candidate: Scenario) -> bool:
        if candidate == self.scenario or self.runs >= LONGEST:
            return False
        for chance in range(CHANCES):
            self.runs += 1
            noise = candidate.network.noise if chance == 0 else chance
            attempt = replace(candidate, network=replace(candidate.network, noise=noise))
            if self._breaks(attempt):
                self.scenario = attempt
                return True
        return False


def _fewer_routers(scenario: Scenario) -> Iterator[Scenario]:
    if len(scenario.routers) == 2:
        return
    for gone in scenario.routers:
        routers = tuple(each for each in scenario.routers if each is not gone)
        actions = tuple(each for each in scenario.actions if gone.name not in {each.router, *_words(each.argument)})
        yield replace(scenario, routers=routers, actions=actions)


def _words(argument: str) -> list[str]:
    return argument.replace(",", " ").split()


def _milder(scenario: Scenario) -> Iterator[Scenario]:
    network = scenario.network
    for each in _resets(network):
        yield replace(scenario, network=each)
    for weather in _resets(network.weather):
        yield replace(scenario, network=replace(network, weather=weather))


def _plainer_routers(scenario: Scenario) -> Iterator[Scenario]:
    for number, router in enumerate(scenario.routers):
        for plainer in _plainer(router):
            routers = (*scenario.routers[:number], plainer, *scenario.routers[number + 1 :])
            yield replace(scenario, routers=routers)


def _plainer(router: RouterPlan) -> Iterator[RouterPlan]:
    if router.probes:
        yield replace(router, probes=())
        yield replace(router, probes=router.probes[:-1])
    if len(router.priority) > 1:
        yield replace(router, priority=router.priority[:1])
    yield from _resets(router)
    for number, probe in enumerate(router.probes):
        for simpler in _resets(probe):
            yield replace(router, probes=(*router.probes[:number], simpler, *router.probes[number + 1 :]))


def _earlier(scenario: Scenario) -> Iterator[Scenario]:
    network = scenario.network
    last = max([each.at for each in scenario.actions], default=0.0)
    for end in (last, (last + network.faults_end) / 2):
        if end < network.faults_end - network.advert_int:
            yield replace(scenario, network=replace(network, faults_end=end + network.advert_int / 2))


def _rounder(scenario: Scenario) -> Iterator[Scenario]:
    for digits in (0, 1, 2):
        for number, action in enumerate(scenario.actions):
            round_ = replace(action, at=round(action.at, digits))
            if len(repr(round_.at)) < len(repr(action.at)):
                yield replace(scenario, actions=(*scenario.actions[:number], round_, *scenario.actions[number + 1 :]))
        end = round(scenario.network.faults_end, digits)
        if len(repr(end)) < len(repr(scenario.network.faults_end)):
            yield replace(scenario, network=replace(scenario.network, faults_end=end))


def _resets(part: Part) -> Iterator[Part]:
    """With one keyword as it would be by default."""
    for each in fields(part):
        if each.name not in KEPT and each.default is not MISSING and getattr(part, each.name) != each.default:
            yield replace(part, **{each.name: each.default})
