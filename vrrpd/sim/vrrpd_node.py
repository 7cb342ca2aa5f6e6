"""What operators and strangers do to a host that runs vrrpd."""

from collections.abc import Iterable

from vrrpd.config.model import Instance
from vrrpd.engine.drain import HOST, Drain
from vrrpd.engine.journal import AdvertRejected, Entry, Role, StateChanged
from vrrpd.protocol.messages import Datagram, Seconds
from vrrpd.sim.addresses import places_of
from vrrpd.sim.bounds import LET_GO
from vrrpd.sim.daemon_node import DaemonNode
from vrrpd.sim.kernel import PLANTED, Place
from vrrpd.sim.script import changed
from vrrpd.sim.settings import segment_of


class VrrpdNode(DaemonNode):
    """A daemon, and what may be done to it; what makes no sense while it does not run is left out."""

    _planted_at = float("-inf")

    def could_serve(self, instance: Instance) -> bool:
        """By the truth, whatever its daemon believes: it runs, is heard, is well, and has the links that it needs."""
        if not self.audible or self.drain_ends is not None:
            return False
        every = range(self.stage.network.segments)
        segments = every if instance.sync_group else (segment_of(instance.interface),)
        return all(self.stage.lan.is_up(each, self.name) for each in segments) and all(
            self.service.is_surely_up(each.probe) for each in instance.track if each.weight == 0
        )

    def waits_since(self, instances: Iterable[Instance]) -> float:
        """When it heard, last of all, a Master of one of these that it follows, or became Backup; true seconds."""
        return self.clock.due(max(self.referee.waits_since(each.name) for each in instances))

    def restart(self) -> None:
        """In place: nothing is given up."""
        if self.running:
            self.engine.advertise(self.clock.now())
            self._memory.save_now()
            self.crash()
            self.start()

    def set_mute(self, *, mute: bool) -> None:
        """The kernel sends nothing for it: for the others it is as dead."""
        if self.mute is not mute:
            self.mute = mute
            self._tell()
            self.referee.speaks_again(self.clock.now())

    def drain(self, seconds: float | None) -> None:
        """An operator takes the host out of service, for a time or until told otherwise."""
        if not self.running:
            return
        now = self.stage.timeline.now
        self.drain_ends = float("inf") if seconds is None else now + self.clock.lasts(seconds)
        until = None if seconds is None else Seconds(self.clock.now() + seconds)
        self.engine.drain({HOST: Drain("simulated", until)}, self.clock.now())
        self.witness.has_given_up("drained")
        for each in self._configuration.instances:
            self._lets_go(each, "drained")
        self._arm()
        self.stage.safety.changed()

    def undrain(self) -> None:
        """It is back."""
        if self.running and self.drain_ends is not None:
            self.drain_ends = None
            self.engine.undrain(HOST, self.clock.now())
            self._arm()
            self.stage.safety.changed()

    def hand_over(self, number: int) -> None:
        """Of one virtual router."""
        name = self._name(number)
        if self.running and self.engine.hand_over(name, self.clock.now()):
            if self.witness.wanted.get(name):
                raise self.witness.violation("handed over", f"{name} has been handed over and is wanted still")
            self._arm()

    def take_back(self, number: int) -> None:
        """A handover is over."""
        if self.running:
            self.engine.take_back(self._name(number), self.clock.now())
            self._arm()

    def reload(self, given: str) -> None:
        """Of one keyword of the plan; empty: of what is given to it now. A daemon reads it at its start as well."""
        if given:
            self.plan = changed(self.plan, given)
        if self.begun:
            self.later(0.0, self._reload)

    def _reload(self) -> None:
        self._configuration = self._setup.configuration(self.plan)
        self._configure()

    def disturb(self, number: int, *, there: bool) -> None:
        """Somebody adds or deletes the addresses of a virtual router by hand."""
        if not self.running:
            return
        self._planted_at = self.stage.timeline.now
        for place in places_of(self._configuration.instances[number % len(self._configuration.instances)]):
            if not there:
                self.kernel.remove(place)
            elif place not in self.kernel:
                self.kernel.add(place, PLANTED)
                self.stage.safety.by_hand(self.name)
        self._addresses.disturbed()

    def hear_junk(self, datagram: Datagram) -> None:
        """See `Node`. It is told, and changes nothing else."""
        if not self.running:
            return
        before, told, listener = self.engine.deadline(), list[Entry](), self._listener

        def listen(name: str, entry: Entry) -> None:
            told.append(entry)
            if listener is not None:
                listener(name, entry)

        self._listener = listen
        self.engine.received(datagram, self.clock.now())
        self._listener = listener
        if any(not isinstance(each, AdvertRejected) for each in told) or self.engine.deadline() != before:
            raise self.witness.violation("rejected", f"{datagram} has changed something: {told}")

    def _lets_go(self, instance: Instance, why: str) -> None:
        """Soon its kernel has none of the addresses, whatever it says."""
        times = self.witness.given_up[instance.name]
        for place in places_of(instance):
            self.later(LET_GO, self._must_not_hold, instance, place, why, times)

    def _must_not_hold(self, instance: Instance, place: Place, why: str, times: int) -> None:
        """Somebody may have added it a moment ago, which the daemon has to hear of first, or before it froze and has
        just gone on; or it is Master again, or has been and has just left a second time.
        """
        if self.witness.wanted.get(instance.name) or times != self.witness.given_up[instance.name]:
            return
        if self.stage.timeline.now - max(self._planted_at, self.steady_since) < LET_GO:
            self.later(LET_GO, self._must_not_hold, instance, place, why, times)
        else:
            self._must_not_have(place, why)

    def _read(self, entry: Entry) -> None:
        super()._read(entry)
        if isinstance(entry, StateChanged) and entry.old is Role.MASTER:
            for each in self._configuration.instances:
                if each.name == entry.instance:
                    self._lets_go(each, "left")

    def _name(self, number: int) -> str:
        return self._configuration.instances[number % len(self._configuration.instances)].name
