"""Routes and rules: what is set, removed, put back and told. The kernel is in tests/kernel/test_routes.py."""

import asyncio
import errno
import struct
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from tests.linux.filters import run
from tests.linux.rows import A, instance
from tests.virtual_time import run_virtual
from vrrpd.config.model import Instance
from vrrpd.config.routing import route, rule
from vrrpd.engine.journal import Entry
from vrrpd.engine.journal_routes import RouteChanged, RouteFailed
from vrrpd.linux.pace import LOOK_PAUSE
from vrrpd.linux.routes import GRACE, WITHDRAW_PATIENCE, Places, Routes, ours
from vrrpd.linux.routing import MARK, Thing
from vrrpd.linux.rtnetlink import READ_OCTETS
from vrrpd.protocol.messages import Seconds

R, R_OTHER = route("10.1.0.0/16 dev eth0"), route("10.1.0.0/16 via 10.0.0.1 dev eth0")
RULE = rule("from 192.0.2.100 lookup 100 priority 1000")
SOON = 3 * LOOK_PAUSE


def master(*things: Thing, name: str = "VI_1") -> Instance:
    routes = tuple(each for each in things if each is not RULE)
    rules = tuple(each for each in things if each is RULE)
    return replace(instance(A, name=name), virtual_routes=routes, virtual_rules=rules)  # type: ignore[arg-type]


@dataclass
class Kernel:
    """Stands in for the kernel; refuses each of `refused` with its errno."""

    there: list[Thing] = field(default_factory=list)
    refused: dict[Thing, int] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    silent: bool = False

    async def look(self) -> tuple[Thing, ...]:
        if self.silent:
            raise OSError(errno.ETIMEDOUT, "no answer")
        self.done.append("look")
        return tuple(self.there)

    async def put(self, things: Sequence[Thing]) -> list[int]:
        numbers = [self.refused.get(each, 0) for each in things]
        self.there += [each for each, number in zip(things, numbers, strict=True) if not number]
        self.done += [f"put {each}" for each in things]
        return numbers

    async def take(self, things: Sequence[Thing]) -> list[int]:
        if self.silent:
            await asyncio.sleep(60)
        numbers = [self.refused.get(each, 0 if each in self.there else errno.ESRCH) for each in things]
        self.there = [each for each in self.there if each not in things or self.refused.get(each)]
        self.done += [f"take {each}" for each in things]
        return numbers


@dataclass
class Lab:
    """The reconciler running on a kernel. `ready`: the addresses are there."""

    kernel: Kernel
    ready: bool = True
    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.routes = Routes(self.kernel, self.entries.append, lambda: Seconds(loop.time()), lambda _: self.ready)
        self.task = loop.create_task(self.routes.run())

    async def told(self) -> list[str]:
        """Since the last time, when all is done."""
        await asyncio.sleep(SOON)
        told = [
            f"{each.change.value} {each.route} of {each.instance or 'nobody'}"
            if isinstance(each, RouteChanged)
            else f"{'put' if each.adding else 'take'} {each.error} {each.route}"
            for each in self.entries
            if isinstance(each, RouteChanged | RouteFailed)
        ]
        self.entries.clear()
        return told


def lab(body: Callable[[Lab], Awaitable[None]], *there: Thing) -> None:
    async def act() -> None:
        await body(Lab(Kernel(list(there))))

    run_virtual(act())


def test_from_master_to_backup() -> None:
    """Set once; removed before the addresses are, without another look."""

    async def body(lab: Lab) -> None:
        lab.routes.hold(master(R, RULE), True)
        assert await lab.told() == [f"added route {R} of VI_1", f"added rule {RULE} of VI_1"]
        assert lab.kernel.there == [R, RULE]
        lab.routes.look()
        assert await lab.told() == []
        lab.kernel.done.clear()
        lab.routes.hold(master(R, RULE), False)
        await lab.routes.withdraw()
        assert lab.kernel.done == [f"take {R}", f"take {RULE}"]
        assert await lab.told() == [f"removed route {R} of VI_1", f"removed rule {RULE} of VI_1"]

    lab(body)


def test_after_the_addresses() -> None:
    """A route may need one; an address that the kernel refuses does not keep the routes away for ever."""

    async def body(lab: Lab) -> None:
        lab.ready = False
        lab.routes.hold(master(R), True)
        assert await lab.told() == []
        lab.ready = True
        lab.routes.look()
        assert await lab.told() == [f"added route {R} of VI_1"]

        lab.ready = False
        lab.routes.hold(master(RULE, name="VI_2"), True)
        assert await lab.told() == []
        await asyncio.sleep(GRACE)
        lab.routes.look()
        assert await lab.told() == [f"added rule {RULE} of VI_2"]

    lab(body)


def test_what_somebody_removes_is_put_back() -> None:
    async def body(lab: Lab) -> None:
        lab.routes.hold(master(R), True)
        await lab.told()
        lab.kernel.there.clear()
        lab.routes.look()
        assert await lab.told() == [f"lost route {R} of VI_1", f"restored route {R} of VI_1"]

    lab(body)


