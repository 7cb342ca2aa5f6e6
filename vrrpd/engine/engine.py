"""Many virtual routers on one host: dispatch, verdicts, priorities, reload. Synchronous; `now` is an argument.

The engine speaks to the world through an `Outlet` and tells everything that happened to the journal, once.
"""

from collections.abc import Iterable, Mapping
from typing import assert_never

from vrrpd.config.model import Configuration, Instance, Probe
from vrrpd.engine.claims import DEFEND_INTERVAL
from vrrpd.engine.inputs import Link, Outcome
from vrrpd.engine.instance import Announcing, Identity, VirtualRouter, identity
from vrrpd.engine.journal import (
    AdvertReceived,
    AdvertRejected,
    AdvertSent,
    Configured,
    FaultsChanged,
    Lagged,
    LinkChanged,
    PriorityChanged,
    ProbeChanged,
    ProbeChecked,
    Publish,
    Role,
    StateChanged,
)
from vrrpd.engine.outlet import Outlet
from vrrpd.engine.verdict import Verdict
from vrrpd.protocol.messages import (
    Address,
    Advertisement,
    AdvertisementReceived,
    AnnounceAddresses,
    Datagram,
    Discarded,
    Event,
    HoldAddresses,
    Initialize,
    Leaving,
    Master,
    Output,
    Parameters,
    Peer,
    Reason,
    Reconfigured,
    Resume,
    Seconds,
    SendAdvertisement,
    Shutdown,
    Startup,
    TimerExpired,
    Transitioned,
)
from vrrpd.protocol.packet import MULTICAST, PacketError, decode, encode, vrid_of
from vrrpd.protocol.router import step

_REASON_WITHOUT_STEP = {Role.FAULT: Reason.FAULT}
"""Between two kinds of Initialize the protocol does not move, but the operator's view does."""


