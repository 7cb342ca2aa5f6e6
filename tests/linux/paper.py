"""The reconciler on a kernel of paper, under virtual time."""

import asyncio
import errno
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from tests.linux.rows import A, instance
from tests.virtual_time import VirtualTimeLoop, run_virtual
from vrrpd.config.model import Instance, VirtualAddress
from vrrpd.engine.journal import AddressChanged, Entry
from vrrpd.linux.addresses import GATHER_SECONDS, Addresses
from vrrpd.linux.announcer import Announcer
from vrrpd.linux.kernel import Kernel as Netlink
from vrrpd.linux.macvlan import Device
from vrrpd.linux.netlink import Held, Interface, Lifetime, Snapshot
from vrrpd.protocol.messages import Address, Seconds

ETH0 = Interface("eth0", 2, up=True, mac=bytes(6))
ONE = instance(A)


async def never(*_: object) -> None:
    """Whatever is asked for does not end."""
    await asyncio.Event().wait()


@dataclass
class Kernel:
    """Stands in for netlink and announcer. `refuse`: errno of the next changes; `slow`: seconds each one takes."""

    interfaces: dict[str, Interface] = field(default_factory=lambda: {"eth0": ETH0})
    held: list[Held] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refuse: list[int] = field(default_factory=list)
    slow: float = 0.0
    remembers_marks: bool = True
    looks: int = 0
    deaf: str = ""
    busy: float = 0.0
    during_look: Callable[[], None] = lambda: None
    after_look: Callable[[], None] = lambda: None
    """When all is read, and nobody has been told."""

    watch: Callable[..., Awaitable[None]] = never

    async def devices(self) -> dict[str, Device]:
        return {}

    async def snapshot(self) -> Snapshot:
        self.looks += 1
        self.during_look()
        found = Snapshot(dict(self.interfaces), tuple(self.held))
        self.after_look()
        return found

    async def add(self, index: int, address: VirtualAddress, lifetime: int | None = None) -> None:
        self.asked.append(f"+{address}" + (f" for {lifetime} s" if lifetime else ""))
        await self._answer()
        place = self._name(index), address.ip, address.network.prefixlen
        self.held = [each for each in self.held if (each.interface, each.address, each.prefix_length) != place]
        self.held.append(Held(*place, marked=self.remembers_marks, leased=lifetime is not None))

    async def renew(self, lifetimes: Sequence[Lifetime]) -> list[int]:
        for each in lifetimes:
            await self.add(each.index, each.address, each.seconds)
        return [0] * len(lifetimes)

    async def remove(self, index: int, address: Address, prefix_length: int) -> None:
        self.asked.append(f"-{address}/{prefix_length}")
        await self._answer()
        gone = self._name(index), address, prefix_length
        self.held = [each for each in self.held if (each.interface, each.address, each.prefix_length) != gone]

    async def remove_many(self, places: Sequence[tuple[int, Address, int]]) -> list[int]:
        self.asked += [f"-{address}/{length}" for _, address, length in places]
        await self._answer()
        gone = {(self._name(index), address, length) for index, address, length in places}
        self.held = [each for each in self.held if (each.interface, each.address, each.prefix_length) not in gone]
        return [0] * len(places)

    def announce(self, interface: Interface, addresses: Sequence[Address], repeat: int) -> dict[Address, str]:
        for address in addresses:
            assert any(each.address == address for each in self.held), "announced before it is held"
            self.asked.append(f"{address} x{repeat}")
        return dict.fromkeys(addresses, self.deaf)

    def _name(self, index: int) -> str:
        for each in self.interfaces.values():
            if each.index == index:
                return each.name
        raise OSError(errno.ENODEV, "no such device")

    async def _answer(self) -> None:
        if self.slow:
            await asyncio.sleep(self.slow)
        if self.refuse:
            raise OSError(self.refuse.pop(0), "refused")


@dataclass
class Scene:
    """The reconciler, running, and what it told: `words` without the announcements."""

    kernel: Kernel
    addresses: Addresses
    entries: list[Entry]

    def words(self) -> list[str]:
        changes = (each for each in self.entries if isinstance(each, AddressChanged))
        return [f"{each.instance} {each.change.value}" for each in changes]

    async def rest(self) -> None:
        """Let everything that is due now happen."""
        for _ in range(30):
            await asyncio.sleep(0)

    async def gathered(self) -> None:
        """Let the renewals of a moment go to the kernel."""
        await asyncio.sleep(GATHER_SECONDS)
        await self.rest()

    def take(self) -> list[str]:
        """What the kernel was asked for since the last time."""
        asked, self.kernel.asked = self.kernel.asked, []
        return asked


def take_over(scene: Scene, master: Instance) -> None:
    """As the engine does: the first advertisement leaves, then the addresses are held."""
    scene.addresses.renew(master)
    scene.addresses.hold(master, True)


async def _end_none(_: Sequence[Address]) -> None:
    """No connections."""


def play(
    act: Callable[[Scene], Awaitable[None]],
    kernel: Kernel | None = None,
    end_connections: Callable[[Sequence[Address]], Awaitable[None]] = _end_none,
) -> None:
    async def main() -> None:
        made, entries = kernel or Kernel(), list[Entry]()
        loop = cast(VirtualTimeLoop, asyncio.get_running_loop())
        reconciler = Addresses(
            cast(Netlink, made),
            cast(Announcer, made),
            entries.append,
            lambda: Seconds(loop.time()),
            lambda _: None,
            end_connections,
        )
        reconciler.manage((ONE,))
        await reconciler.start()
        await reconciler.tidy()
        running = loop.create_task(reconciler.run())
        await act(Scene(made, reconciler, entries))
        assert not running.done()

    run_virtual(main())
