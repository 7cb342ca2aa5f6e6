"""What is told of the journal, line by line: what is worth one, with repetition bounded.

The log and the history have the same lines.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from vrrpd.engine.journal import Entry
from vrrpd.observe.events import Level, Plain, Title, plain_fields, repeated, title
from vrrpd.observe.limiter import Limiter
from vrrpd.observe.state import Wall, stamp
from vrrpd.protocol.messages import Seconds

LINES_HELD_BACK = "lines.held_back"
"""Event of the summary; `of` is the event that repeated, `count` how many were not told."""

Kind = tuple[str, tuple[tuple[str, Plain], ...]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what its fields say depends on the event."""

    at: Seconds
    event: str
    level: Level
    fields: dict[str, Plain]


class Lines:
    """Give it every entry of the journal in order."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self._limiter: Limiter[Kind] = Limiter()

    def of(self, entry: Entry) -> Iterator[Line]:
        """The line of this entry, if it is worth one; before it, what was held back until now."""
        for (event, of), count in self._limiter.due(entry.at):
            fields = {"of": event, **dict(of), "count": count}
            yield Line(entry.at, LINES_HELD_BACK, Level.WARNING, fields)
        head = title(entry)
        if head is not None and self._admits(head, entry):
            yield Line(entry.at, head.name, head.level, plain_fields(entry))

    def _admits(self, head: Title, entry: Entry) -> bool:
        return not head.of or self._limiter.admit((head.name, repeated(entry, head.of)), entry.at)


def as_json(line: Line, wall: Wall) -> str:
    """One JSON object: `timestamp`, `level`, `event` and the fields."""
    head = {"timestamp": stamp(wall(line.at)), "level": line.level.name.lower(), "event": line.event}
    return json.dumps({**head, **line.fields}, separators=(",", ":"))
