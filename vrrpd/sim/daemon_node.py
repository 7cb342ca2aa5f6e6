"""A host that runs vrrpd: the production engine, encoded packets, everything else simulated."""

from collections.abc import Callable, Sequence
from typing import Any

from vrrpd.config.model import Instance
from vrrpd.engine.drain import HOST, Drain
from vrrpd.engine.engine import Engine
from vrrpd.engine.inputs import Link, Result
from vrrpd.engine.instance import NO_PAST, Past
from vrrpd.engine.journal import AdvertReceived, Entry, PriorityChanged, Role
from vrrpd.engine.journal_daemon import Lagged, Undrained
from vrrpd.engine.journal_health import ProbeChanged, ProbeChecked
from vrrpd.protocol.messages import Address, Datagram, Seconds
from vrrpd.protocol.packet import HOP_LIMIT
from vrrpd.sim.addresses import Addresses, places_of
from vrrpd.sim.keeping import Keeping
from vrrpd.sim.kernel import Place
from vrrpd.sim.memory import Memory
from vrrpd.sim.node import Node, Stage
from vrrpd.sim.plan import RouterPlan
from vrrpd.sim.probing import Prober, Service
from vrrpd.sim.referee import Referee
from vrrpd.sim.settings import Setup, interface, probe_name, segment_of
from vrrpd.sim.witness import Witness

BOOT = (0.2, 0.5)
"""Seconds from the start of the daemon until it serves."""
LISTENS = 1.0
"""Seconds that answers to a question are heard."""
LINK_NEWS = 0.005
"""Seconds until netlink tells of a link."""
NEVER_EARLY = 0.000001
"""Seconds that any timer is late, as the two clocks are converted with a rounding error."""

ROUTINE = (Lagged, ProbeChecked)
"""Entries that mean nothing here, and that are every other one."""

Listener = Callable[[str, Entry], None]


