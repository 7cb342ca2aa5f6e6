"""A host: power, links, kernel and a queue of packets. Which daemon it runs is for subclasses to say."""

from abc import ABC, abstractmethod
from collections import defaultdict, deque
from dataclasses import dataclass
from random import Random

from vrrpd.config.model import Instance
from vrrpd.protocol.messages import Address, Datagram
from vrrpd.sim.kernel import Kernel, Place
from vrrpd.sim.lan import Lan
from vrrpd.sim.plan import Kind, Network, RouterPlan
from vrrpd.sim.safety import Safety
from vrrpd.sim.timeline import Clock, Timeline

QUEUE = 500
"""Packets that the socket of an interface keeps for a daemon that does not read: a receive buffer of 256 KiB, and what
comes then is lost."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What all hosts share."""

    timeline: Timeline
    random: Random
    lan: Lan
    safety: Safety
    network: Network


class Node(ABC):
    """`alive`: the daemon is there; `begun`: and has started; `frozen`: but does not run."""

    def __init__(self, plan: RouterPlan, stage: Stage, own: tuple[Address, ...]) -> None:
        """Powered on, without a daemon. `own`: its primary address on each segment."""
        self.name = plan.name
        self.plan = plan
        self.stage = stage
        self.own = own
        self.clock = Clock(stage.timeline, plan.rate, stage.random.uniform(100.0, 100_000.0))
        self.kernel = Kernel(stage.timeline, stage.random, self.clock, self._on_held)
        self.alive = False
        self.frozen = False
        self.begun = False
        self.audible_since = 0.0
        """When that last changed; virtual time."""
        self.steady_since = 0.0
        """When it ran again after it was frozen last; virtual time."""
        self._queues: defaultdict[int, deque[Datagram]] = defaultdict(deque)
        stage.lan.plug(self)
        stage.safety.know(self.name, leased=self.leased, silenced=plan.kind is Kind.KEEPALIVED)

    @property
    @abstractmethod
    def leased(self) -> bool:
        """What it holds ends by itself."""

    @property
    def running(self) -> bool:
        """It reads and answers."""
        return self.begun and not self.frozen

    @property
    def audible(self) -> bool:
        """It runs and can say so."""
        return self.running

    @property
    @abstractmethod
    def yielding(self) -> frozenset[str]:
        """Instances that an operator has handed over, and that do not preempt for that."""

    @property
    @abstractmethod
    def instances(self) -> tuple[Instance, ...]:
        """What its daemon is to do."""

    @abstractmethod
    def is_master(self, instance: str) -> bool:
        """As its daemon sees it."""

    # --- the network's side -------------------------------------------------------------------------------------

    def deliver(self, segment: int, datagram: Datagram) -> None:
        """See `Station`. What comes while it is frozen waits."""
        if not self.begun or not self.stage.lan.is_up(segment, self.name):
            return
        if not self.frozen:
            self._take(segment, datagram)
        elif len(self._queues[segment]) < QUEUE:
            self._queues[segment].append(datagram)

    def claimed(self, segment: int, address: Address, mac: str) -> None:
        """See `Station`."""
        if self.running and self.stage.lan.is_up(segment, self.name):
            self._hear_claim(segment, address, mac)

    @abstractmethod
    def hear_junk(self, datagram: Datagram) -> None:
        """A packet that has to be rejected has come, over any weather."""

    def owns(self, segment: int, address: Address) -> bool:
        """See `Station`."""
        return (segment, address) in self.kernel

    # --- what is done to it -------------------------------------------------------------------------------------

    def start(self, *, forgetful: bool = False) -> None:
        """The daemon, if it is not there. `forgetful`: without what an earlier one left."""
        if not self.alive:
            self.alive = True
            self._start(forgetful=forgetful)

    def crash(self) -> None:
        """The daemon is gone."""
        if self.alive:
            self._crashed()
            self._gone()

    def stop(self) -> None:
        """SIGTERM; a frozen one ends when it runs again, so it is thawed first."""
        self.thaw()
        if self.alive:
            self._stop()
            self._gone()

    def freeze(self) -> None:
        """It does not run for a while."""
        if self.alive and not self.frozen:
            self.frozen = True
            self._tell()

    def thaw(self) -> None:
        """It runs again: what has come first, then what is due."""
        if self.alive and self.frozen:
            self.frozen = False
            self.steady_since = self.stage.timeline.now
            self._tell()
            self._thawed()

    def power_off(self) -> None:
        """Nothing is left but the disk."""
        self.crash()
        self.kernel.clear()
        self.clock.reboot(self.stage.random.uniform(1.0, 5.0))

    def set_link(self, segment: int, *, up: bool) -> None:
        """Carrier."""
        if self.stage.lan.is_up(segment, self.name) is not up:
            self.stage.lan.set_link(segment, self.name, up=up)
            self.stage.safety.changed()
            self._link_changed(segment)

    def link_is_well(self, segment: int) -> None:
        """The link has carrier; what was told before may not be so."""
        self._link_changed(segment)

    # --- the daemon's part --------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """It has started."""
        self.begun = True
        self._tell()

    def _gone(self) -> None:
        self.alive = self.frozen = self.begun = False
        self._queues.clear()
        self._tell()

    def _tell(self) -> None:
        self.audible_since = self.stage.timeline.now
        self.stage.safety.runs(self.name, runs=self.audible, awake=self.running)

    def _read_queue(self) -> None:
        for segment, waiting in self._queues.items():
            while waiting:
                self._take(segment, waiting.popleft())

    def _on_held(self, place: Place, there: bool) -> None:
        self.stage.safety.held(self.name, place, there=there)

    @abstractmethod
    def _start(self, *, forgetful: bool) -> None: ...

    @abstractmethod
    def _crashed(self) -> None: ...

    @abstractmethod
    def _stop(self) -> None: ...

    @abstractmethod
    def _thawed(self) -> None: ...

    @abstractmethod
    def _take(self, segment: int, datagram: Datagram) -> None: ...

    @abstractmethod
    def _hear_claim(self, segment: int, address: Address, mac: str) -> None: ...

    @abstractmethod
    def _link_changed(self, segment: int) -> None: ...