def test_a_refusal_is_told_once_and_tried_again() -> None:
    """Another reason is told; the others are set all the same."""

    async def body(lab: Lab) -> None:
        lab.kernel.refused = {R: errno.ENETUNREACH}
        lab.routes.hold(master(R, RULE), True)
        assert await lab.told() == [f"put ENETUNREACH route {R}", f"added rule {RULE} of VI_1"]
        lab.routes.look()
        assert await lab.told() == []
        lab.kernel.refused = {R: errno.EEXIST}
        lab.routes.look()
        assert await lab.told() == [f"put EEXIST route {R}"]
        lab.kernel.refused = {}
        lab.routes.look()
        assert await lab.told() == [f"added route {R} of VI_1"]

    lab(body)


def test_a_leftover_goes_and_what_is_wanted_stays() -> None:
    """At the start, and when it is seen."""

    async def body(lab: Lab) -> None:
        lab.routes.hold(master(R), True)
        await lab.routes.tidy()
        assert await lab.told() == [f"leftover_removed rule {RULE} of nobody", f"added route {R} of VI_1"]
        assert lab.kernel.there == [R]
        assert f"put {R}" not in lab.kernel.done

    lab(body, R, RULE)


def test_nothing_is_looked_at_where_nobody_has_routes() -> None:
    async def body(lab: Lab) -> None:
        await lab.routes.tidy()
        lab.kernel.done.clear()
        lab.routes.hold(master(), True)
        lab.routes.look()
        await lab.told()
        assert lab.kernel.done == []

    lab(body)


def test_a_reload_replaces_a_route() -> None:
    """The old one is out of the way first, as the kernel has one for each destination, table and metric."""

    async def body(lab: Lab) -> None:
        lab.routes.hold(master(R), True)
        await lab.told()
        lab.kernel.done.clear()
        lab.routes.hold(master(R_OTHER), True)
        assert await lab.told() == [f"removed route {R} of VI_1", f"added route {R_OTHER} of VI_1"]
        assert lab.kernel.done == ["look", f"take {R}", f"put {R_OTHER}"]
        lab.routes.hold(master(), True)
        assert await lab.told() == [f"removed route {R_OTHER} of VI_1"]

    lab(body)


def test_two_masters_with_the_same_one() -> None:
    """It stays until both are not Master."""

    async def body(lab: Lab) -> None:
        one, two = master(R), master(R, name="VI_2")
        lab.routes.hold(one, True)
        lab.routes.hold(two, True)
        await lab.told()
        for each, left in ((one, [R]), (two, [])):
            lab.routes.hold(each, False)
            await lab.routes.withdraw()
            assert lab.kernel.there == left

    lab(body)


def test_a_removal_that_fails_is_tried_again_and_delays_nothing_for_long() -> None:
    """Refused, or without any answer: then the addresses do not wait."""

    async def body(lab: Lab) -> None:
        loop = asyncio.get_running_loop()
        lab.routes.hold(master(R), True)
        await lab.told()
        lab.kernel.silent = True
        lab.routes.hold(master(R), False)
        began = loop.time()
        await lab.routes.withdraw()
        assert loop.time() - began == pytest.approx(WITHDRAW_PATIENCE)
        lab.kernel.silent, lab.kernel.refused = False, {R: errno.EPERM}
        lab.routes.look()
        assert await lab.told() == [f"take EPERM route {R}"]
        lab.kernel.refused = {}
        lab.routes.look()
        assert await lab.told() == [f"leftover_removed route {R} of nobody"]
        assert lab.kernel.there == []

    lab(body)


@pytest.mark.parametrize(
    ("kind", "protocol", "expected"),
    [(24, MARK, True), (25, MARK, True), (24, 186, False), (25, 18, False), (32, 0, True), (33, 0, True)],
)
def test_only_our_routes_wake_us(kind: int, protocol: int, expected: bool) -> None:
    """A router that learns a million others by BGP costs nothing. Rules are few, and have no such octet."""
    message = struct.pack("=IHHII", 28, kind, 0, 0, 0) + struct.pack("=BBBBBBBBI", 2, 16, 0, 0, 254, protocol, 0, 1, 0)
    assert run(ours(), message) == (READ_OCTETS if expected else 0)


def test_a_thousand_are_compared_in_no_time() -> None:
    """By where they are: each with each other is a million comparisons, seconds of the event loop."""
    many = [route(f"10.{at >> 8}.{at & 255}.0/24 dev eth0") for at in range(1000)]
    there = Places(many)
    comparisons: list[Thing] = []

    def counted(wanted: Thing, found: Thing) -> bool:
        comparisons.append(wanted)
        return wanted == found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vrrpd.linux.routes.fits", counted)
        assert [there.fitting(each) for each in many] == many
    assert len(comparisons) == len(many)
    assert there.fitting(R_OTHER) is None
    six = Places([route("2001:db8::/32 dev eth0 metric 1024")])
    assert six.fitting(route("2001:db8::/32 dev eth0"))  # the kernel chose the metric
