"""Leases: renewed by advertisements that left, lapsed without them, and never put back then.

The reconciler runs on a kernel of paper under tests/virtual_time.py.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.linux.paper import ETH0, Kernel, Scene, play
from tests.linux.rows import A, B, held, instance
from vrrpd.config.model import Instance
from vrrpd.engine.journal import AddressFailed
from vrrpd.engine.lease import NO_LEASE, ON_TIME, RENEW_PAUSE, RENEWALS_A_SECOND, RESERVE, TOGETHER, Lease, Leases
from vrrpd.linux.netlink import Snapshot
from vrrpd.linux.news import Event
from vrrpd.linux.pace import SWEEP_SECONDS
from vrrpd.protocol.messages import Seconds

LEASED = instance(A, lease=3)
FOREVER = instance(A)


def take_over(scene: Scene, master: Instance) -> None:
    """As the engine does: the first advertisement leaves, then the addresses are held."""
    scene.addresses.renew(master)
    scene.addresses.hold(master, True)


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


def test_held_with_a_lifetime_and_renewed_by_each_advertisement() -> None:
    """Renewal is silent: no announcement, no removal, no entry."""

    async def act(scene: Scene) -> None:
        take_over(scene, LEASED)
        scene.addresses.announce(LEASED, 5)
        await scene.rest()
        assert scene.take() == [f"+{A}/32 for 3 s", f"{A} x5"]
        told = len(scene.entries)
        for _ in range(10):
            await asyncio.sleep(1.0)
            scene.addresses.renew(LEASED)
            await scene.gathered()
            assert scene.take() == [f"+{A}/32 for 3 s"]
        assert len(scene.entries) == told

    play(act)


def test_without_advertisements_it_lapses_and_is_not_put_back() -> None:
    """The kernel takes it away; the reconciler must not heal that, but tell it."""

    async def act(scene: Scene) -> None:
        take_over(scene, LEASED)
        await scene.rest()
        scene.take()
        await asyncio.sleep(3.2)
        scene.kernel.held.clear()
        scene.addresses.look()
        await asyncio.sleep(10.0)
        assert f"+{A}/32 for 3 s" not in scene.take()
        assert scene.words() == ["VI_1 added", "VI_1 lapsed"]

    play(act)


def test_what_the_kernel_forgets_to_remove_is_removed() -> None:
    """A lease that is over is not wanted, whoever ends it."""

    async def act(scene: Scene) -> None:
        take_over(scene, LEASED)
        await scene.rest()
        scene.take()
        await asyncio.sleep(2.99)
        assert scene.take() == []
        await asyncio.sleep(0.02)
        assert scene.take() == [f"-{A}/32"]
        assert scene.words() == ["VI_1 added", "VI_1 lapsed"]

    play(act)


def test_the_next_advertisement_brings_it_back_announced() -> None:
    """A Master that can send again holds again; neighbours are told."""

    async def act(scene: Scene) -> None:
        take_over(scene, LEASED)
        await scene.rest()
        await asyncio.sleep(3.2)
        scene.kernel.held.clear()
        scene.addresses.look()
        await asyncio.sleep(1.0)
        scene.take()
        scene.addresses.renew(LEASED)
        await scene.rest()
        assert scene.take() == [f"+{A}/32 for 3 s", f"{A} x2", f"+{A}/32 for 3 s"]
        assert scene.words() == ["VI_1 added", "VI_1 lapsed", "VI_1 added"]

    play(act)


def test_what_the_kernel_removes_just_after_an_advertisement_is_put_back() -> None:
    """It left a moment before the end, too late for the kernel to be told: a Master that is heard has the address."""

    async def act(scene: Scene) -> None:
        take_over(scene, LEASED)
        await scene.rest()
        scene.addresses.changed(Event(ETH0.index, renewed=ip_address(A)))
        scene.take()
        await asyncio.sleep(2.995)
        scene.addresses.renew(LEASED)
        scene.kernel.held.clear()
        scene.addresses.changed(Event(ETH0.index, gone=(ip_address(A), 32)))
        await asyncio.sleep(0.5)
        assert scene.take() == [f"+{A}/32 for 3 s", f"{A} x2"]
        assert scene.words() == ["VI_1 added", "VI_1 lost", "VI_1 restored"]

    play(act)


def test_deleted_by_hand_within_the_lease_it_is_put_back() -> None:
    """Healing goes on as without a lease."""

    async def act(scene: Scene) -> None:
        take_over(scene, LEASED)
        await scene.rest()
        scene.kernel.held.clear()
        scene.take()
        scene.addresses.look()
        await asyncio.sleep(0.1)
        assert scene.take() == [f"+{A}/32 for 3 s", f"{A} x2"]
        assert scene.words() == ["VI_1 added", "VI_1 lost", "VI_1 restored"]

    play(act)


def test_no_renewal_after_it_was_given_up() -> None:
    """An advertisement of an instance that does not hold renews nothing."""

    async def act(scene: Scene) -> None:
        take_over(scene, LEASED)
        await scene.rest()
        await asyncio.sleep(1.0)
        scene.addresses.renew(LEASED)
        scene.addresses.hold(LEASED, False)
        await scene.rest()
        scene.addresses.renew(LEASED)
        await asyncio.sleep(1.0)
        assert scene.take() == [f"+{A}/32 for 3 s", f"{A} x2", f"-{A}/32"]

    play(act)


@pytest.mark.parametrize(("leased", "wanted"), [(False, LEASED), (True, FOREVER)])
def test_an_address_with_the_wrong_kind_of_lifetime_is_put_right(leased: bool, wanted: object) -> None:
    """Left by a daemon with another vip_lease, or a lease that could not be had: read back and asked for again."""
    config = LEASED if wanted is LEASED else FOREVER

    async def act(scene: Scene) -> None:
        scene.take()
        take_over(scene, config)
        await scene.rest()
        assert scene.take()[0] == f"+{A}/32" + (" for 3 s" if config is LEASED else "")

    play(act, Kernel(held=[held(A, leased=leased)]))


def test_an_owner_keeps_its_own_address_without_a_lease() -> None:
    """Priority 255: the address is the host's own, and no daemon's death may take it away."""
    owner = instance(A, priority=255, lease=3)

    async def act(scene: Scene) -> None:
        scene.addresses.manage((owner,))
        scene.kernel.held = [held(A, marked=False)]
        scene.addresses.look()
        await asyncio.sleep(0.1)
        take_over(scene, owner)
        await asyncio.sleep(1.0)
        scene.addresses.renew(owner)
        await asyncio.sleep(1.0)
        assert scene.take() == []

    play(act)


def test_all_addresses_of_an_instance_are_renewed() -> None:
    """One advertisement speaks for all of them."""
    two = instance(A, B, lease=3)

    async def act(scene: Scene) -> None:
        take_over(scene, two)
        await scene.rest()
        scene.take()
        await asyncio.sleep(1.0)
        scene.addresses.renew(two)
        await scene.gathered()
        assert scene.take() == [f"+{A}/32 for 3 s", f"+{B}/32 for 3 s"]

    play(act)


def test_our_own_renewals_cause_no_look() -> None:
    """Each is an event for every listener, ourselves included."""

    async def act(scene: Scene) -> None:
        take_over(scene, LEASED)
        await scene.rest()
        looks = scene.kernel.looks
        scene.addresses.changed(Event(2, renewed=ip_address(A)))
        await asyncio.sleep(0.5)
        assert scene.kernel.looks == looks
        scene.addresses.changed(Event(2, renewed=ip_address(B)))
        await asyncio.sleep(0.5)
        assert scene.kernel.looks == looks + 1

    play(act)


def test_who_cannot_advertise_does_not_hold_at_all() -> None:
    """The first advertisement of a new Master did not leave: nobody knows of it, so it must not answer for anything."""

    async def act(scene: Scene) -> None:
        scene.addresses.hold(LEASED, True)
        scene.addresses.announce(LEASED, 5)
        await asyncio.sleep(10.0)
        assert scene.take() == []
        assert scene.words() == []
        scene.addresses.renew(LEASED)
        await scene.rest()
        assert scene.take() == [f"+{A}/32 for 3 s", f"{A} x2", f"+{A}/32 for 3 s"]

    play(act)


def test_a_daemon_that_slept_a_little_too_long_renews_what_the_kernel_still_has() -> None:
    """The kernel counts a little longer than we: without a word it would take the address away a moment later."""
    leases = Leases()
    leases.hold(LEASED)
    leases.advertised(LEASED, Seconds(100.2))
    assert [leases.grant(each.name, 3, Seconds(100.2)) for each in leases.take(Seconds(100.2))] == [3]
    assert leases.advertised(LEASED, Seconds(103.3))
    assert leases.take(Seconds(103.3)) == [LEASED]
    assert not leases.lapsed(LEASED.name, Seconds(103.3))


def test_without_a_lease_it_holds_even_so() -> None:
    """`vip_lease = "off"`: the address follows the state alone."""

    async def act(scene: Scene) -> None:
        scene.addresses.hold(FOREVER, True)
        await scene.rest()
        assert scene.take() == [f"+{A}/32", f"{A} x2"]

    play(act)


def test_put_back_for_what_is_left_of_the_lease() -> None:
    """Else a delete by hand would let a host that cannot advertise hold for longer."""

    async def act(scene: Scene) -> None:
        take_over(scene, LEASED)
        await asyncio.sleep(2.5)
        scene.take()
        scene.kernel.held.clear()
        scene.addresses.look()
        await asyncio.sleep(0.1)
        assert scene.take() == [f"+{A}/32 for 1 s", f"{A} x2"]

    play(act)


def test_another_name_for_the_same_router_keeps_the_lease() -> None:
    """A reload that renames an instance moves no address."""
    renamed = instance(A, name="VI_2", lease=3)

    async def act(scene: Scene) -> None:
        take_over(scene, LEASED)
        await asyncio.sleep(1.0)
        scene.take()
        scene.addresses.hold(renamed, True)
        scene.addresses.hold(LEASED, False)
        await asyncio.sleep(1.0)
        assert scene.take() == []

    play(act)


def test_a_lease_that_is_switched_on_counts_from_the_last_advertisement() -> None:
    """A reload from "off" to "auto" moves no address either."""

    async def act(scene: Scene) -> None:
        take_over(scene, FOREVER)
        for _ in range(10):
            await asyncio.sleep(1.0)
            scene.addresses.renew(FOREVER)
        scene.take()
        await asyncio.sleep(0.5)
        scene.addresses.hold(LEASED, True)
        await scene.rest()
        assert set(scene.take()) == {f"+{A}/32 for 2 s"}

    play(act)


def test_renewals_do_not_put_off_the_sweep() -> None:
    """A lost netlink event is harmless for `SWEEP_SECONDS`, also on a Master, whose renewals wake it each second."""

    async def act(scene: Scene) -> None:
        take_over(scene, LEASED)
        await scene.rest()
        looks = scene.kernel.looks
        for _ in range(10):
            await asyncio.sleep(1.0)
            scene.addresses.renew(LEASED)
        assert scene.kernel.looks - looks == int(10 / SWEEP_SECONDS)

    play(act)


class Stingy(Kernel):
    """Takes addresses, but not their lifetimes."""

    async def snapshot(self) -> Snapshot:
        self.held = [replace(each, leased=False) for each in self.held]
        return await super().snapshot()


def test_a_lease_that_is_not_granted_is_told_once() -> None:
    """Silence would look like safety. It is asked for again with each look, and told anew only after it was granted."""

    async def act(scene: Scene) -> None:
        take_over(scene, LEASED)
        for _ in range(20):
            await asyncio.sleep(1.0)
            scene.addresses.renew(LEASED)
        failures = [each for each in scene.entries if isinstance(each, AddressFailed)]
        assert [(str(each.address), each.adding, each.error) for each in failures] == [(A, True, NO_LEASE)]
        assert scene.words() == ["VI_1 added"]

    play(act, Stingy())


def test_a_lease_that_is_granted_is_no_failure() -> None:
    """Nor is one that somebody else takes away; that is put right."""

    async def act(scene: Scene) -> None:
        take_over(scene, LEASED)
        for _ in range(20):
            await asyncio.sleep(1.0)
            scene.addresses.renew(LEASED)
        scene.kernel.held = [held(A, leased=False)]
        await asyncio.sleep(SWEEP_SECONDS - 0.1)
        scene.addresses.renew(LEASED)
        await asyncio.sleep(SWEEP_SECONDS - 0.1)
        assert scene.kernel.held == [held(A, leased=True)]
        assert [each for each in scene.entries if isinstance(each, AddressFailed)] == []

    play(act)


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


def test_a_lease_that_is_new_takes_the_others_along() -> None:
    """Else a Master that dies in its first second has two ends."""

    async def act(scene: Scene) -> None:
        take_over(scene, LEASED)
        await scene.rest()
        await asyncio.sleep(0.4)
        scene.take()
        take_over(scene, instance(B, name="VI_2", lease=3))
        await scene.gathered()
        await scene.rest()
        assert set(scene.take()) == {f"+{B}/32 for 3 s", f"{B} x2", f"+{A}/32 for 2 s"}

    play(act)


TWO = (instance(A, B, lease=3),)
EACH = (LEASED, instance(B, name="VI_2", lease=3))
EXCLUDED = (replace(LEASED, virtual_ipaddress_excluded=TWO[0].virtual_ipaddress[1:]),)


@pytest.mark.parametrize("masters", [TWO, EXCLUDED, EACH], ids=["of one", "excluded", "of two"])
@pytest.mark.parametrize(("when", "taken"), [(0.7, [f"+{A}/32 for 2 s", f"+{B}/32 for 2 s"]), (2.5, [])])
def test_what_is_put_back_takes_the_others_along(masters: tuple[Instance, ...], when: float, taken: list[str]) -> None:
    """Else a Master that dies before its next advertisement has two ends, and the kernel misses one by a second.

    In the last second nothing is taken along: what has less left than that would have more.
    """

    async def act(scene: Scene) -> None:
        for each in masters:
            take_over(scene, each)
        await asyncio.sleep(when)
        scene.take()
        scene.kernel.held = [each for each in scene.kernel.held if each.address == ip_address(A)]
        scene.addresses.look()
        await asyncio.sleep(0.1)
        back, announced, *others = scene.take()
        assert (back[: -len(" for 3 s")], announced, others) == (f"+{B}/32", f"{B} x2", taken)

    play(act)


def test_what_is_given_up_goes_before_others_are_renewed() -> None:
    """Its end is not theirs any more: the kernel would look for it then, and for them not within a second."""

    async def act(scene: Scene) -> None:
        for each in EACH:
            take_over(scene, each)
        await asyncio.sleep(1.0)
        scene.take()
        scene.addresses.renew(EACH[0])
        scene.addresses.hold(EACH[1], False)
        await scene.gathered()
        assert scene.take() == [f"-{B}/32", f"+{A}/32 for 3 s"]

    play(act)


@pytest.mark.parametrize(("slow", "again"), [(0.0, 0), (2 * TOGETHER, 2)])
def test_a_new_master_tells_once_of_each_that_ends_with_the_others(slow: float, again: int) -> None:
    async def act(scene: Scene) -> None:
        take_over(scene, *TWO)
        await asyncio.sleep(0.5)
        assert len([each for each in scene.take() if each.startswith("+")]) == 2 + again

    play(act, Kernel(slow=slow))


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


def test_what_had_to_rest_is_told_afterwards() -> None:
    async def act(scene: Scene) -> None:
        many = [instance(f"192.0.2.{number}", name=f"VI_{number}", lease=3) for number in range(100, 200)]
        for each in many:
            take_over(scene, each)
        await scene.rest()
        await asyncio.sleep(1.0)
        scene.take()
        scene.addresses.renew(many[0])
        await scene.gathered()
        assert len(scene.take()) >= 1
        scene.addresses.renew(many[1])
        await scene.gathered()
        assert scene.take() == []
        await asyncio.sleep(100 / RENEWALS_A_SECOND)
        assert "+192.0.2.101/32 for 2 s" in scene.take()

    play(act)
