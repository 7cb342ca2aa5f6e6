"""Changes of addresses in the kernel, one after the other; what the kernel is known to have is kept in step."""

import errno
from collections.abc import Callable, Sequence
from typing import assert_never

from vrrpd.engine.journal import AddressChange
from vrrpd.engine.lease import Leases
from vrrpd.linux.difference import Action, Add, Managed, Place, Remove, Wanted
from vrrpd.linux.holding import Holding
from vrrpd.linux.kernel import Kernel
from vrrpd.linux.netlink import Held, Interface, Lifetime, Snapshot
from vrrpd.linux.rtnetlink import refusal
from vrrpd.protocol.messages import Seconds


class Changes:
    """`held` and `interfaces`: the last look at the kernel, and what was changed since.

    `untold`: added by us, and the kernel's event of that has not come yet. Events come in the order of the changes, so
    one of a loss that comes now is older than what we added, and made good by it.
    """

    def __init__(
        self,
        kernel: Kernel,
        holding: Holding,
        leases: Leases,
        managed: Managed,
        is_wanted: Callable[[Place], bool],
        now: Callable[[], Seconds],
    ) -> None:
        """`is_wanted` is asked at each change: notes may come while an earlier one waits for the kernel."""
        self._kernel = kernel
        self._holding = holding
        self._leases = leases
        self._managed = managed
        self._is_wanted = is_wanted
        self._now = now
        self.held: tuple[Held, ...] = ()
        self.interfaces: dict[str, Interface] = {}
        self.untold: set[Place] = set()

    def follow(self, snapshot: Snapshot) -> None:
        """The kernel as it is now."""
        self.held, self.interfaces = snapshot.addresses, dict(snapshot.interfaces)

    def forget(self, place: Place, prefix_length: int) -> None:
        """It is not there any more."""
        gone = *place, prefix_length
        self.held = tuple(each for each in self.held if (each.interface, each.address, each.prefix_length) != gone)

    async def make(self, action: Action) -> bool:
        """False if the kernel refused it. What is not right any more is left; a new round follows the note.

        Raises OSError ETIMEDOUT if the kernel gave no answer.
        """
        match action:
            case Add(wanted):
                return not self._is_wanted(wanted.place) or await self._add(wanted)
            case Remove(held, replacing):
                is_right = replacing or not self._is_wanted((held.interface, held.address))
                return not is_right or await self._remove(held)
            case _:
                assert_never(action)

    async def extend(self, all_wanted: Sequence[Wanted]) -> bool:
        """Another lease for what is there, in one go. Returns and raises as `make`."""
        now = self._now()
        rows = [(wanted, each) for wanted in all_wanted if (each := self._extension(wanted, now)) is not None]
        if not rows:
            return True
        try:
            numbers = await self._kernel.renew([each for _, each in rows])
        except OSError as error:
            first = rows[0][0]
            return self._refused(error, first.instance, first.place, adding=True)
        refused = [(wanted, number) for (wanted, _), number in zip(rows, numbers, strict=True) if number]
        for wanted, number in refused:
            self._refused(refusal(number), wanted.instance, wanted.place, adding=True)
        return not refused

    def _extension(self, wanted: Wanted, now: Seconds) -> Lifetime | None:
        """None: it is gone, an owner's own, or too late; a new round decides."""
        interface = self.interfaces.get(wanted.interface)
        over = self._leases.lapsed(wanted.instance, now) or not self._leases.holds(wanted.instance)
        if interface is None or wanted.owner or over:
            return None
        return Lifetime(interface.index, wanted.address, self._lifetime(wanted))

    def end_of(self, held: Wanted) -> AddressChange:
        """Why an address that we held is no more: given up, or its lease is over."""
        lapsed = self._leases.lapsed(held.instance, self._now())
        return AddressChange.LAPSED if lapsed else AddressChange.REMOVED

    def _lifetime(self, wanted: Wanted) -> int | None:
        return self._leases.grant(wanted.instance, wanted.lease, self._now())

    async def _add(self, wanted: Wanted) -> bool:
        interface = self.interfaces.get(wanted.interface)
        try:
            if interface is None:
                raise OSError(errno.ENODEV, "no such interface")
            self.untold.add(wanted.place)  # before it is asked for: the event may be quicker than the answer
            await self._kernel.add(interface.index, wanted.address, self._lifetime(wanted))
        except OSError as error:
            self.untold.discard(wanted.place)
            return self._refused(error, wanted.instance, wanted.place, adding=True)
        length = wanted.address.network.prefixlen
        others = [
            each for each in self.held if (each.interface, each.address, each.prefix_length) != (*wanted.place, length)
        ]
        self.held = (*others, Held(*wanted.place, length, marked=True, leased=wanted.lease is not None))
        self._holding.added(wanted, still_wanted=self._is_wanted(wanted.place))
        return True

    async def _remove(self, held: Held) -> bool:
        place = held.interface, held.address
        name = self._managed.names.get(place, "")
        interface = self.interfaces.get(held.interface)
        ours = self._holding.leave(place)
        try:
            if interface is not None:
                await self._kernel.remove(interface.index, held.address, held.prefix_length)
        except OSError as error:
            if ours:
                self._holding.stay(ours)
            return self._refused(error, name, place, adding=False)
        self.held = tuple(each for each in self.held if each != held)
        with_another_length = any((each.interface, each.address) == place for each in self.held)
        if with_another_length and ours:
            self._holding.stay(ours)
        elif ours:
            self._holding.ended(ours, self.end_of(ours))
        elif not with_another_length:
            self._holding.removed_leftover(name, place)
        return True

    def _refused(self, error: OSError, instance: str, place: Place, *, adding: bool) -> bool:
        """Told; False, as the caller's answer. Raises it if there was no answer at all: the rest can wait, too."""
        self._holding.failed(instance, place, error, adding=adding)
        if error.errno == errno.ETIMEDOUT:
            raise error
        return False
