"""Many virtual routers on one host: dispatch, verdicts, priorities, reload. Synchronous; `now` is an argument.

The engine speaks to the world through an `Outlet` and tells everything that happened to the journal, once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from vrrpd.config.model import Configuration, Instance
from vrrpd.engine.agenda import Agenda
from vrrpd.engine.claims import pause_of
from vrrpd.engine.conduct import Conduct
from vrrpd.engine.drain import Drain, Drains
from vrrpd.engine.health import Health
from vrrpd.engine.hearing import heard
from vrrpd.engine.inputs import Link, Result
from vrrpd.engine.instance import NO_PAST, Identity, Past, VirtualRouter, identity
from vrrpd.engine.journal import AdvertRejected, LinkChanged, Publish, Role
from vrrpd.engine.journal_daemon import Configured, Drained, Lagged, Restored, Undrained, Yielding
from vrrpd.engine.journal_health import Damped
from vrrpd.engine.outlet import Outlet
from vrrpd.engine.sync import join, units
from vrrpd.engine.together import Together
from vrrpd.protocol.messages import (
    Address,
    AdvertisementReceived,
    Backup,
    Datagram,
    Family,
    HandOver,
    Master,
    Seconds,
    Shutdown,
    State,
)
from vrrpd.protocol.packet import PacketError, vrid_of

_Standing = tuple[type[State], bool, Seconds | None]


def _standing(router: VirtualRouter) -> _Standing:
    """Its state's kind, whether it is one that waits for a silence, and when it alone is due."""
    state = router.state
    waits = isinstance(state, Backup) and state.hurry_at is None and state.lower_at is None
    return type(state), waits, router.own_timer()


TICK_LIMIT = 16
"""Routers that one tick moves, which takes about two milliseconds. Of hundreds that are due at once the rest is due
still, and what came in meanwhile is seen before; each counts from its own moment, so they are not due at once again."""


