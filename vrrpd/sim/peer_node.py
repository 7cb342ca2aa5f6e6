"""Hosts that run keepalived 2.2.7 or FRR 8.4: simple models, with what they do otherwise than the RFCs.

keepalived: any packet for a known VRID, also one that it drops, restarts the timer of a Master's advertisements; a
lower priority is answered at once. FRR: a lower priority is not answered; without carrier it stays Master and goes on
as soon as the link is back; its Master_Down_Interval is in whole centiseconds. Both: no leases, so a dead one keeps
the addresses; nothing is resumed. They have no probes and no operators here.
"""

import math
from dataclasses import dataclass

from vrrpd.config.model import Instance
from vrrpd.protocol.messages import (
    PRIORITY_RESIGN,
    Address,
    Advertisement,
    Datagram,
    Parameters,
    Seconds,
    Version,
)
from vrrpd.protocol.packet import HOP_LIMIT, PacketError, decode, destinations, encode, vrid_of
from vrrpd.sim.addresses import places_of
from vrrpd.sim.node import Node, Stage
from vrrpd.sim.plan import Kind, RouterPlan
from vrrpd.sim.settings import Setup, segment_of

STARTS = 0.1
"""Seconds until the daemon serves."""


@dataclass(slots=True)
class Election:
    """Of one virtual router. `due`: virtual time of its only timer; infinite: none runs."""

    instance: Instance
    own: Parameters
    master: bool = False
    master_interval: float = 1.0
    due: float = math.inf


