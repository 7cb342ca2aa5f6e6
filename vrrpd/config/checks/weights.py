"""Which weights can change who is Master of a pair: every verdict of every probe of both hosts is gone through."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from vrrpd.config.checks.code import Code
from vrrpd.config.checks.file import HIGHEST, LOWEST, added
from vrrpd.config.checks.table import finding
from vrrpd.config.model import Instance, Probe, Track
from vrrpd.config.problems import Finding, Path, shown
from vrrpd.probes.file import FileOptions
from vrrpd.protocol.messages import PRIORITY_OWNER

MOST_TRACKS = 32
"""Of one instance: beyond that nothing is said, and no start takes long."""

Side = tuple[Instance, Sequence[Probe]]
"""An instance, and the probes of its file."""


class _Effect(IntEnum):
    """Of one probe on a pair, the strongest over all verdicts of the others."""

    NONE = 0
    TIE = 1
    """It leads to equal priorities and no further."""
    BLOCKED = 2
    """It puts the other host in front, which must not preempt."""
    MOVES = 3


@dataclass(frozen=True, slots=True)
class _Pair:
    """The instance whose weights are looked at, and what the other host may advertise."""

    ours: Instance
    theirs: Instance
    sent: frozenset[int]


def findings(ours: Side, others: Sequence[Side], where: str) -> Iterator[Finding]:
    """Find weights of ours that move nothing, whichever of the others we compare with. `where`: their files."""
    instance = ours[0]
    sides = (ours, *others)
    if not others or instance.priority == PRIORITY_OWNER or any(_varies(*side) for side in sides):
        return
    pairs = [_Pair(instance, other, _all_sent(other)) for other, _ in others]
    for track in instance.moving:
        if track.weight and track in instance.track:
            code = _code(max(_effect(track, pair) for pair in pairs))
            if code is not None:
                path = ("instance", instance.name, "track", instance.track.index(track))
                yield _said(code, path, track, pairs, where)


def _varies(instance: Instance, probes: Sequence[Probe]) -> bool:
    """A file with a number may add anything, others of a sync group pull it down; too many probes take too long."""
    if instance.sync_group:
        return True
    values = {each.name for each in probes if isinstance(each.options, FileOptions) and each.options.value}
    return len(instance.moving) > MOST_TRACKS or any(each.probe in values and each.weight for each in instance.moving)


def _effect(track: Track, pair: _Pair) -> _Effect:
    up, down = added(track)
    rest = _sums(pair.ours.priority, (each for each in pair.ours.moving if each is not track))
    changes = {(_compared(total + up, sent), _compared(total + down, sent)) for total in rest for sent in pair.sent}
    return max((_judged(change, pair) for change in changes), default=_Effect.NONE)


def _judged(change: tuple[int, int], pair: _Pair) -> _Effect:
    """`change`: in front (1), equal or behind (-1), while the probe is up, and while it is down."""
    if change[0] == change[1]:
        return _Effect.NONE
    if -1 in change:
        return _Effect.BLOCKED if pair.theirs.nopreempt else _Effect.MOVES
    return _Effect.TIE


def _code(effect: _Effect) -> Code | None:
    match effect:
        case _Effect.NONE:
            return Code.WEIGHT_WITHOUT_EFFECT
        case _Effect.TIE:
            return Code.WEIGHT_TIES
        case _Effect.BLOCKED:
            return Code.NOPREEMPT_BLOCKS
        case _Effect.MOVES:
            return None


def _said(code: Code, path: Path, track: Track, pairs: Sequence[_Pair], where: str) -> Finding:
    ours = _span(pairs[0].ours.priority, added(track))
    theirs = ", ".join(str(each.theirs.priority) for each in pairs)
    ends = {
        Code.WEIGHT_WITHOUT_EFFECT: "never changes who is Master",
        Code.WEIGHT_TIES: "leads to a tie at most, which moves nothing",
        Code.NOPREEMPT_BLOCKS: "moves nothing: nopreempt is set there",
    }
    text = f"the weight of {shown(track.probe)} {ends[code]}: {ours} here, {theirs} in {where}"
    return finding(code, path, text)


def _span(base: int, span: tuple[int, int]) -> str:
    up, down = (_clamped(base + each) for each in span)
    return f"{up} while up and {down} while down"


def _compared(total: int, sent: int) -> int:
    ours = _clamped(total)
    return (ours > sent) - (ours < sent)


def _all_sent(instance: Instance) -> frozenset[int]:
    """Every priority that it may advertise."""
    if instance.priority == PRIORITY_OWNER:
        return frozenset((PRIORITY_OWNER,))
    return frozenset(map(_clamped, _sums(instance.priority, instance.moving)))


def _sums(base: int, tracks: Iterable[Track]) -> frozenset[int]:
    """The priority with every choice of verdicts, before it is clamped."""
    sums = {base}
    for track in tracks:
        sums = {total + change for total in sums for change in added(track)}
    return frozenset(sums)


def _clamped(total: int) -> int:
    return min(max(total, LOWEST), HIGHEST)