class Engine:
    """Give it events in order of time; ask `deadline` when it wants `tick` next."""

    def __init__(self, outlet: Outlet, publish: Publish, wall: Callable[[Seconds], float] = float) -> None:
        """`outlet` is obeyed at once; `publish` gets every entry in order; `wall` makes Unix time of an instant."""
        self._wall = wall
        self._outlet = outlet
        self._publish = publish
        self._conduct = Conduct(outlet, publish, wall)
        self._routers: dict[Identity, VirtualRouter] = {}
        self._by_vrid: dict[_Vrid, VirtualRouter] = {}
        self._agenda = Agenda()
        self._links: dict[str, Link] = {}
        self._health = Health(publish)
        self._drains = Drains()
        self._together = Together(self._conduct, self._health, self._drains, publish)

    # --- time ---------------------------------------------------------------------------------------------------

    def deadline(self) -> Seconds | None:
        """The instant of the next `tick`; None: nothing is due ever, as things stand."""
        first = self._agenda.first()
        for each in (self._drains.instant(), self._health.instant()):
            if each is not None and (first is None or each < first):
                first = each
        return first

    def tick(self, now: Seconds) -> None:
        """Do what is due, or the first of it: ask `deadline` again. Early calls are harmless."""
        due = self.deadline()
        if due is None or due > now:
            return
        self._publish(Lagged(now, Seconds(now - due)))
        for probe in self._health.expire(now):
            self._follow(probe, now)
        if ended := self._drains.over(now):
            self._restored(ended, Restored.TIME, now)
        for router in self._agenda.take(now, TICK_LIMIT):
            before = _standing(router) if router.fellows else None
            self._expire(router, now)
            if before is not None:
                self._touched(router, before)
            self._agenda.note(router)  # in any case: it is not listed any more

    # --- what happened ------------------------------------------------------------------------------------------

    def received(self, datagram: Datagram, now: Seconds) -> bool:
        """A VRRP message came in. A bad one is an entry and nothing else. True if the deadline may be sooner now.

        Most put a deadline off: whoever comes at the old one finds that nothing is due.
        """
        self._agenda.sooner = False
        router: VirtualRouter | None = None
        try:
            router = self._addressee(datagram)
            if router is not None and router.own is None:
                return False  # never took part yet: there is nothing to judge the packet by
            advertisement = heard(datagram, router, lambda: self._wall(now))
        except PacketError as error:
            self.rejected(datagram.interface, datagram, error, now, router)
            return False
        if router is not None:
            before = _standing(router) if router.fellows else None
            self._together.heard(router, AdvertisementReceived(advertisement, datagram.source), now)
            self._touched(router, before)
        return self._agenda.sooner

    def rejected(
        self, interface: str, datagram: Datagram, error: PacketError, now: Seconds, router: VirtualRouter | None = None
    ) -> None:
        """A packet that failed a check; also called by sockets for what is no datagram."""
        name = router.config.name if router else ""
        self._publish(AdvertRejected(now, interface, name, datagram.source, error.rejection, error.detail))

    def answered(self, interface: str, address: Address, mac: str, now: Seconds) -> None:
        """Another host on this link claims this address: it answered, or it announces itself."""
        for router in self._routers.values():
            if (interface, address) not in router.config.segments:
                continue
            new = router.claims.is_new(router.config, now)
            for entry in router.claims.claimed(router.config, router.state, address, mac, now):
                self._publish(entry)
            if isinstance(router.state, Master):
                self._conduct.defend(router, now, new=new)
            self._touched(router)

    def link_changed(self, link: Link, now: Seconds) -> None:
        """An interface is otherwise than before, or is heard of for the first time."""
        if self._links.get(link.name) == link:
            return
        self._links[link.name] = link
        self._publish(LinkChanged(now, link))
        on_it = [router for router in self._routers.values() if router.config.interface == link.name]
        for router in on_it:
            router.link = link
        self._refresh(on_it, now)

    def checked(self, probe: str, result: Result, now: Seconds) -> bool:
        """One run of a probe ended. A result of a probe that is no more is dropped.

        True while the last results speak against the verdict, so that another look soon is worth while.
        """
        if not self._health.knows(probe):
            return False
        if self._health.checked(probe, result, now):
            self._follow(probe, now)
        return self._health.turning(probe)

    def configure(self, configuration: Configuration, source: str, now: Seconds, past: Past = NO_PAST) -> None:
        """Put a checked configuration in force as a difference to the one before; `source` names the file.

        `past`: what a daemon before this one left.
        """
        self._health.configure(configuration.probes, now, past.verdicts)
        wanted = {identity(each): each for each in configuration.instances}
        before = {key: router.config for key, router in self._routers.items()}
        added = [key for key in wanted if key not in before]
        gone = [key for key in before if key not in wanted]
        changed = [key for key, config in wanted.items() if key in before and before[key] != config]
        named = _names(wanted, added), _names(before, gone), _names(wanted, changed)
        self._publish(Configured(now, source, *named))
        for key in gone:
            router = self._routers.pop(key)
            router.fellows = ()  # it leaves alone
            self._together.event(router, Shutdown(), now)
        for key in changed:
            self._replace(self._routers[key], wanted[key])
        for key in added:
            self._add(key, wanted[key], past)
        self._by_vrid = {_vrid(each.config): each for each in self._routers.values()}
        join(self._routers.values())
        for router in self._routers.values():
            router.claims.pause = pause_of(len(self._routers))
            self._undamped(router, now)
        for name in [router.config.name for router in self._routers.values() if router.yielding]:
            self.take_back(name, now)
        self._refresh_all(now)

    # --- what an operator says ------------------------------------------------------------------------------------

    def drain(self, drains: Mapping[str, Drain], now: Seconds) -> None:
        """Take these out of service, by name; resign first. Before `configure` as well: what an earlier daemon left."""
        self._drains.begin(drains)
        for name, drain in drains.items():
            self._publish(Drained(now, name, drain.reason, drain.ends))
        self._refresh_all(now)

    def undrain(self, name: str, now: Seconds) -> tuple[str, ...]:
        """Put back in service; `HOST` ends every drain. Returns the names under which something was drained."""
        ended = self._drains.end(name)
        self._restored(ended, Restored.OPERATOR, now)
        return ended

    def hand_over(self, name: str, now: Seconds) -> bool:
        """Let another router be Master, until this one is Master again or `take_back`. False: it is not Master."""
        router = next((each for each in self._routers.values() if each.config.name == name), None)
        if router is None or not isinstance(router.state, Master):
            return False
        for each in router.fellows or (router,):
            self._yield(each, True, now)
        self._together.event(router, HandOver(), now)
        self._touched(router)
        return True

    def source(self, name: str) -> Address | None:
        """The primary address of an instance; None: it is unknown, or its interface has none."""
        return next((each.source() for each in self._routers.values() if each.config.name == name), None)

    def take_back(self, name: str, now: Seconds) -> bool:
        """A handover is over before its end: preempt as configured. False: there was none."""
        named = [each for each in self._routers.values() if each.config.name == name]
        found = [each for router in named for each in router.fellows or (router,) if each.yielding]
        for router in found:
            self._yield(router, False, now)
        return bool(found)

    def _yield(self, router: VirtualRouter, yielding: bool, now: Seconds) -> None:
        router.yielding = yielding
        self._publish(Yielding(now, router.config.name, yielding))
        self._refresh((router,), now)

    def _restored(self, names: Iterable[str], why: Restored, now: Seconds) -> None:
        for name in names:
            self._publish(Undrained(now, name, why))
        self._refresh_all(now)

    def _refresh_all(self, now: Seconds) -> None:
        self._together.refresh(self._routers.values(), now)
        self._agenda.relist(self._routers.values())

    def _refresh(self, routers: Sequence[VirtualRouter], now: Seconds) -> None:
        self._together.refresh(routers, now)
        for unit in units(routers):
            self._agenda.note(*unit)

    def _touched(self, router: VirtualRouter, before: _Standing | None = None) -> None:
        """Something happened to it, and with it to those of its sync group if it stands otherwise than `before`.

        A Backup that is due later than before makes nobody due sooner, unless it waits for a silence from now on: it
        asks before that is over.
        """
        if before is None:
            self._agenda.note(*(router.fellows or (router,)))
            return
        kind, waits, due = _standing(router)
        if (kind, waits) != before[:2]:
            self._agenda.note(*router.fellows)
        elif kind is not Backup:
            self._agenda.note(router)
        elif due is not None and (before[2] is None or due < before[2]):
            self._agenda.note(*router.fellows)

    # --- for the daemon's own sake --------------------------------------------------------------------------------

    def advertise(self, now: Seconds) -> None:
        """Every Master advertises once out of turn: the daemon will be away for a moment."""
        for router in self._routers.values():
            if router.own is not None and isinstance(router.state, Master):
                self._conduct.send(router, router.own, router.own.priority, now, Seconds(0.0))

    def shutdown(self, now: Seconds) -> None:
        """Resign everywhere: priority 0 first, then the addresses."""
        for router in self._routers.values():
            self._together.event(router, Shutdown(), now)
        self._routers.clear()
        self._by_vrid.clear()
        self._agenda.relist(())

    # --- one router ---------------------------------------------------------------------------------------------

    def _link(self, config: Instance) -> Link:
        return self._links.get(config.interface, Link(config.interface))

    def _addressee(self, datagram: Datagram) -> VirtualRouter | None:
        """Raises PacketError for what is too short to say."""
        return self._by_vrid.get((datagram.interface, datagram.family, vrid_of(datagram.payload)))

    def _expire(self, router: VirtualRouter, now: Seconds) -> None:
        due = router.timer()
        question = router.claims.question_due(router.config, router.state, due)
        if question is not None and question <= now and router.own is not None:
            addresses = router.claims.ask(router.config, router.state, now)
            self._outlet.ask(router.config, router.own.primary_address, addresses)
        self._together.expire(router, due, now)
        self._conduct.announce_due(router, now)
        if router.not_before is not None and router.not_before <= now:
            router.not_before = None
            self._refresh((router,), now)
        if self._undamped(router, now):
            self._refresh((router,), now)
        self._together.calm((router,), now)
        if router.yielding and isinstance(router.state, Master):
            self._yield(router, False, now)

    def _undamped(self, router: VirtualRouter, now: Seconds) -> bool:
        if not router.damping.over(router.config, now):
            return False
        self._publish(Damped(now, router.config.name, 0, Seconds(0.0)))
        return True

    def _follow(self, probe: str, now: Seconds) -> None:
        """The standing of a probe has changed."""
        moved = [each for each in self._routers.values() if any(track.probe == probe for track in each.config.moving)]
        self._refresh(moved, now)

    def _add(self, key: Identity, config: Instance, past: Past) -> None:
        self._routers[key] = VirtualRouter(
            config,
            self._link(config),
            priority=config.priority,
            resume=past.advertised.get(key),
            not_before=past.not_before,
        )

    def _replace(self, router: VirtualRouter, config: Instance) -> None:
        """Another configuration for the same virtual router; its state goes on."""
        before, router.config = router.config, config
        if router.role is Role.MASTER:
            self._outlet.hold(config, True)
        if before.name != config.name:
            self._outlet.hold(before, False)


def _names(instances: Mapping[Identity, Instance], keys: Iterable[Identity]) -> tuple[str, ...]:
    return tuple(instances[key].name for key in keys)


_Vrid = tuple[str, Family, int]
"""What a packet names its virtual router by: interface, family and VRID."""


def _vrid(config: Instance) -> _Vrid:
    return config.interface, config.family, config.virtual_router_id
