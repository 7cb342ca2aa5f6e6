"""Virtual routes and rules: those of the instances that are Master are set, all others with our mark removed.

As with addresses notes are taken at once, and one task does the rest. A route may need an address of its instance, so
it is set after them and removed before them; the addresses never wait for a route.
"""

import asyncio
import contextlib
import errno
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from vrrpd.config.model import Instance
from vrrpd.engine.journal import Publish
from vrrpd.engine.journal_routes import RouteChange, RouteChanged, RouteFailed
from vrrpd.linux.bpf import LOAD_HALF, LOAD_OCTET, hand_up, load, skip
from vrrpd.linux.netlink import error_name
from vrrpd.linux.pace import LOOK_PAUSE, RETRY_LAST
from vrrpd.linux.routing import GONE, MARK, Thing, fits
from vrrpd.linux.rtnetlink import READ_OCTETS, RTM_DELROUTE, RTM_NEWROUTE, listen, refusal
from vrrpd.protocol.messages import Seconds

GRACE = Seconds(1.0)
"""After a takeover routes wait this long for addresses that the kernel refuses; then they are tried without."""
WITHDRAW_PATIENCE = 0.5
"""Seconds that addresses to be removed wait for their routes at most."""
GROUPS = 0x40 | 0x80 | 0x400 | 0x40000
"""RTMGRP_IPV4_ROUTE, RTMGRP_IPV4_RULE, RTMGRP_IPV6_ROUTE and the same for RTNLGRP_IPV6_RULE."""


class Table(Protocol):
    """The kernel, see `routing.RoutingTable`."""

    async def look(self) -> tuple[Thing, ...]:
        """What is there with our mark."""
        ...

    async def put(self, things: Sequence[Thing]) -> list[int]:
        """Add."""
        ...

    async def take(self, things: Sequence[Thing]) -> list[int]:
        """Remove."""
        ...


