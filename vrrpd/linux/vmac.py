"""Interfaces with the virtual MAC: those that should be there are made and kept right, all others of ours removed.

What `promotion` sets on other interfaces is looked at with them, by the same answer of the kernel. Their alias says
that they are ours, and how the interface below was set before (RFC 9568 7.3, 8.1.2, 8.2.2).
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vrrpd.config.model import Instance
from vrrpd.engine.journal import Publish
from vrrpd.engine.journal_vmac import VmacChange, VmacChanged
from vrrpd.linux import macvlan
from vrrpd.linux.kernel import Kernel
from vrrpd.linux.macvlan import Device
from vrrpd.linux.netlink import error_name
from vrrpd.linux.promotion import Promotion
from vrrpd.linux.request import Request
from vrrpd.linux.rtnetlink import refusal
from vrrpd.protocol.messages import Family, Seconds
from vrrpd.protocol.virtual_mac import virtual_mac

OURS = "vrrpd"
"""First word of the alias."""
CONF = {
    macvlan.ARP_IGNORE: 1,
    macvlan.ARP_FILTER: 0,
    macvlan.RP_FILTER: 0,
    macvlan.ACCEPT_LOCAL: 1,
    macvlan.PROMOTE_SECONDARIES: 1,
}
"""It answers for its own addresses only: else a Backup would answer for those of its host, with the virtual MAC. What
comes in by it goes out by the interface below, so the kernel must not expect the same way back."""
BASE = {macvlan.ARP_IGNORE: 1, macvlan.ARP_ANNOUNCE: 2}
"""Least values below it: its own MAC must neither answer for the virtual addresses nor claim them when it asks."""
AT_ONCE = 16
"""Removals in one question: each takes the kernel some ten milliseconds, and an answer is not waited for long."""
ACCEPT_RA = "/proc/sys/net/ipv6/conf/{}/accept_ra"
"""An address made from a router's announcement and the virtual MAC would be that of every router of the group."""


@dataclass(frozen=True, slots=True)
class Vmac:
    """What should be there. `quiet`: the interface below must not answer for its addresses (ARP)."""

    name: str
    base: str
    mac: bytes
    quiet: bool

    def fits(self, found: Device, base: Device) -> bool:
        """It is the right one, whoever made it and however it is set."""
        kind = macvlan.KIND, macvlan.MODE_BRIDGE, self.mac, base.index
        return (found.kind, found.mode, found.mac, found.base) == kind

    def replaceable(self, found: Device, base: Device) -> bool:
        """It is in our way, and ours or of another daemon for the same virtual router that is dead."""
        same = (found.kind, found.mac, found.base) == (macvlan.KIND, self.mac, base.index)
        return is_ours(found) or same


def wanted_of(instances: Iterable[Instance]) -> dict[str, Vmac]:
    """By name."""
    return {
        each.vmac: Vmac(
            each.vmac,
            each.interface,
            virtual_mac(each.family, each.virtual_router_id),
            quiet=each.family is Family.IPV4,
        )
        for each in instances
        if each.vmac
    }


