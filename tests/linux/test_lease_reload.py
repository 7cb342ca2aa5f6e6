"""A lease of another length, or name, by a reload of a Master; a kernel of paper under tests/virtual_time.py."""

import asyncio

from tests.linux.paper import Scene, play, take_over
from tests.linux.rows import A, instance
from vrrpd.engine.lease import RENEW_PAUSE

LEASED = instance(A, lease=3)


def test_a_longer_lease_begins_with_the_next_advertisement_however_soon_it_comes() -> None:
    """advert_int goes from 0.1 s to 10 s: told at once, and then nothing for longer than the old lease."""
    short, long = instance(A, lease=1), instance(A, lease=30)

    async def act(scene: Scene) -> None:
        take_over(scene, short)
        await scene.rest()
        await asyncio.sleep(0.5)
        scene.addresses.renew(short)
        await scene.gathered()
        scene.take()
        await asyncio.sleep(RENEW_PAUSE / 4)
        scene.addresses.hold(long, True)
        scene.addresses.renew(long)
        await scene.gathered()
        assert f"+{A}/32 for 30 s" in scene.take()
        await asyncio.sleep(10.0)
        assert scene.words() == ["VI_1 added"]

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
    forever = instance(A)

    async def act(scene: Scene) -> None:
        take_over(scene, forever)
        for _ in range(10):
            await asyncio.sleep(1.0)
            scene.addresses.renew(forever)
        scene.take()
        await asyncio.sleep(0.5)
        scene.addresses.hold(LEASED, True)
        await scene.rest()
        assert set(scene.take()) == {f"+{A}/32 for 2 s"}

    play(act)
