"""Leases of one host that end together: the reconciler on a kernel of paper under tests/virtual_time.py."""

import asyncio
from dataclasses import replace
from ipaddress import ip_address

import pytest

from tests.linux.paper import Kernel, Scene, play, take_over
from tests.linux.rows import A, B, instance
from vrrpd.config.model import Instance
from vrrpd.engine.lease import RENEWALS_A_SECOND, TOGETHER

LEASED = instance(A, lease=3)


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
