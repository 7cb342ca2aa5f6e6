"""Virtual addresses: what the interfaces should hold is compared with what they hold, and corrected.

`hold` and `announce` only take a note, so the election never waits. One task does the rest: after each note, after
each netlink event and every `SWEEP_SECONDS`. An address is announced when the kernel has it, never before.
"""

import asyncio
import errno
from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from vrrpd.config.model import Instance
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
from vrrpd.linux.difference import Action, Add, Managed, Place, Remove, Wanted, difference, wanted_of
from vrrpd.linux.lease import NO_LEASE, Leases
from vrrpd.linux.netlink import Event, Held, Interface, Netlink, Snapshot, error_name, watch
from vrrpd.protocol.messages import Seconds

SWEEP_SECONDS = 3.0
"""Between two looks at everything without any event: a lost event is harmless for that long."""
RETRY_FIRST, RETRY_LAST = 0.05, 3.0
"""Seconds until a change that the kernel refused is tried again; doubled each time up to the last."""
LOOK_PAUSE = 0.02
"""Seconds between two looks at everything: a storm of netlink events must not fill the event loop with dumps."""
LOOK_SHARE = 4
"""A host with very many addresses takes long to look at: rest this many times as long as the last look took."""
SETTLE_TIMEOUT = 1.0
"""Seconds that `settle` waits at most: a stop must not hang on netlink."""


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
        self._leases = Leases()
        self._wanted: dict[Place, Wanted] = {}
        self._managed = Managed()
        self._present: dict[Place, Wanted] = {}
        self._marked: set[Place] = set()
        self._lost: set[Place] = set()
        self._unread: set[Place] = set()
        self._unleased: set[Place] = set()
        self._pending: dict[Place, int] = {}
        self._held: tuple[Held, ...] = ()
        self._interfaces: dict[str, Interface] = {}
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()
        self._noted = False
        self._stale = False
        self._looking = False
        self._look_at = Seconds(0.0)
        self._due = Seconds(now() + SWEEP_SECONDS)
        self._retry = RETRY_FIRST

    # --- notes, taken at once -----------------------------------------------------------------------------------

    def manage(self, instances: tuple[Instance, ...]) -> None:
        """Addresses of these instances are ours to remove where nobody wants them; those of earlier ones stay so."""
        self._managed.learn(instances)

    def hold(self, instance: Instance, hold: bool) -> None:
        """What should be from now on: all addresses of the instance, or none."""
        if hold:
            self._leases.hold(instance, self._now())
        else:
            self._leases.give_up(instance.name)
        self._want()

    def renew(self, instance: Instance) -> None:
        """An advertisement has left, so the addresses may stay for another lease from now on."""
        if self._leases.advertised(instance, self._now()):
            self._want()
        elif self._leases.due():
            self._wake.set()

    def announce(self, instance: Instance, repeat: int) -> None:
        """Announce each address that is held now, the others as soon as they are."""
        places = [(instance.interface, address) for address in instance.addresses]
        self._announce(instance.name, [each for each in places if each in self._present], repeat)
        self._pending |= {each: repeat for each in places if each in self._wanted and each not in self._present}

    def look(self) -> None:
        """Something may have changed in the kernel: look again soon."""
        if self._stale:
            return
        self._stale = True
        asyncio.get_running_loop().call_later(max(0.0, self._look_at - self._now()), self._wake.set)

    def changed(self, event: Event) -> None:
        """The kernel tells of a change; it matters if it is on an interface that may have our addresses."""
        known = {self._interfaces[each].index for each in self._managed.interfaces() if each in self._interfaces}
        # during a look the index of a new interface is not known yet
        if event.renewed is not None and any(place[1] == event.renewed for place in self._present):
            return  # by us
        if self._looking or event.index in known or event.name in self._managed.interfaces():
            self.look()

    def overrun(self) -> None:
        """The kernel has dropped events."""
        self._publish(NetlinkOverrun(self._now()))
        self.look()

    # --- the task -----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Look for the first time; nothing is changed. Raises OSError if netlink cannot be asked."""
        await self._look()

    async def tidy(self) -> None:
        """Remove what was left behind and is not wanted. After `start`, before `run`."""
        await self._correct()

    async def run(self) -> None:
        """Keep correcting, until cancelled."""
        while True:
            await self._wait()
            self._wake.clear()
            try:
                await self._round()
            except OSError:
                self._try_again()  # netlink gave no answer
            if not self._wake.is_set():
                self._settled.set()

    async def watch(self) -> None:
        """Follow netlink events, until cancelled; a connection that is lost or overrun is opened anew."""
        while True:
            try:
                await watch(self.look, self.changed, self.overrun)
            except OSError:
                self.overrun()
                await asyncio.sleep(RETRY_LAST)

    async def settle(self) -> None:
        """Wait until everything noted is done or has been refused, or for a second. `run` must be running."""
        self._note()
        try:
            async with asyncio.timeout(SETTLE_TIMEOUT):
                await self._settled.wait()
        except TimeoutError:
            return

    async def release_all(self) -> None:
        """Nothing is wanted any more; wait as `settle` does."""
        self._leases.clear()
        self._want()
        await self.settle()

    def _want(self) -> None:
        """Derive what is wanted: of every instance that holds, unless its lease is over."""
        self._wanted = wanted_of(self._leases.valid(self._now()))
        self._pending = {place: repeat for place, repeat in self._pending.items() if place in self._wanted}
        self._lost &= self._wanted.keys()
        self._note()

    def _note(self) -> None:
        self._noted = True
        self._settled.clear()
        self._wake.set()

    async def _wait(self) -> None:
        """Until something is noted or due. Renewals must not put off the sweep, so it is due at an instant."""
        now = self._now()
        due = min(self._due, self._leases.end(now))
        try:
            # not wait_for: in Python 3.11 it may lose a cancellation, and the daemon would never end
            async with asyncio.timeout(max(0.0, due - now)):
                await self._wake.wait()
        except TimeoutError:
            self._stale |= self._now() >= self._due

    async def _round(self) -> None:
        """What was noted comes first: a new Master does not wait for a look at a thousand addresses."""
        self._drop_lapsed()
        good = True
        if self._noted:
            self._noted = False
            good = await self._correct()
        for instance in self._leases.take_due(self._now()):
            good &= await self._renew(instance)
        if self._stale:
            self._stale = False
            await self._look()
            good &= await self._correct()
            self._due, self._retry = Seconds(self._now() + SWEEP_SECONDS), self._retry if not good else RETRY_FIRST
        if not good:
            self._try_again()

    def _try_again(self) -> None:
        """A little later each time."""
        self._retry = min(self._retry * 2, RETRY_LAST)
        self._due = Seconds(self._now() + self._retry)

    async def _look(self) -> None:
        self._looking, began = True, self._now()
        try:
            snapshot = await self._netlink.snapshot()
        finally:
            self._looking = False
            self._look_at = Seconds(self._now() + max(LOOK_PAUSE, LOOK_SHARE * (self._now() - began)))
        snapshot = replace(snapshot, addresses=tuple(map(self._as_marked, snapshot.addresses)))
        self._held, self._interfaces = snapshot.addresses, dict(snapshot.interfaces)
        self._on_snapshot(snapshot)
        self._drop_lapsed()
        self._read_back()
        for place in self._present.keys() - {(each.interface, each.address) for each in self._held}:
            self._miss(place)

    def _as_marked(self, held: Held) -> Held:
        """A kernel before 5.18 forgets the mark; what we added while we run we know ourselves."""
        return replace(held, marked=held.marked or (held.interface, held.address) in self._marked)

    def _read_back(self) -> None:
        """A lease that the kernel did not grant is told once: a death would leave the address there for ever."""
        for each in self._held:
            place = each.interface, each.address
            if not each.marked or place not in self._unread or place not in self._present:
                continue
            if each.leased:
                self._unleased.discard(place)
            elif place not in self._unleased:
                self._unleased.add(place)
                instance = self._present[place].instance
                self._publish(AddressFailed(self._now(), instance, *place, adding=True, error=NO_LEASE))
        self._unread.clear()

    def _miss(self, place: Place) -> None:
        """An address that was held is gone, and not by us."""
        gone = self._present.pop(place)
        self._marked.discard(place)
        if place in self._wanted:
            self._lost.add(place)
            self._pending[place] = gone.repeat
        else:
            self._tell(gone.instance, place, self._end_of(gone))

    def _end_of(self, held: Wanted) -> AddressChange:
        """Why an address that we held is no more: given up, or its lease is over."""
        return AddressChange.LAPSED if self._leases.holds(held.instance) else AddressChange.REMOVED

    async def _correct(self) -> bool:
        """Add what is missing, remove what is too much. False if the kernel refused something."""
        self._drop_lapsed()
        there = {(each.interface, each.address) for each in self._held}
        for place, wanted in self._wanted.items():
            if place in there and place not in self._present:
                self._leases.adopt(wanted.instance)
                self._take(wanted)
        actions = difference(self._wanted, self._managed, self._held)
        return all([await self._act(each) for each in actions if self._is_still_right(each)])

    def _drop_lapsed(self) -> None:
        """What the kernel may have removed by now is not put back: a host that cannot advertise must not hold it."""
        now = self._now()
        if any(self._leases.lapsed(each.instance, now) for each in self._wanted.values()):
            self._want()

    async def _renew(self, instance: Instance) -> bool:
        """All addresses of an instance: an advertisement has left since the last time."""
        places = [(instance.interface, ip) for ip in instance.addresses]
        wanted = [self._wanted[each] for each in places if each in self._present and each in self._wanted]
        return all([await self._extend(each) for each in wanted])

    async def _extend(self, wanted: Wanted) -> bool:
        interface = self._interfaces.get(wanted.interface)
        over = self._leases.lapsed(wanted.instance, self._now()) or not self._leases.holds(wanted.instance)
        if interface is None or wanted.owner or over:
            return True  # gone, an owner's own, or too late: a new round decides
        try:
            await self._netlink.add(interface.index, wanted.address, self._lifetime(wanted))
        except OSError as error:
            self._fail(wanted.instance, wanted.place, error, adding=True)
            return False
        return True

    def _lifetime(self, wanted: Wanted) -> int | None:
        return self._leases.lifetime(wanted.instance, wanted.lease, self._now())

    def _is_still_right(self, action: Action) -> bool:
        """Notes may come while an earlier action waits for the kernel; a new round follows them."""
        match action:
            case Add(wanted):
                return wanted.place in self._wanted
            case Remove(held, replacing):
                return replacing or (held.interface, held.address) not in self._wanted
            case _:
                assert_never(action)

    async def _act(self, action: Action) -> bool:
        match action:
            case Add(wanted):
                return await self._add(wanted)
            case Remove(held):
                return await self._remove(held)
            case _:
                assert_never(action)

    async def _add(self, wanted: Wanted) -> bool:
        interface = self._interfaces.get(wanted.interface)
        try:
            if interface is None:
                raise OSError(errno.ENODEV, "no such interface")
            await self._netlink.add(interface.index, wanted.address, self._lifetime(wanted))
        except OSError as error:
            self._fail(wanted.instance, wanted.place, error, adding=True)
            return False
        length = wanted.address.network.prefixlen
        others = [
            each for each in self._held if (each.interface, each.address, each.prefix_length) != (*wanted.place, length)
        ]
        self._held = (*others, Held(*wanted.place, length, marked=True, leased=wanted.lease is not None))
        self._marked.add(wanted.place)
        if wanted.lease is not None:
            self._unread.add(wanted.place)
        if wanted.place not in self._present:
            if wanted.place in self._wanted:  # else it was given up in the meantime and goes in the next round
                self._pending.setdefault(wanted.place, wanted.repeat)
            self._take(wanted)
        return True

    def _take(self, wanted: Wanted) -> None:
        """The kernel has it: announce if that was waiting, and tell."""
        change = AddressChange.RESTORED if wanted.place in self._lost else AddressChange.ADDED
        self._present[wanted.place] = wanted
        self._lost.discard(wanted.place)
        if repeat := self._pending.pop(wanted.place, 0):
            self._announce(wanted.instance, [wanted.place], repeat)
        self._tell(wanted.instance, wanted.place, change)

    async def _remove(self, held: Held) -> bool:
        place = held.interface, held.address
        name = self._managed.names.get(place, "")
        interface = self._interfaces.get(held.interface)
        try:
            if interface is not None:
                await self._netlink.remove(interface.index, held.address, held.prefix_length)
        except OSError as error:
            self._fail(name, place, error, adding=False)
            return False
        self._held = tuple(each for each in self._held if each != held)
        if any((each.interface, each.address) == place for each in self._held):
            return True  # with another prefix length it is still there
        ours = self._present.pop(place, None)
        self._marked.discard(place)
        if ours:
            self._tell(ours.instance, place, self._end_of(ours))
        else:
            self._tell(name, place, AddressChange.LEFTOVER_REMOVED)
        return True

    # --- telling ------------------------------------------------------------------------------------------------

    def _tell(self, instance: str, place: Place, change: AddressChange) -> None:
        self._publish(AddressChanged(self._now(), instance, *place, change))

    def _fail(self, instance: str, place: Place, error: OSError, *, adding: bool) -> None:
        self._publish(AddressFailed(self._now(), instance, *place, adding, error_name(error)))

    def _announce(self, instance: str, places: list[Place], repeat: int) -> None:
        for name in dict.fromkeys(interface for interface, _ in places):
            known = self._interfaces.get(name)
            addresses = [address for interface, address in places if interface == name]
            results = self._announcer.announce(known, addresses, repeat) if known else {addresses[0]: "ENODEV"}
            for address, error in results.items():
                if not error:
                    self._publish(Announced(self._now(), instance, address, repeat))
            if failed := next((error for error in results.values() if error), ""):
                self._publish(SendFailed(self._now(), instance, failed))
