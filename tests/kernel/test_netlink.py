"""Netlink in its thread on a real kernel, round the library's traps."""

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from ipaddress import ip_address, ip_interface

import pytest

from tests.kernel.reconciler import PATIENCE, run, until
from tests.lab.net import Host, Lan
from vrrpd.linux.kernel import Kernel
from vrrpd.linux.netlink import Lifetime
from vrrpd.linux.news import Event, watch

pytestmark = pytest.mark.kernel

VIP = ip_interface("192.0.2.100/32")
SNAPSHOTS = 30


@pytest.fixture
def host() -> Iterator[Host]:
    with Lan(1, ipv6=True) as lan:
        yield lan["a"]


@asynccontextmanager
async def opened() -> AsyncIterator[Kernel]:
    netlink = Kernel()
    await netlink.open()
    try:
        yield netlink
    finally:
        await netlink.close()


def test_snapshot_is_the_kernels_order(host: Host) -> None:
    host.add_address("192.0.2.9/24")
    host.add_address("198.51.100.1/24")

    async def main() -> None:
        async with opened() as netlink:
            snapshot = await netlink.snapshot()
            eth0 = snapshot.interfaces["eth0"]
            assert (eth0.up, eth0.mac.hex(":")) == (True, host.mac)
            own = [str(each.address) for each in snapshot.addresses if each.interface == "eth0"]
            assert own[:3] == [host.ip, "198.51.100.1", "192.0.2.9"]  # a secondary address comes last
            assert own[3].startswith("fe80::")

    run(host, main)


def test_dumps_at_once(host: Host) -> None:
    async def main() -> None:
        async with opened() as netlink:
            snapshots = await asyncio.gather(*(netlink.snapshot() for _ in range(20)))
            assert all(each == snapshots[0] for each in snapshots)

    run(host, main)


def test_no_snapshot_misses_an_interface_that_stays(host: Host) -> None:
    """While others come and go: a dump that the kernel says was interrupted is not believed."""
    churn = "".join(f"link add c{i} type veth peer name d{i}\n" for i in range(40))
    churn += "".join(f"link del c{i}\n" for i in range(40))

    async def main() -> None:
        async with opened() as netlink, asyncio.TaskGroup() as tasks:
            taken = 0
            while taken < SNAPSHOTS:  # few can be had at once where the batch gets more of the processor than we
                churning = tasks.create_task(asyncio.to_thread(host.run, ["ip", "-batch", "-"], churn))
                while not churning.done():
                    try:
                        snapshot = await netlink.snapshot()
                    except InterruptedError:
                        continue
                    taken += 1
                    assert "eth0" in snapshot.interfaces
                    assert host.ip in [str(each.address) for each in snapshot.addresses]

    run(host, main)


def test_adding_twice_and_removing_what_is_not_there_are_successes(host: Host) -> None:
    async def main() -> None:
        async with opened() as netlink:
            eth0 = (await netlink.snapshot()).interfaces["eth0"].index
            await netlink.add(eth0, VIP)
            await netlink.add(eth0, VIP)
            assert host.holds(str(VIP.ip))
            await netlink.remove(eth0, VIP.ip, 32)
            await netlink.remove(eth0, VIP.ip, 32)
            await netlink.remove(9999, VIP.ip, 32)
            assert not host.holds(str(VIP.ip))

    run(host, main)


def test_an_address_added_by_hand_gets_our_mark(host: Host) -> None:
    host.add_address(str(VIP))

    async def main() -> None:
        async with opened() as netlink:
            eth0 = (await netlink.snapshot()).interfaces["eth0"].index
            assert await marked(netlink) == []
            await netlink.add(eth0, VIP)
            assert await marked(netlink) == [str(VIP.ip)]

    run(host, main)


async def marked(netlink: Kernel) -> list[str]:
    return [str(each.address) for each in (await netlink.snapshot()).addresses if each.marked]


def test_errors_have_their_number(host: Host) -> None:
    async def main() -> None:
        async with opened() as netlink:
            with pytest.raises(OSError) as caught:
                await netlink.add(9999, VIP)
            assert caught.value.errno == errno.ENODEV

    run(host, main)


