"""What the kernel is asked for and what its answers mean; a real kernel is in tests/kernel/test_routes.py."""

import errno
import socket
from collections.abc import Sequence

import pytest

from tests.virtual_time import run_virtual
from vrrpd.config.routing import Rule, route, rule
from vrrpd.linux import dump, routing
from vrrpd.linux.request import Request
from vrrpd.linux.routing import MARK, RoutingTable, Thing, added, fits, found, removed
from vrrpd.linux.rtnetlink import NLM_F_EXCL, NLM_F_REPLACE, ROUTE, attributes

INDEXES = {"eth0": 7, "lo": 1}
ROUTES = (
    "10.1.0.0/16 via 10.0.0.1 dev eth0 src 192.0.2.100 table 1000 metric 50",
    "10.2.0.0/16 dev eth0 scope global mtu 1400",
    "10.3.0.0/16 via 10.9.0.1 dev eth0 onlink",
    "default via 10.0.0.1 dev eth0",
    "blackhole 10.4.0.0/16",
    "2001:db8::/32 via fe80::1 dev eth0 metric 1024",
    "inet6 default dev eth0 metric 5",
)
RULES = (
    "from 192.0.2.100 lookup 100 priority 1000",
    "to 198.51.100.0/24 iif eth0 oif eth1 fwmark 0x10/0xff lookup 1000 priority 7",
    "inet6 fwmark 0 lookup 254 priority 7",
    "from 2001:db8::/32 lookup 7 priority 7",
)


def index(name: str) -> int:
    if name not in INDEXES:
        raise OSError(errno.ENODEV, "no such device")
    return INDEXES[name]


def name(number: int) -> str:
    return {at: each for each, at in INDEXES.items()}[number]


def as_found(monkeypatch: pytest.MonkeyPatch, *things: Thing) -> list[Thing]:
    """What is asked for, as if the kernel told of it; it tells of all families where one is missing."""
    rows = [(each, body) for each in things for body in [added(each, index).body]]
    rows_of = {
        kind: [(ROUTE.unpack_from(body), attributes(body, ROUTE.size)) for each, body in rows if kind(each)]
        for kind in (is_route, is_rule)
    }
    monkeypatch.setattr(dump, "routes", lambda _family, _protocol, _patience: rows_of[is_route])
    monkeypatch.setattr(dump, "rules", lambda _family, _patience: rows_of[is_rule])
    return list(found(1.0, name))


def is_rule(thing: Thing) -> bool:
    return isinstance(thing, Rule)


def is_route(thing: Thing) -> bool:
    return not is_rule(thing)


@pytest.mark.parametrize("text", ROUTES)
def test_a_route_there_and_back(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert as_found(monkeypatch, route(text)) == [route(text)]


@pytest.mark.parametrize("text", RULES)
def test_a_rule_there_and_back(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert as_found(monkeypatch, rule(text)) == [rule(text)]


@pytest.mark.parametrize("octet", [5])
def test_what_has_another_mark_is_not_ours(octet: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """keepalived's 18: a kernel before 4.20 gives all routes, and every kernel all rules."""
    for thing in (route(ROUTES[0]), rule(RULES[0])):
        body = added(thing, index).body.replace(bytes([5, 0, 21, 0, MARK]), bytes([5, 0, 21, 0, 18]))
        fixed, has = list(ROUTE.unpack_from(body)), attributes(body, ROUTE.size)
        fixed[octet] = 18
        row = (tuple(fixed), has)
        monkeypatch.setattr(dump, "routes", lambda *_, row=row: [row])
        monkeypatch.setattr(dump, "rules", lambda *_, row=row: [row])
        assert list(found(1.0, name)) == []


@pytest.mark.parametrize(
    ("wanted", "there", "expected"),
    [
        ("10.1.0.0/16 via 10.0.0.1", "10.1.0.0/16 via 10.0.0.1 dev eth0", True),
        ("10.1.0.0/16 via 10.0.0.1 dev eth1", "10.1.0.0/16 via 10.0.0.1 dev eth0", False),
        ("10.1.0.0/16 via 10.0.0.1 dev eth0", "10.1.0.0/16 via 10.0.0.2 dev eth0", False),
        ("10.1.0.0/16 dev eth0 src 10.0.0.9", "10.1.0.0/16 dev eth0", False),
        ("10.1.0.0/16 dev eth0 metric 5", "10.1.0.0/16 dev eth0", False),
        ("10.1.0.0/16 dev eth0 table 7", "10.1.0.0/16 dev eth0", False),
        ("10.1.0.0/16 dev eth0 mtu 1400", "10.1.0.0/16 dev eth0", False),
        ("10.1.0.0/16 dev eth0 scope global", "10.1.0.0/16 dev eth0", False),
        ("2001:db8::/32 dev eth0", "2001:db8::/32 dev eth0 metric 1024", True),
        ("blackhole 10.1.0.0/16", "10.1.0.0/16 dev eth0", False),
    ],
)
def test_fits(wanted: str, there: str, expected: bool) -> None:
    """What the kernel chooses by itself is right: the interface of a way, the metric of IPv6."""
    assert fits(route(wanted), route(there)) is expected


def test_a_removal_is_of_ours_only() -> None:
    """By the mark; a route whatever its way and scope, which the kernel may tell otherwise than it was told."""
    body = removed(route(ROUTES[0])).body
    fixed, has = ROUTE.unpack_from(body), attributes(body, ROUTE.size)
    assert (fixed[0], fixed[5], fixed[6]) == (socket.AF_INET, MARK, routing.RT_SCOPE_NOWHERE)
    assert has.keys() == {routing.RTA_DST, routing.RTA_TABLE, routing.RTA_PRIORITY}
    assert attributes(removed(rule(RULES[0])).body, ROUTE.size)[routing.FRA_PROTOCOL] == bytes([MARK])


@pytest.mark.parametrize(
    ("thing", "alone"),
    [(route(ROUTES[0]), False), (route(ROUTES[5]), True), (rule(RULES[0]), True), (rule(RULES[3]), True)],
)
def test_beside_another_hand_s(thing: Thing, alone: bool) -> None:
    """IPv4 has several routes with one destination and metric, ours first; of IPv6 it would make one with two ways."""
    flags = added(thing, index).flags
    assert bool(flags & NLM_F_EXCL) == alone
    assert not flags & NLM_F_REPLACE


def test_an_interface_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuses its own route only; one that went away during the look took its route with it."""
    asked: list[Request] = []

    class Kernel:
        async def ask(self, requests: Sequence[Request]) -> list[int]:
            asked.extend(requests)
            return [errno.EEXIST for _ in requests]

    things = [route("10.1.0.0/16 dev nowhere.0"), route("blackhole 10.2.0.0/16")]
    assert run_virtual(RoutingTable(Kernel()).put(things)) == [errno.ENODEV, errno.EEXIST]  # type: ignore[arg-type]
    assert len(asked) == 1

    def unknown(_number: int) -> str:
        raise OSError(errno.ENXIO, "no such device")

    row = ROUTE.unpack_from(added(route(ROUTES[3]), index).body), {routing.RTA_OIF: b"\7\0\0\0"}
    monkeypatch.setattr(dump, "routes", lambda *_: [row])
    monkeypatch.setattr(dump, "rules", lambda *_: [])
    assert list(found(1.0, unknown)) == []
