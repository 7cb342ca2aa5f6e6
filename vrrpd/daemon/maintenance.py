"""What an operator may tell: drain, undrain, handover. Asked first: is anybody there to take over?"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, timedelta

from vrrpd.api.acts import DRAIN, HANDOVER, UNDRAIN, Act, Order, Reply, flag, names, refused, seconds, text, unknown
from vrrpd.daemon.drainage import REASON_LIMIT, Drainage
from vrrpd.daemon.host import Host
from vrrpd.engine.drain import HOST, Drain
from vrrpd.engine.journal import Role
from vrrpd.observe.peers import Outlook, Peers, outlook
from vrrpd.observe.record import InstanceRecord
from vrrpd.observe.state import StateView, Wall
from vrrpd.protocol.messages import PRIORITY_OWNER, Address, Seconds

SHORTEST, LONGEST = 1.0, 366 * 86400.0
"""Seconds that a drain may last, when it has an end."""
NAMES_LIMIT = 255
"""Instances in one order."""


class Maintenance:
    """The acts of an operator, one at a time."""

    def __init__(self, host: Host, view: StateView, peers: Peers, drainage: Drainage, wall: Wall) -> None:
        """`wall`: from our clock to the time of day."""
        self._host = host
        self._view = view
        self._peers = peers
        self._drainage = drainage
        self._wall = wall
        self._lock = asyncio.Lock()

    def acts(self) -> dict[str, Act]:
        """By their names in the API."""
        return {DRAIN: self.drain, UNDRAIN: self.undrain, HANDOVER: self.hand_over}

    async def drain(self, order: Order) -> Reply:
        """`names` (none: the host), `seconds` (null: until undrain), `reason`, `force`. Raises `BadOrderError`."""
        wanted, length = names(order, NAMES_LIMIT), seconds(order, "seconds", SHORTEST, LONGEST)
        reason, force = text(order, "reason", REASON_LIMIT), flag(order, "force")
        if reply := self._unknown(wanted):
            return reply
        async with self._lock:
            outlooks = [await self._outlook(each) for each in wanted or self._view.instances]
            if not force and (bad := _bad(outlooks)):
                return refused("drain refused: nobody is known who could take over; --force drains all the same", *bad)
            self._host.drain(dict.fromkeys(wanted or (HOST,), self._drain_of(reason, length)))
            return Reply((*_told(outlooks), *await self._kept()), more={"drained": list(wanted)})

    async def undrain(self, order: Order) -> Reply:
        """`names` (none: the host and everything on it). Raises `BadOrderError`."""
        wanted = names(order, NAMES_LIMIT)
        drained = self._view.drains
        strange = [each for each in wanted if each not in drained]
        if reply := self._unknown(strange):
            return reply
        if HOST in drained and wanted:
            return refused("undrain refused: the host is drained as a whole; undrain it without a name")
        async with self._lock:
            ended = [name for each in wanted or (HOST,) for name in self._host.undrain(each)]
            lines = tuple(f"{name or 'this host'} is back in service" for name in ended)
            return Reply((*(lines or ("nothing was drained",)), *await self._kept()), more={"undrained": ended})

    async def hand_over(self, order: Order) -> Reply:
        """`names` (exactly one), `force`, `undo`. Raises `BadOrderError`."""
        wanted, force, undo = names(order, 1), flag(order, "force"), flag(order, "undo")
        if reply := self._unknown(wanted) or (None if wanted else refused("handover needs the name of an instance")):
            return reply
        (name,) = wanted
        if undo:
            if self._host.take_back(name):
                return Reply((f"{name} preempts again as configured",))
            return refused(f"{name} has not handed over")
        async with self._lock:
            return await self._hand_over(name, force=force)

    async def _hand_over(self, name: str, *, force: bool) -> Reply:
        record = self._view.instances[name]
        if record.role is not Role.MASTER:
            return refused(f"handover refused: {name} is {record.role.value} here, not master")
        if record.config.priority == PRIORITY_OWNER:
            return refused(f"handover refused: {name} owns its addresses (255) and takes them back at once; drain it")
        found = await self._outlook(name)
        if not force and not found.good:
            return refused(
                "handover refused: nobody is known who could take over; --force tries all the same", found.told
            )
        if not self._host.hand_over(name):
            return refused(f"handover refused: {name} is not master any more")
        return Reply((found.told,))

    async def _outlook(self, name: str) -> Outlook:
        record = self._view.instances[name]
        known, listed = self._peers.of(name), self._listed(record)
        hosts = [*(each.address for each in known), *listed]
        answers = await self._host.answers(name, hosts) if record.role is Role.MASTER else {}
        return outlook(name, record.role, known, listed, answers, self._host.now())

    def _listed(self, record: InstanceRecord) -> tuple[Address, ...]:
        """The other routers of `unicast_peer`, in which a host may name itself."""
        own = self._view.link(record.config.interface).addresses
        return tuple(each.address for each in record.config.unicast_peer if each.address not in own)

    def _drain_of(self, reason: str, length: float | None) -> Drain:
        if length is None:
            return Drain(reason)
        until = Seconds(self._host.now() + length)
        ends = (self._wall(until) + timedelta(seconds=0.5)).astimezone(UTC).isoformat(timespec="seconds")
        return Drain(reason, until, ends.replace("+00:00", "Z"))

    async def _kept(self) -> tuple[str, ...]:
        error = await self._drainage.saved()
        return (f"warning: a restart will not know of this: {error}",) if error else ()

    def _unknown(self, wanted: Iterable[str]) -> Reply | None:
        missing = next((each for each in wanted if each not in self._view.instances), None)
        return None if missing is None else unknown(f"no instance is called {missing}")


def _bad(outlooks: Iterable[Outlook]) -> tuple[str, ...]:
    return tuple(each.told for each in outlooks if not each.good)


def _told(outlooks: Iterable[Outlook]) -> tuple[str, ...]:
    return tuple(each.told for each in outlooks)
