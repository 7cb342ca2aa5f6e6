"""A rehearsal as a drawing: for each fault a panel, in it for each host the states, the priority and the address.

Written by hand, without a library; it shows the play in the middle between two advertisements.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

from vrrpd.engine.journal import PriorityChanged, Role, StateChanged
from vrrpd.rehearsal.fate import held
from vrrpd.rehearsal.faults import Cause
from vrrpd.rehearsal.hosts import Site, Vip
from vrrpd.rehearsal.outcome import Grade, Rehearsed
from vrrpd.rehearsal.play import Played
from vrrpd.rehearsal.report import WORDS, sentences, summary

WIDTH, LEFT, RIGHT = 1100, 150, 20
LANE, BAR, AXIS, HEAD, LINE = 34, 16, 22, 26, 17
CHARACTERS = 155
"""Of a line of text."""
BEFORE = 2.0
"""Seconds shown before a fault."""
AFTER = 2.0
"""Seconds shown after the last move of a part."""
LEAST = 6.0
"""Seconds of a part shown at least."""
COLOURS = {Role.MASTER: "#2e7d32", Role.BACKUP: "#90a4ae", Role.FAULT: "#c62828", Role.INIT: "#e0e0e0"}
GRADES = {Grade.GOOD: "#2e7d32", Grade.NOTE: "#b26a00", Grade.BAD: "#c62828"}
DEAD, HOLDS = "#212121", "#1565c0"
GONE = (Cause.STOP, Cause.RESTARTED, Cause.CRASH, Cause.HANG, Cause.LOSS)
"""Faults of a daemon that is not there, or does not run, for a while."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Time to the right: the part around the fault, then the part around its end, both as far as something moves."""

    played: Played
    fault_shown: float
    mended_shown: float

    @property
    def seconds(self) -> float:
        """All that is shown."""
        return BEFORE + self.fault_shown + self.mended_shown

    def at(self, instant: float) -> float | None:
        """Pixels; None: it is not shown."""
        since = instant - self.played.began
        if -BEFORE <= since <= self.fault_shown:
            shown = BEFORE + since
        else:
            since = instant - self.played.mended
            if not 0 <= since <= self.mended_shown:
                return None
            shown = BEFORE + self.fault_shown + since
        return LEFT + (WIDTH - LEFT - RIGHT) * shown / self.seconds

    def boxes(self, begins: float, ends: float) -> Iterator[tuple[float, float]]:
        """Left end and width of what of this is shown, in each part."""
        for first, last in (
            (self.played.began - BEFORE, self.played.began + self.fault_shown),
            (self.played.mended, self.played.mended + self.mended_shown),
        ):
            low, high = max(begins, first), min(ends, last)
            if high > low:
                left = self._within(low, first)
                yield left, self._within(high, first) - left

    def _within(self, instant: float, first: float) -> float:
        before = 0.0 if first < self.played.began else BEFORE + self.fault_shown
        return LEFT + (WIDTH - LEFT - RIGHT) * (before + instant - first) / self.seconds


def drawing(site: Site, found: Sequence[Rehearsed]) -> str:
    """A whole file of SVG."""
    parts: list[str] = []
    y = 40
    parts.append(_text(16, 26, summary(found), size=15, weight="bold"))
    y = _legend(parts, y)
    for each in found:
        y = _panel(parts, site, each, y)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" '
    style = 'font-family="DejaVu Sans, Verdana, Arial, sans-serif">'
    return "\n".join((head + style, f'<rect width="{WIDTH}" height="{y}" fill="#ffffff"/>', *parts, "</svg>", ""))


def _legend(parts: list[str], y: int) -> int:
    x = 16
    named = [*((role.value, colour) for role, colour in COLOURS.items()), ("not running", DEAD), ("has the VIP", HOLDS)]
    for name, colour in named:
        parts.append(_box(x, y, 14, 12, colour))
        parts.append(_text(x + 20, y + 11, name, size=12))
        x += 40 + 8 * len(name)
    parts.append(_text(x + 10, y + 11, "number: the priority; seconds from the fault and from its end", size=12))
    return y + 30


def _panel(parts: list[str], site: Site, rehearsed: Rehearsed, y: int) -> int:
    played = rehearsed.shown
    axis = _axis(rehearsed)
    parts.append(f'<line x1="0" y1="{y}" x2="{WIDTH}" y2="{y}" stroke="#cfd8dc"/>')
    colour = GRADES[rehearsed.grade]
    parts.append(_text(16, y + 19, WORDS[rehearsed.grade], size=14, colour=colour, weight="bold"))
    parts.append(_text(66, y + 19, rehearsed.fault.title, size=14, weight="bold"))
    y += HEAD
    for line in (each for said in sentences(rehearsed) for each in wrap(said, CHARACTERS)):
        parts.append(_text(66, y + 12, line, size=12))
        y += LINE
    y += 6
    top = y
    for vip in site.vips:
        for name, instance in vip.instances.items():
            label = name if len(site.vips) == 1 else f"{name} {vip.addresses[0]}"
            parts.append(_text(16, y + BAR - 3, label, size=12))
            parts.extend(_states(played, axis, name, instance, y))
            parts.extend(_holds(played, axis, name, vip, y + BAR))
            y += LANE
    parts.extend(_ticks(axis, top, y))
    return y + AXIS


