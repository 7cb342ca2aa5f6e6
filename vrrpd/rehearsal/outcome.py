"""Fates of several plays of one fault, at other instants between two advertisements, as one outcome with a grade."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from vrrpd.rehearsal.fate import Fate, Part, fate, ill_hosts
from vrrpd.rehearsal.faults import Cause, Fault, faults
from vrrpd.rehearsal.hosts import Site, Vip
from vrrpd.rehearsal.play import Played, effort, play
from vrrpd.sim.plan import Kind

PHASES = (0.05, 0.5, 0.95)
"""Where between two advertisements the fault begins: just after one, in the middle, just before the next one."""
MOST_EFFORT = 400.0
"""Advertisements and probes of a part; a hundred make a play of about 20 ms."""
KEEPALIVED_PLAYS = (
    Cause.NOTHING,
    Cause.STOP,
    Cause.CRASH,
    Cause.HANG,
    Cause.LOSS,
    Cause.LINK,
    Cause.SPLIT,
    Cause.ONE_WAY,
)
"""What the model of keepalived can do: it has no scripts and no reload."""


class Grade(IntEnum):
    """GOOD: as it should be. NOTE: no well host is there, or nothing can tell. BAD: left on a bad host, none or two."""

    GOOD = 0
    NOTE = 1
    BAD = 2


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds, over all plays."""

    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """`worst`: the play whose words are told. `settled` None: nothing moved in any play."""

    fault: Fault
    part: Part
    vip: Vip
    worst: Fate
    grade: Grade
    nobody: Spread
    several: Spread
    ill: Spread
    settled: Spread | None


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One fault: what came of it, and a play to be drawn."""

    fault: Fault
    outcomes: tuple[Outcome, ...]
    shown: Played

    @property
    def grade(self) -> Grade:
        """The worst."""
        return max(each.grade for each in self.outcomes)

    @property
    def told(self) -> tuple[Outcome, ...]:
        """Those that are worth a line: without a mended fault that had moved nothing and moves nothing."""
        before = {each.vip.addresses: each.worst.before for each in self.outcomes if each.part is Part.FAULT}
        return tuple(
            each
            for each in self.outcomes
            if each.part is Part.FAULT
            or each.grade is not Grade.GOOD
            or each.settled is not None
            or each.worst.before != before[each.vip.addresses]
        )


def phases_of(site: Site) -> tuple[float, ...]:
    """All of them; only the middle where a play is long, so that a rehearsal takes seconds."""
    return PHASES if effort(site) <= MOST_EFFORT else PHASES[1:2]


def rehearse(site: Site, *, kind: Kind = Kind.VRRPD, phases: Sequence[float] = ()) -> Iterator[Rehearsed]:
    """Each fault in turn; `phases`: those of the site unless given."""
    phases = phases or phases_of(site)
    for each in faults(site):
        if kind is Kind.VRRPD or each.cause in KEEPALIVED_PLAYS:
            yield rehearsed(site, each, kind=kind, phases=phases)


def rehearsed(site: Site, fault: Fault, *, kind: Kind = Kind.VRRPD, phases: Sequence[float] = PHASES) -> Rehearsed:
    """One fault at each of these phases, see `play`."""
    plays = [play(site, fault, phase=phase, noise=seed, kind=kind) for seed, phase in enumerate(phases)]
    parts = (Part.FAULT, Part.MENDED) if fault.mends else (Part.FAULT,)
    outcomes = tuple(_outcome([fate(each, part, vip) for each in plays]) for part in parts for vip in site.vips)
    return Rehearsed(fault, outcomes, plays[len(plays) // 2])


def _outcome(fates: Sequence[Fate]) -> Outcome:
    worst = max(fates, key=lambda each: (grade(each), each.nobody + each.several))
    settled = [each.settled for each in fates if each.settled is not None]
    return Outcome(
        fault=worst.played.fault,
        part=worst.part,
        vip=worst.vip,
        worst=worst,
        grade=grade(worst),
        nobody=_spread([each.nobody for each in fates]),
        several=_spread([each.several for each in fates]),
        ill=_spread([each.ill for each in fates]),
        settled=_spread(settled) if settled else None,
    )


def _spread(values: Sequence[float]) -> Spread:
    return Spread(min(values), max(values))


def grade(found: Fate) -> Grade:
    """See `Grade`; judged by who holds it in the end."""
    ill = ill_hosts(found.played, found.part, found.vip)
    if len(found.after) > 1:
        return Grade.BAD if found.meet else Grade.NOTE
    served = bool(found.after) and found.after[0] not in ill
    if served:
        return Grade.GOOD
    return Grade.BAD if well_hosts(found) and found.played.fault.cause is not Cause.UNSEEN else Grade.NOTE


def well_hosts(found: Fate) -> list[str]:
    """Hosts that could serve: their daemon runs, nothing of theirs is down, and no partition is between."""
    fault = found.played.fault
    gone = {fault.host} if found.part is Part.FAULT and fault.cause in _DAEMON_GONE else set[str]()
    ill = ill_hosts(found.played, found.part, found.vip)
    return [each.name for each in found.played.site.hosts if each.name not in ill and each.name not in gone]


_DAEMON_GONE = (Cause.STOP, Cause.CRASH, Cause.HANG, Cause.LOSS)
