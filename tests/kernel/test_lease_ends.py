"""All leases of a host end together, or whole seconds apart: the kernel does not look twice in one second."""

import time
from contextlib import suppress

import pytest

from tests.kernel.owners import LEASE_LATE_SECONDS, PATIENCE, ROUNDS
from tests.lab.addresses import AddressNews
from tests.lab.awake import Awake
from tests.lab.net import Host, Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.stall import Stalls
from tests.lab.waiting import LabError, now, wait_until
from tests.lab.wire import Capture
from vrrpd.linux.addresses import GATHER_SECONDS

pytestmark = [pytest.mark.kernel, pytest.mark.spread]

SECOND = "192.0.2.101"


def die_between(daemon: Vrrpd, wire: Capture, since: float) -> list[float]:
    """Kill it after VI_2 has spoken and before VI_1 does so again; returns when their leases are over."""
    for _ in range(ROUNDS):
        last = wire.wait_advert("a", 150, since=since, timeout=PATIENCE).at
        wire.wait_advert("a", 50, since=last, timeout=PATIENCE)
        time.sleep(2 * GATHER_SECONDS)
        daemon.freeze()
        ends = [wire.adverts("a", vrid=vrid)[-1].at + 3.0 for vrid in (51, 52)]
        if ends[0] < ends[1] - 0.2:
            daemon.kill()
            return ends
        daemon.thaw()
        since = now()
    raise LabError("VI_1 has always spoken again")


def test_leases_of_a_dead_master_end_together() -> None:
    """The kernel does not look twice in one second: an address that ends a moment after another lived on by that.

    Two virtual routers advertise 0.39 s apart, as their priorities differ: the second outlived its lease by 0.6 s more.
    """
    first = instance_text(priority=150, vips=[f"{VIP}/32"])
    second = instance_text(priority=50, vips=[f"{SECOND}/32"], name="VI_2", vrid=52)
    with Lan(["a"]) as lan, Stalls() as stalls, Capture(lan) as wire, AddressNews(lan) as addresses:
        with Vrrpd(lan["a"], first + second) as daemon:
            begun = wire.wait_advert("a", 50, timeout=PATIENCE).at
            ends = die_between(daemon, wire, begun + 1.5)

        def gone() -> dict[str, float]:
            return {each.address: each.at for each in addresses.news() if not each.held and each.at > ends[1] - 3}

        with Awake():
            wait_until(lambda: gone().keys() >= {VIP, SECOND}, PATIENCE, "both are gone")
        at = gone()[SECOND]
        assert at - ends[1] - stalls.seconds(ends[1], at) < LEASE_LATE_SECONDS


def whole_seconds(host: Host) -> set[int]:
    """Of the leases, as they were told last: the kernel has not counted one yet."""
    return {each.valid_seconds for each in host.addresses() if each.address in {VIP, SECOND}}


def die_after_putting_back(daemon: Vrrpd, host: Host, wire: Capture) -> float:
    """Delete the second address, and kill it when that is back and before it speaks again; its last advertisement."""
    for _ in range(ROUNDS):
        last = wire.wait_advert(host.name, since=now(), timeout=PATIENCE).at
        time.sleep(max(0.0, last + 0.7 - now()))
        host.delete_address(f"{SECOND}/32")
        host.wait_holds(SECOND)
        with suppress(LabError):
            wait_until(lambda: whole_seconds(host) == {2}, 0.15, "both are told of")
        daemon.freeze()
        if wire.adverts(host.name)[-1].at == last and now() < last + 0.95:
            daemon.kill()
            return last
        daemon.thaw()
    raise LabError("it has always spoken again")


def test_what_is_put_back_ends_together_with_the_other_address() -> None:
    """For whole seconds: 0.3 s before the other, and the kernel would find that one a second later."""
    text = instance_text(priority=150, vips=[f"{VIP}/32", f"{SECOND}/32"])
    with Lan(["a"]) as lan, Stalls() as stalls, Capture(lan) as wire, AddressNews(lan) as addresses:
        with Vrrpd(lan["a"], text) as daemon:
            lan["a"].wait_holds(SECOND)
            last = die_after_putting_back(daemon, lan["a"], wire)

        def gone() -> dict[str, float]:
            return {each.address: each.at for each in addresses.news() if not each.held and each.at > last + 1.0}

        with Awake():
            wait_until(lambda: gone().keys() >= {VIP, SECOND}, PATIENCE, "both are gone")
        at = gone()[VIP]
        assert at - (last + 3.0) - stalls.seconds(last + 3.0, at) < LEASE_LATE_SECONDS
