"""Virtual addresses: what the interfaces should hold is compared with what they hold, and corrected.

`hold` and `announce` only take a note, so the election never waits. One task does the rest: after each note, after
each netlink event and every `SWEEP_SECONDS`. An address is announced when the kernel has it, never before.
"""

import asyncio
import errno
from collections.abc import Callable
from dataclasses import dataclass, field

from vrrpd.config.model import Instance, VirtualAddress
from vrrpd.engine.journal import (
    AddressChange,
    AddressChanged,
    AddressFailed,
    Announced,
    NetlinkOverrun,
    Publish,
    SendFailed,
)
from vrrpd.linux.announcer import Announcer
from vrrpd.linux.netlink import Held, Interface, Netlink, Snapshot, watch
from vrrpd.protocol.messages import PRIORITY_OWNER, Address, Seconds

SWEEP_SECONDS = 3.0
"""Between two looks at everything without any event: a lost event is harmless for that long."""
RETRY_FIRST, RETRY_LAST = 0.05, 3.0
"""Seconds until a change that the kernel refused is tried again; doubled each time up to the last."""
LOOK_PAUSE = 0.02
"""Seconds between two looks at everything: a storm of netlink events must not fill the event loop with dumps."""
SETTLE_TIMEOUT = 1.0
"""Seconds that `settle` waits at most: a stop must not hang on netlink."""

Place = tuple[str, Address]
"""An interface and an address on it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One address that should be held, and for whom."""

    instance: str
    interface: str
    address: VirtualAddress
    repeat: int

    @property
    def place(self) -> Place:
        """Where."""
        return self.interface, self.address.ip


@dataclass(slots=True)
class Managed:
    """Addresses that are ours to remove: those of every instance so far, by name, and what was left behind.

    `owned` are an owner's (priority 255): its own, unless they carry our mark.
    """

    names: dict[Place, str] = field(default_factory=dict)
    owned: set[Place] = field(default_factory=set)

    def removable(self, held: Held) -> bool:
        """Nobody wants it: may it go?"""
        place = held.interface, held.address
        return place in self.names and (held.marked or place not in self.owned)


def difference(wanted: list[Wanted], managed: Managed, held: tuple[Held, ...]) -> tuple[list[Wanted], list[Held]]:
    """What to add and what to remove.

    A managed address that nobody wants goes, whoever added it: it would be a second owner. A wanted address that is
    there already, marked or not, stays.
    """
    there = {(each.interface, each.address, each.prefix_length) for each in held}
    exact = {(*each.place, each.address.network.prefixlen) for each in wanted}
    there = {(each.interface, each.address, each.prefix_length) for each in held}
    places = {each.place for each in wanted}
    missing = [each for each in wanted if (*each.place, each.address.network.prefixlen) not in there]
    stale = [each for each in held if (each.interface, each.address) not in places and managed.removable(each)]
    other_length = [
        each
        for each in held
        if each.marked
        and (each.interface, each.address) in places
        and (each.interface, each.address, each.prefix_length) not in exact
    ]
    return missing, stale + other_length


