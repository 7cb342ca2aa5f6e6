"""How long the service manager may wait for a sign of life: who hangs is to be ended so early that the next daemon is
back within Master_Down_Interval of the last advertisement, and resumes.

That is counted for the worst moment: an advertisement was just due when the daemon began to hang, and the watchdog had
just been fed.
"""

from collections.abc import Iterable

from vrrpd.config.model import Instance
from vrrpd.config.timing import timing
from vrrpd.protocol.messages import Seconds
from vrrpd.protocol.router import master_down_interval

BACK_SECONDS = 0.8
"""From the watchdog's signal until the next daemon is Master: RestartSec of the unit, 0.2 s, and the start, 0.6 s on a
slow machine with little else to do (`python -m bench.resume`)."""
SHORTEST = 1.5
"""Seconds. A healthy daemon on a machine that is overloaded may stand still for some tenths, and to kill it for that
would make the failover that it should prevent. With 1 s between advertisements and a priority above 179 a hang at the
worst moment is a failover for that; with less between them nobody can be back in time at all."""


def watchdog(instances: Iterable[Instance]) -> Seconds | None:
    """The longest wait that lets the instance with the least time resume; None: there is no instance."""
    return min((Seconds(max(SHORTEST, _in_time(each))) for each in instances), default=None)


def _in_time(instance: Instance) -> float:
    """By the configured priority: what probes take from it makes Master_Down_Interval longer."""
    own = timing(instance, instance.priority)
    return master_down_interval(own, instance.advert_int) - instance.advert_int - BACK_SECONDS
