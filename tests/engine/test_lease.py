"""When a lease ends, and who is told of what is left of it; the reconciler's rows are tests/linux/test_leases.py."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.linux.rows import A, B, instance
from vrrpd.config.model import Instance
from vrrpd.engine.lease import ON_TIME, RENEW_PAUSE, RENEWALS_A_SECOND, RESERVE, TOGETHER, Lease, Leases
from vrrpd.protocol.messages import Seconds

LEASED = instance(A, lease=3)
FOREVER = instance(A)


@pytest.mark.parametrize(("age", "lapsed"), [(0.0, False), (2.999, False), (3.0, True), (60.0, True)])
def test_a_lease_lapses_by_the_clock(age: float, lapsed: bool) -> None:
    """As long as the kernel's own count, which may take a little longer."""
    lease = Lease(Seconds(100.0), Seconds(100.0))
    assert lease.lapsed(LEASED, Seconds(100.0 + age)) is lapsed
    assert lease.lapsed(FOREVER, Seconds(100.0 + age)) is False


def test_renewals_are_spaced() -> None:
    """Advertisements every 10 ms are not a netlink message each."""
    assert Lease(Seconds(100.0 + 2 * RENEW_PAUSE), Seconds(100.0)).due()
    assert not Lease(Seconds(100.0 + RENEW_PAUSE / 2), Seconds(100.0)).due()


def test_whether_any_has_lapsed_is_known_without_asking_each() -> None:
    """The bound is from below: a renewal does not move it, a new lease and its end do."""
    leases, other = Leases(), instance(B, name="VI_2", lease=5)
    leases.advertised(LEASED, Seconds(100.0))
    leases.hold(LEASED)
    assert (leases.any_lapsed(Seconds(102.0)), leases.end(Seconds(102.0))) == (False, Seconds(103.0))
    leases.advertised(LEASED, Seconds(102.0))
    assert not leases.any_lapsed(Seconds(104.0))
    assert leases.any_lapsed(Seconds(105.0))
    leases.hold(other)
    leases.advertised(other, Seconds(105.0))
    assert leases.end(Seconds(105.0)) == Seconds(110.0)
    leases.give_up(LEASED.name)
    assert not leases.any_lapsed(Seconds(109.0))


def test_a_daemon_that_slept_a_little_too_long_renews_what_the_kernel_still_has() -> None:
    """The kernel counts a little longer than we: without a word it would take the address away a moment later."""
    leases = Leases()
    leases.hold(LEASED)
    leases.advertised(LEASED, Seconds(100.2))
    assert [leases.grant(each.name, 3, Seconds(100.2)) for each in leases.take(Seconds(100.2))] == [3]
    assert leases.advertised(LEASED, Seconds(103.3))
    assert leases.take(Seconds(103.3)) == [LEASED]
    assert not leases.lapsed(LEASED.name, Seconds(103.3))


def test_the_kernel_is_told_whole_seconds_of_what_is_left() -> None:
    """Rounded down: it must not end after its time; at least one, as 0 means no address at all."""
    leases = Leases()
    leases.advertised(LEASED, Seconds(100.0))
    leases.hold(LEASED)
    given = [leases.grant("VI_1", 3, Seconds(at)) for at in (100.0, 100.0 + ON_TIME, 100.9, 101.1, 102.9, 103.5)]
    assert given == [3, 3, 2, 1, 1, 1]
    assert leases.grant("VI_1", None, Seconds(100.0)) is None


def test_a_lease_is_over_when_the_kernel_was_told_so() -> None:
    """Sooner than by its last advertisement: it must not be put back then, as if somebody had deleted it."""
    leases = Leases()
    leases.advertised(LEASED, Seconds(100.0))
    leases.hold(LEASED)
    assert leases.grant("VI_1", 3, Seconds(100.4)) == 2
    assert leases.end(Seconds(100.4)) == Seconds(102.4)
    assert (leases.lapsed("VI_1", Seconds(102.3)), leases.lapsed("VI_1", Seconds(102.4))) == (False, True)
    assert leases.end(Seconds(103.0)) == float("inf")
    assert leases.advertised(LEASED, Seconds(103.0))
    assert not leases.lapsed("VI_1", Seconds(103.0))


class Host:
    """Leases as the reconciler uses them: all that hold, and what the kernel was told of each."""

    def __init__(self, count: int, seconds: int = 3) -> None:
        self.leases = Leases()
        self.instances = [instance(A, name=f"VI_{number}", lease=seconds) for number in range(count)]
        self.told: dict[str, list[Seconds]] = {each.name: [] for each in self.instances}
        for each in self.instances:
            self.leases.advertised(each, Seconds(100.0))
            self.leases.hold(each)
        self.ends = {each.name: self.tell(each, Seconds(100.0), self.leases.added) for each in self.instances}

    def tell(self, each: Instance, now: Seconds, how: Callable[..., int | None] | None = None) -> float:
        given = (how or self.leases.grant)(each.name, each.lease, now)
        assert given is not None
        self.told[each.name].append(now)
        return now + given

    def advertise(self, number: int, now: Seconds) -> None:
        self.leases.advertised(self.instances[number], now)
        for each in self.leases.take(now):
            self.ends[each.name] = self.tell(each, now)


