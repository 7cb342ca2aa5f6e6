"""From a seed to a scenario. The seed draws the parameters, which kinds of fault there are at all, and the faults.

Few kinds at a time: what only comes about when one fault follows another is hidden by the noise of all (swarm testing).
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from vrrpd.sim.plan import Action, End, Kind, Network, ProbePlan, RouterPlan, Scenario, Verb, Weather

INTERVALS = (30, 80)
"""How many advert_int the faults last."""
REBOOT = (3, 30)
"""Seconds."""
KINDS = ("death", "freeze", "link", "partition", "one_way", "mute", "probe", "operator", "hand", "reload", "reboot")

Fault = Callable[["Draw", float], Iterator[Action]]


class Draw:
    """One seed being drawn."""

    def __init__(self, seed: int) -> None:
        """Nothing is drawn yet."""
        self.random = Random(seed)
        self.network = self._network()
        self.routers = tuple(self._router(number) for number in range(self.random.choice((2, 2, 3, 3, 3, 4, 5))))
        if not self.network.sync and self.chance(0.25):
            self.routers = (self.routers[0], *map(self._of_another_make, self.routers[1:]))

    def scenario(self) -> Scenario:
        """All of it."""
        kinds = [kind for kind in KINDS if self.random.random() < 0.35] or [self.random.choice(KINDS)]
        actions = sorted(self._actions(kinds), key=lambda each: each.at)
        kept = [each for each in actions if each.at < self.network.faults_end]
        return Scenario(network=self.network, routers=self.routers, actions=tuple(kept))

    # --- parameters ---------------------------------------------------------------------------------------------

    def chance(self, probability: float) -> bool:
        """True so often."""
        return self.random.random() < probability

    def _network(self) -> Network:
        pick = self.random.choice
        version = pick((2, 2, 3))
        interval = pick((1.0, 1.0, 1.0, 2.0, 3.0)) if version == 2 else pick((1.0, 1.0, 0.5, 0.1, 2.0))
        return Network(
            version=version,
            ipv6=version == 3 and self.chance(0.3),
            unicast=self.chance(0.15),
            advert_int=interval,
            down_adverts=pick((3, 3, 3, 3, 3, 2, 5)),
            segments=pick((1, 1, 1, 2)),
            groups=pick((1, 1, 1, 2)),
            addresses=pick((1, 1, 1, 2, 3)),
            noise=self.random.getrandbits(32),
            faults_end=round(interval * self.random.uniform(*INTERVALS), 3),
            sync=self.chance(0.15),
            junk_every=round(interval * self.random.uniform(0.2, 3.0), 3) if self.chance(0.3) else 0.0,
            weather=self._weather(interval),
        )

    def _weather(self, interval: float) -> Weather:
        if self.chance(0.4):
            return Weather()
        lossy, slow, late = self.chance(0.5), self.chance(0.3), self.chance(0.3)
        return Weather(
            loss=self.random.choice((0.02, 0.1, 0.3)) if lossy else 0.0,
            burst=self.random.choice((1, 1, 2, 4)) if lossy else 0,
            duplicate=self.random.choice((0.05, 0.3)) if self.chance(0.3) else 0.0,
            slow=round(0.001 + (interval * self.random.uniform(0.0, 0.1) if slow else 0.0), 4),
            straggle=0.05 if late else 0.0,
            straggler=round(interval * self.random.uniform(0.1, 1.5), 3) if late else 0.0,
        )

    def _router(self, number: int) -> RouterPlan:
        pick, chance, interval = self.random.choice, self.chance, self.network.advert_int
        count = self.network.segments * self.network.groups
        priority = tuple(pick((1, 50, 90, 100, 100, 150, 200, 254, self.random.randint(1, 254))) for _ in range(count))
        nopreempt = chance(0.2)
        return RouterPlan(
            name=f"r{number + 1}",
            priority=priority,
            advert_int=pick((0.0, 0.0, 0.5, 2.0)) if self.network.version == 3 and chance(0.1) else 0.0,
            nopreempt=nopreempt,
            preempt_delay=round(interval * self.random.uniform(0.5, 8), 1) if not nopreempt and chance(0.2) else 0.0,
            fast_preempt=chance(0.8),
            when_all_failed=pick(("release", "release", "serve")),
            takeover_guard=pick(("warn", "warn", "wait", "off")),
            flap_limit=pick((0, 0, 0, 1, 3)),
            flap_window=pick((10.0, 60.0)),
            flap_hold=pick((5.0, 15.0)),
            lease=chance(0.9),
            rate=1.0 if chance(0.5) else round(1 + self.random.uniform(-0.002, 0.002), 6),
            lag=pick((0.0, 0.0002, 0.002, 0.01)) * interval,
            starts=round(self.random.uniform(0, 2 * interval), 3),
            probes=tuple(self._probe() for _ in range(pick((0, 0, 1, 1, 2)))),
            end=pick((End.WELL, End.WELL, End.WELL, End.WELL, End.STOPPED, End.DRAINED, End.ILL)),
        )

    def _of_another_make(self, plan: RouterPlan) -> RouterPlan:
        """Some of them. FRR knows no unicast; neither has what is ours alone."""
        kind = self.random.choice((Kind.VRRPD, Kind.KEEPALIVED, Kind.KEEPALIVED if self.network.unicast else Kind.FRR))
        if kind is Kind.VRRPD:
            return plan
        end = End.STOPPED if plan.end is End.STOPPED else End.WELL
        return replace(plan, kind=kind, end=end, probes=(), preempt_delay=0.0, fast_preempt=False, flap_limit=0)

    def _probe(self) -> ProbePlan:
        pick = self.random.choice
        return ProbePlan(
            weight=pick((0, -20, -60, -120, 30)),
            interval=pick((1.0, 2.0, 5.0)) * max(1.0, self.network.advert_int),
            rise=pick((1, 2, 3)),
            fall=pick((1, 2, 3)),
            init_fail=self.chance(0.1),
            noise=pick((0.0, 0.0, 0.0, 0.05, 0.3)),
        )

    # --- faults -------------------------------------------------------------------------------------------------

    def _actions(self, kinds: list[str]) -> Iterator[Action]:
        interval, now = self.network.advert_int, 0.0
        pause = interval * self.random.choice((2, 5, 12))
        while (now := now + self.random.expovariate(1 / pause)) < self.network.faults_end:
            yield from FAULTS[self.random.choice(kinds)](self, round(now, 4))

    def lasts(self) -> float:
        """How long a fault is: often about as long as the timers of the protocol."""
        share = self.random.choice((0.1, 1.0, 3.0, 3.4, 6.0, 15.0))
        return round(self.network.advert_int * share * self.random.uniform(0.8, 1.2), 4)

    def one(self) -> str:
        """A router."""
        return self.random.choice(self.routers).name

    def segment(self) -> str:
        """A segment, as an argument."""
        return str(self.random.randrange(self.network.segments))

    def group(self) -> str:
        """A virtual router, as an argument."""
        return str(self.random.randrange(self.network.segments * self.network.groups))


def _pair(first: Verb, then: Verb) -> Fault:
    def fault(draw: Draw, now: float) -> Iterator[Action]:
        name = draw.one()
        yield Action(now, first, name)
        yield Action(now + draw.lasts(), then, name)

    return fault


def _death(draw: Draw, now: float) -> Iterator[Action]:
    name = draw.one()
    if draw.chance(0.2):
        yield Action(now, Verb.RESTART, name)
        return
    yield Action(now, draw.random.choice((Verb.CRASH, Verb.CRASH, Verb.STOP)), name)
    yield Action(now + draw.lasts(), Verb.START, name, draw.random.choice(("", "", "forgetful")))


def _link(draw: Draw, now: float) -> Iterator[Action]:
    name, segment = draw.one(), draw.segment()
    for _ in range(draw.random.choice((1, 1, 4))):
        yield Action(now, Verb.DOWN, name, segment)
        now += draw.lasts()
        yield Action(now, Verb.UP, name, segment)
        now += draw.lasts()


def _partition(draw: Draw, now: float) -> Iterator[Action]:
    name = draw.one()
    others = [each.name for each in draw.routers if each.name != name and draw.chance(0.4)]
    yield Action(now, Verb.SPLIT, name, ",".join(others))
    yield Action(now + draw.lasts(), Verb.HEAL, name)


def _one_way(draw: Draw, now: float) -> Iterator[Action]:
    one, other = draw.random.sample([each.name for each in draw.routers], 2)
    way = f"{other} {draw.segment()}" if draw.network.segments > 1 and draw.chance(0.5) else other
    yield Action(now, Verb.CUT, one, way)
    yield Action(now + draw.lasts(), Verb.JOIN, one, way)


def _probe(draw: Draw, now: float) -> Iterator[Action]:
    name, number = draw.one(), draw.random.choice("01")
    for _ in range(draw.random.choice((1, 1, 5))):
        yield Action(now, draw.random.choice((Verb.FAIL, Verb.FAIL, Verb.HANG, Verb.BLIND)), name, number)
        now += draw.lasts()
        yield Action(now, Verb.MEND, name, number)
        now += draw.lasts()


def _operator(draw: Draw, now: float) -> Iterator[Action]:
    name = draw.one()
    if draw.chance(0.5):
        yield Action(now, draw.random.choice((Verb.STEAL, Verb.PLANT)), name, draw.group())
        return
    yield Action(now, Verb.DRAIN, name, str(draw.lasts()) if draw.chance(0.5) else "")
    yield Action(now + draw.lasts(), Verb.UNDRAIN, name)


def _hand(draw: Draw, now: float) -> Iterator[Action]:
    name, number = draw.one(), draw.group()
    yield Action(now, Verb.HAND, name, number)
    if draw.chance(0.5):
        yield Action(now + draw.lasts(), Verb.TAKE_BACK, name, number)


def _reload(draw: Draw, now: float) -> Iterator[Action]:
    pick = draw.random.choice
    words = [
        f"priority={draw.random.randint(1, 254)}",
        f"nopreempt={pick(('yes', 'no'))}",
        f"fast_preempt={pick(('yes', 'no'))}",
        f"preempt_delay={pick((0.0, 3.0))}",
        f"takeover_guard={pick(('warn', 'wait', 'off'))}",
        f"when_all_failed={pick(('release', 'serve'))}",
        f"flap_limit={pick((0, 2))}",
    ]
    if draw.network.version == 3:
        words.append(f"advert_int={draw.network.advert_int * pick((1, 1, 2, 0.5)):g}")
    yield Action(now, Verb.RELOAD, draw.one(), pick(words))


def _reboot(draw: Draw, now: float) -> Iterator[Action]:
    yield Action(now, Verb.REBOOT, draw.one(), str(draw.random.randint(*REBOOT)))


FAULTS: dict[str, Fault] = {
    "death": _death,
    "freeze": _pair(Verb.FREEZE, Verb.THAW),
    "link": _link,
    "partition": _partition,
    "one_way": _one_way,
    "mute": _pair(Verb.MUTE, Verb.UNMUTE),
    "probe": _probe,
    "operator": _operator,
    "hand": _hand,
    "reload": _reload,
    "reboot": _reboot,
}


def draw(seed: int) -> Scenario:
    """The scenario of a seed."""
    return Draw(seed).scenario()
