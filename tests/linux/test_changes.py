"""One change at a time on a kernel of paper; what follows from many is in tests/linux/test_addresses.py."""

import asyncio
import errno
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_interface
from typing import cast

import pytest

from tests.linux.rows import A, B, held, instance
from vrrpd.config.model import VirtualAddress
from vrrpd.engine.journal import AddressChanged, AddressFailed, Entry
from vrrpd.engine.lease import Leases
from vrrpd.linux.announcer import Announcer
from vrrpd.linux.changes import Changes
from vrrpd.linux.difference import Action, Add, Managed, Place, Remove, Wanted
from vrrpd.linux.holding import Holding
from vrrpd.linux.kernel import Kernel
from vrrpd.linux.netlink import Interface, Lifetime, Snapshot
from vrrpd.protocol.messages import Address, Seconds

ETH0 = Interface("eth0", 2, up=True, mac=bytes(6))
WANTED = Wanted("VI_1", "eth0", ip_interface(A), 2)


class Paper:
    """Takes changes; `refuse`: with this errno."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.refuse = 0
        self.refuse_each: dict[str, int] = {}

    async def add(self, index: int, address: VirtualAddress, lifetime: int | None) -> None:
        self._take(f"+{address} on {index} for {lifetime}")

    async def renew(self, lifetimes: Sequence[Lifetime]) -> list[int]:
        self._take(" ".join(f"{each.address} for {each.seconds}" for each in lifetimes))
        return [self.refuse_each.get(str(each.address.ip), 0) for each in lifetimes]

    async def remove(self, index: int, address: Address, prefix_length: int) -> None:
        self._take(f"-{address}/{prefix_length} on {index}")

    async def remove_many(self, places: Sequence[tuple[int, Address, int]]) -> list[int]:
        self._take(" ".join(f"-{address}/{length} on {index}" for index, address, length in places))
        return [self.refuse_each.get(str(address), 0) for _, address, _ in places]

    def _take(self, what: str) -> None:
        if self.refuse:
            raise OSError(self.refuse, "refused")
        self.asked.append(what)


class Scene:
    """Changes, what they are told is wanted, and what they told."""

    def __init__(self) -> None:
        self.kernel, self.entries, self.wanted = Paper(), list[Entry](), set[Place]()
        self.leases = Leases()
        holding = Holding(cast(Announcer, None), self.entries.append, lambda: Seconds(1.0))
        self.changes = Changes(
            cast(Kernel, self.kernel),
            holding,
            self.leases,
            Managed(),
            self.wanted.__contains__,
            lambda: Seconds(1.0),
        )
        self.changes.follow(Snapshot({"eth0": ETH0}, (held(A),)))

    def make(self, *actions: Action) -> bool:
        return asyncio.run(self.changes.make(actions))

    def told(self) -> list[str]:
        return [
            each.change.value if isinstance(each, AddressChanged) else each.error
            for each in self.entries
            if isinstance(each, AddressChanged | AddressFailed)
        ]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_what_was_made_is_held(scene: Scene) -> None:
    assert scene.make(Remove(held(A)))
    assert scene.changes.held == ()
    assert scene.kernel.asked == [f"-{A}/32 on 2"]
    assert scene.told() == ["leftover_removed"]


@pytest.mark.parametrize(("action", "is_wanted"), [(Add(WANTED), False), (Remove(held(A)), True)])
def test_what_is_not_right_any_more_is_left(scene: Scene, action: Action, is_wanted: bool) -> None:
    if is_wanted:
        scene.wanted.add(WANTED.place)
    assert scene.make(action)
    assert scene.kernel.asked == []
    assert scene.changes.held == (held(A),)


def test_a_refusal_is_told_and_changes_nothing(scene: Scene) -> None:
    scene.kernel.refuse = errno.EPERM
    assert not scene.make(Remove(held(A)))
    assert scene.changes.held == (held(A),)
    assert scene.told() == ["EPERM"]


def test_many_are_removed_at_once_and_each_refusal_is_told(scene: Scene) -> None:
    """A stop has a few seconds for hundreds."""
    scene.changes.follow(Snapshot({"eth0": ETH0}, (held(A), held(B), replace(held(A), interface="gone0"))))
    scene.kernel.refuse_each[B] = errno.EPERM
    assert not scene.make(*(Remove(each) for each in scene.changes.held))
    assert scene.kernel.asked == [f"-{A}/32 on 2 -{B}/32 on 2"]
    assert scene.changes.held == (held(B),)
    assert scene.told() == ["leftover_removed", "EPERM", "leftover_removed"]


def test_what_is_added_comes_first_and_in_between(scene: Scene) -> None:
    scene.wanted.add(WANTED.place)
    other = replace(held(B), prefix_length=24)
    assert scene.make(Add(WANTED), Remove(held(B)), Remove(other), Add(WANTED))
    assert [each[:1] for each in scene.kernel.asked] == ["+", "-", "+"]


def test_no_answer_for_many_changes_nothing(scene: Scene) -> None:
    """What we hold is ours still, and not found as somebody's leftover by the next look."""
    scene.wanted.add(WANTED.place)
    other = replace(WANTED, address=ip_interface(f"{B}/32"))
    scene.wanted.add(other.place)
    assert scene.make(Add(WANTED), Add(other))
    scene.wanted.clear()
    scene.kernel.refuse = errno.ETIMEDOUT
    with pytest.raises(OSError, match="timed out"):
        scene.make(Remove(held(A)), Remove(held(B)))
    scene.kernel.refuse = 0
    assert scene.make(Remove(held(A)), Remove(held(B)))
    assert scene.told()[-2:] == ["removed", "removed"]


def test_an_interface_that_is_gone_refuses(scene: Scene) -> None:
    scene.wanted.add(WANTED.place)
    scene.changes.follow(Snapshot({}, ()))
    assert not scene.make(Add(WANTED))
    assert scene.told() == ["ENODEV"]


def test_no_answer_ends_the_round(scene: Scene) -> None:
    """The rest would wait as long each."""
    scene.kernel.refuse = errno.ETIMEDOUT
    with pytest.raises(OSError, match="timed out"):
        scene.make(Remove(held(A)))
    assert scene.told() == ["ETIMEDOUT"]


def test_no_lease_is_made_longer_without_the_instance(scene: Scene) -> None:
    assert asyncio.run(scene.changes.extend([WANTED]))
    assert scene.kernel.asked == []


def test_leases_are_made_longer_together_and_a_refusal_is_told(scene: Scene) -> None:
    other = replace(WANTED, address=ip_interface(f"{B}/32"))
    scene.leases.hold(instance(A, B, lease=3))
    scene.leases.advertised(instance(A, B, lease=3), Seconds(1.0))
    scene.kernel.refuse_each = {B: errno.EPERM}
    assert not asyncio.run(scene.changes.extend([WANTED, other]))
    assert scene.kernel.asked == [f"{A}/32 for None {B}/32 for None"]
    assert scene.told() == ["EPERM"]


def test_no_answer_about_leases_ends_the_round(scene: Scene) -> None:
    scene.leases.hold(instance(A, lease=3))
    scene.leases.advertised(instance(A, lease=3), Seconds(1.0))
    scene.kernel.refuse = errno.ETIMEDOUT
    with pytest.raises(OSError, match="refused"):
        asyncio.run(scene.changes.extend([WANTED]))
    assert scene.told() == ["ETIMEDOUT"]
