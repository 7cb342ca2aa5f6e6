"""The log: one line for each entry worth telling. The only importer of structlog; it reads no clock.

Repetition is bounded by `limiter`; the writer that is given must not block.
"""

from collections.abc import Callable

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from vrrpd.engine.journal import Entry
from vrrpd.observe.events import Level, Plain, Title, plain_fields, repeated, title
from vrrpd.observe.limiter import Limiter
from vrrpd.observe.state import Wall, stamp
from vrrpd.protocol.messages import Seconds

Write = Callable[[str], None]
"""Take one line without its end. Never blocks, never raises."""

LINES_HELD_BACK = "lines.held_back"
"""Event of the summary; `of` is the event that repeated, `count` how many were not told."""

Kind = tuple[str, tuple[tuple[str, Plain], ...]]


class Log:
    """Give it every entry of the journal in order."""

    def __init__(
        self,
        write: Write,
        wall: Wall,
        *,
        log_format: str = "auto",
        terminal: bool = False,
        journal: bool = False,
    ) -> None:
        """`log_format` is auto, text or json, see `config.model`.

        `terminal`: the writer ends on one. `journal`: it ends in systemd's journal, which stamps the time
        itself and takes the priority from `<N>` (sd-daemon(3)).
        """
        self._wall = wall
        self._stamp = not journal or log_format == "json"
        self._logger = structlog.wrap_logger(
            _Lines(write, with_priority=journal),
            processors=_processors(log_format, terminal=terminal),
            wrapper_class=structlog.BoundLogger,
        )
        self._limiter: Limiter[Kind] = Limiter()

    def record(self, entry: Entry) -> None:
        """Tell it if it is worth a line; before that, what was held back until now."""
        for (event, of), count in self._limiter.due(entry.at):
            self._tell(entry.at, Title(LINES_HELD_BACK, Level.WARNING), {"of": event, **dict(of), "count": count})
        head = title(entry)
        if head is None:
            return
        if not head.of or self._limiter.admit((head.name, repeated(entry, head.of)), entry.at):
            self._tell(entry.at, head, plain_fields(entry))

    def _tell(self, at: Seconds, head: Title, fields: dict[str, Plain]) -> None:
        time = {"timestamp": stamp(self._wall(at))} if self._stamp else {}
        tell = getattr(self._logger, head.level.name.lower())
        tell(head.name, **time, **fields)


class _Lines:
    """What structlog hands finished lines to: a method for each level."""

    def __init__(self, write: Write, *, with_priority: bool) -> None:
        def at(level: Level) -> Write:
            return lambda line: write(f"<{level.value}>{line}" if with_priority else line)

        self.info, self.warning, self.error = at(Level.INFO), at(Level.WARNING), at(Level.ERROR)


def _processors(log_format: str, *, terminal: bool) -> list[Processor]:
    if log_format == "json":
        return [structlog.processors.add_log_level, structlog.processors.JSONRenderer()]
    if log_format == "auto" and terminal:
        console = structlog.dev.ConsoleRenderer(colors=True, sort_keys=False)
        return [structlog.processors.add_log_level, _flatten, console]
    order = ["timestamp", "level", "event"]
    text = structlog.processors.LogfmtRenderer(key_order=order, drop_missing=True, bool_as_flag=False)
    return [structlog.processors.add_log_level, _flatten, text]


def _flatten(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Lists and weights as one text each, for formats that have no such thing."""
    return {name: _text(value) for name, value in event.items()}


def _text(value: Plain) -> Plain:
    match value:
        case list():
            return ", ".join(value)
        case dict():
            return ", ".join(f"{name}{weight:+d}" for name, weight in value.items())
        case _:
            return value
