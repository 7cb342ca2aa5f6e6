"""Leases: how long an instance may hold its addresses without having advertised. Pure: no kernel, no clock.

The kernel counts by itself from each renewal; what stands here decides what we do about it.

It looks for what is over at the first end, half a second late at most, and then not again for a whole second
(`check_lifetime` of net/ipv4/devinet.c, `addrconf_verify_rtnl` of net/ipv6/addrconf.c). Were the ends of two instances
half a second apart, the second would outlive its lease by that. So each renewal takes all others along, for as many
whole seconds as they have left: all ends are whole seconds apart. What is put back does the same, to the other
addresses of its instance as well.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from vrrpd.config.model import Instance
from vrrpd.protocol.messages import Seconds

RENEW_PAUSE = 0.1
"""Seconds between two advertisements of which the kernel is told, at least: a lease is whole seconds, and they may come
every 10 ms."""
ON_TIME = 0.05
"""Seconds that a renewal may come after its advertisement and still be of the whole lease."""
TOGETHER = 0.02
"""Seconds between two ends that the kernel finds at one look (ADDRCONF_TIMER_FUZZ_MINUS)."""
RENEWALS_A_SECOND = 256
"""About as many at most, where leases are long enough for it: each renewal of one is a renewal of all."""
REST_MOST = 1.0
"""Seconds between two renewals, however many there are."""
RESERVE = 0.5
"""Seconds before the first lease ends to the next renewal, however many there were."""
MOMENT = 1e-6
"""Seconds that nobody rests: a sum of floats may be off by less, and a clock need not move for it."""
MANY = 128
"""Instances that hold: what is done for each of their advertisements is done for more of them at once from here on."""
NO_LEASE = "NOLEASE"
"""Stands where the name of an errno would: the kernel took the address, but not its lifetime."""
NEVER, FOREVER = Seconds(-math.inf), Seconds(math.inf)


@dataclass(slots=True)
class Lease:
    """Of one instance that holds. `granted_at`: the last advertisement that left.

    `told_of`: the one that the kernel was told of last; `until`: when it ends by what the kernel was told last, after
    the advertisement `until_of`.
    """

    granted_at: Seconds
    told_of: Seconds
    until: Seconds = FOREVER
    until_of: Seconds = NEVER

    def end(self, seconds: int) -> Seconds:
        """Of a lease of so many. What the kernel removes although we have advertised again is put back."""
        end = Seconds(self.granted_at + seconds)
        return end if self.granted_at > self.until_of else Seconds(min(self.until, end))

    def lapsed(self, instance: Instance, now: Seconds) -> bool:
        """Nothing has left for as long as the lease is: the addresses must not be put back."""
        return instance.lease is not None and now >= self.end(instance.lease)

    def left(self, seconds: int, now: Seconds) -> int:
        """Whole seconds of a lease of so many that the kernel may be told now, 0: it is over."""
        return math.floor(max(0.0, min(seconds, self.granted_at + seconds - now + ON_TIME)))

    def adopt(self) -> None:
        """The address was there already, and nobody knows for how long: tell the kernel at once."""
        self.told_of, self.until = NEVER, FOREVER

    def due(self) -> bool:
        """The kernel should be told of the last advertisement."""
        return self.granted_at - self.told_of >= RENEW_PAUSE


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
    _taken_at: Seconds = NEVER
    """The last renewal."""

    def hold(self, instance: Instance) -> None:
        """From now on, or in another shape or under another name than before."""
        if instance.name not in self._leases:
            granted_at = max(self._advertised.pop(instance.name, NEVER), self._granted_to_namesake(instance))
            self._leases[instance.name] = Lease(granted_at, granted_at)
        elif self._instances[instance.name].lease != instance.lease:
            # Its next advertisement is not one of many: the one after it may come when the old lease is over.
            self._leases[instance.name].told_of = NEVER
        self._instances[instance.name] = instance
        self._floor = NEVER

    def give_up(self, name: str) -> None:
        """It holds no more."""
        for book in (self._instances, self._leases, self._advertised, self._due):
            book.pop(name, None)

    def __len__(self) -> int:
        """How many hold."""
        return len(self._instances)

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

    def rest(self, now: Seconds) -> Seconds:
        """So long no renewal, though one is due: there were enough, and none of them ends soon."""
        rests_until = self._taken_at + min(REST_MOST, len(self._leased()) / RENEWALS_A_SECOND)
        if now >= rests_until:
            return Seconds(0.0)
        ends = (self._leases[name].until for name in self._instances)
        soon = min((each for each in ends if each > now), default=FOREVER) - RESERVE
        rest = min(rests_until, max(soon, self._taken_at + RENEW_PAUSE)) - now
        return Seconds(rest if rest > MOMENT else 0.0)

    def take(self, now: Seconds) -> list[Instance]:
        """Those of which the kernel is about to be told: if any is due, all that would end at another moment, too."""
        if not self.due() or self.rest(now):
            return []
        due = set(self._due)
        self._due.clear()
        self._taken_at = now
        for name in due & self._leases.keys():
            self._leases[name].told_of = self._leases[name].granted_at
        return [each for each in self._leased() if each.name in due or self._is_apart(each, now)]

    def _is_apart(self, instance: Instance, now: Seconds) -> bool:
        """Its end is not whole seconds from now, and it may be told another."""
        lease, seconds = self._leases[instance.name], instance.lease or 0
        left = lease.left(seconds, now)
        return left >= 1 and not lease.lapsed(instance, now) and abs(lease.until - now - left) > TOGETHER

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

    def grant(self, name: str, lease: int | None, now: Seconds) -> int | None:
        """What is left of a lease, in whole seconds, at least 1: the kernel is told it now."""
        if lease is None or name not in self._leases:
            return lease
        known = self._leases[name]
        given = max(1, known.left(lease, now))
        if given < lease:
            known.told_of = NEVER  # the next advertisement grants more, however soon it comes
        known.until, known.until_of = Seconds(now + given), known.granted_at
        self._floor = min(self._floor, known.until)
        return given

    def added(self, name: str, lease: int | None, now: Seconds) -> int | None:
        """As `grant`, to an address that was not there: what else is held, by the same instance, too, ends at another
        moment and is taken along. In the last second of the lease nothing is: the kernel counts no less.
        """
        known = self._leases.get(name)
        if lease is None or known is None:
            return lease
        before, given = known.until, self.grant(name, lease, now)
        others = len(self._leases) > 1 or (before < FOREVER and len(self._instances[name].held) > 1)
        if others and known.left(lease, now) >= 1 and abs(known.until - before) > TOGETHER:
            self._due[name] = None
        return given

    def _leased(self) -> list[Instance]:
        return [each for each in self._instances.values() if each.lease is not None]

    def _is_leased(self, name: str) -> bool:
        """Without a lease there is nothing to renew."""
        instance = self._instances.get(name)
        return instance is not None and instance.lease is not None

    def _ends(self) -> Iterator[Seconds]:
        """Of all leases, also of those that are over."""
        for name, each in self._instances.items():
            if each.lease is not None:
                yield self._leases[name].end(each.lease)

    def _granted_to_namesake(self, instance: Instance) -> Seconds:
        """The same virtual router may hold already under another name."""
        key = instance.interface, instance.family, instance.virtual_router_id
        same = (
            self._leases[name].granted_at
            for name, each in self._instances.items()
            if (each.interface, each.family, each.virtual_router_id) == key
        )
        return max(same, default=NEVER)
