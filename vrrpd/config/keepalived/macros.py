"""Conditions, definitions and sequences of keepalived.conf: one line in, the lines that it stands for out.

keepalived.conf(5): conditional configuration, parameter substitution, sequences; lib/parser.c.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vrrpd.config.keepalived.line import LINE_OCTETS, KeepalivedError, Line, without_comment
from vrrpd.config.keepalived.sequences import SequenceError, sequence

ROUNDS_LIMIT = 64
"""Replacements one after the other in one line; a definition that uses itself would never end."""
LINES_LIMIT = 50_000
"""Lines that a whole configuration may come to; two sequences in one line multiply."""

_CONDITION = re.compile(r"@(\^?)([^ \t]*)(?:[ \t]+(.*))?$", re.DOTALL)
_DEFINITION = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)=[ \t]*(.*)$", re.DOTALL)
_USE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?:[ \t][^}]*)?\}|([A-Za-z_][A-Za-z0-9_]*)(?=[ \t,)]|$))")
_LATE = {"_HASH": "#", "_BANG": "!"}
"""Replaced last: a comment must not begin with what they bring."""
_REFUSED = ("_RANDOM", "_ENV", "_INSTANCE")
"""Their values differ from run to run or from process to process: nobody could tell what is configured."""


@dataclass(slots=True)
class Macros:
    """What has been defined so far. `config_id` is what `@` conditions are compared with.

    `named` and `without`: for each id behind `@` and behind `@^` the keywords of its lines, each with the first one.
    """

    config_id: str
    named: dict[str, dict[str, Line]] = field(default_factory=dict)
    without: dict[str, dict[str, Line]] = field(default_factory=dict)
    _values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _open: str = ""
    _produced: int = 0

    def expand(self, line: Line, directory: str) -> Iterator[Line]:
        """The lines that `line` stands for, without definitions and without what a condition excludes.

        `directory`: of the file, for `${_PWD}`. Raises KeepalivedError where it does not end.
        """
        waiting = [(line, 0)]
        while waiting:
            current, rounds = waiting.pop(0)
            if rounds > ROUNDS_LIMIT:
                raise KeepalivedError(line.problem("definitions or sequences that use themselves"))
            after = self._once(current, directory)
            if after is None:
                yield from self._finished(current)
            else:
                waiting[:0] = [(current.with_text(text), rounds + 1) for text in after if text]

    def unfinished(self, line: Line) -> None:
        """An empty line ends a definition of several lines."""
        if not line.text:
            self._open = ""

    def _finished(self, line: Line) -> Iterator[Line]:
        self._produced += 1
        if self._produced > LINES_LIMIT:
            raise KeepalivedError(line.problem(f"more than {LINES_LIMIT} lines, all sequences written out"))
        text = _USE.sub(lambda found: _LATE.get(found[1] or found[2], found[0]), line.text)
        if len(text.encode(errors="surrogateescape")) > LINE_OCTETS:
            raise KeepalivedError(line.problem(f"longer than {LINE_OCTETS} octets when written out"))
        yield line.with_text(text)

    def _once(self, line: Line, directory: str) -> tuple[str, ...] | None:
        """One step; None: nothing is left to do."""
        text = line.text
        if self._open:
            self._continue(text)
            return ()
        if text.startswith("@"):
            return self._condition(line)
        if definition := _DEFINITION.match(text):
            self._define(line, definition[1], definition[2])
            return ()
        if text.startswith("~"):
            return self._sequence(line)
        return self._replaced(line, {"_PWD": (directory,), **self._values})

    def _condition(self, line: Line) -> tuple[str, ...]:
        found = _CONDITION.match(line.text)
        if found is None or found[3] is None:
            return ()
        asked = self.without if found[1] else self.named
        asked.setdefault(found[2], {}).setdefault(re.split(r"[ \t{]", found[3], maxsplit=1)[0], line)
        return (found[3],) if (found[2] == self.config_id) is not bool(found[1]) else ()

    def _define(self, line: Line, name: str, value: str) -> None:
        if name.startswith("_"):
            raise KeepalivedError(line.problem(f"${name}: names that begin with _ are keepalived's own"))
        if value.endswith("\\"):
            self._open, self._values[name] = name, tuple(filter(None, (_part(value),)))
        else:
            self._values[name] = (value,)

    def _continue(self, text: str) -> None:
        name = self._open
        if part := _part(text):
            self._values[name] += (part,)
        if not text.endswith("\\"):
            self._open = ""

    def _sequence(self, line: Line) -> tuple[str, ...] | None:
        try:
            return sequence(line.text)
        except SequenceError as error:
            raise KeepalivedError(line.problem(str(error))) from None

    def _replaced(self, line: Line, values: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
        """The first use that is defined replaced; what is not defined is left as it stands."""
        for found in _USE.finditer(line.text):
            name = found[1] or found[2]
            if name in _REFUSED:
                raise KeepalivedError(line.problem(f"${{{name}}} cannot be used: its value is not in the file"))
            value = values.get(name)
            if value is None:
                continue
            if len(value) > 1 and found[0] != line.text:
                raise KeepalivedError(line.problem(f"${name} has several lines and must stand alone on its own"))
            before, behind = line.text[: found.start()], line.text[found.end() :]
            lines = value or ("",)
            return tuple(without_comment(before + each + behind) for each in lines)
        return None


def _part(text: str) -> str:
    return text.removesuffix("\\").rstrip(" \t")
