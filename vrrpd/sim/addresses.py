"""The daemon's hands on the kernel of its host, as `vrrpd.linux.addresses` has them, with its very leases.

What should be held is compared with what is held, a moment after each note. An address is announced when it is there.
"""

from collections.abc import Callable
from math import inf

from vrrpd.config.model import Instance
from vrrpd.engine.lease import Leases
from vrrpd.sim.kernel import Kernel, Place
from vrrpd.sim.settings import segment_of
from vrrpd.sim.timeline import Clock

SOON = 0.002
"""Seconds from a note to the kernel at most."""
EVENT = 0.03
"""Seconds from a change by somebody else to the look that finds it."""


def places_of(instance: Instance) -> tuple[Place, ...]:
    """Where its addresses are."""
    segment = segment_of(instance.interface)
    return tuple((segment, each) for each in instance.addresses)


class Addresses:
    """`later`: do this so many seconds from now, unless the daemon is gone; `announce`: put a frame on the wire."""

    def __init__(
        self,
        kernel: Kernel,
        clock: Clock,
        later: Callable[[float, Callable[[], None]], None],
        announce: Callable[[Place], None],
    ) -> None:
        """Nothing is wanted."""
        self._kernel = kernel
        self._clock = clock
        self._later = later
        self._announce = announce
        self._leases = Leases()
        self._managed: dict[Place, str] = {}
        self._here: set[Place] = set()
        self._pending: set[Place] = set()
        self._looks_at_ends = False
        self._noted = False

    def manage(self, instances: tuple[Instance, ...]) -> None:
        """Theirs are ours to remove."""
        for each in instances:
            self._managed.update(dict.fromkeys(places_of(each), each.name))

    def hold(self, instance: Instance, *, hold: bool) -> None:
        """See `Outlet`."""
        if hold:
            self._leases.hold(instance)
        else:
            self._leases.give_up(instance.name)
            self._pending.difference_update(places_of(instance))
        self._noted = True
        self._later(SOON, self.correct)

    def renew(self, instance: Instance) -> None:
        """See `Outlet`. What was noted comes first."""
        if self._leases.advertised(instance, self._clock.now()):
            self._later(SOON, self.correct)
        elif not self._noted:
            self._renew()

    def announce(self, instance: Instance) -> None:
        """See `Outlet`."""
        for place in places_of(instance):
            if place in self._kernel and place in self._here:
                self._announce(place)
            else:
                self._pending.add(place)

    def disturbed(self) -> None:
        """Somebody else has changed something."""
        self._later(EVENT, self.correct)

    def correct(self) -> None:
        """Add what is missing, remove what is too much, and renew what is due."""
        self._noted = False
        now = self._clock.now()
        wanted = {place: each for each in self._leases.valid(now) for place in places_of(each)}
        for place, each in wanted.items():
            if place not in self._kernel:
                self._kernel.add(place, self._leases.added(each.name, each.lease, now))
            elif place not in self._here:
                self._leases.adopt(each.name)
            self._here.add(place)
            if place in self._pending:
                self._announce(place)
        self._pending.clear()
        for place in self._managed:
            if place not in wanted:
                self._here.discard(place)
                self._kernel.remove(place)
        self._renew()

    def _renew(self) -> None:
        now = self._clock.now()
        taken = self._leases.take(now)
        for each in taken:
            for place in places_of(each):
                if place in self._here and place in self._kernel:
                    self._kernel.add(place, self._leases.grant(each.name, each.lease, now))
        if not taken and self._leases.due():
            self._later(self._leases.rest(now), self._renew)
        self._look_at_ends()

    def _look_at_ends(self) -> None:
        """When a lease may be over: what has not advertised in time goes, before the kernel finds that out."""
        if self._looks_at_ends:
            return
        now = self._clock.now()
        end = self._leases.end(now)
        if end < inf:
            self._looks_at_ends = True
            self._later(end - now + SOON, self._ends)

    def _ends(self) -> None:
        self._looks_at_ends = False
        if self._leases.any_lapsed(self._clock.now()):
            self.correct()
        else:
            self._look_at_ends()
