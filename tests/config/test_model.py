"""What the model derives, and that a reload can compare it."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv6Interface

from vrrpd.config.model import Configuration, Instance, Probe
from vrrpd.protocol.messages import Family, Seconds, Version

FOUR = Instance(
    name="a",
    interface="e",
    virtual_router_id=1,
    virtual_ipaddress=(IPv4Interface("10.0.0.1/24"), IPv4Interface("10.0.0.2/32")),
)


def test_timeout_is_the_interval_unless_given() -> None:
    probe = Probe(name="p", type="tcp", interval=Seconds(3.0))
    assert probe.effective_timeout == 3.0
    assert replace(probe, timeout=Seconds(5.0)).effective_timeout == 5.0


def test_addresses_without_lengths_in_order() -> None:
    assert FOUR.addresses == (IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2"))


def test_family_and_version() -> None:
    six = replace(FOUR, virtual_ipaddress=(IPv6Interface("fe80::1"),), vrrp_version=3)
    assert (FOUR.family, FOUR.version) == (Family.IPV4, Version.V2)
    assert (six.family, six.version) == (Family.IPV6, Version.V3)


def test_equal_configurations_compare_equal() -> None:
    assert Configuration(instances=(FOUR,)) == Configuration(instances=(replace(FOUR),))
    assert Configuration(instances=(FOUR,)) != Configuration(instances=(replace(FOUR, priority=99),))
