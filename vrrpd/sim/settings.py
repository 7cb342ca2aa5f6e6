"""From the plan of a router to the configuration that its daemon would read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

from vrrpd.config.entries import UnicastPeer
from vrrpd.config.model import Configuration, Instance, Probe, SyncGroup, Track
from vrrpd.protocol.messages import Address, Seconds
from vrrpd.sim.plan import Network, RouterPlan

FIRST_VRID = 51
SYNC_GROUP = "VG_1"


@dataclass(frozen=True, slots=True)
class Given:
    """What a host has in place of what would follow from its plan: the file of an operator.

    `own`: its primary address on each segment. Interfaces are called eth0, eth1, ... by segment: whoever brings real
    files renames theirs.
    """

    configuration: Configuration
    own: tuple[Address, ...] = ()


class Setup:
    """Of all hosts. `given`: by the name of the router."""

    def __init__(self, network: Network, hosts: int, given: Mapping[str, Given]) -> None:
        """`hosts`: how many there are."""
        self._network = network
        self._hosts = hosts
        self._given = given

    def configuration(self, plan: RouterPlan) -> Configuration:
        """What its daemon reads."""
        given = self._given.get(plan.name)
        return given.configuration if given else configuration(plan, self._network, self._hosts)

    def own(self, name: str, number: int) -> tuple[Address, ...]:
        """Its primary address on each segment. `number`: of the router."""
        given = self._given.get(name)
        if given and given.own:
            return given.own
        return tuple(own_address(self._network, each, number) for each in range(self._network.segments))


def interface(segment: int) -> str:
    """Its name, on every host."""
    return f"eth{segment}"


@cache
def segment_of(name: str) -> int:
    """The segment of an interface."""
    return int(name.removeprefix("eth"))


def own_address(network: Network, segment: int, number: int) -> Address:
    """The primary address of the host of this number."""
    if network.ipv6:
        return IPv6Address(f"fe80::{segment + 1:x}:{number + 1:x}")
    return IPv4Address(f"192.0.2.{segment * 64 + number + 1}")


def virtual_addresses(network: Network, segment: int, group: int) -> tuple[Address, ...]:
    """Of one virtual router."""
    numbers = range(network.addresses)
    if network.ipv6:
        return tuple(IPv6Address(f"fe80::{segment + 1:x}:{group + 1:x}:{each + 1:x}") for each in numbers)
    return tuple(IPv4Address(f"198.51.100.{segment * 64 + group * 16 + each + 1}") for each in numbers)


def probe_name(number: int) -> str:
    """Of a probe, on every host."""
    return f"p{number}"


def configuration(plan: RouterPlan, network: Network, hosts: int) -> Configuration:
    """`hosts`: how many there are."""
    probes = tuple(
        Probe(
            name=probe_name(number),
            type="tcp",
            interval=Seconds(each.interval),
            rise=each.rise,
            fall=each.fall,
            weight=each.weight,
            init_fail=each.init_fail,
        )
        for number, each in enumerate(plan.probes)
    )
    places = [(segment, group) for segment in range(network.segments) for group in range(network.groups)]
    instances = tuple(_instance(plan, network, hosts, number, *each) for number, each in enumerate(places))
    synced = (SyncGroup(name=SYNC_GROUP, instances=tuple(each.name for each in instances)),) if network.sync else ()
    return Configuration(probes=probes, instances=instances, sync_groups=synced)


def _instance(plan: RouterPlan, network: Network, hosts: int, number: int, segment: int, group: int) -> Instance:
    kind = IPv6Interface if network.ipv6 else IPv4Interface
    length = 128 if network.ipv6 else 32
    peers = tuple(UnicastPeer(address=own_address(network, segment, each)) for each in range(hosts))
    return Instance(
        name=f"VI_{number}",
        interface=interface(segment),
        virtual_router_id=FIRST_VRID + group,
        virtual_ipaddress=tuple(kind(f"{each}/{length}") for each in virtual_addresses(network, segment, group)),
        vrrp_version=network.version,
        priority=plan.priority_of(number),
        advert_int=Seconds(plan.advert_int or network.advert_int),
        down_timer_adverts=network.down_adverts,
        nopreempt=plan.nopreempt,
        preempt_delay=Seconds(plan.preempt_delay),
        fast_preempt=plan.fast_preempt,
        when_all_failed=plan.when_all_failed,
        takeover_guard=plan.takeover_guard,
        flap_limit=plan.flap_limit,
        flap_window=Seconds(plan.flap_window),
        flap_hold=Seconds(plan.flap_hold),
        vip_lease="auto" if plan.lease else "off",
        sync_group=SYNC_GROUP if network.sync else "",
        unicast_peer=peers if network.unicast else (),
        track=tuple(Track(probe_name(each), probe.weight) for each, probe in enumerate(plan.probes)),
    )
