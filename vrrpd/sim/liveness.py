"""What must come about once all is well: in each virtual router one Master, the best by the rules, and quiet."""

from collections.abc import Iterable
from dataclasses import dataclass

from vrrpd.sim.kernel import Place
from vrrpd.sim.plan import End, Network, ProbePlan, RouterPlan

LOWEST, HIGHEST = 1, 254


@dataclass(frozen=True, slots=True)
class Claimant:
    """What a router is entitled to, by the rules alone. `priority` None: it takes no part."""

    name: str
    priority: int | None
    preempts: bool


def claimant(plan: RouterPlan, numbers: Iterable[int], *, yields: bool) -> Claimant:
    """Of virtual routers by number, as the plan leaves them after the faults; in a sync group the least counts.

    `yields`: one was handed over.
    """
    ill = plan.end is End.ILL
    if plan.end in {End.STOPPED, End.DRAINED}:
        return Claimant(plan.name, None, False)
    faulty = ill and bool(plan.probes) and plan.probes[0].weight == 0
    if faulty and plan.when_all_failed == "release":
        return Claimant(plan.name, None, False)
    priority = LOWEST if faulty else min(_effective(plan.priority_of(each), plan.probes, ill=ill) for each in numbers)
    return Claimant(plan.name, priority, not (plan.nopreempt or yields or faulty))


def _effective(base: int, probes: Iterable[ProbePlan], *, ill: bool) -> int:
    total = base
    for number, each in enumerate(probes):
        down = ill and number == 0
        total += min(each.weight, 0) if down else max(each.weight, 0)
    return min(max(total, LOWEST), HIGHEST)


def rightful(claimants: Iterable[Claimant]) -> frozenset[str]:
    """Who may be Master in the end: nobody who takes part and preempts has a higher priority."""
    there = [each for each in claimants if each.priority is not None]
    return frozenset(
        each.name
        for each in there
        if not any(other.preempts and (other.priority or 0) > (each.priority or 0) for other in there)
    )


def settles(network: Network, plans: Iterable[RouterPlan]) -> float:
    """Seconds after which it must have come about.

    A daemon starts and its probes find out (a second, and rise or fall runs); somebody takes over from silence; who is
    better preempts, after its delay and without fast_preempt after the same time again; a claim puts off what a guard
    waits for; and damping may begin with the last of these moves.
    """
    routers = list(plans)
    interval = max([network.advert_int, *(each.advert_int for each in routers)])
    down = network.down_adverts * interval + max(1.0, interval)
    probes = [probe for each in routers for probe in each.probes]
    known = max([each.interval * (max(each.rise, each.fall) + 2) for each in probes], default=0.0)
    delay = max(each.preempt_delay for each in routers)
    damped = max([each.flap_hold for each in routers if each.flap_limit], default=0.0)
    return 1.0 + known + delay + 2 * damped + 4 * down


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong in the end."""

    rule: str
    detail: str


def judge(place: Place, holders: tuple[str, ...], masters: tuple[str, ...], right: frozenset[str]) -> Finding | None:
    """Of one address: who has it, who is Master, and who should be."""
    address = place[1]
    if not right:
        wrong = holders or masters
        return Finding("nobody may", f"{wrong} have {address}, and nobody may") if wrong else None
    if len(holders) != 1:
        return Finding("one holder", f"{address} is held by {holders or 'nobody'}, entitled: {sorted(right)}")
    if holders[0] not in right:
        return Finding("the best", f"{address} is held by {holders[0]}, entitled: {sorted(right)}")
    if masters != holders:
        return Finding("one Master", f"{address} is held by {holders[0]}, Masters: {masters}")
    return None