class Engine:
    """Give it events in order of time; ask `deadline` when it wants `tick` next."""

    def __init__(self, outlet: Outlet, publish: Publish) -> None:
        """`outlet` is obeyed at once; `publish` gets every entry in order."""
        self._outlet = outlet
        self._publish = publish
        self._routers: dict[Identity, VirtualRouter] = {}
        self._links: dict[str, Link] = {}
        self._probes: dict[str, Probe] = {}
        self._verdicts: dict[str, Verdict] = {}

    # --- time ---------------------------------------------------------------------------------------------------

    def deadline(self) -> Seconds | None:
        """The instant of the next `tick`; None: nothing is due ever, as things stand."""
        return min(self._instants(), default=None)

    def tick(self, now: Seconds) -> None:
        """Do what is due. Early calls are harmless."""
        due = self.deadline()
        if due is None or due > now:
            return
        self._publish(Lagged(now, Seconds(now - due)))
        for router in tuple(self._routers.values()):
            self._expire(router, now)

    # --- what happened ------------------------------------------------------------------------------------------

    def received(self, datagram: Datagram, now: Seconds) -> bool:
        """A VRRP message came in. A bad one is an entry and nothing else. True if the deadline may have moved."""
        router: VirtualRouter | None = None
        try:
            router = self._addressee(datagram)
            if router is not None and router.own is None:
                return False  # never took part yet: there is nothing to judge the packet by
            advertisement = decode(datagram, router.own if router else None)
        except PacketError as error:
            self.rejected(datagram.interface, datagram, error, now, router)
            return False
        if router is not None:
            self._heard(router, advertisement, datagram, now)
        return True

    def rejected(
        self, interface: str, datagram: Datagram, error: PacketError, now: Seconds, router: VirtualRouter | None = None
    ) -> None:
        """A packet that failed a check; also called by sockets for what is no datagram."""
        name = router.config.name if router else ""
        self._publish(AdvertRejected(now, interface, name, datagram.source, error.rejection, error.detail))

    def answered(self, interface: str, address: Address, mac: str, now: Seconds) -> None:
        """Another host on this link claims this address: it answered, or it announces itself."""
        for router in self._routers.values():
            if router.config.interface != interface or address not in router.config.addresses:
                continue
            for entry in router.claims.claimed(router.config, router.state, address, mac, now):
                self._publish(entry)
            if isinstance(router.state, Master):
                self._defend(router, now)

    def link_changed(self, link: Link, now: Seconds) -> None:
        """An interface is otherwise than before, or is heard of for the first time."""
        if self._links.get(link.name) == link:
            return
        self._links[link.name] = link
        self._publish(LinkChanged(now, link))
        for router in self._routers.values():
            if router.config.interface == link.name:
                router.link = link
                self._refresh(router, now)

    def checked(self, probe: str, outcome: Outcome, duration: Seconds, detail: str, now: Seconds) -> None:
        """One run of a probe ended. A result of a probe that is no more is dropped."""
        verdict = self._verdicts.get(probe)
        if verdict is None:
            return
        self._publish(ProbeChecked(now, probe, outcome, duration, detail))
        after = verdict.after(success=outcome is Outcome.OK)
        self._verdicts[probe] = after
        if after.up is verdict.up:
            return
        self._publish(ProbeChanged(now, probe, after.up, detail))
        for router in self._routers.values():
            if any(track.probe == probe for track in router.config.track):
                self._refresh(router, now)

    def configure(
        self, configuration: Configuration, source: str, now: Seconds, resume: Mapping[Identity, Seconds] | None = None
    ) -> None:
        """Put a checked configuration in force as a difference to the one before; `source` names the file.

        `resume`: when instances last advertised as Master, before this daemon was started.
        """
        self._configure_probes(configuration.probes)
        wanted = {identity(each): each for each in configuration.instances}
        before = {key: router.config for key, router in self._routers.items()}
        gone = [key for key in before if key not in wanted]
        changed = [key for key, config in wanted.items() if key in before and before[key] != config]
        self._publish(
            Configured(
                now,
                source,
                added=tuple(config.name for key, config in wanted.items() if key not in before),
                removed=tuple(before[key].name for key in gone),
                changed=tuple(wanted[key].name for key in changed),
            )
        )
        for key in gone:
            self._stop(self._routers.pop(key), Leaving.SHUTDOWN, now)
        for key in changed:
            self._replace(self._routers[key], wanted[key])
        for key, config in wanted.items():
            self._routers.setdefault(
                key, VirtualRouter(config, self._link(config), priority=config.priority, resume=(resume or {}).get(key))
            )
        for router in self._routers.values():
            self._refresh(router, now)

    def advertise(self, now: Seconds) -> None:
        """Every Master advertises once out of turn: the daemon will be away for a moment."""
        for router in self._routers.values():
            if router.own is not None and isinstance(router.state, Master):
                self._send(router, router.own, router.own.priority, now, Seconds(0.0))

    def shutdown(self, now: Seconds) -> None:
        """Resign everywhere: priority 0 first, then the addresses."""
        for router in self._routers.values():
            self._stop(router, Leaving.SHUTDOWN, now)
        self._routers.clear()

    # --- probes -------------------------------------------------------------------------------------------------

    def _ups(self) -> dict[str, bool | None]:
        return {name: verdict.up for name, verdict in self._verdicts.items()}

    def _configure_probes(self, probes: Iterable[Probe]) -> None:
        wanted = {probe.name: probe for probe in probes}
        self._verdicts = {name: self._verdict(probe) for name, probe in wanted.items()}
        self._probes = wanted

    def _verdict(self, probe: Probe) -> Verdict:
        """As before if it is still the same question that is asked, else without a result."""
        before = self._probes.get(probe.name)
        if before is not None and (before.type, before.options) == (probe.type, probe.options):
            return self._verdicts[probe.name].with_limits(probe.rise, probe.fall)
        return Verdict.initial(probe.rise, probe.fall, init_fail=probe.init_fail)

    # --- one router ---------------------------------------------------------------------------------------------

    def _link(self, config: Instance) -> Link:
        return self._links.get(config.interface, Link(config.interface))

    def _addressee(self, datagram: Datagram) -> VirtualRouter | None:
        """Raises PacketError for what is too short to say."""
        vrid = vrid_of(datagram.payload)
        for router in self._routers.values():
            config = router.config
            if (config.interface, config.family, config.virtual_router_id) == (
                datagram.interface,
                datagram.family,
                vrid,
            ):
                return router
        return None

    def _heard(self, router: VirtualRouter, advertisement: Advertisement, datagram: Datagram, now: Seconds) -> None:
        peer = Peer(datagram.source, advertisement.priority)
        before = router.role
        outputs = self._step(router, AdvertisementReceived(advertisement, datagram.source), now)
        discarded = next((each.why for each in outputs if isinstance(each, Discarded)), None)
        self._publish(AdvertReceived(now, router.config.name, peer, advertisement.interval, discarded))
        self._tell(router, before, outputs, now)

    def _expire(self, router: VirtualRouter, now: Seconds) -> None:
        question, timer = router.question(), router.timer()
        if question is not None and question <= now and router.own is not None:
            router.claims.asked(now)
            self._outlet.ask(router.config, router.own.primary_address)
        if timer is not None and timer <= now and not router.claims.postpones(router.config, router.state, now):
            self._event(router, TimerExpired(), now, late=Seconds(now - timer))
        self._announce_due(router, now)

    def _refresh(self, router: VirtualRouter, now: Seconds) -> None:
        """Derive faults and parameters anew and tell the protocol what differs."""
        verdicts = self._ups()
        self._reprioritize(router, now)
        faults, parameters = router.faults(verdicts), router.parameters(verdicts)
        waiting = router.pending(verdicts)
        if (blocked := (*faults, *waiting)) != router.blocked:
            router.blocked = blocked
            self._publish(FaultsChanged(now, router.config.name, blocked))
        if faults or parameters is None:
            self._stop(router, Leaving.FAULT, now)
        elif isinstance(router.state, Initialize):
            router.own = parameters
            self._event(router, Shutdown(Leaving.SHUTDOWN) if waiting else self._start(router), now)
        else:
            self._reconfigure(router, parameters, now)

    @staticmethod
    def _start(router: VirtualRouter) -> Startup | Resume:
        resume, router.resume = router.resume, None
        return Startup() if resume is None else Resume(resume)

    def _reprioritize(self, router: VirtualRouter, now: Seconds) -> None:
        verdicts = self._ups()
        old, new = router.priority, router.effective(verdicts)
        if old != new:
            router.priority = new
            self._publish(PriorityChanged(now, router.config.name, old, new, router.contributions(verdicts)))

    def _reconfigure(self, router: VirtualRouter, parameters: Parameters, now: Seconds) -> None:
        before, router.own = router.own, parameters
        if before is not None and before != parameters:
            self._event(router, Reconfigured(before), now)

    def _replace(self, router: VirtualRouter, config: Instance) -> None:
        """Another configuration for the same virtual router; its state goes on."""
        before, router.config = router.config, config
        if router.role is Role.MASTER:
            self._outlet.hold(config, True)
        if before.name != config.name:
            self._outlet.hold(before, False)

    def _stop(self, router: VirtualRouter, why: Leaving, now: Seconds) -> None:
        self._event(router, Shutdown(why), now)

    # --- steps and what they ask for ----------------------------------------------------------------------------

    def _event(self, router: VirtualRouter, event: Event, now: Seconds, late: Seconds = Seconds(0.0)) -> None:
        before = router.role
        outputs = self._step(router, event, now, late)
        self._tell(router, before, outputs, now)

    def _step(
        self, router: VirtualRouter, event: Event, now: Seconds, late: Seconds = Seconds(0.0)
    ) -> tuple[Output, ...]:
        """Let the protocol decide and do at once what it asks for. Telling comes after doing."""
        if router.own is None:
            if isinstance(event, Shutdown):
                router.state = Initialize(event.why)
            return ()
        router.state, outputs = step(router.state, event, router.own, now)
        for output in outputs:
            self._perform(router, router.own, output, now, late)
        return outputs

    def _perform(self, router: VirtualRouter, own: Parameters, output: Output, now: Seconds, late: Seconds) -> None:
        match output:
            case SendAdvertisement(priority):
                self._send(router, own, priority, now, late)
            case HoldAddresses(hold):
                self._outlet.hold(router.config, hold)
                router.announcing = router.announcing if hold else None
            case AnnounceAddresses(again):
                router.announcing = Announcing(now, again)
                self._announce_due(router, now)
            case Transitioned() | Discarded():
                pass
            case _:
                assert_never(output)

    def _send(self, router: VirtualRouter, own: Parameters, priority: int, now: Seconds, late: Seconds) -> None:
        if not router.link.up:
            return  # nothing can leave; the fault is told already
        advertisement = Advertisement(
            own.version, own.vrid, priority, own.advertisement_interval, own.addresses, own.authentication
        )
        payload = encode(
            advertisement, own.primary_address, MULTICAST[router.config.family], pseudo_header=own.pseudo_header
        )
        if self._outlet.send(router.config, own.primary_address, payload):
            self._publish(AdvertSent(now, router.config.name, priority, late))
            if isinstance(router.state, Master):
                self._outlet.renew(router.config)

    def _announce_due(self, router: VirtualRouter, now: Seconds) -> None:
        while router.announcing is not None and (due := router.announcement()) is not None and due <= now:
            self._outlet.announce(router.config, router.schedule.frames(router.announcing.done))
            router.announcing.done += 1

    def _defend(self, router: VirtualRouter, now: Seconds) -> None:
        """Neighbours may have believed the other: announce again, unless that is under way."""
        under_way = router.announcing
        if under_way is None or not under_way.again or now - under_way.since >= DEFEND_INTERVAL:
            router.announcing = Announcing(now, again=True)
            self._announce_due(router, now)

    def _tell(self, router: VirtualRouter, before: Role, outputs: tuple[Output, ...], now: Seconds) -> None:
        if before is router.role:
            return
        moved = next((each for each in outputs if isinstance(each, Transitioned)), None)
        reason = moved.reason if moved else _REASON_WITHOUT_STEP.get(router.role, Reason.STARTUP)
        peer = moved.peer if moved else None
        name = router.config.name
        self._publish(StateChanged(now, name, before, router.role, reason, peer, router.blocked))

    def _instants(self) -> Iterable[Seconds]:
        for router in self._routers.values():
            for instant in (router.timer(), router.announcement(), router.question()):
                if instant is not None:
                    yield instant