@pytest.mark.parametrize("address", ["192.0.2.100/32", "fe80::100/128"])
def test_lifetime(host: Host, address: str) -> None:
    """The kernel removes it by itself; a renewal puts that off; without one it stays."""
    interface = ip_interface(address)

    def valid() -> list[int]:
        return [each.valid_seconds for each in host.addresses() if each.address == str(interface.ip)]

    async def main() -> None:
        async with opened() as netlink:
            eth0 = (await netlink.snapshot()).interfaces["eth0"].index
            await netlink.add(eth0, interface)
            assert valid() == [0xFFFFFFFF]
            await netlink.add(eth0, interface, lifetime=100)
            assert 90 < valid()[0] <= 100
            assert await marked(netlink) == [str(interface.ip)]
            await netlink.add(eth0, interface, lifetime=1)
            await asyncio.to_thread(host.wait_holds, str(interface.ip), held=False)

    run(host, main)


def test_duplicate_address_detection_is_left_out(host: Host) -> None:
    host.sysctl("net/ipv6/conf/eth0/accept_dad", 1)
    address = ip_interface("fe80::100/128")

    async def main() -> None:
        async with opened() as netlink:
            eth0 = (await netlink.snapshot()).interfaces["eth0"].index
            await netlink.add(eth0, address)
            usable = [each.usable for each in (await netlink.snapshot()).addresses if each.address == address.ip]
            assert usable == [True]

    run(host, main)


def test_tentative_is_not_usable(host: Host) -> None:
    host.sysctl("net/ipv6/conf/eth0/accept_dad", 1)
    host.sysctl("net/ipv6/conf/eth0/dad_transmits", 60)  # a second each: tentative until we have looked
    host.run(["ip", "addr", "add", "fe80::77/64", "dev", "eth0"])

    async def main() -> None:
        async with opened() as netlink:
            address = ip_address("fe80::77")
            usable = [each.usable for each in (await netlink.snapshot()).addresses if each.address == address]
            assert usable == [False]

    run(host, main)


def test_watch_goes_on_after_the_first_event(host: Host) -> None:
    events: list[Event] = []

    async def act() -> None:
        for count in range(1, 4):
            events.clear()
            await asyncio.to_thread(host.add_address, f"198.51.100.{count}/32")
            await until(lambda: bool(events), "an event")
            assert events[-1].name == ""
        events.clear()
        await asyncio.to_thread(host.link_down)
        await until(lambda: any(each.name == "eth0" for each in events), "a link event")

    run(host, lambda: watching(events, act))


def test_renewals_are_no_news_and_everything_else_is(host: Host) -> None:
    """Hundreds a second with many instances. Those of others are, and so is what we add or remove."""
    told = list[Event]()
    leases = [ip_interface(f"198.51.100.{number}/32") for number in range(1, 4)]

    async def main() -> None:
        async with opened() as netlink:
            task = asyncio.get_running_loop().create_task(netlink.watch(ready.set, told.append, lambda: None))
            await ready.wait()
            index = (await netlink.snapshot()).interfaces["eth0"].index
            for each in leases:
                await netlink.add(index, each, 5)
            await until(lambda: len(told) == len(leases), "additions are told")
            assert [each.renewed for each in told] == [each.ip for each in leases]
            for seconds in range(6, 26):
                assert await netlink.renew([Lifetime(index, each, seconds) for each in leases]) == [0] * len(leases)
            command = f"ip addr change {leases[0]} dev eth0 valid_lft 9 preferred_lft 9"
            await asyncio.to_thread(host.run, command.split())
            await netlink.remove(index, leases[1].ip, 32)
            await until(lambda: told[-1].gone is not None, "the removal is told")
            assert [each.gone for each in told[len(leases) :]] == [None, (leases[1].ip, 32)]
            task.cancel()
            await asyncio.wait([task])

    ready = asyncio.Event()
    run(host, main)


async def watching(events: list[Event], act: Callable[[], Awaitable[None]]) -> None:
    ready = asyncio.Event()
    task = asyncio.get_running_loop().create_task(watch(ready.set, events.append, lambda: None, 0))
    await ready.wait()
    await act()
    task.cancel()
    await asyncio.wait([task])


async def carrier(netlink: Kernel, *, up: bool) -> None:
    """Wait for it: the kernel moves it on in its own time, up to a second after the command is done."""
    async with asyncio.timeout(PATIENCE):
        while (await netlink.snapshot()).interfaces["eth0"].up is not up:  # noqa: ASYNC110 - the kernel moves
            await asyncio.sleep(0.02)


def test_carrier_counts(host: Host) -> None:
    async def main() -> None:
        async with opened() as netlink:
            await asyncio.to_thread(host.cut)
            await carrier(netlink, up=False)
            await asyncio.to_thread(host.heal)
            await carrier(netlink, up=True)

    run(host, main)
