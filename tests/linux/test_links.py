from ipaddress import ip_address

from tests.linux.rows import held
from vrrpd.engine.inputs import Link
from vrrpd.linux.links import link_of, networks
from vrrpd.linux.netlink import Held, Interface, Snapshot

ETH0 = Interface("eth0", 2, up=True, mac=bytes(6))
OWN = ip_address("192.0.2.1")


def snapshot(*addresses: Held, up: bool = True) -> Snapshot:
    return Snapshot({"eth0": Interface("eth0", 2, up, bytes(6))}, addresses)


def test_own_addresses_in_the_kernels_order_without_ours_and_unusable_ones() -> None:
    tentative = Held("eth0", ip_address("fe80::2"), 64, marked=False, usable=False)
    kernel = snapshot(
        held("192.0.2.1/24", marked=False),
        held("192.0.2.100"),
        held("198.51.100.1/24", marked=False, interface="eth1"),
        held("192.0.2.2/24", marked=False),
        tentative,
    )
    assert link_of("eth0", kernel) == Link("eth0", exists=True, up=True, addresses=(OWN, ip_address("192.0.2.2")))


def test_down() -> None:
    assert link_of("eth0", snapshot(held("192.0.2.1/24", marked=False), up=False)) == Link(
        "eth0", exists=True, up=False, addresses=(OWN,)
    )


def test_an_interface_that_cannot_be_heard_counts_as_down() -> None:
    assert not link_of("eth0", snapshot(), deaf={"eth0"}).up
    assert link_of("eth0", snapshot(), deaf={"eth1"}).up


def test_missing() -> None:
    assert link_of("eth9", snapshot()) == Link("eth9")


def test_what_is_reached_without_a_router() -> None:
    """By the host's own addresses on that link; a virtual one reaches nobody."""
    kernel = snapshot(
        held("192.0.2.1/24", marked=False),
        held("203.0.113.100/24"),
        held("198.51.100.1/24", marked=False, interface="eth1"),
        Held("eth0", ip_address("fe80::2"), 64, marked=False),
    )
    assert [str(each) for each in networks("eth0", kernel)] == ["192.0.2.0/24", "fe80::/64"]
