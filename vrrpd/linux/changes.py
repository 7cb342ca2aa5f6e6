"""Changes of addresses in the kernel, one after the other; what the kernel is known to have is kept in step."""

import errno
from collections.abc import Callable, Sequence
from itertools import groupby

from vrrpd.engine.journal import AddressChange
from vrrpd.engine.lease import Leases
from vrrpd.linux.difference import Action, Add, Managed, Place, Remove, Wanted
from vrrpd.linux.holding import Holding
from vrrpd.linux.kernel import Kernel
from vrrpd.linux.netlink import Held, Interface, Lifetime, Snapshot
from vrrpd.linux.rtnetlink import refusal
from vrrpd.protocol.messages import Address, Seconds

_Whole = tuple[str, Address, int]
"""Interface, address, prefix length."""
AT_ONCE = 64
"""Removals in one message: whoever waits for hundreds of them sees that they go."""


class Changes:
    """`held` and `interfaces`: the last look at the kernel, and what was changed or lost since it began.

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
        self._meanwhile: set[_Whole] = set()

    def look(self) -> None:
        """A look begins. What goes from now on may be in it, or not."""
        self._meanwhile.clear()

    def follow(self, snapshot: Snapshot) -> None:
        """The kernel as it is now, but for what has gone since the look began."""
        self.held, self.interfaces = snapshot.addresses, dict(snapshot.interfaces)
        self._let_go(self._meanwhile)

    def forget(self, place: Place, prefix_length: int) -> None:
        """It is not there any more."""
        gone = *place, prefix_length
        self._meanwhile.add(gone)
        self._let_go({gone})

    def _let_go(self, gone: set[_Whole]) -> None:
        self.held = tuple(each for each in self.held if (each.interface, each.address, each.prefix_length) not in gone)

    async def make(self, actions: Sequence[Action]) -> bool:
        """In order, removals in a row together. False if the kernel refused one of them.

        What is not right any more is left; a new round follows the note. Raises OSError ETIMEDOUT if the kernel gave
        no answer.
        """
        good = True
        for kind, some in groupby(actions, type):
            if kind is Remove:
                removals = [each for each in some if isinstance(each, Remove)]
                for first in range(0, len(removals), AT_ONCE):
                    good &= await self._remove(removals[first:][:AT_ONCE])
            else:
                good &= all([await self._add(each.wanted) for each in some if isinstance(each, Add)])
        return good

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
        return Lifetime(interface.index, wanted.address, self._leases.grant(wanted.instance, wanted.lease, now))

    def end_of(self, held: Wanted) -> AddressChange:
        """Why an address that we held is no more: given up, or its lease is over."""
        lapsed = self._leases.lapsed(held.instance, self._now())
        return AddressChange.LAPSED if lapsed else AddressChange.REMOVED

    def _lifetime(self, wanted: Wanted) -> int | None:
        return self._leases.added(wanted.instance, wanted.lease, self._now())

    async def _add(self, wanted: Wanted) -> bool:
        if not self._is_wanted(wanted.place):
            return True
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
        self._let_go({(*wanted.place, length)})
        self.held = (*self.held, Held(*wanted.place, length, marked=True, leased=wanted.lease is not None))
        self._holding.added(wanted, still_wanted=self._is_wanted(wanted.place))
        return True

    async def _remove(self, removals: Sequence[Remove]) -> bool:
        right = [each.held for each in removals if each.replacing or not self._is_wanted(_place(each.held))]
        left = [(each, self._holding.leave(_place(each))) for each in right]
        try:
            refused = await self._take([each for each in right if each.interface in self.interfaces])
        except OSError as error:
            for _, ours in left:
                if ours:
                    self._holding.stay(ours)  # all of them: no answer ends the telling with the first
            refused = dict.fromkeys(right, error.errno or errno.EIO)
        good = True
        for held, ours in left:
            number = refused.get(held, 0)
            good &= self._stays(held, ours, refusal(number)) if number else self._gone(held, ours)
        return good

    async def _take(self, there: Sequence[Held]) -> dict[Held, int]:
        """Ask the kernel for it; the errnos of what it refused. Raises OSError if one was refused or none answered."""
        places = [(self.interfaces[each.interface].index, each.address, each.prefix_length) for each in there]
        if len(places) == 1:
            await self._kernel.remove(*places[0])
        elif places:
            return dict(zip(there, await self._kernel.remove_many(places), strict=True))
        return {}

    def _stays(self, held: Held, ours: Wanted | None, error: OSError) -> bool:
        if ours:
            self._holding.stay(ours)
        return self._refused(error, self._managed.names.get(_place(held), ""), _place(held), adding=False)

    def _gone(self, held: Held, ours: Wanted | None) -> bool:
        self.forget(_place(held), held.prefix_length)
        with_another_length = any(_place(each) == _place(held) for each in self.held)
        if with_another_length and ours:
            self._holding.stay(ours)
        elif ours:
            self._holding.ended(ours, self.end_of(ours))
        elif not with_another_length:
            self._holding.removed_leftover(self._managed.names.get(_place(held), ""), _place(held))
        return True

    def _refused(self, error: OSError, instance: str, place: Place, *, adding: bool) -> bool:
        """Told; False, as the caller's answer. Raises it if there was no answer at all: the rest can wait, too."""
        self._holding.failed(instance, place, error, adding=adding)
        if error.errno == errno.ETIMEDOUT:
            raise error
        return False


def _place(held: Held) -> Place:
    return held.interface, held.address
