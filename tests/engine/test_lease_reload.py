"""A lease of another length, by a reload of a Master; a kernel of paper under tests/virtual_time.py."""

import asyncio

from tests.engine.test_lease import take_over
from tests.linux.paper import Scene, play
from tests.linux.rows import A, instance
from vrrpd.engine.lease import RENEW_PAUSE


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
