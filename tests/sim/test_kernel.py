"""Addresses in a kernel: leases end by themselves, late."""

from ipaddress import ip_address
from random import Random

from vrrpd.sim.kernel import LATE, Kernel, Place
from vrrpd.sim.timeline import Clock, Timeline

PLACE: Place = (0, ip_address("198.51.100.1"))


def made() -> tuple[Timeline, Kernel, list[tuple[float, bool]]]:
    timeline, seen = Timeline(), list[tuple[float, bool]]()
    clock = Clock(timeline, 1.0, 50.0)
    return timeline, Kernel(timeline, Random(1), clock, lambda _, there: seen.append((timeline.now, there))), seen


def test_a_lease_ends_by_itself() -> None:
    timeline, kernel, seen = made()
    kernel.add(PLACE, 3.0)
    timeline.run(3.0 + LATE[0] - 0.01)
    assert PLACE in kernel
    timeline.run(3.0 + LATE[1])
    assert PLACE not in kernel
    assert [there for _, there in seen] == [True, False]


def test_a_renewal_puts_the_end_off() -> None:
    timeline, kernel, seen = made()
    kernel.add(PLACE, 3.0)
    timeline.run(2.0)
    kernel.add(PLACE, 3.0)
    timeline.run(4.9)
    assert (PLACE in kernel, len(seen)) == (True, 1)
    timeline.run(5.0 + LATE[1])
    assert PLACE not in kernel


def test_a_lifetime_can_be_shortened() -> None:
    timeline, kernel, _ = made()
    kernel.add(PLACE, None)
    kernel.add(PLACE, 1.0)
    timeline.run(2.0)
    assert PLACE not in kernel


def test_power_off_leaves_nothing() -> None:
    timeline, kernel, seen = made()
    kernel.add(PLACE, None)
    kernel.clear()
    timeline.run(10.0)
    assert (kernel.places(), [there for _, there in seen]) == ((), [True, False])
