"""Moves one virtual router: the protocol decides, what it asks for is done at once, then it is told.

Doing comes before telling: no observer may stand between a decision and the wire.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import assert_never

from vrrpd.engine.claims import DEFEND_DELAY, DEFEND_INTERVAL
from vrrpd.engine.instance import Announcing, VirtualRouter
from vrrpd.engine.journal import AdvertReceived, AdvertSent, MasterHeard, Publish, Role, StateChanged
from vrrpd.engine.journal_health import Damped
from vrrpd.engine.journal_peers import AddressesDiffer, IntervalDiffers
from vrrpd.engine.octets import Prepared
from vrrpd.engine.outlet import Outlet
from vrrpd.protocol.messages import (
    Address,
    Advertisement,
    AdvertisementReceived,
    AnnounceAddresses,
    Backup,
    Discarded,
    Event,
    HoldAddresses,
    Initialize,
    Master,
    Output,
    Parameters,
    Peer,
    Reason,
    Seconds,
    SendAdvertisement,
    Shutdown,
    State,
    Transitioned,
)
from vrrpd.protocol.packet import Seal, destinations, encode
from vrrpd.protocol.router import step
from vrrpd.protocol.trailer import next_number, seal

_REASON_WITHOUT_STEP = {Role.FAULT: Reason.FAULT}
"""Between two kinds of Initialize the protocol does not move, but the operator's view does."""
INTERVAL_STEP = Seconds(0.01)
"""The smallest step of an interval on the wire (RFC 9568 5.2.7): what differs by less is the same."""


class Conduct:
    """The engine's hands; it keeps nothing of its own."""

    def __init__(self, outlet: Outlet, publish: Publish, wall: Callable[[Seconds], float] = float) -> None:
        """As for the engine."""
        self._outlet = outlet
        self._publish = publish
        self._wall = wall

    def heard(self, router: VirtualRouter, received: AdvertisementReceived, now: Seconds) -> None:
        """A valid advertisement came in; whether it was followed or discarded is told with it."""
        advertisement = received.advertisement
        peer = Peer(received.source, advertisement.priority)
        before, followed = router.role, _followed(router.state)
        outputs = self._step(router, received, now)
        discarded = next((each.why for each in outputs if isinstance(each, Discarded)), None) if outputs else None
        self._compare(router, advertisement, peer.address, now)
        self._publish(AdvertReceived(now, router.config.name, peer, advertisement.interval, discarded))
        master = _followed(router.state)
        if master is not None and master != followed and before is Role.BACKUP:
            self._publish(MasterHeard(now, router.config.name, master))
        self._tell(router, before, outputs, now)

    def _compare(self, router: VirtualRouter, heard: Advertisement, source: Address, now: Seconds) -> None:
        """What of the peer's configuration is not as ours: told each time, before the packet's `AdvertReceived`."""
        own, name = router.own, router.config.name
        if own is None:
            return
        if abs(heard.interval - own.advertisement_interval) > INTERVAL_STEP / 2:
            self._publish(IntervalDiffers(now, name, source, heard.interval, own.advertisement_interval))
        if heard.addresses != own.addresses and set(heard.addresses) != set(own.addresses):
            theirs, ours = _only_in(heard.addresses, own.addresses), _only_in(own.addresses, heard.addresses)
            self._publish(AddressesDiffer(now, name, source, theirs, ours))

    def event(self, router: VirtualRouter, event: Event, now: Seconds, late: Seconds = Seconds(0.0)) -> None:
        """Anything else happened. `late`: how long after it was due."""
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
            case SendAdvertisement(priority, interval):
                said = own if interval is None else replace(own, advertisement_interval=interval)
                self.send(router, said, priority, now, late)
            case HoldAddresses(hold):
                self._outlet.hold(router.config, hold)
                router.announcing = router.announcing if hold else None
            case AnnounceAddresses(again):
                router.announcing = Announcing(now, again)
                self.announce_due(router, now)
            case Transitioned() | Discarded():
                pass
            case _:
                assert_never(output)

    def send(self, router: VirtualRouter, own: Parameters, priority: int, now: Seconds, late: Seconds) -> None:
        """One advertisement; one that has left as Master renews the lease.

        With unicast peers it has left if it has left to one of them at least: this host lives and is heard. That
        another cannot be reached is that path's trouble and told; to give the addresses up for it helps nobody.
        """
        if not router.link.up:
            if router.config.dont_track_primary and isinstance(router.state, Master):
                self._outlet.renew(router.config)  # as asked for: what cannot leave is no reason to give up
            return  # nothing can leave; a fault is told already
        left = [
            self._outlet.send(router.config, own.primary_address, destination, payload)
            for destination, payload in self._prepared(router, own, priority, now).packets
        ]
        if any(left):
            self._publish(AdvertSent(now, router.config.name, priority, late))
            if isinstance(router.state, Master):
                self._outlet.renew(router.config)

    def _prepared(self, router: VirtualRouter, own: Parameters, priority: int, now: Seconds) -> Prepared:
        """What is signed is new each time, and the same for all peers."""
        if own.signing is not None and own.signing.signs:
            router.number = next_number(router.number, self._wall(now), own.signing.window)
            return _prepare(own, priority, partial(seal, own.signing, router.number, own.primary_address))
        prepared = router.prepared
        if prepared is None or prepared.own is not own or prepared.priority != priority:
            prepared = router.prepared = _prepare(own, priority)
        return prepared

    def announce_due(self, router: VirtualRouter, now: Seconds) -> None:
        """Every round of announcements that is due by now."""
        while router.announcing is not None and (due := router.announcement()) is not None and due <= now:
            self._outlet.announce(router.config, router.schedule.frames(router.announcing.done))
            router.announcing.done += 1

    def defend(self, router: VirtualRouter, now: Seconds, *, new: bool) -> None:
        """Neighbours may have believed the other: announce again soon, unless that is under way in the same dispute."""
        under_way = router.announcing
        if new or under_way is None or not under_way.again or now - under_way.since >= DEFEND_INTERVAL:
            router.announcing = Announcing(Seconds(now + DEFEND_DELAY), again=True)

    def _tell(self, router: VirtualRouter, before: Role, outputs: tuple[Output, ...], now: Seconds) -> None:
        if before is router.role:
            return
        moved = next((each for each in outputs if isinstance(each, Transitioned)), None)
        reason = moved.reason if moved else _REASON_WITHOUT_STEP.get(router.role, Reason.STARTUP)
        peer = moved.peer if moved else None
        name = router.config.name
        self._publish(StateChanged(now, name, before, router.role, reason, peer, router.blocked))
        if Role.MASTER in (before, router.role) and (many := router.damping.moved(router.config, now)):
            self._publish(Damped(now, name, many, router.config.flap_hold))


def _prepare(own: Parameters, priority: int, sealed: Seal | None = None) -> Prepared:
    """Encoded for each destination: the checksum of v3 covers it."""
    advertisement = Advertisement(
        own.version, own.vrid, priority, own.advertisement_interval, own.addresses, own.authentication
    )
    packets = [
        (each, encode(advertisement, own.primary_address, each, pseudo_header=own.pseudo_header, seal=sealed))
        for each in destinations(own)
    ]
    return Prepared(own, priority, tuple(packets))


def _only_in(some: tuple[Address, ...], others: tuple[Address, ...]) -> tuple[Address, ...]:
    known = set(others)
    return tuple(each for each in some if each not in known)


def _followed(state: State) -> Peer | None:
    """Whom a Backup takes for the Master."""
    return state.master if isinstance(state, Backup) else None
