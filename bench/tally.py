"""From what was seen to seconds: outage of the client, no owner, two owners, two that answer. No I/O here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

NORMAL_GAP_SECONDS = 0.1
"""A pause between two successes that is no outage: ten handshakes, which a busy machine may delay."""
AT_THE_END_SECONDS = 0.5
"""What was still so this long before the end of the watch is taken to last: longer than a handshake may take, and
than five questions by ARP."""


@dataclass(frozen=True, slots=True)
class Change:
    """A host got or lost the address, at Unix time `at`."""

    at: float
    host: str
    held: bool


@dataclass(frozen=True, slots=True)
class Window:
    """From the fault to the end of the watch, Unix time."""

    begun: float
    ended: float

    def clip(self, at: float) -> float:
        """The nearest moment inside."""
        return min(max(at, self.begun), self.ended)


def outage(successes: Sequence[float], window: Window) -> float:
    """Seconds of all pauses between two successes that are longer than normal; the last pause counts to the end."""
    before = [at for at in successes if at <= window.begun][-1:]
    inside = [at for at in successes if window.begun < at <= window.ended]
    gaps = (second - first for first, second in pairwise([*before, *inside, window.ended]))
    return sum(gap for gap in gaps if gap > NORMAL_GAP_SECONDS)


def is_out(successes: Sequence[float], at: float) -> bool:
    """No success lately at this moment."""
    return not any(at - AT_THE_END_SECONDS < each <= at for each in successes)


def owned(changes: Sequence[Change], window: Window, wanted: Collection[int]) -> float:
    """Seconds in which the number of hosts that hold the address is one of `wanted`."""
    holders: set[str] = set()
    total, since = 0.0, window.begun
    for change in sorted(changes, key=lambda each: each.at):
        at = window.clip(change.at)
        total += (at - since) * (len(holders) in wanted)
        since = at
        (holders.add if change.held else holders.discard)(change.host)
    return total + (window.ended - since) * (len(holders) in wanted)


def answered_twice(requests: Sequence[float], answers: Sequence[tuple[float, str]], window: Window) -> float:
    """Seconds of those questions by ARP to which two MAC addresses or more answered before the next question."""
    total = 0.0
    for asked, following in pairwise(sorted(requests)):
        macs = {mac for at, mac in answers if asked <= at < following}
        if len(macs) > 1:
            total += window.clip(following) - window.clip(asked)
    return total
