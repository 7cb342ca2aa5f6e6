"""What makes hosts of a pair differ, and what may."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

import pytest

from vrrpd.config.digest import shared_digest
from vrrpd.config.entries import UnicastPeer
from vrrpd.config.model import Configuration, Instance, Track
from vrrpd.protocol.messages import Authentication, AuthType, Seconds

A, B = IPv4Interface("10.0.0.1/32"), IPv4Interface("10.0.0.2/32")
INSTANCE = Instance(
    name="a", interface="e", virtual_router_id=1, virtual_ipaddress=(A, B), track=(Track("x", -1), Track("y", -2))
)
PEER = UnicastPeer(address=IPv4Address("10.0.0.9"))
PASS = Authentication(AuthType.PASS, b"1111\0\0\0\0")


def digest(*instances: Instance) -> str:
    return shared_digest(Configuration(instances=instances))


@pytest.mark.parametrize(
    "other",
    [
        replace(INSTANCE, name="b"),
        replace(INSTANCE, interface="f"),
        replace(INSTANCE, priority=1),
        replace(INSTANCE, mcast_src_ip=IPv4Address("10.0.0.9")),
        replace(INSTANCE, nopreempt=True),
        replace(INSTANCE, virtual_ipaddress=(B, A)),
        replace(INSTANCE, track=(Track("y", -2), Track("x", -1))),
    ],
    ids=["name", "interface", "priority", "source", "nopreempt", "order of addresses", "order of probes"],
)
def test_may_differ(other: Instance) -> None:
    assert digest(other) == digest(INSTANCE)


@pytest.mark.parametrize(
    "other",
    [
        replace(INSTANCE, virtual_router_id=2),
        replace(INSTANCE, vrrp_version=3),
        replace(INSTANCE, advert_int=Seconds(2.0)),
        replace(INSTANCE, authentication=PASS),
        replace(INSTANCE, v3_checksum_pseudo_header=False),
        replace(INSTANCE, virtual_ipaddress=(A,)),
        replace(INSTANCE, unicast_peer=(PEER,)),
        replace(INSTANCE, mcast_dst_ip=IPv4Address("224.0.0.200")),
        replace(INSTANCE, down_timer_adverts=4),
        replace(INSTANCE, virtual_ipaddress_excluded=(IPv4Interface("10.0.0.9/32"),)),
        replace(INSTANCE, track=(Track("x", -1), Track("y", -3))),
        replace(INSTANCE, track=(Track("x", -1), Track("y", -2, reverse=True))),
    ],
    ids=[
        "VRID",
        "version",
        "interval",
        "authentication",
        "checksum",
        "addresses",
        "unicast",
        "group",
        "missing adverts",
        "excluded",
        "weight",
        "reverse",
    ],
)
def test_must_not_differ(other: Instance) -> None:
    assert digest(other) != digest(INSTANCE)


def test_the_password_cannot_be_guessed_from_it() -> None:
    other = replace(PASS, data=b"2222\0\0\0\0")
    assert digest(replace(INSTANCE, authentication=other)) == digest(replace(INSTANCE, authentication=PASS))


def test_order_of_instances_does_not_matter() -> None:
    second = replace(INSTANCE, virtual_router_id=2)
    assert digest(INSTANCE, second) == digest(second, INSTANCE)
