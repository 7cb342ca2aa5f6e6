"""The reconciler of a simulated host, with the leases of the real one."""

from collections.abc import Callable
from random import Random

import pytest

from tests.sim.worlds import BOTH
from vrrpd.sim.addresses import EVENT, SOON, Addresses, places_of
from vrrpd.sim.kernel import LATE, Kernel, Place
from vrrpd.sim.plan import Network
from vrrpd.sim.settings import configuration
from vrrpd.sim.timeline import Clock, Timeline

INSTANCE = configuration(BOTH[0], Network(), 2).instances[0]
(PLACE,) = places_of(INSTANCE)
TWO = configuration(BOTH[0], Network(groups=2), 2).instances


class Host:
    def __init__(self) -> None:
        self.timeline = Timeline()
        clock = Clock(self.timeline, 1.0, 100.0)
        self.changes = 0
        self.kernel = Kernel(self.timeline, Random(1), clock, self.changed)
        self.announced: list[Place] = []
        self.asleep = False
        self.addresses = Addresses(self.kernel, clock, self.later, self.announced.append)
        self.addresses.manage((INSTANCE,))

    def changed(self, place: Place, there: bool) -> None:
        self.changes += 1

    def later(self, pause: float, act: Callable[[], None]) -> None:
        self.timeline.after(pause, lambda: None if self.asleep else act())

    def rest(self, seconds: float = 2 * SOON) -> None:
        self.timeline.run(self.timeline.now + seconds)


def master() -> Host:
    host = Host()
    host.addresses.renew(INSTANCE)
    host.addresses.hold(INSTANCE, hold=True)
    host.addresses.announce(INSTANCE)
    host.rest()
    return host


def test_held_a_moment_later_and_announced_then() -> None:
    host = Host()
    host.addresses.renew(INSTANCE)
    host.addresses.hold(INSTANCE, hold=True)
    host.addresses.announce(INSTANCE)
    assert (PLACE in host.kernel, host.announced) == (False, [])
    host.rest()
    assert (PLACE in host.kernel, host.announced) == (True, [PLACE])


def test_gone_without_advertisements_and_back_with_one() -> None:
    host = master()
    host.rest(3.0 + LATE[1])
    host.addresses.correct()
    assert PLACE not in host.kernel
    host.addresses.renew(INSTANCE)
    host.rest()
    assert PLACE in host.kernel


def test_advertisements_keep_it() -> None:
    host = master()
    for _ in range(10):
        host.rest(1.0)
        host.addresses.renew(INSTANCE)
    assert PLACE in host.kernel


def test_given_up_a_moment_later() -> None:
    host = master()
    host.addresses.hold(INSTANCE, hold=False)
    host.rest()
    assert PLACE not in host.kernel


def test_what_is_given_up_goes_before_others_are_renewed() -> None:
    """The kernel would look for it at its end, find nothing, and not look again for a second."""
    host, given_up = master(), TWO[1]
    host.addresses.manage((given_up,))
    host.addresses.renew(given_up)
    host.addresses.hold(given_up, hold=True)
    host.rest(0.5)
    host.addresses.hold(given_up, hold=False)
    renewed = host.timeline.now + 0.001
    host.timeline.at(renewed, host.addresses.renew, INSTANCE)
    host.rest()
    host.asleep = True
    host.timeline.run(renewed + 3.0 + SOON + LATE[1])
    assert host.kernel.places() == ()


def test_what_somebody_deletes_comes_back_and_what_he_adds_goes() -> None:
    host = master()
    host.kernel.remove(PLACE)
    host.addresses.disturbed()
    host.rest(EVENT)
    assert PLACE in host.kernel
    host.addresses.hold(INSTANCE, hold=False)
    host.rest()
    host.kernel.add(PLACE, None)
    host.addresses.disturbed()
    host.rest(EVENT)
    assert PLACE not in host.kernel


@pytest.mark.parametrize("adverts", [0, 2])
def test_what_is_not_advertised_goes_when_the_lease_is_over(adverts: int) -> None:
    """The kernel would be later. Also where it was renewed since its end was looked for first."""
    host = master()
    for _ in range(adverts):
        host.rest(1.0)
        host.addresses.renew(INSTANCE)
    host.rest(3.0 + SOON)
    assert PLACE not in host.kernel


def test_what_is_put_back_in_the_last_second_of_a_lease_goes_with_it() -> None:
    host = master()
    ends = host.timeline.now + 3.0
    host.rest(2.5)
    host.kernel.remove(PLACE)
    host.addresses.disturbed()
    host.rest(EVENT)
    assert PLACE in host.kernel
    host.timeline.run(ends + 2 * SOON)
    assert PLACE not in host.kernel


def test_a_daemon_that_slept_a_little_too_long_leaves_no_gap() -> None:
    """The lease is over by its own clock, but the kernel has not removed the address yet."""
    host = master()
    host.asleep = True
    host.rest(3.0 + 2 * SOON)
    host.asleep = False
    assert PLACE in host.kernel
    host.addresses.renew(INSTANCE)
    host.rest(1.0)
    assert (PLACE in host.kernel, host.changes) == (True, 1)