class Routes:
    """`hold` takes a note; `run` goes on until cancelled, and looks when it is told to."""

    def __init__(
        self, table: Table, publish: Publish, now: Callable[[], Seconds], is_ready: Callable[[Instance], bool]
    ) -> None:
        """`is_ready`: the kernel has all addresses of the instance."""
        self._table = table
        self._publish = publish
        self._now = now
        self._is_ready = is_ready
        self._masters: dict[str, tuple[Instance, Seconds]] = {}
        self._present: dict[Thing, str] = {}
        self._leaving: set[Thing] = set()
        self._lost: set[Thing] = set()
        self._told: dict[Thing, int] = {}
        self._is_clean = False
        self._wake = asyncio.Event()

    # --- notes, taken at once -----------------------------------------------------------------------------------

    def hold(self, instance: Instance, hold: bool) -> None:
        """What should be from now on: all routes and rules of the instance, or none."""
        if not hold:
            self._masters.pop(instance.name, None)  # `withdraw` follows, before its addresses go
        elif instance.virtual_routes or instance.virtual_rules or instance.name in self._masters:
            _, since = self._masters.get(instance.name, (instance, self._now()))
            self._masters[instance.name] = instance, since
            self._wake.set()

    def look(self) -> None:
        """Links or addresses may be otherwise than before, or it is time: look again, if there is anything to see."""
        if self._masters or self._present or not self._is_clean:
            self._wake.set()

    # --- the task -----------------------------------------------------------------------------------------------

    async def tidy(self) -> None:
        """Look once; remove what an earlier daemon has left and nobody wants. `run` tries again."""
        with contextlib.suppress(OSError):
            await self._round()

    async def run(self) -> None:
        """Keep them right, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            with contextlib.suppress(OSError):  # the next look is not far
                await self._round()
            await asyncio.sleep(LOOK_PAUSE)

    async def watch(self) -> None:
        """Look after each change of a route of ours and of rules, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                with listen(GROUPS, ours()) as listener:
                    self._stir()
                    while True:
                        await loop.sock_recv(listener, READ_OCTETS)
                        self._stir()
            except OSError as error:
                self._stir()
                # what was dropped is looked at; any other trouble may last
                await asyncio.sleep(0 if error.errno == errno.ENOBUFS else RETRY_LAST)

    async def withdraw(self) -> None:
        """Remove what is not wanted any more, before its addresses go. Takes no more than a moment."""
        if not self._present:
            return
        wanted = self._wanted()
        gone = {each: self._present.pop(each) for each in list(self._present) if each not in wanted}
        if not gone:
            return
        self._leaving |= gone.keys()
        try:
            async with asyncio.timeout(WITHDRAW_PATIENCE):
                await self._take(gone)
        except (TimeoutError, OSError):
            self._stir()
        finally:
            self._leaving -= gone.keys()

    # --- one round ----------------------------------------------------------------------------------------------

    def _wanted(self) -> dict[Thing, Instance]:
        """Where two instances name the same one, the first has it."""
        found: dict[Thing, Instance] = {}
        for instance, _ in self._masters.values():
            things: tuple[Thing, ...] = (*instance.virtual_routes, *instance.virtual_rules)
            for each in things:
                found.setdefault(each, instance)
        return found

    async def _round(self) -> None:
        found = await self._table.look()
        there, wanted = Places(found), self._wanted()
        for each in [each for each in self._present if not there.fitting(each)]:
            self._gone(each, self._present.pop(each), is_wanted=each in wanted)
        kept, present = Places((*wanted, *self._leaving)), Places(self._present)
        stale = [each for each in found if not kept.fitted(each)]
        self._is_clean = not stale and not wanted
        owners = {each: present.fitted(each) for each in stale}
        await self._take({each: self._present.pop(own, "") if own else "" for each, own in owners.items()})
        for each, instance in wanted.items():
            if there.fitting(each):
                self._is_there(each, instance.name)
        await self._put([each for each in wanted if each not in self._present and self._is_time(wanted[each])])
        self._forget(wanted)

    def _is_time(self, instance: Instance) -> bool:
        _, since = self._masters.get(instance.name, (instance, self._now()))
        return self._is_ready(instance) or self._now() - since >= GRACE

    async def _put(self, things: Sequence[Thing]) -> None:
        if not things:
            return
        numbers = await self._table.put(things)
        wanted = self._wanted()  # it may be otherwise by now
        for each, number in zip(things, numbers, strict=True):
            instance = wanted.get(each)
            if number:
                self._failed(each, instance.name if instance else "", number, adding=True)
            elif instance is not None:
                self._is_there(each, instance.name)
            else:
                self._stir()  # given up while it was added: the next round removes it

    async def _take(self, things: dict[Thing, str]) -> None:
        """Things and the instances that had them; empty: nobody."""
        if not things:
            return
        numbers = await self._table.take(list(things))
        for (each, instance), number in zip(things.items(), numbers, strict=True):
            if number and number not in GONE:
                self._failed(each, instance, number, adding=False)
            elif not number:
                self._told.pop(each, None)
                self._tell(each, instance, RouteChange.REMOVED if instance else RouteChange.LEFTOVER_REMOVED)

    # --- what becomes of one ------------------------------------------------------------------------------------

    def _is_there(self, thing: Thing, instance: str) -> None:
        self._told.pop(thing, None)
        if thing not in self._present:
            self._tell(thing, instance, RouteChange.RESTORED if thing in self._lost else RouteChange.ADDED)
        self._lost.discard(thing)
        self._present[thing] = instance

    def _gone(self, thing: Thing, instance: str, *, is_wanted: bool) -> None:
        if is_wanted:
            self._lost.add(thing)
        self._tell(thing, instance, RouteChange.LOST if is_wanted else RouteChange.REMOVED)

    def _failed(self, thing: Thing, instance: str, number: int, *, adding: bool) -> None:
        """Told once for each reason; it is tried again with each look."""
        if self._told.get(thing) == number:
            return
        self._told[thing] = number
        self._publish(RouteFailed(self._now(), instance, words(thing), adding, error_name(refusal(number))))

    def _forget(self, wanted: Iterable[Thing]) -> None:
        """What is not wanted any more begins anew when it is again."""
        kept = set(wanted)
        self._lost &= kept
        if self._is_clean:
            self._told.clear()

    def _tell(self, thing: Thing, instance: str, change: RouteChange) -> None:
        self._publish(RouteChanged(self._now(), instance, words(thing), change))

    def _stir(self) -> None:
        """There may be something of ours that we do not know."""
        self._is_clean = False
        self._wake.set()


def words(thing: Thing) -> str:
    """As ip(8) has it."""
    return f"{type(thing).__name__.lower()} {thing}"


class Places:
    """Things by their identity: to compare each of a thousand with each other would hold the election up."""

    def __init__(self, things: Iterable[Thing]) -> None:
        """Any number."""
        self._things: dict[tuple[object, ...], list[Thing]] = {}
        for each in things:
            self._things.setdefault(each.identity, []).append(each)

    def fitting(self, wanted: Thing) -> Thing | None:
        """What the kernel has that is as wanted."""
        return next((each for each in self._things.get(wanted.identity, ()) if fits(wanted, each)), None)

    def fitted(self, found: Thing) -> Thing | None:
        """What is wanted that the kernel has here."""
        return next((each for each in self._things.get(found.identity, ()) if fits(each, found)), None)


def ours() -> bytes:
    """A program for the kernel (`bpf`): of routes hand up those with our mark, as a router has a million others.

    nlmsg_type is at 4, in the order of this machine; rtm_protocol at 16 + 5.
    """
    new, gone = (int.from_bytes(each.to_bytes(2, sys.byteorder), "big") for each in (RTM_NEWROUTE, RTM_DELROUTE))
    steps = (
        load(LOAD_HALF, 4),
        skip(new, same=1),
        skip(gone, other=2),
        load(LOAD_OCTET, 16 + 5),
        skip(MARK, other=1),
        hand_up(READ_OCTETS),
        hand_up(0),
    )
    return b"".join(steps)
