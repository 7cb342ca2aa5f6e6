"""What to add and what to remove, from what should be held and what is held. Pure: no kernel, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from vrrpd.config.model import Instance, VirtualAddress
from vrrpd.linux.netlink import Held
from vrrpd.protocol.messages import PRIORITY_OWNER, Address

Place = tuple[str, Address]
"""An interface and an address on it, whatever its prefix length."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One address that should be held, and for whom. `repeat`: rounds of frames when it has to be put back."""

    instance: str
    interface: str
    address: VirtualAddress
    repeat: int
    owner: bool = False
    """Priority 255: the address is the host's own, so one that is there already is never marked nor changed."""
    lease: int | None = None
    """Whole seconds until the kernel removes it by itself, unless it is renewed; None: it stays."""

    @property
    def place(self) -> Place:
        """Where."""
        return self.interface, self.address.ip


@dataclass(frozen=True, slots=True)
class Add:
    """Add it, or put our mark on it."""

    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove it. `replacing`: it is in the way of, or left over from, the same address with another prefix length."""

    held: Held
    replacing: bool = False


Action = Add | Remove


@dataclass(slots=True)
class Managed:
    """Addresses that are ours to remove: those of every instance so far, by the name of the instance.

    `owned` are an owner's (priority 255): the host's own, unless they carry our mark.
    """

    names: dict[Place, str] = field(default_factory=dict)
    owned: set[Place] = field(default_factory=set)
    closing: set[Place] = field(default_factory=set)
    """Where connections are ended with the address."""
    bases: set[str] = field(default_factory=set)
    vmacs: set[str] = field(default_factory=set)
    """Interfaces of instances, and those that we made for virtual MACs: no other address has any business there."""

    def learn(self, instances: Iterable[Instance]) -> None:
        """The instances in force now. Places of earlier ones stay ours to remove."""
        self.owned = set()
        for instance in instances:
            self.bases.add(instance.interface)
            places = set(instance.places)
            self.names |= dict.fromkeys(places, instance.name)
            self.closing = self.closing | places if instance.close_connections else self.closing - places
            if instance.priority == PRIORITY_OWNER:
                self.owned |= places

    def interfaces(self) -> set[str]:
        """Where they may be."""
        return {interface for interface, _ in self.names} | self.bases

    def removable(self, held: Held) -> bool:
        """Nobody wants it: may it go? Marked ones always; others if an instance would put the same address there."""
        place = held.interface, held.address
        return held.marked or held.interface in self.vmacs or (place in self.names and place not in self.owned)


def wanted_of(instances: Iterable[Instance]) -> dict[Place, Wanted]:
    """All addresses of these instances. Where two name the same place, the first has it."""
    found: dict[Place, Wanted] = {}
    for each in instances:
        for address, (interface, _) in zip(each.held, each.places, strict=True):
            owner = each.priority == PRIORITY_OWNER
            lease = None if owner else each.lease
            wanted = Wanted(each.name, interface, address, each.garp_master_repeat, owner, lease)
            found.setdefault(wanted.place, wanted)
    return found


def difference(wanted: dict[Place, Wanted], managed: Managed, held: tuple[Held, ...]) -> tuple[Action, ...]:
    """In order: what is wanted first, as a Master without its address is an outage; then what nobody wants.

    A managed address that nobody wants goes, whoever added it and with whatever prefix length: it would be a second
    owner of the address (keepalived finds only one with its own prefix length).
    """
    there: dict[Place, list[Held]] = {}
    for each in held:
        there.setdefault((each.interface, each.address), []).append(each)
    actions = [action for place, each in wanted.items() for action in _for_wanted(each, there.get(place, []))]
    stale = (each for each in held if (each.interface, each.address) not in wanted and managed.removable(each))
    return (*actions, *(Remove(each) for each in stale))


def _for_wanted(wanted: Wanted, there: list[Held]) -> list[Action]:
    if wanted.owner and there:
        return []
    length = wanted.address.network.prefixlen
    others = [each for each in there if each.prefix_length != length]
    leased = wanted.lease is not None
    right = any(each.marked and each.leased is leased for each in there if each.prefix_length == length)
    add: list[Action] = [] if right else [Add(wanted)]
    if wanted.address.version == 6:
        # the kernel has an IPv6 address only once on an interface, so another length is in the way
        return [*(Remove(each, replacing=True) for each in others), *add]
    return [*add, *(Remove(each, replacing=True) for each in others if each.marked)]
