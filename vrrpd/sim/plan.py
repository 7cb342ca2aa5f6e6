"""What is simulated, as plain values: the network, the routers, and what is done to them and when.

A scenario is all of it: equal scenarios run equally. Units: seconds of virtual time, probabilities from 0 to 1.
"""

from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """Whose daemon a router runs."""

    VRRPD = "vrrpd"
    KEEPALIVED = "keepalived"
    FRR = "frr"


class End(Enum):
    """How a router is left after the faults."""

    WELL = "well"
    STOPPED = "stopped"
    DRAINED = "drained"
    ILL = "ill"
    """Its first probe stays down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What the network does to each packet while the faults last.

    `loss` of packets, at most `burst` in a row of one virtual router between two hosts: a longer silence is a
    partition, and said so. `straggle`: the share that takes `straggler` seconds more than the others, and so is
    overtaken.
    """

    loss: float = 0.0
    burst: int = 0
    duplicate: float = 0.0
    slow: float = 0.001
    straggle: float = 0.0
    straggler: float = 0.0

    @property
    def slowest(self) -> float:
        """How long a packet that is not lost may take."""
        return self.slow + self.straggler


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The virtual routers and the weather. `segments`: how many; `groups`: virtual routers on each.

    `noise`: the seed of the weather and of all small delays. `faults_end`: from then on all is well. `junk_every`:
    seconds between two packets that have to be rejected, 0: none. `sync`: all virtual routers are in one sync group.
    """

    version: int = 2
    ipv6: bool = False
    unicast: bool = False
    advert_int: float = 1.0
    down_adverts: int = 3
    segments: int = 1
    groups: int = 1
    addresses: int = 1
    noise: int = 0
    faults_end: float = 60.0
    junk_every: float = 0.0
    sync: bool = False
    weather: Weather = field(default_factory=Weather)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePlan:
    """One probe of a router. `weight` 0: a fault. `noise`: the share of its runs that say the opposite."""

    weight: int = -40
    interval: float = 1.0
    rise: int = 1
    fall: int = 1
    init_fail: bool = False
    noise: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterPlan:
    """One host with its daemon. `priority`: of its virtual routers, in turn; others have the last."""

    name: str
    kind: Kind = Kind.VRRPD
    priority: tuple[int, ...] = (100,)
    advert_int: float = 0.0
    """0: as the network has it."""
    nopreempt: bool = False
    preempt_delay: float = 0.0
    fast_preempt: bool = True
    when_all_failed: str = "release"
    takeover_guard: str = "warn"
    flap_limit: int = 0
    flap_window: float = 60.0
    flap_hold: float = 10.0
    lease: bool = True
    rate: float = 1.0
    lag: float = 0.0002
    """How late its timers fire."""
    starts: float = 0.0
    probes: tuple[ProbePlan, ...] = ()
    end: End = End.WELL

    def priority_of(self, group: int) -> int:
        """Of one of its virtual routers."""
        return self.priority[min(group, len(self.priority) - 1)]


class Verb(Enum):
    """What can be done to a router (first word after the time in a script), and its argument."""

    CRASH = "crash"
    """kill -9: the kernel keeps what it has."""
    START = "start"
    """Of a daemon that crashed or was stopped. Argument `forgetful`: the state file is gone."""
    STOP = "stop"
    """SIGTERM."""
    RESTART = "restart"
    """In place: a last advertisement, the state file, a new process."""
    REBOOT = "reboot"
    """Power off and on: nothing is left. Argument: seconds until the daemon is there."""
    FREEZE = "freeze"
    """SIGSTOP, or a hung disk: the kernel goes on, and queues packets."""
    THAW = "thaw"
    DOWN = "down"
    """Carrier lost. Argument: segment."""
    UP = "up"
    CUT = "cut"
    """Argument: a router that does not hear this one any more; on all segments, or on the one that follows."""
    JOIN = "join"
    SPLIT = "split"
    """Argument: routers, comma between them, that are with this one; the others are on the other side."""
    HEAL = "heal"
    """All cuts and splits are over."""
    MUTE = "mute"
    """The kernel refuses to send advertisements."""
    UNMUTE = "unmute"
    FAIL = "fail"
    """Argument: probe, by number or by name."""
    HANG = "hang"
    """Its runs end by timeout."""
    BLIND = "blind"
    """Its runs end unknown."""
    MEND = "mend"
    DRAIN = "drain"
    """Argument: seconds until it ends by itself; none: never."""
    UNDRAIN = "undrain"
    HAND = "hand"
    """Hand over. Argument: virtual router, by number."""
    TAKE_BACK = "take_back"
    STEAL = "steal"
    """Somebody deletes the addresses by hand. Argument: virtual router, by number."""
    PLANT = "plant"
    """Somebody adds them by hand."""
    RELOAD = "reload"
    """Argument: keyword=value of the plan of the router."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something is done to a router at an instant."""

    at: float
    verb: Verb
    router: str
    argument: str = ""

    @property
    def way(self) -> tuple[str, int | None]:
        """Of a cut: to whom, and on which segment; None: on all."""
        name, _, segment = self.argument.partition(" ")
        return name, int(segment) if segment else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """All that a run needs."""

    network: Network
    routers: tuple[RouterPlan, ...]
    actions: tuple[Action, ...] = ()