def is_ours(found: Device) -> bool:
    """By its alias."""
    return found.kind == macvlan.KIND and found.alias.split(" ")[0] == OURS


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done for one interface. `change`: what that is called; None: nothing that anybody needs to know."""

    vmac: Vmac
    change: VmacChange | None
    requests: tuple[Request, ...]
    below: bool = False
    """It is about the interface below."""


Notes = Mapping[int, str]
"""The alias that notes how an interface was set before, by its index."""


def work(wanted: Mapping[str, Vmac], devices: Mapping[str, Device], notes: Notes) -> Iterator[Work]:
    """What differs. Nothing for an interface that cannot be made because a foreign one has its name, see `taken`."""
    for each in wanted.values():
        base, found = devices.get(each.base), devices.get(each.name)
        if base is None:
            continue
        if found is not None and each.fits(found, base):
            yield from _mend(each, found, base, notes)
        elif found is None:
            yield Work(each, VmacChange.MADE, tuple(_make(each, base, notes)))
        elif each.replaceable(found, base):
            requests = (macvlan.delete(found.index), *_make(each, base, notes))
            yield Work(each, VmacChange.MADE, requests)
        if each.quiet and (lacking := _lacking(base)):  # last: how it was before is in the alias by now
            yield Work(each, None, (macvlan.set_conf(base.name, lacking),), below=True)


def taken(wanted: Mapping[str, Vmac], devices: Mapping[str, Device]) -> list[Vmac]:
    """Those whose names other interfaces have."""
    found = ((each, devices.get(each.base), devices.get(each.name)) for each in wanted.values())
    return [each for each, base, there in found if base and there and not each.replaceable(there, base)]


def _make(vmac: Vmac, base: Device, notes: Notes) -> Iterator[Request]:
    yield macvlan.create(vmac.name, base.index, vmac.mac)
    yield macvlan.set_conf(vmac.name, CONF)
    yield macvlan.mark(vmac.name, _alias(base, notes))


def _mend(vmac: Vmac, found: Device, base: Device, notes: Notes) -> Iterator[Work]:
    requests = []
    if not is_ours(found):
        requests.append(macvlan.mark(vmac.name, _alias(base, notes)))
    if any(found.conf.get(key) != value for key, value in CONF.items()):
        requests.append(macvlan.set_conf(vmac.name, CONF))
    if requests or (base.enabled and not found.enabled):
        yield Work(vmac, None, tuple(requests))


def _lacking(base: Device) -> dict[int, int]:
    return {key: value for key, value in BASE.items() if base.conf.get(key, value) < value}


def _alias(base: Device, notes: Notes) -> str:
    """The first one notes how the interface below is set, later ones copy it."""
    return notes.get(base.index) or " ".join([OURS, *(str(base.conf.get(key, value)) for key, value in BASE.items())])


def restored(gone: Sequence[Device], left: Iterable[Device]) -> dict[int, dict[int, int]]:
    """By the index of each interface below that has none of ours any more: how it was set before."""
    kept = {each.base for each in left if is_ours(each)}
    found: dict[int, dict[int, int]] = {}
    for each in gone:
        numbers = [int(word) for word in each.alias.split(" ")[1:] if word.isdecimal()]
        if each.base not in kept and len(numbers) == len(BASE):
            found[each.base] = dict(zip(BASE, numbers, strict=True))
    return found


class Vmacs:
    """`want` takes a note; `make` and `clear` do it. What cannot be made is in `failed`, with the name of the errno."""

    def __init__(self, kernel: Kernel, publish: Publish, now: Callable[[], Seconds]) -> None:
        """Nothing is wanted yet, and nothing known."""
        self._kernel = kernel
        self._publish = publish
        self._now = now
        self._wanted: dict[str, Vmac] = {}
        self._looked = False
        self._made: set[str] = set()
        self._promotion = Promotion(kernel)
        self._notes: dict[int, str] = {}
        self.ours: frozenset[str] = frozenset()
        self.failed: dict[str, str] = {}

    def want(self, instances: Iterable[Instance]) -> bool:
        """The instances in force. True: there is something to do."""
        instances = tuple(instances)
        before, self._wanted = self._wanted, wanted_of(instances)
        self.failed = {name: why for name, why in self.failed.items() if name in self._wanted}
        return self._promotion.want(instances) or before != self._wanted

    def unmade(self, there: Iterable[str]) -> bool:
        """Something is wanted that was not tried yet; `there`: names of the interfaces that there are."""
        names = set(there)
        return any(
            each.name not in names and each.name not in self.failed and each.base in names
            for each in self._wanted.values()
        )

    async def make(self) -> None:
        """Make what is missing and mend what is wrong. Raises OSError if the kernel gives no answer."""
        if not self._wanted and not self._promotion.wanted and self._looked:
            return
        devices = await self._kernel.devices()
        await self._promotion.make(devices)
        self._looked = True
        self.failed = {each.name: "EEXIST" for each in taken(self._wanted, devices)}
        for name in self.failed:
            self._tell(name, VmacChange.FAILED, "EEXIST")
        for each in filter(is_ours, devices.values()):
            self._notes.setdefault(each.base, each.alias)
        for todo in work(self._wanted, devices, self._notes):
            base = devices[todo.vmac.base]
            self._notes.setdefault(base.index, _alias(base, self._notes))
            await self._do(todo, base)
        there = {each.name for each in devices.values() if is_ours(each)}
        self.ours = frozenset((there | set(self._wanted)) - set(self.failed))

    async def clear(self) -> None:
        """Remove ours that nobody wants. Raises OSError as `make`."""
        if self.ours <= self._wanted.keys() and not self._promotion.unwanted:
            return
        devices = await self._kernel.devices()
        await self._promotion.clear(devices)
        gone = [each for each in devices.values() if is_ours(each) and each.name not in self._wanted]
        left = [each for each in devices.values() if each not in gone]
        names = {each.index: each.name for each in left}
        for at in range(0, len(gone), AT_ONCE):
            await self._kernel.ask([macvlan.delete(each.index) for each in gone[at:][:AT_ONCE]])
        for each in gone:
            self._made.discard(each.name)
            self._tell(each.name, VmacChange.REMOVED)
        before = restored(gone, left)
        for base in before:
            self._notes.pop(base, None)
        await self._kernel.ask([macvlan.set_conf(names[base], conf) for base, conf in before.items() if base in names])
        self.ours = frozenset(self._wanted)

    async def _do(self, each: Work, base: Device) -> None:
        name = each.vmac.name
        numbers = await self._kernel.ask(each.requests) if each.requests else []
        if not each.below and not any(numbers):
            await self._kernel.ask([macvlan.generate_nothing(name)])  # refused where there is no IPv6
            await self._kernel.call(lambda: refuse_router_advertisements(name))
            numbers = await self._kernel.ask([macvlan.enable(name)]) if base.enabled else []
        if number := next((each for each in numbers if each), 0):
            self.failed[name] = error_name(refusal(number))
            self._tell(name, VmacChange.FAILED, self.failed[name])
        elif each.change is not None:
            self._tell(name, VmacChange.RESTORED if name in self._made else each.change)
            self._made.add(name)

    def _tell(self, name: str, change: VmacChange, error: str = "") -> None:
        self._publish(VmacChanged(self._now(), name, change, error))


def refuse_router_advertisements(name: str) -> None:
    """Where /proc/sys may be written; else what the kernel makes of them is removed as soon as it is seen."""
    with contextlib.suppress(OSError):
        Path(ACCEPT_RA.format(name)).write_text("0")
