"""The addresses in the kernel of one host: leases end by themselves, a little late, whatever the daemon does."""

from collections.abc import Callable
from math import inf
from random import Random

from vrrpd.protocol.messages import Address
from vrrpd.sim.timeline import Clock, Timeline

LATE = (0.0, 0.27)
"""Seconds from the end of a lifetime until the kernel removes the address (measured), where it has not just looked."""
LOOKS_APART = 1.0
"""Seconds between two looks for what is over, at least; a change by hand is a look of its own."""
PLANTED = 1.0
"""Lifetime in seconds of an address that somebody adds by hand, should nobody renew it."""
TOGETHER = 0.02
"""Seconds that a look is ahead of its time."""

Place = tuple[int, Address]
"""A segment and an address on it."""


class Kernel:
    """`on_change` is told of each place that is there from now on, or not any more."""

    def __init__(
        self, timeline: Timeline, random: Random, clock: Clock, on_change: Callable[[Place, bool], None]
    ) -> None:
        """It has no addresses."""
        self._timeline = timeline
        self._random = random
        self._clock = clock
        self._on_change = on_change
        self._ends: dict[Place, float] = {}
        self._next_look = inf

    def __contains__(self, place: object) -> bool:
        """The address is there."""
        return place in self._ends

    def places(self) -> tuple[Place, ...]:
        """All that is there."""
        return tuple(self._ends)

    def add(self, place: Place, lifetime: float | None) -> None:
        """Add it, or let it live for so many seconds of its own clock from now on; None: for ever."""
        known = place in self._ends
        end = inf
        if lifetime is not None:
            end = self._timeline.now + self._clock.lasts(lifetime)
        self._ends[place] = end
        if not known:
            self._on_change(place, True)
        if end < inf:
            self._look()

    def remove(self, place: Place) -> None:
        """Whether it is there or not."""
        if self._ends.pop(place, None) is not None:
            self._on_change(place, False)

    def clear(self) -> None:
        """Power off."""
        for place in self.places():
            self.remove(place)

    def _look(self) -> None:
        """Remove what is over, and look again when the next is: late, and not too soon after this time."""
        now = self._timeline.now
        for place in [place for place, end in self._ends.items() if end <= now + TOGETHER]:
            self.remove(place)
        first = min(self._ends.values(), default=inf)
        if first < inf:
            self._next_look = max(now + LOOKS_APART, first + self._random.uniform(*LATE))
            self._timeline.at(self._next_look, self._due, self._next_look)

    def _due(self, look: float) -> None:
        """Not one that another look has put off."""
        if look == self._next_look:
            self._look()
