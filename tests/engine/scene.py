"""An engine with a recorded world around it: what it sent, held and announced, and its journal."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv4Interface
from typing import TypeVar

from vrrpd.config.model import Configuration, Instance, Probe, Track
from vrrpd.engine.engine import Engine
from vrrpd.engine.inputs import Link, Outcome, Result
from vrrpd.engine.instance import NO_PAST, Past
from vrrpd.engine.journal import Entry, Role, StateChanged
from vrrpd.protocol.messages import (
    Address,
    Advertisement,
    Authentication,
    Datagram,
    Family,
    Seconds,
    Version,
)
from vrrpd.protocol.packet import MULTICAST, encode

T = TypeVar("T")

OWN = IPv4Address("192.0.2.1")
OTHER = IPv4Address("192.0.2.2")
VIP = IPv4Interface("192.0.2.100/32")

INSTANCE = Instance(
    name="VI_1",
    interface="eth0",
    virtual_router_id=51,
    virtual_ipaddress=(VIP,),
    priority=150,
    takeover_guard="off",
)
UP = Link("eth0", exists=True, up=True, addresses=(OWN,))


def probe(name: str, weight: int = 0, rise: int = 1, fall: int = 1, init_fail: bool = False) -> Probe:
    """A probe of a kind that no one runs."""
    return Probe(name=name, type="tcp", rise=rise, fall=fall, weight=weight, init_fail=init_fail)


def tracking(*probes: Probe, instance: Instance = INSTANCE) -> Configuration:
    """One instance that tracks these probes with their own weights."""
    tracks = tuple(Track(each.name, each.weight) for each in probes)
    return Configuration(probes=probes, instances=(replace(instance, track=tracks),))


@dataclass
class Scene:
    """`sent`: (instance, priority octet); `held`, `announced`: what the outlet was last told, in order."""

    sent: list[tuple[str, int]] = field(default_factory=list)
    held: dict[str, bool] = field(default_factory=dict)
    announced: list[tuple[str, int]] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    asked: list[tuple[Address, tuple[Address, ...]]] = field(default_factory=list)
    journal: list[Entry] = field(default_factory=list)
    takes: bool = True
    reached: list[Address] = field(default_factory=list)
    unreachable: tuple[Address, ...] = ()

    def __post_init__(self) -> None:
        """Nothing is configured yet."""
        self.engine = Engine(self, self.journal.append)

    def send(self, instance: Instance, source: Address, destination: Address, payload: bytes) -> bool:
        """Record the priority octet, and where it went."""
        self.sent.append((instance.name, payload[2]))
        self.reached.append(destination)
        return self.takes and destination not in self.unreachable

    def hold(self, instance: Instance, hold: bool) -> None:
        """Record the desired set."""
        self.held[instance.name] = hold

    def renew(self, instance: Instance) -> None:
        """Count the leases granted."""
        self.renewed.append(instance.name)

    def ask(self, instance: Instance, source: Address, addresses: Sequence[Address]) -> None:
        """Record the question and who asks for what."""
        self.asked.append((source, tuple(addresses)))

    def announce(self, instance: Instance, repeat: int) -> None:
        """Record a round."""
        self.announced.append((instance.name, repeat))

    def start(self, configuration: Configuration, link: Link = UP, now: float = 0.0, past: Past = NO_PAST) -> "Scene":
        """Bring it up as the daemon does: links first."""
        self.engine.link_changed(link, Seconds(now))
        self.engine.configure(configuration, "test", Seconds(now), past)
        return self

    def run(self, until: float) -> float:
        """Let time pass, tick by tick; returns `until`."""
        while (due := self.engine.deadline()) is not None and due <= until:
            self.engine.tick(due)
        return until

    def hear(self, priority: int, now: float, source: Address = OTHER, *, spoil: bool = False, vrid: int = 51) -> bool:
        """An advertisement comes in; spoilt: with a wrong checksum. Returns what the engine does."""
        advertisement = Advertisement(Version.V2, vrid, priority, Seconds(1.0), (VIP.ip,), Authentication())
        return self.take_in(advertisement, now, source, spoil=spoil)

    def take_in(self, advertisement: Advertisement, now: float, source: Address, *, spoil: bool = False) -> bool:
        """Any advertisement comes in. Returns what the engine does."""
        family = Family.IPV4 if source.version == 4 else Family.IPV6
        group = MULTICAST[family]
        payload = bytearray(encode(advertisement, source, group))
        if spoil:
            payload[7] ^= 0xFF
        return self.engine.received(Datagram("eth0", family, source, group, 255, bytes(payload)), Seconds(now))

    def result(self, name: str, now: float, outcome: Outcome = Outcome.OK) -> None:
        """A probe has run."""
        self.engine.checked(name, Result(outcome, Seconds(0.01), "detail"), Seconds(now))

    def roles(self) -> list[Role]:
        """Every state entered, in order."""
        return [entry.new for entry in self.journal if isinstance(entry, StateChanged)]

    def entries(self, kind: type[T]) -> list[T]:
        """All entries of one kind."""
        return [entry for entry in self.journal if isinstance(entry, kind)]


ALONE = Configuration(instances=(INSTANCE,))
SKEW = (256 - 150) / 256
DOWN = 3 + SKEW
"""Seconds: Master_Down_Interval of `INSTANCE`."""


def master(configuration: Configuration = ALONE) -> Scene:
    """A scene that has become Master in silence, at `DOWN`."""
    scene = Scene().start(configuration)
    scene.run(DOWN)
    assert scene.roles()[-1] is Role.MASTER
    return scene
