"""Moves routers as what is known of them demands, those of a sync group together."""

from collections.abc import Iterable

from vrrpd.engine import sync
from vrrpd.engine.conduct import Conduct
from vrrpd.engine.drain import Drains
from vrrpd.engine.health import Health
from vrrpd.engine.instance import VirtualRouter
from vrrpd.engine.journal import FaultsChanged, PriorityChanged, Publish
from vrrpd.engine.journal_health import Degraded
from vrrpd.engine.sync import Judged
from vrrpd.protocol.messages import (
    AdvertisementReceived,
    Backup,
    Event,
    HandOver,
    Initialize,
    Leaving,
    Master,
    Parameters,
    Reconfigured,
    Resume,
    Seconds,
    Shutdown,
    Startup,
    TimerExpired,
)

SOON = Seconds(0.0)


class Together:
    """Keeps nothing of its own."""

    def __init__(self, conduct: Conduct, health: Health, drains: Drains, publish: Publish) -> None:
        """`health` and `drains` are what faults and priorities follow from."""
        self._conduct = conduct
        self._health = health
        self._drains = drains
        self._publish = publish

    # --- what happened to one -------------------------------------------------------------------------------------

    def heard(self, router: VirtualRouter, received: AdvertisementReceived, now: Seconds) -> None:
        """A valid advertisement came in."""
        was_master = isinstance(router.state, Master)
        decides = sync.address_decides(router, received, now)
        self._conduct.heard(router, received if decides else received.tie_left_to_others(), now)
        follows = isinstance(router.state, Backup) and router.state.heard_at == now
        self._pull(router, HandOver(), now, fallen=was_master or follows)
        self.calm((router,), now)

    def event(self, router: VirtualRouter, event: Event, now: Seconds, late: Seconds = SOON) -> None:
        """Anything else happened."""
        was_master = isinstance(router.state, Master)
        self._conduct.event(router, event, now, late)
        self._pull(router, event if isinstance(event, Shutdown) else HandOver(), now, fallen=was_master)

    def expire(self, router: VirtualRouter, due: Seconds | None, now: Seconds) -> None:
        """Its timer is due then; a Backup's takes all with it that are Backup as well."""
        if due is None or due > now:
            return
        waiting = [router]
        if router.fellows and isinstance(router.state, Backup):
            waiting = [each for each in router.fellows if isinstance(each.state, Backup)]
        postponed = [each for each in waiting if each.claims.postpones(each.config, each.state, now)]
        if postponed:
            return
        for each in waiting:
            self.event(each, TimerExpired(), now, late=Seconds(now - due))

    def _pull(self, router: VirtualRouter, event: Event, now: Seconds, *, fallen: bool) -> None:
        """One of a group ceased to be Master, or follows another one: none is Master, and others learn at once."""
        if not fallen or isinstance(router.state, Master):
            return
        for each in router.fellows:
            if isinstance(each.state, Master):
                self._conduct.event(each, event, now)

    # --- what follows from all that is known ----------------------------------------------------------------------

    def refresh(self, routers: Iterable[VirtualRouter], now: Seconds) -> None:
        """Derive faults and parameters anew, and tell the protocol what differs."""
        standings = self._health.standings()
        for unit in sync.units(routers):
            judged = sync.judge(unit, standings, self._drains.faults)
            worse = [each for each in judged if self._tell(each, now)]
            for each in worse:
                self._resign(each.router, now)
            self._apply(judged, now)
            self.calm(unit, now)

    def _tell(self, judged: Judged, now: Seconds) -> bool:
        """Publish what differs. True if it limps from now on."""
        router, name = judged.router, judged.router.config.name
        worse = bool(judged.serving) and not router.degraded
        if judged.serving != router.degraded:
            router.degraded = judged.serving
            self._publish(Degraded(now, name, judged.serving))
        if router.priority != judged.priority:
            old, router.priority = router.priority, judged.priority
            self._publish(PriorityChanged(now, name, old, judged.priority, judged.why))
        if (blocked := (*judged.faults, *judged.waiting)) != router.blocked:
            router.blocked = blocked
            self._publish(FaultsChanged(now, name, blocked))
        return worse

    def _resign(self, router: VirtualRouter, now: Seconds) -> None:
        """A Master that is not well any more resigns first: whoever is well takes over, then it is the least of all."""
        if isinstance(router.state, Master):
            self.event(router, Shutdown(Leaving.FAULT), now)

    def _apply(self, unit: list[Judged], now: Seconds) -> None:
        starting = [each for each in unit if _may_start(each)]
        for each in starting:
            each.router.own = each.parameters
        routers = tuple(each.router for each in unit)
        if starting and len(unit) > 1 and not sync.may_resume(routers, now):
            for router in routers:
                router.resume = None
        for each in unit:
            if each.faults or each.parameters is None:
                self.event(each.router, Shutdown(Leaving.FAULT), now)
            elif each in starting:
                self.event(each.router, Shutdown() if each.waiting else _start(each.router), now)
            else:
                self._reconfigure(each.router, each.parameters, now)

    def _reconfigure(self, router: VirtualRouter, parameters: Parameters, now: Seconds) -> None:
        before, router.own = router.own, parameters
        if before is not None and before != parameters:
            self.event(router, Reconfigured(before), now)

    def calm(self, routers: Iterable[VirtualRouter], now: Seconds) -> None:
        """Damping has begun with the last move: leave other Masters alone from now on."""
        eager = [each for each in routers if _is_eager(each)]
        if eager:
            self.refresh(eager, now)


def _may_start(judged: Judged) -> bool:
    stopped = isinstance(judged.router.state, Initialize)
    return stopped and not judged.faults and judged.parameters is not None


def _start(router: VirtualRouter) -> Startup | Resume:
    resume, router.resume = router.resume, None
    return Startup() if resume is None else Resume(resume)


def _is_eager(router: VirtualRouter) -> bool:
    damped = router.damping.until is not None and not isinstance(router.state, Initialize)
    return damped and router.own is not None and router.own.preempt