class PeerNode(Node):
    """Its daemon is not vrrpd."""

    def __init__(self, plan: RouterPlan, number: int, stage: Stage, setup: Setup) -> None:
        """Powered on, without a daemon."""
        super().__init__(plan, stage, setup.own(plan.name, number))
        self._frr = plan.kind is Kind.FRR
        self._instances = setup.configuration(plan).instances
        self._elections: dict[str, Election] = {}

    @property
    def leased(self) -> bool:
        """See `Node`."""
        return False

    @property
    def yielding(self) -> frozenset[str]:
        """See `Node`."""
        return frozenset()

    @property
    def instances(self) -> tuple[Instance, ...]:
        """See `Node`."""
        return self._instances

    def is_master(self, instance: str) -> bool:
        """See `Node`."""
        return self.running and instance in self._elections and self._elections[instance].master

    # --- life ---------------------------------------------------------------------------------------------------

    def _start(self, *, forgetful: bool) -> None:  # noqa: ARG002 - there is nothing to forget
        self._elections = {each.name: Election(each, self._parameters(each)) for each in self._instances}
        for place in self.kernel.places():
            self.kernel.remove(place)
        self.stage.timeline.after(STARTS, self._serve)

    def _serve(self) -> None:
        if self.alive and not self.begun:
            self._begin()
            for each in self._elections.values():
                self._listen(each, each.own.advertisement_interval)
            self._look_at_links()

    def _crashed(self) -> None:
        self._elections = {}

    def _stop(self) -> None:
        for each in self._elections.values():
            if each.master:
                self._send(each, PRIORITY_RESIGN)
            self._hold(each, hold=False)
        self._elections = {}

    def _thawed(self) -> None:
        self._read_queue()
        self._look_at_links()
        for each in tuple(self._elections.values()):
            self._fire(each, each.due)

    # --- the wire -----------------------------------------------------------------------------------------------

    def _parameters(self, instance: Instance) -> Parameters:
        return Parameters(
            version=instance.version,
            vrid=instance.virtual_router_id,
            priority=instance.priority,
            advertisement_interval=instance.advert_int,
            addresses=instance.addresses,
            primary_address=self.own[segment_of(instance.interface)],
            preempt=not instance.nopreempt,
            down_adverts=instance.down_timer_adverts,
            unicast=instance.unicast,
        )

    def _send(self, election: Election, priority: int) -> None:
        own, name = election.own, election.instance.interface
        advertisement = Advertisement(own.version, own.vrid, priority, own.advertisement_interval, own.addresses)
        for destination in destinations(own):
            payload = encode(advertisement, own.primary_address, destination)
            datagram = Datagram(name, election.instance.family, own.primary_address, destination, HOP_LIMIT, payload)
            self.stage.lan.send(segment_of(name), self.name, datagram)

    def _take(self, segment: int, datagram: Datagram) -> None:  # noqa: ARG002 - the datagram says it by name
        try:
            vrid = vrid_of(datagram.payload)
        except PacketError:
            return
        for each in self._elections.values():
            if (each.instance.interface, each.own.vrid) == (datagram.interface, vrid):
                try:
                    self._hear(each, decode(datagram, each.own), datagram.source)
                except PacketError:
                    if each.master and not self._frr:
                        self._wait(each, each.own.advertisement_interval)

    def _hear_claim(self, segment: int, address: Address, mac: str) -> None:
        """Neither cares."""

    def hear_junk(self, datagram: Datagram) -> None:
        """See `Node`. Of keepalived nothing is promised then: a Master's timer begins anew with each such packet."""
        if self.running:
            self._take(segment_of(datagram.interface), datagram)

    # --- the election -------------------------------------------------------------------------------------------

    def _hear(self, election: Election, heard: Advertisement, source: Address) -> None:
        own = election.own
        lower = heard.priority < own.priority
        if heard.priority == PRIORITY_RESIGN:
            if election.master:
                self._send(election, own.priority)
                self._wait(election, own.advertisement_interval)
            else:
                self._wait(election, self._skew(election))
        elif not election.master:
            if not (own.preempt and lower):
                self._listen(election, heard.interval)
        elif lower or (heard.priority == own.priority and source.packed < own.primary_address.packed):
            if not self._frr:
                self._send(election, own.priority)
                self._announce(election)
                self._wait(election, own.advertisement_interval)
        else:
            self._hold(election, hold=False)
            self._listen(election, heard.interval)

    def _listen(self, election: Election, interval: float) -> None:
        """As Backup, to a Master with this interval."""
        own = election.own
        election.master = False
        election.master_interval = interval if own.version is Version.V3 else own.advertisement_interval
        down = election.own.down_adverts * election.master_interval + self._skew(election)
        self._wait(election, math.floor(down * 100) / 100 if self._frr else down)

    def _skew(self, election: Election) -> float:
        scale = 1.0 if election.own.version is Version.V2 else election.master_interval
        return (256 - election.own.priority) / 256 * scale

    def _fire(self, election: Election, due: float) -> None:
        if self.frozen or election.due != due or due > self.stage.timeline.now or not self.running:
            return
        if self._elections.get(election.instance.name) is not election:
            return
        self._send(election, election.own.priority)
        if not election.master:
            election.master = True
            self._hold(election, hold=True)
            self._announce(election)
        self._wait(election, election.own.advertisement_interval)

    def _wait(self, election: Election, seconds: float) -> None:
        election.due = self.stage.timeline.now + self.clock.lasts(Seconds(seconds)) + self.plan.lag
        self.stage.timeline.at(election.due, self._fire, election, election.due)

    def _hold(self, election: Election, *, hold: bool) -> None:
        for place in places_of(election.instance):
            if hold:
                self.kernel.add(place, None)
            else:
                self.kernel.remove(place)

    def _announce(self, election: Election) -> None:
        for segment, address in places_of(election.instance):
            self.stage.lan.announce(segment, self.name, address)

    def _look_at_links(self) -> None:
        for segment in range(len(self.own)):
            self._link_changed(segment)

    def _link_changed(self, segment: int) -> None:
        """keepalived is in fault without carrier, and Backup after it."""
        up = self.stage.lan.is_up(segment, self.name)
        for each in self._elections.values():
            if self._frr or not self.running or segment_of(each.instance.interface) != segment:
                continue
            if not up:
                each.master, each.due = False, math.inf
                self._hold(each, hold=False)
            elif each.due == math.inf:
                self._listen(each, each.own.advertisement_interval)
