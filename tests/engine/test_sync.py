"""What sync groups make of their members: order, faults, priorities, ties. How they move: `test_together`."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

import pytest

from tests.engine.scene import INSTANCE, OTHER, UP
from vrrpd.config.model import Instance, Track
from vrrpd.engine.inputs import Link, Standing
from vrrpd.engine.instance import VirtualRouter
from vrrpd.engine.sync import address_decides, join, judge, may_resume, units
from vrrpd.protocol.messages import Advertisement, AdvertisementReceived, Initialize, Master, Seconds, Version


def member(name: str, vrid: int, priority: int = 100, link: Link = UP, address: str = "192.0.2.100") -> VirtualRouter:
    """Of group G."""
    config = replace(
        INSTANCE,
        name=name,
        virtual_router_id=vrid,
        priority=priority,
        virtual_ipaddress=(IPv4Interface(address),),
        sync_group="G",
    )
    return VirtualRouter(config, link, priority=priority)


def group(*members: VirtualRouter) -> tuple[VirtualRouter, ...]:
    """Members that know one another."""
    join(members)
    return members[0].fellows


def nobody(_: str) -> tuple[str, ...]:
    """Nothing is drained."""
    return ()


def test_the_order_is_that_of_what_all_hosts_have_in_common() -> None:
    """By VRID, and where that is the same on two links by the address."""
    found = group(member("a", 52), member("b", 51, address="192.0.2.9"), member("c", 51, address="192.0.2.8"))
    assert [each.config.name for each in found] == ["c", "b", "a"]


def test_a_unit_is_a_group_or_one_router_and_comes_once() -> None:
    alone, left = VirtualRouter(INSTANCE, UP), member("a", 1)
    together = group(left, member("b", 2))
    assert units([left, alone, *together]) == [together, (alone,)]
    join([left])
    assert units([left]) == [(left,)]


def test_the_least_priority_counts_for_all_with_its_reasons() -> None:
    left, right = member("a", 1, 150), member("b", 2, 140)
    left.config = replace(left.config, track=(Track("p", -20),), preempt_delay=Seconds(3.0))
    right.config = replace(right.config, nopreempt=True, fast_preempt=False)
    found = judge(group(left, right), {"p": Standing(up=False)}, nobody)
    assert [(each.priority, each.why) for each in found] == [(130, (("p", -20),))] * 2
    told = [each.parameters for each in found if each.parameters]
    assert [(each.priority, each.preempt, each.preempt_delay, each.fast_preempt) for each in told] == [
        (130, False, 3.0, False)
    ] * 2


def test_a_fault_is_told_where_it_is_and_to_the_others_in_one_word() -> None:
    found = judge(
        group(member("a", 1, link=Link("eth0")), member("b", 2), member("c", 3)),
        {},
        lambda name: ("drained",) if name == "c" else (),
    )
    assert [each.faults for each in found] == [
        ("interface eth0 does not exist",),
        ("sync group G: a: interface eth0 does not exist",),
        ("drained",),
    ]


def test_what_one_waits_for_all_wait_for() -> None:
    waiting = member("a", 1)
    waiting.config = replace(waiting.config, track=(Track("p", 0),))
    found = judge(group(waiting, member("b", 2)), {"p": Standing()}, nobody)
    assert [each.waiting for each in found] == [
        ("probe p has no result yet",),
        ("sync group G: a: probe p has no result yet",),
    ]


@pytest.mark.parametrize(
    ("past", "expected"),
    [((9.0, 9.5), True), ((9.0, None), False), ((9.0, 5.0), False), ((None, None), False)],
)
def test_a_group_resumes_as_a_whole_or_not_at_all(past: tuple[float | None, ...], expected: bool) -> None:
    members = group(member("a", 1), member("b", 2))
    for router, at in zip(members, past, strict=True):
        router.own = router.parameters({})
        router.resume = None if at is None else Seconds(at)
    assert may_resume(members, Seconds(10.0)) is expected


def test_one_that_is_master_already_has_resumed() -> None:
    members = group(member("a", 1), member("b", 2))
    members[0].state = Master(Seconds(10.0), Seconds(10.0))
    members[1].own, members[1].resume = members[1].parameters({}), Seconds(9.0)
    assert may_resume(members, Seconds(10.0))


def heard(config: Instance, priority: int = 100) -> AdvertisementReceived:
    """From the other host."""
    made = Advertisement(Version.V2, config.virtual_router_id, priority, Seconds(1.0), (IPv4Address(1),))
    return AdvertisementReceived(made, OTHER)


def masters() -> tuple[VirtualRouter, ...]:
    """Three, since instant 0."""
    members = group(member("a", 1), member("b", 2), member("c", 3))
    for router in members:
        router.state, router.own = Master(Seconds(0.0), Seconds(0.0)), router.parameters({})
    return members


@pytest.mark.parametrize(
    ("rank", "instants", "expected"),
    [
        (0, (9.0,), (True,)),
        (1, (9.0, 10.0, 11.0), (False, False, True)),
        (2, (9.0, 11.0, 12.0, 13.0), (False, False, False, True)),
        (1, (9.0, 10.0, 14.0, 15.0), (False, False, False, False)),
    ],
    ids=["the first decides", "the second waits", "the third waits longer", "a tie that was over begins anew"],
)
def test_ties(rank: int, instants: tuple[float, ...], expected: tuple[bool, ...]) -> None:
    router = masters()[rank]
    found = tuple(address_decides(router, heard(router.config), Seconds(at)) for at in instants)
    assert found == expected


def test_a_new_master_counts_anew() -> None:
    router = masters()[1]
    address_decides(router, heard(router.config), Seconds(9.0))
    router.state = Master(Seconds(10.5), Seconds(10.5))
    assert not address_decides(router, heard(router.config), Seconds(11.0))


def test_what_is_no_tie_is_left_to_the_protocol() -> None:
    router = masters()[1]
    assert address_decides(router, heard(router.config, priority=101), Seconds(9.0))
    router.state = Initialize()
    assert address_decides(router, heard(router.config), Seconds(9.0))
    alone = VirtualRouter(INSTANCE, UP, state=Master(Seconds(0.0), Seconds(0.0)))
    alone.own = alone.parameters({})
    assert address_decides(alone, heard(INSTANCE, INSTANCE.priority), Seconds(9.0))