def _axis(rehearsed: Rehearsed) -> Axis:
    played = rehearsed.shown
    last = [0.0, 0.0]
    for index, (begins, ends) in enumerate(((played.began, played.mended), (played.mended, played.ended))):
        moves = [each.at for each in played.holdings if begins <= each.at < ends]
        moves += [
            when for when, _, entry in played.journal if begins <= when < ends and isinstance(entry, StateChanged)
        ]
        last[index] = max(moves, default=begins) - begins
    shown = min(played.mended - played.began, max(LEAST, last[0] + AFTER))
    mended = min(played.ended - played.mended, max(LEAST, last[1] + AFTER)) if played.fault.mends else 0.0
    return Axis(played, shown, mended)


def _states(played: Played, axis: Axis, host: str, instance: str, y: int) -> Iterator[str]:
    """What its daemon says it is, and black while it says nothing."""
    moves = [(0.0, Role.INIT)]
    moves += [
        (when, entry.new)
        for when, who, entry in played.journal
        if isinstance(entry, StateChanged) and (who, entry.instance) == (host, instance)
    ]
    ends = [*(when for when, _ in moves[1:]), played.ended]
    for (begins, role), end in zip(moves, ends, strict=True):
        for left, width in axis.boxes(begins, end):
            yield _box(left, y, width, BAR, COLOURS[role])
    for left, width in axis.boxes(played.began, _gone_until(played, host, [when for when, _ in moves])):
        yield _box(left, y, width, BAR, DEAD)
    yield from _priorities(played, axis, host, instance, y)


def _gone_until(played: Played, host: str, moves: Sequence[float]) -> float:
    """When the daemon of the fault is there again, by its first word; `moves`: when its states changed."""
    cause = played.fault.cause
    if host != played.fault.host or cause not in GONE:
        return played.began
    if cause is Cause.HANG:
        return played.mended
    back = played.began if cause is Cause.RESTARTED else played.mended
    return next((when for when in moves if when > back), back)


def _priorities(played: Played, axis: Axis, host: str, instance: str, y: int) -> Iterator[str]:
    changes = [
        (when, entry.new)
        for when, who, entry in played.journal
        if isinstance(entry, PriorityChanged) and (who, entry.instance) == (host, instance)
    ]
    configured = played.site.host(host).instance(instance).priority
    before = [value for when, value in changes if when < played.began - BEFORE]
    shown = [(played.began - BEFORE, before[-1] if before else configured)]
    for when, value in [*shown, *(each for each in changes if each[0] >= played.began - BEFORE)]:
        x = axis.at(when)
        if x is not None and value:
            yield _text(x + 3, y + BAR - 4, str(value), size=11, colour="#ffffff", weight="bold")


def _holds(played: Played, axis: Axis, host: str, vip: Vip, y: int) -> Iterator[str]:
    for each in held(played, vip):
        if host in each.hosts:
            for left, width in axis.boxes(each.begins, each.ends):
                yield _box(left, y + 2, width, 6, HOLDS)


def _ticks(axis: Axis, top: int, bottom: int) -> Iterator[str]:
    """A line where the fault begins and where it ends, and seconds from there."""
    played = axis.played
    step = next(each for each in (1, 2, 5, 10, 30, 60, 300, 3600, 86400) if axis.seconds / each <= 24)
    for begins, length, name in (
        (played.began, axis.fault_shown, "fault"),
        (played.mended, axis.mended_shown, "mended"),
    ):
        if length <= 0 or played.fault.cause is Cause.NOTHING:
            continue
        for second in range(0, int(length) + 1, step):
            x = next((left for left, _ in axis.boxes(begins + second, begins + second + 0.001)), None)
            if x is None:
                continue
            strong = second == 0
            yield (
                f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom - 4}" '
                f'stroke="{"#d81b60" if strong else "#eceff1"}" stroke-width="{2 if strong else 1}"/>'
            )
            if second < length - step / 2 or strong:
                yield _text(x + 2, bottom + 8, name if strong else f"+{second} s", size=10, colour="#546e7a")


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def _text(x: float, y: float, text: str, *, size: int, colour: str = "#263238", weight: str = "normal") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}"'
    bold = ' font-weight="bold"' if weight == "bold" else ""
    return f"<text {place}{bold}>{escape(text)}</text>"
