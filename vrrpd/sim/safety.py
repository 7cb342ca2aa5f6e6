"""What must hold at every instant, whatever faults rage. Judged by what the kernels have, not by what daemons believe.

How long two hosts may hold one address: `vrrpd.sim.bounds`.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from vrrpd.sim.bounds import LET_GO, Bounds, added_left, put_off
from vrrpd.sim.kernel import Place
from vrrpd.sim.lan import Lan
from vrrpd.sim.timeline import Timeline

ASSERTIONS = 10
"""Answers to lower priorities in one interval (`router.ASSERTION_FRACTION`)."""


class Violation(Exception):
    """`rule`: which promise is broken; `detail`: by whom, and how."""

    def __init__(self, at: float, rule: str, detail: str) -> None:
        """`at`: virtual time."""
        super().__init__(f"{at:.6f}: {rule}: {detail}")
        self.at = at
        self.rule = rule
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Holding:
    """From this instant on the kernel of a router has an address, or not any more."""

    at: float
    router: str
    place: Place
    there: bool


@dataclass(slots=True)
class Standing:
    """What is known of one host. `leased`: what it holds ends by itself. `silenced`: by packets that it must reject.

    `runs`: for the others, that is, so that it can be heard; `awake`: a process runs there, heard or not. `since`: when
    it began to run, or ceased to; `began`: when it began to, last. `added_at`: when somebody last added an address by
    hand, or its daemon put one back.
    """

    runs: bool = False
    awake: bool = False
    leased: bool = True
    silenced: bool = False
    since: float = 0.0
    began: float = 0.0
    added_at: float = -inf


@dataclass(slots=True)
class Overlap:
    """Of two hosts: since when, under which circumstances, and how long that may last."""

    since: float
    case: tuple[bool, bool, bool, float]
    bound: float


def _nobody_looks() -> None:
    """Before anybody does."""


class Safety:
    """Told of all that matters; raises Violation."""

    def __init__(self, timeline: Timeline, lan: Lan, bounds: Bounds, *, judged: bool = True) -> None:
        """Nobody holds anything. `judged` False: who holds what is only noted."""
        self._judged = judged
        self._timeline = timeline
        self._lan = lan
        self._bounds = bounds
        self._hosts: dict[str, Standing] = {}
        self._holders: dict[Place, list[str]] = {}
        self._overlaps: dict[tuple[Place, str, str], Overlap] = {}
        self._silence: dict[tuple[str, Place], float] = {}
        self._masters: dict[tuple[str, Place], float] = {}
        self._lost: dict[tuple[str, Place], float] = {}
        self._sent: dict[tuple[str, str], deque[float]] = {}
        self._allowed: dict[tuple[str, str], deque[float]] = {}
        self.on_change: Callable[[], None] = _nobody_looks
        """Called when who has what, who hears whom, or how somebody is, may be otherwise than before."""
        self.overlapped = 0.0
        self.holdings: list[Holding] = []

    def know(self, name: str, *, leased: bool, silenced: bool = False) -> None:
        """A host, whose daemon does not run yet."""
        self._hosts[name] = Standing(leased=leased, silenced=silenced)

    # --- addresses ----------------------------------------------------------------------------------------------

    def holders(self, place: Place) -> tuple[str, ...]:
        """Who has it now."""
        return tuple(self._holders.get(place, ()))

    def held(self, name: str, place: Place, *, there: bool) -> None:
        """The kernel of a host has an address from now on, or not any more."""
        self.holdings.append(Holding(self._timeline.now, name, place, there))
        holders = self._holders.setdefault(place, [])
        if there:
            holders.append(name)
            if self._lost.get((name, place), -inf) > self._masters.get((name, place), inf):  # it was Master all along
                self._hosts[name].added_at = self._timeline.now
        else:
            holders.remove(name)
            self._lost[name, place] = self._timeline.now
        self._look_at(place)
        self.on_change()

    def took_over(self, name: str, place: Place, *, silence: bool) -> None:
        """A daemon is Master from now on; because of silence?"""
        self._silence[name, place] = self._timeline.now if silence else inf
        self._masters[name, place] = self._timeline.now

    def runs(self, name: str, *, runs: bool, awake: bool = False) -> None:
        """A daemon runs from now on, or is dead or frozen; `awake`: or just cannot be heard."""
        host = self._hosts[name]
        host.awake = runs or awake
        if host.runs is not runs:
            host.runs, host.since = runs, self._timeline.now
            host.began = host.since if runs else host.began
        self.changed()

    def by_hand(self, name: str) -> None:
        """Somebody has added an address to a host."""
        self._hosts[name].added_at = self._timeline.now
        self.changed()

    def changed(self) -> None:
        """Who hears whom, or how long that may last, may have changed."""
        for place, holders in self._holders.items():
            if len(holders) > 1:
                self._look_at(place)
        self.on_change()

    def _look_at(self, place: Place) -> None:
        now = self._timeline.now
        holders = sorted(self._holders[place])
        pairs = [(a, b) for index, a in enumerate(holders) for b in holders[index + 1 :]]
        together = {(place, a, b) for a, b in pairs if self._lan.connected(place[0], a, b)}
        for key in [each for each in self._overlaps if each[0] == place and each not in together]:
            self.overlapped += now - self._overlaps.pop(key).since
        for key in sorted(together, key=lambda each: each[1:]):
            _, one, other = key
            first, second = self._hosts[one], self._hosts[other]
            added_at = max((each.added_at for each in (first, second) if not each.awake), default=-inf)
            case = first.runs, second.runs, self._left_to_others(one, other), added_at
            known = self._overlaps.get(key)
            if known is None or known.case != case:
                self.overlapped += now - known.since if known is not None else 0.0
                overlap = self._overlaps[key] = Overlap(now, case, self._bound(*key))
                if overlap.bound < inf and self._judged:
                    self._timeline.at(now + overlap.bound, self._judge, key, overlap)

    def _bound(self, place: Place, one: str, other: str) -> float:
        first, second = self._hosts[one], self._hosts[other]
        if first.runs and second.runs:
            silenced = first.silenced + second.silenced if self._bounds.junk else 0
            tie = self._bounds.tie if self._left_to_others(one, other) else 0.0
            return (self._bounds.both_live + tie, self._bounds.answered, inf)[silenced]
        if not all(each.leased or each.runs for each in (first, second)):
            return inf
        if first.runs is second.runs:
            return max(self._lease(first), self._lease(second))
        dead, live = (first, other) if second.runs else (second, one)
        began = self._silence.get((live, place), inf)
        master_since = self._masters.get((other if dead is second else one, place), 0.0)
        quiet = max(self._lan.changed_at, master_since, dead.began)
        to_the_last = quiet < dead.since - self._bounds.heard
        if to_the_last and dead.since < began < inf:
            return self._bounds.silent + self._put_off(dead, self._bounds.apart)
        return self._lease(dead)

    def _left_to_others(self, one: str, other: str) -> bool:
        """A tie between them, to a segment on which they do not hear each other."""
        return self._bounds.tie > 0 and not self._lan.connected_everywhere(one, other)

    def _lease(self, dead: Standing) -> float:
        """What is left of it, or of what was added by hand."""
        now = self._timeline.now
        left = max(LET_GO, dead.since + self._bounds.dead - now) + self._put_off(dead)
        return left if dead.awake else max(left, added_left(now - dead.added_at))

    def _put_off(self, dead: Standing, least: float = 0.0) -> float:
        """So much later, `least` at least, where no process lets go by itself."""
        return 0.0 if dead.awake else max(least, put_off(self._timeline.now - dead.added_at))

    def _judge(self, key: tuple[Place, str, str], overlap: Overlap) -> None:
        if self._overlaps.get(key) is not overlap:  # not the one meant: in one instant much may change
            return
        (_, address), one, other = key
        raise Violation(
            self._timeline.now,
            "two holders",
            f"{one} and {other} hear each other and both have {address} for more than {overlap.bound:.3f} s",
        )

    # --- advertisements -----------------------------------------------------------------------------------------

    def allow(self, name: str, instance: str, count: int = 1) -> None:
        """Something has happened that may be answered by one advertisement out of turn."""
        allowed = self._allowed.setdefault((name, instance), deque())
        allowed.extend([self._timeline.now] * count)

    def sent(self, name: str, instance: str, interval: float) -> None:
        """One advertisement more."""
        key, now = (name, instance), self._timeline.now
        sent = self._sent.setdefault(key, deque())
        sent.append(now)
        while sent[0] < now - interval:
            sent.popleft()
        if len(sent) <= ASSERTIONS + 2:
            return
        allowed = self._allowed.get(key, deque())
        while allowed and allowed[0] < now - interval - LET_GO:
            allowed.popleft()
        if self._judged and len(sent) > ASSERTIONS + 2 + len(allowed):
            text = f"{name} has sent {len(sent)} advertisements of {instance} within {interval:g} s"
            raise Violation(now, "storm", text)
