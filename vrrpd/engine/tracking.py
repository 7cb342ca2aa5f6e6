"""From verdicts and weights to the effective priority (keepalived.conf(5), track_script and track_file)."""

from collections.abc import Iterable

from vrrpd.config.model import Track
from vrrpd.engine.inputs import Standing
from vrrpd.protocol.messages import PRIORITY_OWNER

LOWEST, HIGHEST = 1, 254
"""Of an effective priority: 0 means resignation and 255 ownership (RFC 9568 5.2.4)."""
MOST = 253
"""What one probe can add or take away; a value times its weight below that is a fault."""


def applied(track: Track, standing: Standing) -> int:
    """What a probe adds now: a positive weight while up, a negative one while down; before a result as before that.

    With a value, weight times value, while the probe is up. `reverse` turns the sign of all this.
    """
    added = _added(track.weight, standing)
    return -added if track.reverse else added


def _added(weight: int, standing: Standing) -> int:
    if standing.up and standing.value is not None:
        return min(max(weight * standing.value, -MOST), MOST)
    up = standing.before if standing.up is None else standing.up
    if up is None:
        return 0
    return max(weight, 0) if up else min(weight, 0)


def is_fault(track: Track, standing: Standing) -> bool:
    """Weight 0: down, with `reverse` up, or a value that is not 0. Else a value so low that it says the same."""
    if standing.up and standing.value is not None:
        signed = -track.weight if track.reverse else track.weight
        return standing.value != 0 if signed == 0 else signed * standing.value < -MOST
    return track.weight == 0 and standing.up is track.reverse


def effective_priority(base: int, tracked: Iterable[tuple[Track, Standing]]) -> int:
    """The sum of `base` and all weights applied, clamped once at the end; 255 is never changed."""
    if base == PRIORITY_OWNER:
        return base
    total = base + sum(applied(track, standing) for track, standing in tracked)
    return min(max(total, LOWEST), HIGHEST)
