"""The addresses in the kernel of one host: leases end by themselves, a little late, whatever the daemon does."""

from collections.abc import Callable
from math import inf
from random import Random

from vrrpd.protocol.messages import Address
from vrrpd.sim.timeline import Clock, Timeline

LATE = (0.15, 0.25)
"""Seconds from the end of a lifetime until the kernel removes the address (measured)."""

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
        self._looks: dict[Place, float] = {}

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
            end = self._timeline.now + self._clock.lasts(lifetime) + self._random.uniform(*LATE)
        before = self._ends.get(place, inf)
        self._ends[place] = end
        if end < before or not known:
            self._watch(place)
        if not known:
            self._on_change(place, True)

    def remove(self, place: Place) -> None:
        """Whether it is there or not."""
        if self._ends.pop(place, None) is not None:
            self._on_change(place, False)

    def clear(self) -> None:
        """Power off."""
        for place in self.places():
            self.remove(place)

    def _watch(self, place: Place) -> None:
        end = self._ends[place]
        if end < inf:
            self._looks[place] = end
            self._timeline.at(end, self._expire, place, end)

    def _expire(self, place: Place, look: float) -> None:
        """Renewals do not move what is due here; it finds out."""
        if self._looks.get(place) != look or place not in self._ends:
            return
        if self._ends[place] <= self._timeline.now:
            self.remove(place)
        else:
            self._watch(place)
