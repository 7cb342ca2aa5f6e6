"""Leases: how long an instance may hold its addresses without having advertised. Pure: no kernel, no clock.

The kernel counts by itself from each renewal; what stands here decides what we do about it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from vrrpd.config.model import Instance
from vrrpd.protocol.messages import Seconds

RENEW_PAUSE = 0.1
"""Seconds between two renewals at least: a lease is whole seconds, advertisements may come every 10 ms."""
NO_LEASE = "NOLEASE"
"""Stands where the name of an errno would: the kernel took the address, but not its lifetime."""
NEVER = Seconds(-math.inf)


@dataclass(slots=True)
class Lease:
    """Of one instance that holds. `granted_at`: the last advertisement that left.

    `renewed_at`: when the kernel was last told.
    """

    granted_at: Seconds
    renewed_at: Seconds

    def lapsed(self, instance: Instance, now: Seconds) -> bool:
        """Nothing has left for as long as the lease is: the addresses must not be put back."""
        return instance.lease is not None and now - self.granted_at >= instance.lease

    def adopt(self) -> None:
        """The address was there already, and nobody knows for how long: tell the kernel at once."""
        self.renewed_at = NEVER

    def due(self) -> bool:
        """The kernel should be told of the last advertisement."""
        return self.granted_at - self.renewed_at >= RENEW_PAUSE


@dataclass(slots=True)
class Leases:
    """Of all instances that hold, by their names. One that has not advertised yet has no lease to begin with."""

    _instances: dict[str, Instance] = field(default_factory=dict)
    _leases: dict[str, Lease] = field(default_factory=dict)
    _advertised: dict[str, Seconds] = field(default_factory=dict)
    """Before they hold: a new Master advertises first."""
    _due: dict[str, None] = field(default_factory=dict)
    """Of whom the kernel should be told, in order."""
    _floor: Seconds = NEVER
    """No lease ends before, whatever is renewed."""

    def hold(self, instance: Instance, now: Seconds) -> None:
        """From now on, or in another shape or under another name than before."""
        if instance.name not in self._leases:
            granted_at = max(self._advertised.pop(instance.name, NEVER), self._granted_to_namesake(instance))
            self._leases[instance.name] = Lease(granted_at, now)
        self._instances[instance.name] = instance
        self._floor = NEVER

    def give_up(self, name: str) -> None:
        """It holds no more."""
        for book in (self._instances, self._leases, self._advertised, self._due):
            book.pop(name, None)

    def clear(self) -> None:
        """Nobody holds any more."""
        for book in (self._instances, self._leases, self._advertised, self._due):
            book.clear()

    def holds(self, name: str) -> bool:
        """By what was noted, whether its lease is over or not."""
        return name in self._instances

    def advertised(self, instance: Instance, now: Seconds) -> bool:
        """An advertisement has left. True if the lease was over: the addresses are to be added anew."""
        lease = self._leases.get(instance.name)
        if lease is None:
            self._advertised[instance.name] = now
            return False
        lapsed, lease.granted_at = lease.lapsed(instance, now), now
        if lapsed:
            self.adopt(instance.name)  # the kernel counts a little longer than we, and may have it still
        elif lease.due():
            self._due[instance.name] = None
        return lapsed

    def valid(self, now: Seconds) -> list[Instance]:
        """Those that may hold."""
        return [each for each in self._instances.values() if not self.lapsed(each.name, now)]

    def lapsed(self, name: str, now: Seconds) -> bool:
        """It holds, but has not advertised for as long as its lease is."""
        return name in self._instances and self._leases[name].lapsed(self._instances[name], now)

    def adopt(self, name: str) -> None:
        """See `Lease.adopt`."""
        self._leases[name].adopt()
        self._due[name] = None

    def due(self) -> bool:
        """The kernel should be told of something."""
        return any(self._is_leased(name) for name in self._due)

    def take_due(self, now: Seconds) -> list[Instance]:
        """Those of which the kernel is about to be told."""
        found = [self._instances[name] for name in self._due if self._is_leased(name)]
        self._due.clear()
        for each in found:
            self._leases[each.name].renewed_at = now
        return found

    def any_lapsed(self, now: Seconds) -> bool:
        """Whether there is one that has not advertised for as long as its lease is. Cheap where none is near."""
        if now >= self._floor:
            self._floor = Seconds(min(self._ends(), default=math.inf))
        return now >= self._floor

    def end(self, now: Seconds) -> Seconds:
        """When the next lease may end, or sooner; infinite: none does."""
        if self.any_lapsed(now):
            return Seconds(min((each for each in self._ends() if each > now), default=math.inf))
        return self._floor

    def lifetime(self, name: str, lease: int | None, now: Seconds) -> int | None:
        """What is left of a lease, in whole seconds rounded up, at least 1: for the kernel."""
        if lease is None or name not in self._leases:
            return lease
        return math.ceil(max(1.0, min(lease, self._leases[name].granted_at + lease - now)))

    def _is_leased(self, name: str) -> bool:
        """Without a lease there is nothing to renew."""
        instance = self._instances.get(name)
        return instance is not None and instance.lease is not None

    def _ends(self) -> Iterator[Seconds]:
        """Of all leases, also of those that are over."""
        for name, each in self._instances.items():
            if each.lease is not None:
                yield Seconds(self._leases[name].granted_at + each.lease)

    def _granted_to_namesake(self, instance: Instance) -> Seconds:
        """The same virtual router may hold already under another name."""
        key = instance.interface, instance.family, instance.virtual_router_id
        same = (
            self._leases[name].granted_at
            for name, each in self._instances.items()
            if (each.interface, each.family, each.virtual_router_id) == key
        )
        return max(same, default=NEVER)
