"""A pair of configurations, and what happens to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from tests.differential.configuration import Side
from tests.differential.events import Event

ALL_PAIRS = ("kk", "vv", "kv", "vk")
"""keepalived or vrrpd on a, and on b. The first one is what the others are compared with."""
ALONE = ("kk", "vv")
"""Where b is not there, or does nothing."""


@dataclass(frozen=True, slots=True)
class Step:
    """Events at one moment, and the seconds until the next ones."""

    seconds: float
    events: tuple[Event, ...]

    @property
    def text(self) -> str:
        """For reports."""
        return " + ".join(each.text for each in self.events)


def step(seconds: float, *events: Event) -> Step:
    """Events, and how long to look at what follows."""
    return Step(seconds, events)


class Aspect(Enum):
    """In what two observations may differ."""

    STATES = "states"
    PRIORITIES = "priorities"
    HOLDERS = "holders"
    CALLS = "calls"
    TIMES = "times"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A difference that we want: after which step (its number from 0), in what, and why (`wanted.REASONS`).

    `makes`: only these pairs; empty: any but keepalived with keepalived.
    """

    step: int
    aspects: frozenset[Aspect]
    reason: str
    makes: tuple[str, ...] = ()


def wanted(at: int, reason: str, *aspects: Aspect, makes: tuple[str, ...] = ()) -> Wanted:
    """A difference after step number `at`."""
    return Wanted(at, frozenset(aspects), reason, makes)


def sinks(at: int) -> tuple[Wanted, ...]:
    """What vrrpd does otherwise when a, which is Master, falls below b: it says so at once, or b takes over sooner."""
    return (
        wanted(at, "told_at_once", Aspect.TIMES, makes=("vv", "vk")),
        wanted(at, "fast_preempt", Aspect.TIMES, makes=("vv", "kv")),
    )


def rises(at: int) -> Wanted:
    """And when a, which is Backup, comes above b."""
    return wanted(at, "fast_preempt", Aspect.TIMES, makes=("vv", "vk"))


@dataclass(frozen=True, slots=True)
class Due:
    """A change on the wire after step number `step` must come so many seconds after the one before it (the first one:
    after the advertisement before the event), for pairs in `makes`."""

    step: int
    change: str
    seconds: float
    makes: tuple[str, ...]


def due(at: int, change: str, seconds: float, *makes: str) -> Due:
    """After step number `at`; without `makes` for all pairs."""
    return Due(at, change, seconds, makes or ALL_PAIRS)


@dataclass(frozen=True, slots=True)
class Shall:
    """What must be seen after step number `step`, for pairs in `makes`: where keepalived is no model.

    `where` as in `observation.Window`; `seen` in order with commas, empty for nothing.
    """

    step: int
    aspect: Aspect
    where: str
    seen: str
    makes: tuple[str, ...]


def shall(at: int, aspect: Aspect, where: str, seen: str, *makes: str) -> Shall:
    """After step number `at`; without `makes` for the pairs with vrrpd on a."""
    return Shall(at, aspect, where, seen, makes or ("vv", "vk"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """`files`: on both hosts from the beginning. `interval`: the longest between two advertisements, in seconds.

    `vector`: its number in section 14 of our notes on keepalived, 0: none. `links`: more interfaces of both hosts.
    """

    name: str
    title: str
    a: Side
    steps: tuple[Step, ...]
    b: Side | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    ipv6: bool = False
    interval: float = 1.0
    pairs: tuple[str, ...] = ALL_PAIRS
    wanted: tuple[Wanted, ...] = ()
    dues: tuple[Due, ...] = ()
    shalls: tuple[Shall, ...] = ()
    also: tuple[str, ...] = ()
    vector: int = 0

    @property
    def sides(self) -> dict[str, Side]:
        """By host."""
        return {"a": self.a} if self.b is None else {"a": self.a, "b": self.b}

    @property
    def addresses(self) -> tuple[str, ...]:
        """All virtual addresses, and those in `also`."""
        own = [vip.partition("/")[0] for side in self.sides.values() for each in side.routers for vip in each.vips]
        return tuple(dict.fromkeys((*own, *self.also)))

    @property
    def seconds(self) -> float:
        """How long it takes at least."""
        return sum(each.seconds for each in self.steps)
