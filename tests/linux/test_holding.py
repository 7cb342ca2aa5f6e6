"""What is held and told, without a kernel: rows that the reconciler's own tests do not reach."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import cast

import pytest

from tests.linux.rows import A, B, held, instance
from vrrpd.engine.journal import AddressChange, AddressChanged, AddressFailed, Announced, Entry, SendFailed
from vrrpd.engine.lease import NO_LEASE
from vrrpd.linux.announcer import Announcer
from vrrpd.linux.difference import Wanted, wanted_of
from vrrpd.linux.holding import Holding
from vrrpd.linux.netlink import Interface
from vrrpd.protocol.messages import Address, Seconds

ETH0 = Interface("eth0", 2, up=True, mac=bytes(6))
BOTH = instance(A, B, lease=3)


class Crier:
    """Stands in for the announcer: takes every frame but those for `refused`."""

    def __init__(self, refused: str = "") -> None:
        self.sent: list[str] = []
        self._refused = refused

    def announce(self, interface: Interface, addresses: Sequence[Address], repeat: int) -> dict[Address, str]:
        self.sent += [f"{each} x{repeat}" for each in addresses]
        return {each: "ENETDOWN" if str(each) == self._refused else "" for each in addresses}


def made(crier: Crier) -> tuple[Holding, list[Entry], list[Wanted]]:
    """With both addresses wanted and none there."""
    entries: list[Entry] = []
    holding = Holding(cast(Announcer, crier), entries.append, lambda: Seconds(7))
    holding.follow({"eth0": ETH0})
    return holding, entries, list(wanted_of([BOTH]).values())


def words(entries: list[Entry]) -> list[str]:
    return [f"{each.address} {each.change.value}" for each in entries if isinstance(each, AddressChanged)]


def test_what_is_there_is_announced_now_and_the_rest_when_it_is() -> None:
    crier = Crier()
    holding, _, (first, second) = made(crier)
    holding.found(first)
    holding.announce(BOTH, [first.place, second.place], 4)
    assert crier.sent == [f"{A} x4"]
    holding.added(second, still_wanted=True)
    assert crier.sent == [f"{A} x4", f"{B} x4"]


def test_what_nobody_wants_waits_for_nothing() -> None:
    crier = Crier()
    holding, entries, (first, second) = made(crier)
    holding.found(first)
    holding.lost(first)
    holding.announce(BOTH, [first.place, second.place], 4)
    holding.want([second.place])
    holding.found(first)
    assert crier.sent == []
    assert words(entries) == [f"{A} added", f"{A} lost", f"{A} added"]


def test_one_refused_frame_does_not_hide_the_other_address() -> None:
    holding, entries, (first, second) = made(Crier(refused=A))
    holding.found(first)
    holding.found(second)
    holding.announce(BOTH, [], 1)
    assert [each for each in entries if isinstance(each, Announced | SendFailed)] == [
        Announced(Seconds(7), "VI_1", ip_address(B), 1),
        SendFailed(Seconds(7), "VI_1", "ENETDOWN"),
    ]


def test_an_interface_that_is_gone_cannot_be_announced_on() -> None:
    crier = Crier()
    holding, entries, (first, _) = made(crier)
    holding.found(first)
    holding.follow({})
    holding.announce(BOTH, [], 1)
    assert (crier.sent, entries[-1]) == ([], SendFailed(Seconds(7), "VI_1", "ENODEV"))


def test_a_removal_that_failed_is_no_news() -> None:
    holding, entries, (first, _) = made(Crier())
    holding.found(first)
    ours = holding.leave(first.place)
    assert ours == first
    assert first.place not in holding
    holding.stay(first)
    assert first.place in holding
    assert words(entries) == [f"{A} added"]
    assert holding.leave(("eth0", ip_address(B))) is None


@pytest.mark.parametrize(("leased", "failures"), [(True, []), (False, [NO_LEASE])])
def test_a_lease_is_read_back_once(leased: bool, failures: list[str]) -> None:
    holding, entries, (first, _) = made(Crier())
    holding.added(first, still_wanted=True)
    for _ in range(3):
        holding.read_back([held(A, leased=leased), held(B, leased=leased)])
        holding.added(first, still_wanted=True)
    assert [each.error for each in entries if isinstance(each, AddressFailed)] == failures


def test_our_own_mark_is_remembered_until_the_address_is_gone() -> None:
    holding, _, (first, _) = made(Crier())
    holding.added(first, still_wanted=True)
    assert holding.as_marked(held(A, marked=False)).marked
    holding.ended(first, AddressChange.REMOVED)
    assert not holding.as_marked(held(A, marked=False)).marked
    assert not holding.has(ip_address(A))
