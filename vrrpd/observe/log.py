"""The log: one line for each entry worth telling. The only importer of structlog; it reads no clock.

What is told is decided in `lines`; the writer that is given must not block.
"""

from collections.abc import Callable

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from vrrpd.engine.journal import Entry
from vrrpd.observe.events import Level, Plain
from vrrpd.observe.lines import Line, Lines
from vrrpd.observe.state import Wall, stamp

Write = Callable[[str], None]
"""Take one line without its end. Never blocks, never raises."""

Follow = Callable[[Line], None]
"""Take one line that was told. Never blocks."""


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
        self._lines = Lines()
        self._followers: list[Follow] = []

    def follow(self, follower: Follow) -> None:
        """Each line goes there as well."""
        self._followers.append(follower)

    def record(self, entry: Entry) -> None:
        """Tell it if it is worth a line."""
        for line in self._lines.of(entry):
            time = {"timestamp": stamp(self._wall(line.at))} if self._stamp else {}
            getattr(self._logger, line.level.name.lower())(line.event, **time, **line.fields)
            for follow in self._followers:
                follow(line)


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
