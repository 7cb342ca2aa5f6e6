"""A configuration, a clock, and one entry of each kind, for the readers of the journal."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Interface, IPv6Interface, ip_address
from typing import get_args

from vrrpd.config.model import Configuration, Instance, Probe, Track
from vrrpd.engine.inputs import Link, Outcome, Result
from vrrpd.engine.journal import (
    AddressChange,
    AddressChanged,
    AddressConflict,
    AddressFailed,
    AdvertReceived,
    AdvertRejected,
    AdvertSent,
    Announced,
    ConnectionsEnded,
    Entry,
    FaultsChanged,
    LinkChanged,
    MasterHeard,
    NetlinkOverrun,
    OwnerAnswered,
    PriorityChanged,
    ReceiveOverrun,
    Role,
    SendFailed,
    StateChanged,
)
from vrrpd.engine.journal_daemon import (
    Configured,
    Drained,
    HistoryLost,
    Lagged,
    ReloadRejected,
    Restored,
    Scheduled,
    Started,
    Stopping,
    Undrained,
    Yielding,
)
from vrrpd.engine.journal_health import (
    Damped,
    Degraded,
    ProbeAlarmed,
    ProbeChanged,
    ProbeChecked,
    RemedyEnded,
    RemedyExhausted,
    RemedyStarted,
)
from vrrpd.engine.journal_notify import FifoLost, NotifyEnded, NotifySkipped
from vrrpd.engine.journal_peers import AddressesDiffer, IntervalDiffers
from vrrpd.engine.journal_routes import RouteChange, RouteChanged, RouteFailed
from vrrpd.engine.journal_vmac import VmacChange, VmacChanged
from vrrpd.probes.tcp import TcpOptions
from vrrpd.protocol.messages import Family, Peer, Reason, Rejection, Seconds

VIP = ip_address("10.0.0.100")
OURS = ip_address("10.0.0.11")
OTHER = ip_address("10.0.0.12")
THIRD = ip_address("10.0.0.13")
SECOND = Seconds(1.0)

HAPROXY = Probe(name="haproxy", type="haproxy", weight=-40)
AMQP = Probe(name="amqp", type="tcp", weight=0, options=TcpOptions(host="10.0.0.21", port=5672))
VI_1 = Instance(
    name="VI_1",
    interface="eth0",
    virtual_router_id=51,
    priority=150,
    virtual_ipaddress=(IPv4Interface("10.0.0.100/32"),),
    track=(Track("haproxy", -60), Track("amqp", 0)),
)
VI_6 = Instance(
    name="VI_6",
    interface="eth0",
    virtual_router_id=52,
    vrrp_version=3,
    virtual_ipaddress=(IPv6Interface("fe80::100/128"),),
)
CONFIGURATION = Configuration(probes=(HAPROXY, AMQP), instances=(VI_1,))


@dataclass
class Clock:
    """Monotonic seconds that a test moves by hand; instant 0 is midnight."""

    at: Seconds = field(default=Seconds(0.0))

    def now(self) -> Seconds:
        return self.at

    def wall(self, at: Seconds) -> datetime:
        return datetime.fromtimestamp(1_800_000_000 + at, UTC)


def moved(at: float, old: Role, new: Role, reason: Reason) -> StateChanged:
    return StateChanged(Seconds(at), "VI_1", old, new, reason)


def heard(at: float, priority: int = 120, *, source: str = "10.0.0.12", instance: str = "VI_1") -> AdvertReceived:
    return AdvertReceived(Seconds(at), instance, Peer(ip_address(source), priority), SECOND)


def address(at: float, change: AddressChange, *, interface: str = "eth0") -> AddressChanged:
    return AddressChanged(Seconds(at), "VI_1", interface, VIP, change)


def rejected(at: float, rejection: Rejection, *, instance: str = "VI_1", interface: str = "eth0") -> AdvertRejected:
    return AdvertRejected(Seconds(at), interface, instance, OTHER, rejection, "why")


def checked(at: float, outcome: Outcome, detail: str = "seen") -> ProbeChecked:
    return ProbeChecked(Seconds(at), "haproxy", Result(outcome, Seconds(0.002), detail))


def one_of_each(instance: str = "VI_1", probe: str = "haproxy") -> tuple[Entry, ...]:
    """About one instance and one probe, all at instant 1."""
    at = SECOND
    return (
        StateChanged(at, instance, Role.BACKUP, Role.MASTER, Reason.PREEMPT, Peer(OTHER, 90)),
        PriorityChanged(at, instance, 150, 90, (("haproxy", -60),)),
        FaultsChanged(at, instance, ("interface eth0 is down",)),
        AdvertSent(at, instance, 150, Seconds(0.002)),
        AdvertReceived(at, instance, Peer(OTHER, 120), SECOND),
        MasterHeard(at, instance, Peer(OTHER, 120)),
        AdvertRejected(at, "eth0", instance, OTHER, Rejection.CHECKSUM, "0x1 is not 0x2"),
        AddressesDiffer(at, instance, OTHER, (THIRD,), (VIP,)),
        IntervalDiffers(at, instance, OTHER, Seconds(0.5), SECOND),
        SendFailed(at, instance, "ENOBUFS"),
        Announced(at, instance, VIP, 5),
        AddressChanged(at, instance, "eth0", VIP, AddressChange.ADDED),
        AddressFailed(at, instance, "eth0", VIP, adding=True, error="EPERM"),
        AddressConflict(at, instance, VIP, "02:00:00:00:00:0b"),
        OwnerAnswered(at, instance, VIP, "02:00:00:00:00:0b", waiting=False),
        ConnectionsEnded(at, VIP, 3),
        LinkChanged(at, Link("eth0", exists=True, up=True, addresses=(OURS,))),
        ReceiveOverrun(at, "eth0", Family.IPV4, 7),
        NetlinkOverrun(at),
        VmacChanged(at, "vrrp.51", VmacChange.FAILED, "EPERM"),
        RouteChanged(at, instance, "route 10.1.0.0/16 dev eth0", RouteChange.ADDED),
        RouteFailed(at, instance, "rule iif eth0 lookup 7 priority 1", adding=True, error="EEXIST"),
        ProbeChecked(at, probe, Result(Outcome.FAIL, Seconds(0.1), "0 of 3 servers up")),
        ProbeChanged(at, probe, False, "0 of 3 servers up"),
        Degraded(at, instance, ("probe haproxy is down",)),
        Damped(at, instance, 4, Seconds(300.0)),
        ProbeAlarmed(at, probe, ("credentials refused",)),
        RemedyStarted(at, probe, "restart haproxy.service", 1, 3),
        RemedyEnded(at, probe, "restart haproxy.service", Result(Outcome.FAIL, Seconds(0.1), "exit status 1: no unit")),
        RemedyExhausted(at, probe, 3, Seconds(600.0)),
        Drained(at, instance, "kernel upgrade", "2026-11-21T12:00:00Z"),
        Undrained(at, instance, Restored.OPERATOR),
        Yielding(at, instance, yielding=True),
        NotifyEnded(at, instance, "", "MASTER", "notify", Result(Outcome.FAIL, Seconds(0.1), "exit status 1")),
        NotifySkipped(at, "", "G", "BACKUP", "notify_backup"),
        FifoLost(at, "/run/vrrpd/fifo", 2, "EAGAIN"),
        HistoryLost(at, 3, "No space left on device"),
        Configured(at, "vrrpd.toml", added=("VI_1",)),
        ReloadRejected(at, "vrrpd.toml", ("vrrpd.toml:3: priority: 300: must be 1..254",)),
        Scheduled(at, 0, no_swap=False, errors=("rt_priority: EPERM for 50",)),
        Started(at, "0.1.0"),
        Stopping(at, "SIGTERM"),
        Lagged(at, Seconds(0.2)),
    )


ENTRY_KINDS = frozenset(get_args(Entry))
