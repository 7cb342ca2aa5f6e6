"""From verdicts and weights to the effective priority (keepalived.conf(5), track_script)."""

from collections.abc import Iterable

from vrrpd.protocol.messages import PRIORITY_OWNER

LOWEST, HIGHEST = 1, 254
"""Of an effective priority: 0 means resignation and 255 ownership (RFC 9568 5.2.4)."""


def applied(weight: int, up: bool | None) -> int:
    """What a probe adds now: a positive weight while up, a negative one while down, nothing before a result."""
    if up is None:
        return 0
    return max(weight, 0) if up else min(weight, 0)


def effective_priority(base: int, weighted: Iterable[tuple[int, bool | None]]) -> int:
    """The sum of `base` and all weights applied, clamped once at the end; 255 is never changed.

    `weighted`: (weight, up) of each probe tracked.
    """
    if base == PRIORITY_OWNER:
        return base
    total = base + sum(applied(weight, up) for weight, up in weighted)
    return min(max(total, LOWEST), HIGHEST)
