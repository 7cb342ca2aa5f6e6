"""How long two hosts that hear each other may both have an address, from what they are and what befalls them.

- both daemons run: until the one that must yield hears the other. One interval, one more for each packet that may be
  lost in a row, and the way there.
- and are in a sync group, and do not hear each other on another segment: that one might have to decide between equal
  priorities, so what it leaves to others comes on top (`vrrpd.engine.sync`).
- a daemon is dead, frozen or mute: until its lease is over, counted from when that began.
- and no process runs there that would let go by itself, and somebody has just added an address by hand: the kernel has
  looked for what is over, does so again when that one ends, and not for a second after either (measured: 3.9 s for a
  lease of 3, with another address added at 2.9). Or its daemon has just put back what was gone, by hand or by the
  kernel's own doing: for a whole second at least. What was added has a lifetime of its own, also where the lease was
  over long ago: of a host that could not be heard, and that died just then.
- the other took over from its silence: no longer than the kernel is late, and what the last advertisements that were
  lost make up. That is only so where the other has heard it to the last: who was cut off has another silence, and so
  has who heard nothing yet of a Master that died young.
- and no process runs there, and its lease is one second, and the host had another: the kernel looked for what is over
  when that was renewed, after it itself was, and does not again for a second (measured with another address, renewed
  0.1, 0.25, 0.4 and 0.5 s after the first: it was gone after 1.12, 1.28, 1.43 and 1.54 s). Longer ones are renewed
  together, for as many whole seconds as they have left.
"""

from dataclasses import dataclass

from vrrpd.engine.claims import AHEAD_MOST
from vrrpd.engine.sync import TIE_INTERVALS
from vrrpd.sim.kernel import LATE, LOOKS_APART, PLANTED
from vrrpd.sim.plan import Scenario, Verb

LET_GO = 0.05
"""Seconds a daemon may take from a decision to the address that is gone."""
AGAIN = 4
"""Timers that may fire in a row until a takeover: each finds out that another is due, and is late itself."""
STARTS = 1.0
"""Seconds from the start of a daemon to the first runs of its probes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """`interval`: the longest advert_int; `lost`: packets in a row; `way`: the slowest packet; `lag`: of timers."""

    interval: float
    lost: int
    way: float
    lag: float
    lease: float
    """The longest, in seconds."""
    down: float
    """The shortest silence that ends in a takeover; a lease is at least a whole second, whatever the interval."""
    apart: float
    """Between two advertisements of one virtual router of several whose lease is one second; 0: there are none."""
    silence: float
    """The longest: Master_Down_Interval of the least priority."""
    known: float
    """Seconds until a daemon that starts, or is well again, knows that by its probes."""
    junk: bool
    """There are packets that have to be rejected."""
    tie: float
    """Seconds that an equal priority is left to other segments."""

    @property
    def both_live(self) -> float:
        """See the module."""
        return (self.lost + 1) * (self.interval + self.lag) + 2 * self.way + LET_GO

    @property
    def answered(self) -> float:
        """One of them is a keepalived that sends nothing of its own because of what it rejects.

        It answers what it hears from a lower priority, and both may be lost. Two of that kind may wait for ever.
        """
        return self.both_live + self.lost * (self.interval + self.lag)

    @property
    def silent(self) -> float:
        """One of them took over because the other was silent."""
        whole = max(0.0, self.lease - self.down)
        return self.lost * (self.interval + self.lag) + whole + LATE[1] + self.way + LET_GO

    @property
    def heard(self) -> float:
        """Before somebody fell silent, so long at most ago its last advertisement has been heard."""
        return (self.lost + 1) * (self.interval + self.lag) + self.way

    @property
    def takeover(self) -> float:
        """From when nobody has an address to when somebody who could has it.

        The silence of the last Master; one interval more and the question before it with `takeover_guard = "wait"`, if
        the address was there still when it was asked for; the last of its packets may be late.
        """
        guard = self.interval + AHEAD_MOST
        return self.silence + guard + self.way + AGAIN * self.lag + LET_GO

    @property
    def dead(self) -> float:
        """One of them does not run, from when it ceased to."""
        return self.lease + LATE[1] + LET_GO


def put_off(ago: float) -> float:
    """Seconds that a lease may end later because an address was added by hand, or put back, so long ago."""
    return LOOKS_APART if ago < PLANTED + LATE[1] + LOOKS_APART else 0.0


def added_left(ago: float) -> float:
    """Seconds that an address which was added by hand, or put back, so long ago has left where no process runs."""
    return PLANTED + LATE[1] + LET_GO - ago


def bounds(scenario: Scenario) -> Bounds:
    """Of a whole scenario, with what its reloads change."""
    network, routers = scenario.network, scenario.routers
    reloads = [each.argument for each in scenario.actions if each.verb is Verb.RELOAD]
    intervals = [float(each.partition("=")[2]) for each in reloads if each.startswith("advert_int=")]
    intervals += [each.advert_int or network.advert_int for each in routers]
    interval = max(intervals)
    slowest = min(each.rate for each in routers)
    probes = [probe for each in routers for probe in each.probes]
    several = network.segments * network.groups > 1
    brief = [each for each in intervals if several and int(network.down_adverts * each) <= 1]
    lag = max(each.lag for each in routers)
    known = max([each.interval * (max(each.rise, each.fall) + 2) for each in probes], default=0.0)
    return Bounds(
        interval=interval / slowest,
        lost=network.weather.burst if network.weather.loss else 0,
        way=network.weather.slowest,
        lag=lag,
        lease=max(1, network.down_adverts * interval) / slowest,
        down=network.down_adverts * min(intervals),
        apart=max(brief) / slowest + lag if brief else 0.0,
        silence=(network.down_adverts * interval + (1.0 if network.version == 2 else interval)) / slowest,
        known=STARTS + known / slowest,
        junk=bool(network.junk_every),
        tie=(network.segments - 1) * TIE_INTERVALS * interval / slowest if network.sync else 0.0,
    )