class DaemonNode(Node):
    """Implements `Outlet`. `listener` gets the name of the host and each journal entry."""

    def __init__(
        self, plan: RouterPlan, number: int, stage: Stage, setup: Setup, listener: Listener | None = None
    ) -> None:
        """Powered on, the daemon is not started."""
        super().__init__(plan, stage, setup.own(plan.name, number))
        self.mute = False
        self.drain_ends: float | None = None
        """Virtual time; None: not drained."""
        self._setup = setup
        self._listener = listener
        self._memory = Memory(self.clock.now)
        self._generation = 0
        self._missed: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        self._listening: dict[int, float] = {}
        self._armed: float | None = None
        self._down_adverts = 1
        self._eventful = False
        """Something was told that may have moved the deadline."""
        self.service = Service({probe_name(number): each.noise for number, each in enumerate(plan.probes)})
        self._fresh()

    def _fresh(self) -> None:
        """A new process."""
        self.engine = Engine(self, self._publish)
        self.witness = Witness(self.name, self.stage.safety, self._true_time)
        self.referee = Referee(
            self.witness.violation, self.plan.lag * self.plan.rate, self._can_speak, self._steady_since
        )
        self._configuration = self._setup.configuration(self.plan)
        self._addresses = Addresses(self.kernel, self.clock, self.later, self._announce)
        self._keeping = Keeping(self.kernel, self.witness, self.later, self._audible_for)
        self._prober = Prober(self.service, self.stage.random, self.later, self._checked)
        self._armed = None

    def _true_time(self) -> float:
        return self.stage.timeline.now

    @property
    def audible(self) -> bool:
        """See `Node`."""
        return self.running and not self.mute

    @property
    def leased(self) -> bool:
        """See `Node`."""
        return self.plan.lease

    @property
    def yielding(self) -> frozenset[str]:
        """See `Node`."""
        return frozenset(self.witness.yielding)

    @property
    def instances(self) -> tuple[Instance, ...]:
        """See `Node`."""
        return self._configuration.instances

    def is_master(self, instance: str) -> bool:
        """See `Node`."""
        return self.running and self.witness.roles.get(instance) is Role.MASTER

    # --- the verbs of the engine --------------------------------------------------------------------------------

    def send(self, instance: Instance, source: Address, destination: Address, payload: bytes) -> bool:
        """See `Outlet`."""
        if self.mute:
            return False
        datagram = Datagram(instance.interface, instance.family, source, destination, HOP_LIMIT, payload)
        self.stage.lan.send(segment_of(instance.interface), self.name, datagram)
        return True

    def hold(self, instance: Instance, hold: bool) -> None:
        """See `Outlet`."""
        self.witness.hold(instance, hold=hold, drained=self.drain_ends is not None)
        self._addresses.hold(instance, hold=hold)
        if hold:
            for place in places_of(instance):
                self._keeping.expect(place)

    def renew(self, instance: Instance) -> None:
        """See `Outlet`."""
        self._addresses.renew(instance)

    def ask(self, instance: Instance, source: Address, addresses: Sequence[Address]) -> None:  # noqa: ARG002 - Outlet
        """See `Outlet`."""
        segment = segment_of(instance.interface)
        self._listening[segment] = self.stage.timeline.now + LISTENS
        self.stage.lan.ask(segment, self.name, addresses)

    def announce(self, instance: Instance, repeat: int) -> None:  # noqa: ARG002 - one frame stands for the round
        """See `Outlet`."""
        self.witness.announces(instance)
        self._addresses.announce(instance)

    def _announce(self, place: Place) -> None:
        if place not in self.kernel:
            raise self.witness.violation("announced", f"{place[1]} is announced and not there")
        self.stage.lan.announce(place[0], self.name, place[1])

    def _publish(self, entry: Entry) -> None:
        if self._listener is not None:
            self._listener(self.name, entry)
        if type(entry) in ROUTINE:
            return
        if isinstance(entry, AdvertReceived):
            self.referee.heard(entry)
            if self._is_usual(entry):
                return
        self._eventful = True
        self._read(entry)

    def _read(self, entry: Entry) -> None:
        """What is not every other entry."""
        self.witness.read(entry)
        self.referee.read(entry)
        self._memory.record(entry)
        match entry:
            case Undrained():
                self.drain_ends = None
                self.stage.timeline.after(0.0, self.stage.safety.changed)
            case ProbeChanged(probe=probe, up=bool(up)) if not self._prober.deserves(probe, up=up):
                raise self.witness.violation("verdict", f"{probe} is {'up' if up else 'down'} too soon: {entry.detail}")
            case PriorityChanged() if not self.mute:
                self.stage.timeline.after(0.0, self._must_have_told, self.referee, entry)
            case _:
                pass

    def _is_usual(self, entry: AdvertReceived) -> bool:
        """The Master of a Backup lives: what is due moves on, and a timer that fires before finds that out.

        Nothing is due before Master_Down_Interval, or half an interval less for the question.
        """
        if entry.discarded is not None or entry.peer.priority == 0:
            return False
        quiet = (self._down_adverts - 1) * entry.interval
        return self._armed is not None and self._armed < self.clock.due(entry.at + quiet)

    # --- time ---------------------------------------------------------------------------------------------------

    def later(self, pause: float, act: Callable[..., None], *arguments: Any) -> None:  # noqa: ANN401 - those of the act
        """So many seconds of its clock from now; later if it is frozen, never if it dies."""
        self.stage.timeline.after(self.clock.lasts(pause), self._due, self._generation, act, arguments)

    def _due(self, generation: int, act: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        if generation != self._generation or not self.alive:
            return
        if self.frozen:
            self._missed.append((act, arguments))
        else:
            act(*arguments)

    def _arm(self) -> None:
        due = self.engine.deadline()
        if due is None:
            return
        when = self.clock.due(due) + self.plan.lag + NEVER_EARLY
        if self._armed is None or when < self._armed:
            self._armed = when
            self.stage.timeline.at(when, self._fire, self._generation, when)

    def _fire(self, generation: int, when: float) -> None:
        """A deadline that has moved on since it was armed is found out here."""
        if generation != self._generation or self._armed != when or self.frozen:
            return
        self._armed = None
        self.engine.tick(self.clock.now())
        self._arm()

    # --- life ---------------------------------------------------------------------------------------------------

    def power_off(self) -> None:
        """See `Node`."""
        super().power_off()
        self._memory.forget()

    def _start(self, *, forgetful: bool) -> None:
        self._generation += 1
        self._missed.clear()
        if forgetful:
            self._memory.forget()
        self.later(self.stage.random.uniform(*BOOT), self._serve)

    def _serve(self) -> None:
        if self.begun:
            return
        self._fresh()
        past = self._memory.recall()
        self._begin()
        for segment in range(self.stage.network.segments):
            self._tell_link(segment)
        self._go_on_draining()
        self._configure(past)
        self._addresses.correct()

    def _go_on_draining(self) -> None:
        """What an earlier daemon was told holds on."""
        left = None if self.drain_ends is None else self.drain_ends - self.stage.timeline.now
        if left is None or left <= 0:
            self.drain_ends = None
            return
        until = None if left == float("inf") else Seconds(self.clock.now() + left)
        self.engine.drain({HOST: Drain("simulated", until)}, self.clock.now())

    def _crashed(self) -> None:
        self._generation += 1
        self._memory.lose()

    def _stop(self) -> None:
        """The addresses are off before the process is gone."""
        self._serve()
        self.engine.shutdown(self.clock.now())
        self.witness.has_given_up("stopped")
        self._addresses.correct()
        for place in self._places():
            self._must_not_have(place, "stopped")
        self._generation += 1
        self._memory.forget()

    def _thawed(self) -> None:
        self._read_queue()
        missed, self._missed = self._missed, []
        if self.begun:
            self._armed = None
            self.engine.tick(self.clock.now())
        for act, arguments in missed:
            act(*arguments)
        if self.begun:
            self._arm()

    # --- what comes in ------------------------------------------------------------------------------------------

    def _take(self, segment: int, datagram: Datagram) -> None:  # noqa: ARG002 - the datagram says it by name
        self._eventful = False
        if self.engine.received(datagram, self.clock.now()) and self._eventful:
            self._arm()

    def _hear_claim(self, segment: int, address: Address, mac: str) -> None:
        if self.witness.holds() or self._listening.get(segment, 0.0) >= self.stage.timeline.now:
            self.engine.answered(interface(segment), address, mac, self.clock.now())
            self._arm()

    def _checked(self, probe: str, result: Result) -> bool:
        self._eventful = False
        turning = self.engine.checked(probe, result, self.clock.now())
        if self._eventful:
            self._arm()
        return turning

    def _link_changed(self, segment: int) -> None:
        if self.alive:
            self.later(LINK_NEWS, self._link_news, segment)

    def _link_news(self, segment: int) -> None:
        if self.begun:
            self._tell_link(segment)
            self._arm()

    def _tell_link(self, segment: int) -> None:
        up = self.stage.lan.is_up(segment, self.name)
        self.engine.link_changed(Link(interface(segment), True, up, (self.own[segment],)), self.clock.now())

    def _configure(self, past: Past = NO_PAST) -> None:
        self._down_adverts = min((each.down_timer_adverts for each in self._configuration.instances), default=1)
        self._memory.configure(self._configuration)
        self._addresses.manage(self._configuration.instances)
        self.witness.configured(self._configuration)
        own = {interface(segment): each for segment, each in enumerate(self.own)}
        self.referee.configured(self._configuration, own)
        self.engine.configure(self._configuration, "sim", self.clock.now(), past)
        self._prober.configure(self._configuration.probes)
        self._arm()

    # --- promises -----------------------------------------------------------------------------------------------

    def _on_held(self, place: Place, there: bool) -> None:
        """See `Node`. Netlink tells the daemon, too."""
        super()._on_held(place, there)
        if not there and self.begun:
            self._addresses.disturbed()
            self._keeping.expect(place)

    def _audible_for(self) -> float:
        return self.stage.timeline.now - self.audible_since if self.audible else 0.0

    def _can_speak(self, name: str) -> bool:
        return not self.mute and self.stage.lan.is_up(segment_of(name), self.name)

    def _steady_since(self) -> float:
        return self.clock.shown(self.steady_since)

    def _must_have_told(self, referee: Referee, entry: PriorityChanged) -> None:
        """Called when all is done that follows from it."""
        instance = next((each for each in self._configuration.instances if each.name == entry.instance), None)
        if instance is None or referee is not self.referee or not self.audible:
            return
        if self._can_speak(instance.interface) and referee.untold(entry.instance) == entry.new:
            raise self.witness.violation("told late", f"{entry.instance} is worth {entry.new} and has not said so")

    def _places(self) -> list[Place]:
        return [place for each in self._configuration.instances for place in places_of(each)]

    def _must_not_have(self, place: Place, why: str) -> None:
        if place in self.kernel:
            raise self.witness.violation(why, f"still has {place[1]}")
