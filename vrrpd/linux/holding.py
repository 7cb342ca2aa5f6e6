"""Which of our addresses the kernel has, as far as we know: every change is told, and announced when it is time."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from vrrpd.config.model import Instance
from vrrpd.engine.journal import AddressChange, AddressChanged, AddressFailed, Announced, Publish, SendFailed
from vrrpd.engine.lease import NO_LEASE
from vrrpd.linux.announcer import Announcer
from vrrpd.linux.difference import Place, Wanted
from vrrpd.linux.netlink import Held, Interface, error_name
from vrrpd.protocol.messages import Address, Seconds


class Holding:
    """What an address is announced for is decided elsewhere; an address that is not held waits for it here."""

    def __init__(self, announcer: Announcer, publish: Publish, now: Callable[[], Seconds]) -> None:
        """Nothing is held yet."""
        self._announcer = announcer
        self._publish = publish
        self._now = now
        self._present: dict[Place, Wanted] = {}
        self._marked: set[Place] = set()
        self._lost: set[Place] = set()
        self._unread: set[Place] = set()
        self._unleased: set[Place] = set()
        self._pending: dict[Place, int] = {}
        self._interfaces: dict[str, Interface] = {}

    def __contains__(self, place: object) -> bool:
        """The kernel has it, and it is or was wanted."""
        return place in self._present

    def has(self, address: Address) -> bool:
        """On any interface."""
        return any(each == address for _, each in self._present)

    # --- from a look at the kernel ------------------------------------------------------------------------------

    def as_marked(self, held: Held) -> Held:
        """A kernel before 5.18 forgets the mark; what we added while we run we know ourselves."""
        ours = not held.marked and (held.interface, held.address) in self._marked
        return replace(held, marked=True) if ours else held

    def missing(self, held: Iterable[Held]) -> list[Wanted]:
        """What was there and is not any more, and not by us."""
        there = {(each.interface, each.address) for each in held}
        return [wanted for place, wanted in self._present.items() if place not in there]

    def read_back(self, held: Iterable[Held]) -> None:
        """A lease that the kernel did not grant is told once: a death would leave the address there for ever."""
        for each in held:
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

    def follow(self, interfaces: dict[str, Interface]) -> None:
        """The interfaces as they are now: where announcements go."""
        self._interfaces = interfaces

    # --- what becomes of one address ----------------------------------------------------------------------------

    def found(self, wanted: Wanted) -> bool:
        """The kernel has it. Announce it if that was waiting, and tell. False: that was known."""
        place = wanted.place
        known = place in self._present
        self._present[place] = wanted
        if known:
            return False
        change = AddressChange.RESTORED if place in self._lost else AddressChange.ADDED
        self._lost.discard(place)
        if repeat := self._pending.pop(place, 0):
            self._announce(wanted.instance, [place], repeat)
        self._tell(wanted.instance, place, change)
        return True

    def added(self, wanted: Wanted, *, still_wanted: bool) -> None:
        """By us. What was given up in the meantime is not announced; it goes in the next round."""
        place = wanted.place
        self._marked.add(place)
        if wanted.lease is not None:
            self._unread.add(place)
        if still_wanted and place not in self._present:
            self._wait_for(place, wanted.repeat)
        self.found(wanted)

    def lost(self, gone: Wanted) -> None:
        """Somebody took away what is wanted: it is put back, and announced when it is."""
        self._forget(gone.place)
        self._lost.add(gone.place)
        self._wait_for(gone.place, gone.repeat)
        self._tell(gone.instance, gone.place, AddressChange.LOST)

    def ended(self, gone: Wanted, change: AddressChange) -> None:
        """It is no more, and not wanted either."""
        self._forget(gone.place)
        self._tell(gone.instance, gone.place, change)

    def leave(self, place: Place) -> Wanted | None:
        """It is about to be removed, so it is announced no more. See `stay` for a removal that failed."""
        return self._present.pop(place, None)

    def stay(self, wanted: Wanted) -> None:
        """After `leave`: it was not removed."""
        self._present[wanted.place] = wanted

    def removed_leftover(self, instance: str, place: Place) -> None:
        """An address that we did not hold."""
        self._marked.discard(place)
        self._tell(instance, place, AddressChange.LEFTOVER_REMOVED)

    def failed(self, instance: str, place: Place, error: OSError, *, adding: bool) -> None:
        """The kernel refused it."""
        self._publish(AddressFailed(self._now(), instance, *place, adding, error_name(error)))

    # --- announcements ------------------------------------------------------------------------------------------

    def announce(self, instance: Instance, wanted: Collection[Place], repeat: int) -> None:
        """Each address that is there now, the others that are wanted as soon as they are."""
        self._announce(instance.name, [each for each in instance.places if each in self._present], repeat)
        for place in instance.places:
            if place in wanted and place not in self._present:
                self._wait_for(place, repeat)

    def want(self, wanted: Collection[Place]) -> None:
        """Nothing else is waited for."""
        self._pending = {place: repeat for place, repeat in self._pending.items() if place in wanted}
        self._lost &= set(wanted)

    def _wait_for(self, place: Place, repeat: int) -> None:
        self._pending[place] = max(repeat, self._pending.get(place, 0))

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

    def _forget(self, place: Place) -> None:
        self._present.pop(place, None)
        self._marked.discard(place)

    def _tell(self, instance: str, place: Place, change: AddressChange) -> None:
        self._publish(AddressChanged(self._now(), instance, *place, change))
