"""Leases: renewed by advertisements that left, lapsed without them, and never put back then.

The reconciler runs on a kernel of paper under tests/virtual_time.py.
"""

import asyncio
from dataclasses import replace
from ipaddress import ip_address

import pytest

from tests.linux.paper import ETH0, Kernel, Scene, play, take_over
from tests.linux.rows import A, B, held, instance
from vrrpd.engine.journal import AddressFailed
from vrrpd.engine.lease import NO_LEASE
from vrrpd.linux.netlink import Snapshot
from vrrpd.linux.news import Event
from vrrpd.linux.pace import SWEEP_SECONDS

LEASED = instance(A, lease=3)
FOREVER = instance(A)


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
