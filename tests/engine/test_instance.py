"""What a virtual router makes of its surroundings: faults, source address, parameters."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, IPv6Interface

import pytest

from tests.engine.scene import INSTANCE, OTHER, OWN, UP, VIP
from vrrpd.config.entries import UnicastPeer
from vrrpd.config.model import Instance, Track
from vrrpd.engine.inputs import Link, Standing
from vrrpd.engine.instance import VirtualRouter, identity
from vrrpd.protocol.messages import Address

LINK_LOCAL, GLOBAL = IPv6Address("fe80::1"), IPv6Address("2001:db8::1")
IPV6 = replace(INSTANCE, virtual_ipaddress=(IPv6Interface("fe80::100/128"),), vrrp_version=3, virtual_router_id=52)

PEER, PEER6 = UnicastPeer(address=OTHER), UnicastPeer(address=IPv6Address("2001:db8::2"))
NEAR6 = UnicastPeer(address=IPv6Address("fe80::2"))

FAULTS: dict[str, tuple[Instance, Link, tuple[str, ...]]] = {
    "well": (INSTANCE, UP, ()),
    "no interface": (INSTANCE, Link("eth0"), ("interface eth0 does not exist",)),
    "down": (INSTANCE, replace(UP, up=False), ("interface eth0 is down",)),
    "no address": (INSTANCE, replace(UP, addresses=()), ("interface eth0 has no IPv4 address of its own",)),
    "only a virtual address": (
        INSTANCE,
        replace(UP, addresses=(VIP.ip,)),
        ("interface eth0 has no IPv4 address of its own",),
    ),
    "mcast_src_ip is not there": (
        replace(INSTANCE, mcast_src_ip=IPv4Address("192.0.2.9")),
        UP,
        ("interface eth0 does not have mcast_src_ip 192.0.2.9",),
    ),
    "unicast_src_ip is not there": (
        replace(INSTANCE, unicast_peer=(PEER,), unicast_src_ip=IPv4Address("192.0.2.9")),
        UP,
        ("interface eth0 does not have unicast_src_ip 192.0.2.9",),
    ),
    "no other host in unicast_peer": (
        replace(INSTANCE, unicast_peer=(UnicastPeer(address=OWN),)),
        UP,
        (f"unicast_peer has no other host than this one, {OWN}",),
    ),
    "a list that hosts share": (replace(INSTANCE, unicast_peer=(UnicastPeer(address=OWN), PEER)), UP, ()),
    "IPv6 to global peers needs a global address": (
        replace(IPV6, unicast_peer=(PEER6,)),
        replace(UP, addresses=(LINK_LOCAL,)),
        ("interface eth0 has no global IPv6 address of its own",),
    ),
    "IPv6 needs a link-local address": (
        IPV6,
        replace(UP, addresses=(OWN, IPv6Address("2001:db8::1"))),
        ("interface eth0 has no link-local IPv6 address of its own",),
    ),
}


@pytest.mark.parametrize("row", FAULTS.values(), ids=FAULTS.keys())
def test_link_faults(row: tuple[Instance, Link, tuple[str, ...]]) -> None:
    """Each thing that is missing is named, and only the first that matters."""
    config, link, expected = row
    assert VirtualRouter(config, link).faults({}) == expected


SOURCES: dict[str, tuple[Instance, tuple[Address, ...], Address | None]] = {
    "the first address": (INSTANCE, (OWN, IPv4Address("192.0.2.8")), OWN),
    "never a virtual address": (INSTANCE, (IPv4Address(VIP.ip), OWN), OWN),
    "but the owner's own": (replace(INSTANCE, priority=255), (IPv4Address(VIP.ip),), IPv4Address(VIP.ip)),
    "mcast_src_ip": (
        replace(INSTANCE, mcast_src_ip=IPv4Address("192.0.2.8")),
        (OWN, IPv4Address("192.0.2.8")),
        IPv4Address("192.0.2.8"),
    ),
    "unicast_src_ip": (
        replace(INSTANCE, unicast_peer=(PEER,), unicast_src_ip=IPv4Address("192.0.2.8")),
        (OWN, IPv4Address("192.0.2.8")),
        IPv4Address("192.0.2.8"),
    ),
    "a global one to a global IPv6 peer": (replace(IPV6, unicast_peer=(PEER6,)), (OWN, LINK_LOCAL, GLOBAL), GLOBAL),
    "a link-local one to a link-local peer": (replace(IPV6, unicast_peer=(NEAR6,)), (GLOBAL, LINK_LOCAL), LINK_LOCAL),
    "unicast_src_ip, whatever its scope": (
        replace(IPV6, unicast_peer=(NEAR6,), unicast_src_ip=GLOBAL),
        (LINK_LOCAL, GLOBAL),
        GLOBAL,
    ),
    "the link-local one for IPv6": (IPV6, (OWN, IPv6Address("2001:db8::1"), LINK_LOCAL), LINK_LOCAL),
}


@pytest.mark.parametrize("row", SOURCES.values(), ids=SOURCES.keys())
def test_source(row: tuple[Instance, tuple[Address, ...], Address | None]) -> None:
    """The primary address of the interface, of the right family (vrrp-wire a.6)."""
    config, addresses, expected = row
    assert VirtualRouter(config, replace(UP, addresses=addresses)).source() == expected


WELL, DOWN = Standing(True), Standing(False)


def test_probe_of_weight_zero_is_a_fault_while_down_and_pending_before() -> None:
    """keepalived.conf(5): weight 0 means fault; before its first result nothing is wrong yet."""
    router = VirtualRouter(replace(INSTANCE, track=(Track("haproxy", 0), Track("amqp", -20))), UP)
    assert router.faults({"haproxy": DOWN, "amqp": DOWN}) == ("probe haproxy is down",)
    assert router.faults({}) == ()
    assert router.pending({}) == ("probe haproxy has no result yet",)
    assert router.pending({"haproxy": WELL}) == ()


def test_in_reverse_what_is_well_is_a_fault() -> None:
    """keepalived.conf(5) reverse with weight 0."""
    router = VirtualRouter(replace(INSTANCE, track=(Track("drain", 0, reverse=True),)), UP)
    assert router.faults({"drain": WELL}) == ("probe drain is up",)
    assert router.faults({"drain": DOWN}) == ()


def test_contributions_name_what_counts_now() -> None:
    """Only probes that change the priority are listed."""
    router = VirtualRouter(replace(INSTANCE, track=(Track("a", -20), Track("b", 5), Track("c", -7))), UP)
    assert router.contributions({"a": DOWN, "b": WELL, "c": WELL}) == (("a", -20), ("b", 5))


def test_a_probe_of_shared_scope_moves_nothing() -> None:
    """All hosts see the same: moving the addresses would only cut connections."""
    tracks = (Track("fault", 0, moves=False), Track("weight", -20, moves=False))
    router = VirtualRouter(replace(INSTANCE, track=tracks), UP)
    down = {"fault": DOWN, "weight": DOWN}
    assert (router.faults(down), router.pending({}), router.contributions(down)) == ((), (), ())
    assert router.effective(down) == INSTANCE.priority
    unknown = router.parameters({})
    assert unknown is not None
    assert unknown.preempt


def test_a_value_with_weight_zero_is_a_fault_unless_it_is_zero() -> None:
    """keepalived.conf(5) vrrp_track_file, weight 0."""
    router = VirtualRouter(replace(INSTANCE, track=(Track("file", 0),)), UP)
    assert router.faults({"file": Standing(True, 3)}) == ("probe file is at 3",)
    assert router.faults({"file": Standing(True, 0)}) == ()


def test_no_preemption_before_all_probes_have_a_result() -> None:
    """A router that does not know how well it is leaves a living Master alone."""
    router = VirtualRouter(replace(INSTANCE, track=(Track("a", -20),)), UP)
    unknown, known = router.parameters({}), router.parameters({"a": WELL})
    assert unknown is not None
    assert known is not None
    assert (unknown.preempt, known.preempt) == (False, True)
    assert VirtualRouter(INSTANCE, replace(UP, addresses=())).parameters({}) is None


def test_the_way_of_advertisements_is_no_identity() -> None:
    """A reload from multicast to unicast gives nothing up."""
    assert identity(replace(INSTANCE, unicast_peer=(PEER,))) == identity(INSTANCE)


def test_a_name_is_no_identity() -> None:
    """A renamed instance is the same virtual router; another VRID is another one."""
    assert identity(replace(INSTANCE, name="other")) == identity(INSTANCE)
    assert identity(replace(INSTANCE, virtual_router_id=7)) != identity(INSTANCE)