def is_together(ends: Iterable[float]) -> bool:
    """All are whole seconds apart, as near as the kernel minds."""
    first, *others = ends
    return all(abs((each - first + 0.5) % 1.0 - 0.5) <= 2 * TOGETHER for each in others)


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(5 / RENEWALS_A_SECOND, 0.4)), min_size=1, max_size=60))
def test_all_leases_end_whole_seconds_apart(steps: list[tuple[int, float]]) -> None:
    """The kernel does not look twice in one second: what ends half a second after another would live on by that.

    No lease is longer by this than from its last advertisement, nor shorter by more than a second. Of four that hold no
    renewal has to rest here.
    """
    host, now, heard = Host(4), 100.0, dict.fromkeys(range(4), 100.0)
    for number, pause in steps:
        now += pause
        host.advertise(number, Seconds(now))
        heard[number] = now
        alive = [each for each in range(4) if now - heard[each] <= 1.9]
        ends = {each: host.ends[f"VI_{each}"] for each in alive}
        assert is_together(ends.values())
        for each, end in ends.items():
            assert end <= heard[each] + 3 + ON_TIME + RENEW_PAUSE
            assert end >= heard[each] + 2 - TOGETHER - RENEW_PAUSE


def test_who_never_advertised_is_not_taken_along() -> None:
    leases, silent = Leases(), instance(B, name="VI_2", lease=3)
    leases.hold(silent)
    leases.advertised(LEASED, Seconds(100.0))
    leases.hold(LEASED)
    leases.advertised(LEASED, Seconds(101.0))
    assert leases.take(Seconds(101.0)) == [LEASED]


def test_who_was_told_of_an_old_advertisement_is_told_of_the_next_one() -> None:
    """It comes soon after that, and without it the lease would end before the one after."""
    leases, other = Leases(), instance(B, name="VI_2", lease=2)
    for each in (LEASED, other):
        leases.advertised(each, Seconds(100.0))
        leases.hold(each)
    leases.adopt(other.name)  # as where it takes over
    assert other in leases.take(Seconds(101.0 - RENEW_PAUSE / 2))
    leases.advertised(other, Seconds(101.0))
    assert other in leases.take(Seconds(101.0))


def test_who_was_taken_along_for_less_is_told_of_the_next_one() -> None:
    """However soon that comes: the lease would end before the one after."""
    host = Host(2, seconds=2)
    host.advertise(1, Seconds(101.0))
    host.advertise(0, Seconds(101.08))
    assert host.ends["VI_1"] == pytest.approx(102.08)
    host.advertise(1, Seconds(101.0 + RENEW_PAUSE - 0.001))
    assert host.ends["VI_1"] == pytest.approx(103.099)


def test_who_advertise_together_are_told_once() -> None:
    """Hundreds that became Master at one instant: each advertisement is one renewal, not one of all."""
    host = Host(3)
    for second in range(101, 111):
        for number in range(3):
            host.advertise(number, Seconds(second + number * TOGETHER / 4))
    assert max(len(each) for each in host.told.values()) <= 2 + 10


def test_renewals_have_a_bound() -> None:
    """Two hundred that advertise at two hundred instants: not forty thousand a second."""
    host = Host(200)
    for step in range(2000):
        host.advertise(step % 200, Seconds(101.0 + step / 200))
    assert sum(len(each) for each in host.told.values()) <= 200 + 10 * 1.2 * RENEWALS_A_SECOND
    assert host.leases.rest(Seconds(111.0)) <= 200 / RENEWALS_A_SECOND


@pytest.mark.parametrize(("count", "seconds", "interval"), [(510, 3, 1.0), (510, 2, 1.0), (510, 1, 0.3), (255, 3, 1.0)])
def test_renewals_are_not_so_few_that_a_lease_ends(count: int, seconds: int, interval: float) -> None:
    """Each advertises at another moment, and one of them a little late."""
    host = Host(count, seconds)
    for step in range(1, 10 * count):
        now = 100.0 + interval * step / count
        host.advertise(step % count, Seconds(now + (0.07 if step % count == 17 else 0.0)))
        soonest = min(host.ends.values())
        assert soonest > now + RESERVE / 2


def test_nobody_rests_for_a_moment_that_no_clock_can_tell() -> None:
    """What is left of a rest was the error of a sum: a timer for it would be due, and nothing to do, for ever."""
    host = Host(2)
    host.advertise(0, Seconds(101.0))
    host.advertise(1, Seconds(101.0 + RENEW_PAUSE))
    ends = 101.0 + RENEW_PAUSE + 2 / RENEWALS_A_SECOND
    for now in (ends - 1e-9, ends - 2e-15, ends):
        assert host.leases.rest(Seconds(now)) == 0.0
    assert host.leases.rest(Seconds(ends - 1e-3)) > 0.0
