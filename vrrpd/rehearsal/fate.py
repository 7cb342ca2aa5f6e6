"""What became of a virtual address in one part of a play: while the fault lasts, and after it is mended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from vrrpd.rehearsal.faults import Cause
from vrrpd.rehearsal.hosts import Vip
from vrrpd.rehearsal.play import Played


class Part(Enum):
    """Of a play, as it is called in JSON."""

    FAULT = "fault"
    MENDED = "mended"


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `begins` to `ends` these hosts held it, and could be reached."""

    begins: float
    ends: float
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fate:
    """Holders `before` and `after`; seconds that nobody held it, that several did, and that only ill hosts did.

    `settled`: seconds until the last change of holders, None: there was none. `meet`: those that hold it in the end
    hear each other.
    """

    played: Played
    part: Part
    vip: Vip
    before: tuple[str, ...]
    after: tuple[str, ...]
    nobody: float
    several: float
    ill: float
    settled: float | None
    meet: bool


def fate(played: Played, part: Part, vip: Vip) -> Fate:
    """Of one part."""
    begins, ends = span(played, part)
    stretches = [each for each in held(played, vip) if each.ends > begins and each.begins < ends]
    clipped = [Stretch(max(each.begins, begins), min(each.ends, ends), each.hosts) for each in stretches]
    before = next((each.hosts for each in held(played, vip) if each.begins < begins <= each.ends), ())
    after = clipped[-1].hosts
    ill = ill_hosts(played, part, vip)
    return Fate(
        played=played,
        part=part,
        vip=vip,
        before=before,
        after=after,
        nobody=_seconds_of(each for each in clipped if not each.hosts),
        several=_seconds_of(each for each in clipped if len(each.hosts) > 1),
        ill=_seconds_of(each for each in clipped if each.hosts and ill.issuperset(each.hosts)),
        settled=clipped[-1].begins - begins if clipped[-1].hosts != before or len(clipped) > 1 else None,
        meet=part is Part.MENDED or not any((a, b) in played.deaf for a in after for b in after),
    )


def span(played: Played, part: Part) -> tuple[float, float]:
    """When it begins and ends."""
    if part is Part.FAULT:
        return played.began, played.mended
    return played.mended, played.ended


def ill_hosts(played: Played, part: Part, vip: Vip) -> frozenset[str]:
    """Those that serve nobody at this address, though they could hold it."""
    fault = played.fault
    if part is Part.MENDED or (fault.cause is Cause.LINK and vip.segment not in _cut(played)):
        return frozenset()
    return fault.ill


def held(played: Played, vip: Vip) -> list[Stretch]:
    """From the beginning on, without a gap. Who has no link on the segment holds it for nobody."""
    place = vip.segment, vip.addresses[0]
    changes = [(each.at, each.router, each.there) for each in played.holdings if each.place == place]
    unreachable = ""
    if played.fault.cause is Cause.LINK and vip.segment in _cut(played):
        unreachable = played.fault.host
    instants = sorted({0.0, *(at for at, _, _ in changes), *((played.began, played.mended) if unreachable else ())})
    return list(_joined(_stretches(played, changes, instants, unreachable)))


def holders(played: Played, vip: Vip) -> tuple[str, ...]:
    """Before the fault."""
    return fate(played, Part.FAULT, vip).before


def _stretches(
    played: Played, changes: Sequence[tuple[float, str, bool]], instants: Sequence[float], unreachable: str
) -> Iterator[Stretch]:
    for begins, ends in zip(instants, (*instants[1:], played.ended), strict=True):
        holding = {router: there for at, router, there in changes if at <= begins}
        away = unreachable if played.began <= begins < played.mended else ""
        yield Stretch(begins, ends, tuple(sorted(name for name, there in holding.items() if there and name != away)))


def _joined(stretches: Iterator[Stretch]) -> Iterator[Stretch]:
    last: Stretch | None = None
    for each in stretches:
        if last is None or each.hosts != last.hosts:
            if last is not None:
                yield last
            last = each
        else:
            last = Stretch(last.begins, each.ends, each.hosts)
    if last is not None:
        yield last


def _cut(played: Played) -> tuple[int, ...]:
    return played.site.host(played.fault.host).interfaces[played.fault.subject]


def _seconds_of(stretches: Iterator[Stretch]) -> float:
    return sum(each.ends - each.begins for each in stretches)
