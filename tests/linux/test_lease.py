"""Leases: renewed by advertisements that left, lapsed without them, and never put back then.

The reconciler runs on a kernel of paper under tests/virtual_time.py.
"""

import asyncio
from ipaddress import ip_address

import pytest

from tests.linux.rows import A, B, held, instance
from tests.linux.test_addresses import Kernel, Scene, play
from vrrpd.linux.lease import RENEW_PAUSE, Lease
from vrrpd.linux.netlink import Event
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


def test_held_with_a_lifetime_and_renewed_by_each_advertisement() -> None:
    """Renewal is silent: no announcement, no removal, no entry."""

    async def act(scene: Scene) -> None:
        scene.addresses.hold(LEASED, True)
        scene.addresses.announce(LEASED, 5)
        await scene.rest()
        assert scene.take() == [f"+{A}/32 for 3 s", f"{A} x5"]
        told = len(scene.entries)
        for _ in range(10):
            await asyncio.sleep(1.0)
            scene.addresses.renew(LEASED)
            await scene.rest()
            assert scene.take() == [f"+{A}/32 for 3 s"]
        assert len(scene.entries) == told

    play(act)


def test_without_advertisements_it_lapses_and_is_not_put_back() -> None:
    """The kernel takes it away; the reconciler must not heal that, but tell it."""

    async def act(scene: Scene) -> None:
        scene.addresses.hold(LEASED, True)
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
        scene.addresses.hold(LEASED, True)
        await scene.rest()
        scene.take()
        await asyncio.sleep(7.0)
        assert scene.take() == [f"-{A}/32"]
        assert scene.words() == ["VI_1 added", "VI_1 lapsed"]

    play(act)


def test_the_next_advertisement_brings_it_back_announced() -> None:
    """A Master that can send again holds again; neighbours are told."""

    async def act(scene: Scene) -> None:
        scene.addresses.hold(LEASED, True)
        await scene.rest()
        await asyncio.sleep(3.2)
        scene.kernel.held.clear()
        scene.addresses.look()
        await asyncio.sleep(1.0)
        scene.take()
        scene.addresses.renew(LEASED)
        await scene.rest()
        assert scene.take() == [f"+{A}/32 for 3 s", f"{A} x2"]
        assert scene.words() == ["VI_1 added", "VI_1 lapsed", "VI_1 added"]

    play(act)


def test_deleted_by_hand_within_the_lease_it_is_put_back() -> None:
    """Healing goes on as without a lease."""

    async def act(scene: Scene) -> None:
        scene.addresses.hold(LEASED, True)
        await scene.rest()
        scene.kernel.held.clear()
        scene.take()
        scene.addresses.look()
        await asyncio.sleep(0.1)
        assert scene.take() == [f"+{A}/32 for 3 s", f"{A} x2"]
        assert scene.words() == ["VI_1 added", "VI_1 restored"]

    play(act)


def test_no_renewal_after_it_was_given_up() -> None:
    """An advertisement of an instance that does not hold renews nothing."""

    async def act(scene: Scene) -> None:
        scene.addresses.renew(LEASED)
        scene.addresses.hold(LEASED, True)
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
        scene.addresses.hold(config, True)
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
        scene.addresses.hold(owner, True)
        await asyncio.sleep(1.0)
        scene.addresses.renew(owner)
        await asyncio.sleep(1.0)
        assert scene.take() == []

    play(act)


def test_all_addresses_of_an_instance_are_renewed() -> None:
    """One advertisement speaks for all of them."""
    two = instance(A, B, lease=3)

    async def act(scene: Scene) -> None:
        scene.addresses.hold(two, True)
        await scene.rest()
        scene.take()
        await asyncio.sleep(1.0)
        scene.addresses.renew(two)
        await scene.rest()
        assert scene.take() == [f"+{A}/32 for 3 s", f"+{B}/32 for 3 s"]

    play(act)


def test_our_own_renewals_cause_no_look() -> None:
    """Each is an event for every listener, ourselves included."""

    async def act(scene: Scene) -> None:
        scene.addresses.hold(LEASED, True)
        await scene.rest()
        looks = scene.kernel.looks
        scene.addresses.changed(Event(2, renewed=ip_address(A)))
        await asyncio.sleep(0.5)
        assert scene.kernel.looks == looks
        scene.addresses.changed(Event(2, renewed=ip_address(B)))
        await asyncio.sleep(0.5)
        assert scene.kernel.looks == looks + 1

    play(act)
