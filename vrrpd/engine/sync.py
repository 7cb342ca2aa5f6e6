"""Sync groups: routers of one host that are Master together, or none of them is (keepalived.conf(5), vrrp_sync_group).

Each member has its own election on the wire, so two hosts must come to the same result in all of them:

- All members take part with the least priority of any, and none preempts unless all may. keepalived lets each have its
  own; with mixed ones each host wins a part for ever, and a weight of one member moves nothing.
- A Backup takes over when all members may (`VirtualRouter.timer`): what one member hears keeps all.
- A fault of one is a fault of all. One that yields pulls all.
- Between equal priorities the address decides (RFC 9568 6.4.3), and that may be another one on each link. The first
  member decides; another one only when the rival is there still after some time, because the first hears nothing.
  Without this order each of two hosts could yield to the other, again and again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from vrrpd.engine.instance import Standings, VirtualRouter
from vrrpd.protocol.messages import AdvertisementReceived, Master, Parameters, Seconds
from vrrpd.protocol.router import master_down_interval

TIE_INTERVALS = 2
"""Advertisement intervals for which a member leaves a tie to the member before it: that one hears a rival in one."""
TIE_RANKS = 4
"""Members further back wait no longer than this one: more links that fail in a row are no common thing."""
TIE_OVER = 3
"""Advertisement intervals without a rival until a tie is over."""

Faults = Callable[[str], tuple[str, ...]]
"""By the name of an instance, why an operator keeps it out of service."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What follows for one router from all that is known now.

    `serving`: the faults in spite of which it takes part. `waiting`: what keeps it from starting. `parameters` None:
    it has no source address.
    """

    router: VirtualRouter
    faults: tuple[str, ...]
    waiting: tuple[str, ...]
    serving: tuple[str, ...]
    priority: int
    why: tuple[tuple[str, int], ...]
    parameters: Parameters | None


def join(routers: Iterable[VirtualRouter]) -> None:
    """Let members of a group know one another, in an order that is the same on all hosts."""
    groups: dict[str, list[VirtualRouter]] = {}
    for router in routers:
        router.fellows = ()
        if router.config.sync_group:
            groups.setdefault(router.config.sync_group, []).append(router)
    for members in groups.values():
        together = tuple(sorted(members, key=_order))
        for router in together:
            router.fellows = together


def units(routers: Iterable[VirtualRouter]) -> list[tuple[VirtualRouter, ...]]:
    """What moves together: whole groups, and each router that is in none; each once."""
    found = {id(router.fellows[0] if router.fellows else router): router.fellows or (router,) for router in routers}
    return list(found.values())


def judge(unit: tuple[VirtualRouter, ...], standings: Standings, drained: Faults) -> list[Judged]:
    """All of a unit, or one router."""
    own = [_alone(router, standings, drained) for router in unit]
    if len(own) == 1:
        return own
    least = min(own, key=lambda each: each.priority)
    faults = _first(own, lambda each: each.faults)
    waiting = _first(own, lambda each: each.waiting)
    known = [each.parameters for each in own if each.parameters is not None]
    return [
        replace(
            each,
            faults=each.faults or faults,
            waiting=each.waiting or waiting,
            priority=least.priority,
            why=least.why,
            parameters=_shared(each.parameters, known, least.priority),
        )
        for each in own
    ]


def may_resume(unit: tuple[VirtualRouter, ...], now: Seconds) -> bool:
    """No member has been silent for so long that somebody else may be Master of it."""
    return all(isinstance(each.state, Master) or _resumes(each, now) for each in unit)


def address_decides(router: VirtualRouter, received: AdvertisementReceived, now: Seconds) -> bool:
    """Whether a Master that hears this must yield if only its address is lower. To be asked once about each."""
    own = router.own
    tie = own is not None and received.advertisement.priority == own.priority
    if own is None or not tie or not isinstance(router.state, Master) or not router.fellows:
        return True
    over = TIE_OVER * own.advertisement_interval
    fresh = router.tied_at is None or now - router.tied_at > over or router.tied_at < router.state.since
    router.tied_since = now if fresh or router.tied_since is None else router.tied_since
    router.tied_at = now
    rank = next(index for index, each in enumerate(router.fellows) if each is router)
    return now - router.tied_since >= min(rank, TIE_RANKS) * TIE_INTERVALS * own.advertisement_interval


def _order(router: VirtualRouter) -> tuple[str, int, bytes]:
    config = router.config
    return config.family.value, config.virtual_router_id, min(each.packed for each in config.addresses)


def _alone(router: VirtualRouter, standings: Standings, drained: Faults) -> Judged:
    return Judged(
        router,
        (*drained(router.config.name), *router.faults(standings)),
        router.pending(standings),
        router.serving(standings),
        router.effective(standings),
        router.contributions(standings),
        router.parameters(standings),
    )


def _first(own: list[Judged], ask: Callable[[Judged], tuple[str, ...]]) -> tuple[str, ...]:
    """For the others: the first word of the first that has any. One is enough to know where to look."""
    config, words = next(((each.router.config, ask(each)) for each in own if ask(each)), (None, ()))
    return (f"sync group {config.sync_group}: {config.name}: {words[0]}",) if config is not None else ()


def _shared(own: Parameters | None, known: list[Parameters], priority: int) -> Parameters | None:
    if own is None:
        return None
    return replace(
        own,
        priority=priority,
        preempt=all(each.preempt for each in known),
        preempt_delay=max(each.preempt_delay for each in known),
        fast_preempt=all(each.fast_preempt for each in known),
    )


def _resumes(router: VirtualRouter, now: Seconds) -> bool:
    if router.resume is None or router.own is None:
        return False
    return 0 <= now - router.resume < master_down_interval(router.own, router.own.advertisement_interval)
