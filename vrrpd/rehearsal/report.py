"""A rehearsal for people: each fault with its grade, what becomes of each address, and for how long."""

from collections.abc import Iterator, Sequence

from vrrpd.config.problems import Grade as Severity
from vrrpd.rehearsal.fate import Part, ill_hosts
from vrrpd.rehearsal.faults import Cause
from vrrpd.rehearsal.hosts import Site
from vrrpd.rehearsal.outcome import Grade, Outcome, Rehearsed, Spread
from vrrpd.rehearsal.unplayed import unplayed
from vrrpd.rehearsal.verdict import refusals, verdict

SHORTEST = 0.05
"""Seconds below which a gap is not worth a word."""
MOST_NAMED = 4
"""Addresses in one line."""
WORDS = {Grade.GOOD: "ok", Grade.NOTE: "note", Grade.BAD: "BAD"}
WIDTH = max(map(len, WORDS.values())) + 2


def report(site: Site, found: Sequence[Rehearsed]) -> Iterator[str]:
    """Line by line."""
    yield from _hosts(site)
    yield from (f"warning: {each}" for host in site.hosts for each in host.warnings if each.grade is not Severity.NOTE)
    yield from (f"warning: {said}" for each in found[:1] for said in refusals(each.shown))
    yield from (f"not played: {each}" for each in unplayed(site, found))
    yield ""
    for each in found:
        yield from told(each)
    yield ""
    yield summary(found)


def summary(found: Sequence[Rehearsed]) -> str:
    """One line."""
    bad = [each for each in found if each.grade is Grade.BAD]
    if not bad:
        return f"{len(found)} faults rehearsed: none leaves the service on a bad host"
    return f"{len(found)} faults rehearsed, {len(bad)} BAD: {'; '.join(each.fault.title for each in bad)}"


def _hosts(site: Site) -> Iterator[str]:
    width = max(len(each.name) for each in site.hosts)
    for host in site.hosts:
        instances = ", ".join(f"{each.name} priority {each.priority}" for each in host.played.instances)
        probes = ", ".join(each.name for each in host.played.probes) or "none"
        yield f"{host.name:<{width}}  {host.file}: {instances}; probes: {probes}"


def told(rehearsed: Rehearsed) -> Iterator[str]:
    """One fault."""
    yield f"{WORDS[rehearsed.grade]:<{WIDTH}}{rehearsed.fault.title}"
    yield from (" " * WIDTH + each for each in sentences(rehearsed))


def sentences(rehearsed: Rehearsed) -> Iterator[str]:
    """What becomes of the addresses, those together that fare alike."""
    alike: dict[str, list[str]] = {}
    for each in rehearsed.told:
        back = "all back: " if each.part is Part.MENDED else ""
        alike.setdefault(f"{back}{verdict(each)}{lasting(each)}", []).append(str(each.vip))
    several = len(rehearsed.shown.site.vips) > 1
    yield from (f"{_named(vips)}: {said}" if several else said for said, vips in alike.items())


def _named(vips: Sequence[str]) -> str:
    more = len(vips) - MOST_NAMED
    return ", ".join(vips[:MOST_NAMED]) + (f" and {more} others" if more > 0 else "")


def lasting(outcome: Outcome) -> str:
    """How long, behind the verdict; empty where there is nothing to tell. What lasts as long as the fault says so."""
    found = outcome.worst
    if outcome.fault.cause is Cause.NOTHING:
        return ""
    told = [
        _told("nobody holds it for", outcome.nobody, for_ever=not found.after),
        _told("two hold it for", outcome.several, for_ever=len(found.after) > 1),
        _told("on a bad host for", outcome.ill, for_ever=_stays_ill(outcome)) if found.after else "",
    ]
    words = [each for each in told if each]
    if not words and outcome.settled is not None and outcome.settled.most >= SHORTEST:
        words = [f"after {seconds(outcome.settled)}, without a gap"]
    return f" ({', '.join(words)})" if words else ""


def _stays_ill(outcome: Outcome) -> bool:
    """The one that holds it in the end serves nobody."""
    found = outcome.worst
    return ill_hosts(found.played, found.part, found.vip).issuperset(found.after)


def _told(head: str, spread: Spread, *, for_ever: bool) -> str:
    if for_ever:
        return f"{head} as long as it lasts"
    return f"{head} {seconds(spread)}" if spread.most >= SHORTEST else ""


def seconds(spread: Spread) -> str:
    """`0.6 s`, or `2.7-3.6 s`."""
    least, most = f"{spread.least:.1f}", f"{spread.most:.1f}"
    return f"{most} s" if least == most else f"{least}-{most} s"