class Addresses:
    """The reconciler. `start` looks once and removes what was left behind; `run` goes on until cancelled."""

    def __init__(
        self,
        netlink: Netlink,
        announcer: Announcer,
        publish: Publish,
        now: Callable[[], Seconds],
        on_snapshot: Callable[[Snapshot], None],
    ) -> None:
        """`on_snapshot` gets each new look at the kernel, before anything is corrected."""
        self._netlink = netlink
        self._announcer = announcer
        self._publish = publish
        self._now = now
        self._on_snapshot = on_snapshot
        self._instances: dict[str, Instance] = {}
        self._managed = Managed()
        self._present: dict[Place, Wanted] = {}
        self._lost: set[Place] = set()
        self._pending: dict[Place, int] = {}
        self._held: tuple[Held, ...] = ()
        self._interfaces: dict[str, Interface] = {}
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()
        self._stale = False
        self._looked_at = Seconds(0.0)
        self._retry = RETRY_FIRST
        self._failing = False

    @property
    def interfaces(self) -> dict[str, Interface]:
        """As last seen."""
        return self._interfaces

    # --- notes, taken at once -----------------------------------------------------------------------------------

    def manage(self, instances: tuple[Instance, ...]) -> None:
        """Addresses of these instances are ours to remove where nobody wants them; those of earlier ones stay so."""
        self._managed.owned = {
            (each.interface, ip) for each in instances if each.priority == PRIORITY_OWNER for ip in each.addresses
        }
        for instance in instances:
            self._managed.names |= {(instance.interface, ip): instance.name for ip in instance.addresses}

    def hold(self, instance: Instance, hold: bool) -> None:
        """What should be from now on: all addresses of the instance, or none."""
        if hold:
            self._instances[instance.name] = instance
        else:
            self._instances.pop(instance.name, None)
        wanted = {each.place for each in self._wanted()}
        self._pending = {place: repeat for place, repeat in self._pending.items() if place in wanted}
        self._lost &= wanted
        self._note()

    def announce(self, instance: Instance, repeat: int) -> None:
        """Announce each address that is held now, the others as soon as they are."""
        places = [(instance.interface, address) for address in instance.addresses]
        self._announce(instance.name, [each for each in places if each in self._present], repeat)
        self._pending |= {each: repeat for each in places if each not in self._present}

    def look(self) -> None:
        """Something has changed in the kernel: look again soon."""
        if self._stale:
            return
        self._stale = True
        pause = self._looked_at + LOOK_PAUSE - self._now()
        asyncio.get_running_loop().call_later(max(0.0, pause), self._wake.set)

    def overrun(self) -> None:
        """The kernel has dropped events."""
        self._publish(NetlinkOverrun(self._now()))
        self.look()

    # --- the task -----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Look, then remove what carries our mark and what we manage. Raises OSError if netlink cannot be asked."""
        await self._refresh()
        for each in self._held:
            if each.marked:
                self._managed.names.setdefault((each.interface, each.address), "")
        await self._correct()

    async def run(self) -> None:
        """Keep correcting, until cancelled."""
        while True:
            await self._wait()
            self._wake.clear()
            try:
                if self._stale:
                    self._stale = False
                    await self._refresh()
                self._failing = not await self._correct()
            except OSError:
                self._failing = self._stale = True  # netlink gave no answer: try again, a little later each time
            if not self._wake.is_set():
                self._settled.set()

    async def watch(self) -> None:
        """Follow netlink events, until cancelled; a connection that is lost is opened anew."""
        while True:
            try:
                await watch(self.look, self.overrun)
            except OSError:
                self.overrun()
                await asyncio.sleep(RETRY_FIRST)

    async def settle(self) -> None:
        """Wait until everything noted is done, or for a second."""
        self._note()
        try:
            await asyncio.wait_for(self._settled.wait(), SETTLE_TIMEOUT)
        except TimeoutError:
            return

    def _note(self) -> None:
        self._settled.clear()
        self._wake.set()

    async def _wait(self) -> None:
        self._retry = min(self._retry * 2, RETRY_LAST) if self._failing else RETRY_FIRST
        try:
            await asyncio.wait_for(self._wake.wait(), self._retry if self._failing else SWEEP_SECONDS)
        except TimeoutError:
            self._stale = True

    async def _refresh(self) -> None:
        snapshot = await self._netlink.snapshot()
        self._held, self._interfaces = snapshot.addresses, dict(snapshot.interfaces)
        self._looked_at = self._now()
        self._on_snapshot(snapshot)
        there = {(each.interface, each.address) for each in snapshot.addresses}
        wanted = {each.place for each in self._wanted()}
        for place in self._present.keys() - there:
            lost = self._present.pop(place)
            if place in wanted:
                self._lost.add(place)
                self._pending[place] = lost.repeat

    def _wanted(self) -> list[Wanted]:
        return [
            Wanted(instance.name, instance.interface, address, instance.garp_master_repeat)
            for instance in self._instances.values()
            for address in instance.virtual_ipaddress
        ]

    async def _correct(self) -> bool:
        """Add what is missing, remove what is too much. False if the kernel refused something."""
        wanted = self._wanted()
        missing, surplus = difference(wanted, self._managed, self._held)
        done = [await self._add(each) for each in missing]
        done += [await self._remove(each) for each in surplus]
        for each in wanted:
            if each not in missing and each.place not in self._present:
                self._take(each, AddressChange.ADDED)
        return all(done)

    async def _add(self, wanted: Wanted) -> bool:
        interface = self._interfaces.get(wanted.interface)
        if interface is None:
            self._failed(wanted.instance, wanted.place, True, OSError(errno.ENODEV, "no such interface"))
            return False
        try:
            await self._netlink.add(interface.index, wanted.address)
        except OSError as error:
            self._failed(wanted.instance, wanted.place, True, error)
            return False
        self._held = (*self._held, Held(*wanted.place, wanted.address.network.prefixlen, marked=True))
        restored = wanted.place in self._lost
        self._take(wanted, AddressChange.RESTORED if restored else AddressChange.ADDED)
        return True

    def _take(self, wanted: Wanted, change: AddressChange) -> None:
        """The kernel has it: announce if that was waiting, and tell."""
        self._present[wanted.place] = wanted
        self._lost.discard(wanted.place)
        if repeat := self._pending.pop(wanted.place, 0):
            self._announce(wanted.instance, [wanted.place], repeat)
        self._publish(AddressChanged(self._now(), wanted.instance, *wanted.place, change))

    async def _remove(self, held: Held) -> bool:
        interface = self._interfaces.get(held.interface)
        place = held.interface, held.address
        try:
            if interface is not None:
                await self._netlink.remove(interface.index, held.address, held.prefix_length)
        except OSError as error:
            self._failed(self._managed.names.get(place, ""), place, False, error)
            return False
        self._held = tuple(each for each in self._held if each != held)
        ours = self._present.pop(place, None)
        change = AddressChange.REMOVED if ours else AddressChange.LEFTOVER_REMOVED
        name = ours.instance if ours else self._managed.names.get(place, "")
        self._publish(AddressChanged(self._now(), name, *place, change))
        return True

    def _failed(self, instance: str, place: Place, adding: bool, error: OSError) -> None:
        name = errno.errorcode.get(error.errno or 0, "other")
        self._publish(AddressFailed(self._now(), instance, *place, adding, name))

    def _announce(self, instance: str, places: list[Place], repeat: int) -> None:
        """`repeat` rounds of one frame for each address, back to back."""
        results = [self._frame(*place) for _ in range(repeat) for place in places]
        if failed := next((each for each in results if each), ""):
            self._publish(SendFailed(self._now(), instance, failed))
            return
        for _, address in places:
            self._publish(Announced(self._now(), instance, address, repeat))

    def _frame(self, interface: str, address: Address) -> str:
        known = self._interfaces.get(interface)
        return self._announcer.announce(known, address) if known else "ENODEV"
