"""A rehearsal for programs; keys are stable."""

from collections.abc import Sequence
from typing import TypedDict

from vrrpd.rehearsal.fate import span
from vrrpd.rehearsal.hosts import Site
from vrrpd.rehearsal.outcome import Grade, Outcome, Rehearsed, Spread
from vrrpd.rehearsal.play import priority
from vrrpd.rehearsal.unplayed import unplayed
from vrrpd.rehearsal.verdict import refusals, verdict


class SpreadShape(TypedDict):
    """Seconds over all plays."""

    least: float
    most: float


class OutcomeShape(TypedDict):
    """One address in one part of a fault. `settled` null: nothing moved. `priorities`: in the end, by host."""

    part: str
    addresses: list[str]
    before: list[str]
    after: list[str]
    nobody_seconds: SpreadShape
    several_seconds: SpreadShape
    ill_seconds: SpreadShape
    settled_seconds: SpreadShape | None
    priorities: dict[str, int | None]
    grade: str
    verdict: str


class FaultShape(TypedDict):
    """`host` or `subject` empty: the fault has none."""

    fault: str
    title: str
    host: str
    subject: str
    grade: str
    outcomes: list[OutcomeShape]


class HostShape(TypedDict):
    """`warnings`: what the file deserves, as `vrrpd --check` says it."""

    name: str
    file: str
    warnings: list[str]


class RehearsalShape(TypedDict):
    """All of it. `bad`: how many faults."""

    hosts: list[HostShape]
    refusals: list[str]
    not_played: list[str]
    bad: int
    faults: list[FaultShape]


def record(site: Site, found: Sequence[Rehearsed]) -> RehearsalShape:
    """All of it."""
    return {
        "hosts": [
            {"name": each.name, "file": each.file, "warnings": [*map(str, each.warnings)]} for each in site.hosts
        ],
        "refusals": [said for each in found[:1] for said in refusals(each.shown)],
        "not_played": list(unplayed(site, found)),
        "bad": sum(each.grade is Grade.BAD for each in found),
        "faults": [_fault(each) for each in found],
    }


def _fault(rehearsed: Rehearsed) -> FaultShape:
    fault = rehearsed.fault
    return {
        "fault": fault.cause.value,
        "title": fault.title,
        "host": fault.host,
        "subject": fault.subject,
        "grade": rehearsed.grade.name.lower(),
        "outcomes": [_outcome(each) for each in rehearsed.outcomes],
    }


def _outcome(outcome: Outcome) -> OutcomeShape:
    found, vip = outcome.worst, outcome.vip
    until = span(found.played, found.part)[1]
    return {
        "part": outcome.part.value,
        "addresses": [*map(str, vip.addresses)],
        "before": list(found.before),
        "after": list(found.after),
        "nobody_seconds": _spread(outcome.nobody),
        "several_seconds": _spread(outcome.several),
        "ill_seconds": _spread(outcome.ill),
        "settled_seconds": _spread(outcome.settled) if outcome.settled else None,
        "priorities": {host: priority(found.played, host, name, until) for host, name in vip.instances.items()},
        "grade": outcome.grade.name.lower(),
        "verdict": verdict(outcome),
    }


def _spread(spread: Spread) -> SpreadShape:
    return {"least": round(spread.least, 3), "most": round(spread.most, 3)}
