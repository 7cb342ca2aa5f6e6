"""The parts of vrrpd/linux running in the namespace of a host, without the election."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from tests.lab import namespaces
from tests.lab.net import Host
from vrrpd.config.model import Instance
from vrrpd.engine.inputs import Link
from vrrpd.engine.journal import AddressChange, AddressChanged, Entry
from vrrpd.linux.addresses import Addresses
from vrrpd.linux.announcer import Announcer
from vrrpd.linux.kernel import Kernel
from vrrpd.linux.links import link_of
from vrrpd.linux.netlink import Snapshot
from vrrpd.protocol.messages import Seconds

T = TypeVar("T")
POLL_SECONDS = 0.001
PATIENCE = 15.0


def run(host: Host, main: Callable[[], Awaitable[T]]) -> T:
    """Run a coroutine in the namespace: a thread enters it, and only then makes its event loop and sockets."""

    async def body() -> T:
        return await main()

    return namespaces.inside(host.namespace, lambda: asyncio.run(body()))


async def until(
    condition: Callable[[], bool], what: str, timeout: float = PATIENCE, poll: float = POLL_SECONDS
) -> float:
    """As `wait_until`, and the event loop goes on. Returns the instant on the loop's clock."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout
    while not condition():
        assert loop.time() < deadline, f"{what}: not within {timeout:g} s"
        await asyncio.sleep(poll)
    return loop.time()


@dataclass
class Reconciler:
    """`entries`: all that was told; `links`: the link after each look where it was otherwise than before."""

    addresses: Addresses
    netlink: Kernel
    entries: list[Entry] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    def told(self, change: AddressChange) -> list[AddressChanged]:
        return [each for each in self.entries if isinstance(each, AddressChanged) and each.change is change]

    async def held(self) -> list[str]:
        """What the kernel has with our mark."""
        snapshot = await self.netlink.snapshot()
        return [f"{each.address}/{each.prefix_length}" for each in snapshot.addresses if each.marked]


@contextlib.asynccontextmanager
async def reconciler(instance: Instance) -> AsyncIterator[Reconciler]:
    """Started and running; closed in any case. The addresses stay."""
    loop = asyncio.get_running_loop()
    entries: list[Entry] = []
    links: list[Link] = []

    def on_snapshot(snapshot: Snapshot) -> None:
        link = link_of(instance.interface, snapshot)
        if links[-1:] != [link]:
            links.append(link)

    netlink, announcer = Kernel(), Announcer()
    addresses = Addresses(netlink, announcer, entries.append, lambda: Seconds(loop.time()), on_snapshot)
    addresses.manage((instance,))
    await netlink.open()
    try:
        await addresses.start()
        await addresses.tidy()
        tasks = [loop.create_task(addresses.run()), loop.create_task(addresses.watch())]
        await asyncio.sleep(0.01)  # until the watch listens
        yield Reconciler(addresses, netlink, entries, links)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    finally:
        announcer.close()
        await netlink.close()
