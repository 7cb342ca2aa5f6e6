"""Virtual addresses: what the interfaces should hold is compared with what they hold, and corrected.

`hold` and `announce` only take a note, so the election never waits. One task does the rest: after each note, after
each netlink event and every `SWEEP_SECONDS`. An address is announced when the kernel has it, never before.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from vrrpd.config.model import Instance
from vrrpd.engine.journal import NetlinkOverrun, Publish
from vrrpd.engine.lease import MANY, Leases
from vrrpd.linux.announcer import Announcer
from vrrpd.linux.changes import Changes
from vrrpd.linux.difference import Managed, Place, Remove, Wanted, difference, wanted_of
from vrrpd.linux.holding import Holding
from vrrpd.linux.kernel import Kernel
from vrrpd.linux.netlink import Snapshot
from vrrpd.linux.news import Event
from vrrpd.linux.pace import RETRY_FIRST, RETRY_LAST, Pace
from vrrpd.linux.vmac import Vmacs
from vrrpd.protocol.messages import Address, Seconds

SETTLE_TIMEOUT = 1.0
"""Seconds that `settle` waits while no address goes: a stop must not hang on netlink."""
SETTLE_MOST = 2.5
"""No new second after that, while hundreds of addresses go one by one: the unit allows a stop five (TimeoutStopSec)."""
GATHER_SECONDS, GATHER_MANY_SECONDS = 0.02, 0.04
"""From the first advertisement to the renewal of its lease: those of hundreds of instances, which take longer to
advertise, go to the kernel together. A lease is whole seconds; the kernel itself takes up to half a second longer."""
LEAVE_PATIENCE = 0.8
"""Seconds for what has to happen before an address goes: less than `SETTLE_TIMEOUT`, so that it goes in any case."""

EndConnections = Callable[[Sequence[Address]], Awaitable[None]]
"""End the connections of these addresses. Never raises; takes no more than a moment."""


async def _end_none(_addresses: Sequence[Address]) -> None:
    """Leave them alone."""


class Addresses:
    """The reconciler. `start` looks once and removes what was left behind; `run` goes on until cancelled."""

    def __init__(
        self,
        kernel: Kernel,
        announcer: Announcer,
        publish: Publish,
        now: Callable[[], Seconds],
        on_snapshot: Callable[[Snapshot], None],
        end_connections: EndConnections = _end_none,
    ) -> None:
        """`on_snapshot` gets each new look at the kernel, before anything is corrected.

        `end_connections` is asked before addresses are given up, while peers can still be told, and after it again.
        """
        self._end_connections = end_connections
        self._kernel = kernel
        self._holding = Holding(announcer, publish, now)
        self._publish = publish
        self._now = now
        self._on_snapshot = on_snapshot
        self._leases = Leases()
        self._wanted: dict[Place, Wanted] = {}
        self._managed = Managed()
        self._changes = Changes(
            kernel, self._holding, self._leases, self._managed, lambda place: place in self._wanted, now
        )
        self._vmacs = Vmacs(kernel, publish, now)
        self._wake = asyncio.Event()
        self._settled = asyncio.Event()
        self._noted = False
        self._stale = False
        self._looking = False
        self._renewing = False
        self._pace = Pace(now)

    # --- notes, taken at once -----------------------------------------------------------------------------------

    def manage(self, instances: tuple[Instance, ...]) -> None:
        """Addresses of these instances are ours to remove where nobody wants them; those of earlier ones stay so."""
        self._managed.learn(instances)
        if self._vmacs.want(instances):
            self.look()

    def hold(self, instance: Instance, hold: bool) -> None:
        """What should be from now on: all addresses of the instance, or none."""
        if hold and not self._leases.holds(instance.name):
            self._want_more(instance)  # hundreds may take over at once, so only this one is looked at
            return
        if hold:
            self._leases.hold(instance)
        else:
            self._leases.give_up(instance.name)
        self._want()

    def renew(self, instance: Instance) -> None:
        """An advertisement has left, so the addresses may stay for another lease from now on."""
        if self._leases.advertised(instance, self._now()):
            self._want()
        else:
            self._gather()

    def _gather(self) -> None:
        """Tell the kernel soon, of many at once."""
        if not self._renewing and self._leases.due():
            self._renewing = True
            gather = GATHER_SECONDS if len(self._leases) <= MANY else GATHER_MANY_SECONDS
            pause = max(gather, self._leases.rest(self._now()))
            asyncio.get_running_loop().call_later(pause, self._wake.set)

    def announce(self, instance: Instance, repeat: int) -> None:
        """Announce each address that is held now, the others as soon as they are."""
        self._holding.announce(instance, self._wanted.keys(), repeat)

    def look(self) -> None:
        """Something may have changed in the kernel: look again soon."""
        if self._stale:
            return
        self._stale = True
        asyncio.get_running_loop().call_later(self._pace.rest(), self._wake.set)

    def changed(self, event: Event) -> None:
        """The kernel tells of a change; it matters if it is on an interface that may have our addresses."""
        if event.renewed is not None:
            place = self._name(event.index), event.renewed
            self._changes.untold.discard(place)
            if place in self._holding:
                return  # by us
        if event.gone is not None:
            self._taken_away(event.index, *event.gone)
        managed = self._managed.interfaces()
        # during a look the index of a new interface is not known yet
        if self._looking or self._name(event.index) in managed or event.name in managed:
            self.look()

    def _taken_away(self, index: int, address: Address, prefix_length: int) -> None:
        """Known before the next look: a renewal that is quicker would put it back without a word.

        What we remove ourselves is not held any more by then. Where a lease ran out the look finds the reason.
        """
        wanted = self._wanted.get((self._name(index), address))
        if wanted is None or wanted.place not in self._holding or wanted.address.network.prefixlen != prefix_length:
            return
        if wanted.place in self._changes.untold:
            return
        if not self._leases.lapsed(wanted.instance, self._now()):
            self._changes.forget(wanted.place, prefix_length)
            self._holding.lost(wanted)

    def _name(self, index: int) -> str:
        """Of an interface as of the last look; empty if there was none."""
        return next((each.name for each in self._changes.interfaces.values() if each.index == index), "")

    def overrun(self) -> None:
        """The kernel has dropped events."""
        self._changes.untold.clear()
        self._publish(NetlinkOverrun(self._now()))
        self.look()

    # --- the task -----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Look for the first time; nothing is changed. Raises OSError if netlink cannot be asked."""
        await self._look()

    async def tidy(self) -> None:
        """Remove what was left behind and is not wanted. After `start`, before `run`, which tries again."""
        with contextlib.suppress(OSError):
            await self._correct()

    async def run(self) -> None:
        """Keep correcting, until cancelled."""
        while True:
            await self._wait()
            self._wake.clear()
            try:
                await self._round()
            except OSError:
                self._pace.failed()  # netlink gave no answer
            if not self._wake.is_set():
                self._settled.set()

    async def watch(self) -> None:
        """Follow netlink events, until cancelled; a connection that is lost or overrun is opened anew."""
        pause = RETRY_FIRST
        while True:
            began = self._now()
            try:
                await self._kernel.watch(self.look, self.changed, self.overrun)
            except OSError:
                self.overrun()
                pause = RETRY_FIRST if self._now() - began > RETRY_LAST else min(pause * 2, RETRY_LAST)
                await asyncio.sleep(pause)

    async def settle(self) -> None:
        """Wait until everything noted is done or refused, or nothing went for a second. `run` must be running."""
        self._note()
        ends, before = self._now() + SETTLE_MOST, -1
        while before != len(self._changes.held) and self._now() < ends:
            before = len(self._changes.held)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SETTLE_TIMEOUT):
                    await self._settled.wait()
                    return

    def has(self, instance: Instance) -> bool:
        """The kernel has all addresses of the instance, as far as we know."""
        return all(place in self._holding for place in instance.places)

    @property
    def failed(self) -> Mapping[str, str]:
        """Interfaces with a virtual MAC that cannot be made, and the names of the errnos."""
        return self._vmacs.failed

    async def dismiss(self) -> None:
        """Remove our interfaces with virtual MACs; after `settle`, at the end."""
        self._vmacs.want(())
        with contextlib.suppress(OSError):
            await self._vmacs.clear()

    def _want(self) -> None:
        """Derive what is wanted: of every instance that holds, unless its lease is over."""
        self._wanted = wanted_of(self._leases.valid(self._now()))
        self._holding.want(self._wanted.keys())
        self._note()

    def _want_more(self, instance: Instance) -> None:
        """As `_want` where one holds that did not hold before: what is wanted already stays so."""
        now = self._now()
        self._leases.hold(instance)
        if not self._leases.lapsed(instance.name, now):
            for place, wanted in wanted_of([instance]).items():
                self._wanted.setdefault(place, wanted)
        self._note()

    def _note(self) -> None:
        self._noted = True
        self._settled.clear()
        self._wake.set()

    async def _wait(self) -> None:
        """Until something is noted or due. Renewals must not put off the sweep, so it is due at an instant."""
        now = self._now()
        due = min(self._pace.due, self._leases.end(now))
        try:
            # not wait_for: in Python 3.11 it may lose a cancellation, and the daemon would never end
            async with asyncio.timeout(max(0.0, due - now)):
                await self._wake.wait()
        except TimeoutError:
            self._stale |= self._now() >= self._pace.due

    async def _round(self) -> None:
        """What was noted comes first: a new Master does not wait for a look at a thousand addresses."""
        self._drop_lapsed()
        self._renewing = False
        good = True
        if self._noted:
            self._noted = False
            if self._vmacs.unmade(self._changes.interfaces):
                await self._look()
            good = await self._correct()
        good &= await self._renew(self._leases.take(self._now()))
        if self._stale:
            self._stale = False
            await self._look()
            good &= await self._correct()
            await self._vmacs.clear()
            self._pace.swept(good=good)
        self._gather()  # what had to rest
        if not good:
            self._pace.failed()

    async def _look(self) -> None:
        self._looking = True
        try:
            await self._vmacs.make()
            self._managed.vmacs = set(self._vmacs.ours)
            self._changes.look()
            snapshot = await self._kernel.snapshot()
        finally:
            self._looking = False
            self._pace.looked(self._kernel.busy)
        snapshot = replace(snapshot, addresses=tuple(map(self._holding.as_marked, snapshot.addresses)))
        self._changes.follow(snapshot)
        self._holding.follow(self._changes.interfaces)
        self._on_snapshot(snapshot)
        self._drop_lapsed()
        self._holding.read_back(snapshot.addresses)
        for gone in self._holding.missing(snapshot.addresses):
            if gone.place in self._wanted:
                self._holding.lost(gone)
            else:
                self._holding.ended(gone, self._changes.end_of(gone))

    async def _correct(self) -> bool:
        """Add what is missing, remove what is too much. False if the kernel refused something."""
        self._drop_lapsed()
        there = {(each.interface, each.address) for each in self._changes.held}
        for place, wanted in self._wanted.items():
            if place in there and self._holding.found(wanted):
                self._leases.adopt(wanted.instance)
        actions = difference(self._wanted, self._managed, self._changes.held)
        leaving = [each.held.address for each in actions if isinstance(each, Remove) and self._leaves_alive(each)]
        await self._leave(leaving)
        good = await self._changes.make(actions)
        await self._leave([each for each in leaving if not self._holding.has(each)])
        return good

    async def _leave(self, leaving: Sequence[Address]) -> None:
        """Whatever hangs there, the addresses go."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEAVE_PATIENCE):
                await self._end_connections(leaving)

    def _leaves_alive(self, action: Remove) -> bool:
        """We held it and give it up while others can hear us; not when the link is down, which may pass."""
        place = action.held.interface, action.held.address
        interface = self._changes.interfaces.get(action.held.interface)
        up = interface is not None and interface.up
        return up and not action.replacing and place in self._holding and place in self._managed.closing

    def _drop_lapsed(self) -> None:
        """What the kernel may have removed by now is not put back: a host that cannot advertise must not hold it."""
        now = self._now()
        if self._leases.any_lapsed(now) and any(
            self._leases.lapsed(each.instance, now) for each in self._wanted.values()
        ):
            self._want()

    async def _renew(self, instances: Sequence[Instance]) -> bool:
        """All addresses of these: an advertisement has left since the last time."""
        wanted = [self._wanted.get(place) for each in instances for place in each.places if place in self._holding]
        return await self._changes.extend([each for each in wanted if each is not None])
