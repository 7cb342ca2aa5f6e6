"""What is compared: what happened after one event, in words that no make of router has for itself.

All sequences leave out repetition: an advertisement each second is one priority.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

TOGETHER = 0.13
"""Of the patience with a silent Master: routers of one host that do something at one moment, on a busy machine."""

Told = Mapping[str, tuple[str, ...]]
"""Who or what to what was seen of it, in order."""


@dataclass(frozen=True, slots=True)
class Change:
    """A priority appears on the wire that its sender did not have before; `after`: seconds since the one before it,
    for the first one since the event."""

    text: str
    after: float


@dataclass(frozen=True, slots=True)
class Window:
    """From one event to the next.

    `states` by host and instance, `priorities` by host and VRID, `holders` by address (names of the hosts that have
    it, `-` for nobody), `calls` by host and keyword. `slack`: seconds that the machine kept all of this waiting.
    """

    event: str
    states: Told = field(default_factory=dict)
    priorities: Told = field(default_factory=dict)
    holders: Told = field(default_factory=dict)
    calls: Told = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    slack: float = 0.0


@dataclass(frozen=True, slots=True)
class Observation:
    """One playing of a scenario. `makes`: of each host, see `players.MAKES`."""

    scenario: str
    makes: str
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """An advertisement: `sender` is host and VRID."""

    at: float
    sender: str
    priority: int


def collapsed(values: Iterable[str]) -> tuple[str, ...]:
    """Without what is the same as the one before."""
    listed = list(values)
    return tuple(listed[:1] + [second for first, second in pairwise(listed) if second != first])


def under_way(sent: Sequence[Sent], begun: float, patience: float) -> list[Sent]:
    """The last advertisement of each who was Master when a window began: not older than `patience` seconds."""
    last = {each.sender: each for each in sent if begun - patience < each.at < begun}
    return [each for each in last.values() if each.priority]


def priorities(sent: Sequence[Sent], begun: float, ended: float, patience: float) -> dict[str, tuple[str, ...]]:
    """Of each sender within a window, that with which it came into it among them."""
    within = [*under_way(sent, begun, patience), *(each for each in sent if begun <= each.at < ended)]
    senders = sorted({each.sender for each in within})
    return {sender: collapsed(str(each.priority) for each in within if each.sender == sender) for sender in senders}


def changes(sent: Sequence[Sent], window: tuple[float, float], since: float, patience: float) -> tuple[Change, ...]:
    """Each new priority on the wire. `since`: from when the first one counts.

    What comes within `TOGETHER` comes at once, in the order of its text: the routers of a group have none.
    """
    begun, ended = window
    now = {each.sender: each.priority for each in under_way(sent, begun, patience)}
    moments: list[tuple[float, list[str]]] = []
    for each in sent:
        if begun <= each.at < ended and now.get(each.sender) != each.priority:
            now[each.sender] = each.priority
            if not moments or each.at - moments[-1][0] >= TOGETHER * patience:
                moments.append((each.at, []))
            moments[-1][1].append(f"{each.sender}: {each.priority}")
    afters = [at - before for before, at in pairwise([since, *(at for at, _ in moments)])]
    return tuple(
        Change(text, after if number == 0 else 0.0)
        for after, (_, texts) in zip(afters, moments, strict=True)
        for number, text in enumerate(sorted(texts))
    )


def holders(
    news: Sequence[tuple[float, str, bool]], begun: float, ended: float, short: float, *, starting: bool = False
) -> tuple[str, ...]:
    """Who held an address within a window: instants, hosts and whether they hold it.

    Both or nobody for less than `short` seconds is the moment in which it goes from one to the other; with `starting`
    so is anything at the beginning, whose instant nobody knows exactly. What is there at the end is kept.
    """
    held: set[str] = set()
    spans: list[tuple[float, str]] = [(begun, "-")]
    for at, host, has in news:
        if at >= ended:
            break
        held = held | {host} if has else held - {host}
        spans.append((max(at, begun), "".join(sorted(held)) or "-"))
    ends = [*(at for at, _ in spans[1:]), ended]
    lasting = [(end - at, who) for (at, who), end in zip(spans, ends, strict=True) if end > at]
    return collapsed(
        who
        for number, (seconds, who) in enumerate(lasting)
        if seconds >= short or number == len(lasting) - 1 or (_one(who) and not (starting and number == 0))
    )


def _one(who: str) -> bool:
    return len(who) == 1 and who != "-"
