"""The native document that a keepalived.conf stands for, where each part of it came from, and what there is to say.

The document is what `tomllib` would give for the converted file, so that both ways lead through the same reader.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from vrrpd.config.checks.code import Code
from vrrpd.config.keepalived.line import Line
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.keywords import keywords
from vrrpd.config.problems import Grade, Path, Problem, dotted
from vrrpd.config.values import WrongValueError, scalar


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part of the document came from; `keyword` is keepalived's, with the names of its blocks."""

    line: Line
    keyword: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A problem, and the part of the document that it is about; () is all of it."""

    path: Path
    problem: Problem


@dataclass(slots=True)
class Draft:
    """`document` as a TOML reader would give it; `proposals` are lines of TOML that could replace a part of it."""

    document: dict[str, Any] = field(default_factory=dict)
    places: dict[Path, Place] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    proposals: dict[Path, tuple[str, ...]] = field(default_factory=dict)

    def say(self, grade: Grade, path: Path, place: Place, text: str, code: str) -> None:
        """Tell the operator something about one place."""
        line = place.line
        self.remarks.append(Remark(path, Problem(line.file, line.number, place.keyword, text, grade, code)))

    def at(self, path: Path) -> Place | None:
        """The place of a part, or of the nearest table around it that came from somewhere."""
        around = (self.places.get(path[:length]) for length in range(len(path), 0, -1))
        return next((each for each in around if each is not None), None)


@dataclass(slots=True)
class Section:
    """One table of the document while it is made.

    `word`: the block of keepalived that it comes from, with its name. `known`: the dataclasses whose keywords it has.
    """

    draft: Draft
    path: Path
    word: tuple[str, ...]
    known: tuple[type, ...]
    values: dict[str, Any] = field(default_factory=dict)

    def place(self, statement: Statement, keyword: str | None = None) -> Place:
        """Of a statement in the block."""
        last = statement.keyword if keyword is None else keyword
        return Place(statement.line, dotted((*self.word, last) if last else self.word))

    def error(self, statement: Statement, text: str, keyword: str | None = None, *, code: str = Code.UNUSABLE) -> None:
        """The file is refused."""
        self.draft.say(Grade.ERROR, self.path, self.place(statement, keyword), text, code)

    def warn(
        self, statement: Statement, text: str, keyword: str | None = None, *, code: str = Code.AS_KEEPALIVED
    ) -> None:
        """It works, though probably not as meant."""
        self.draft.say(Grade.WARNING, self.path, self.place(statement, keyword), text, code)

    def note(self, statement: Statement, text: str, keyword: str | None = None, *, code: str = Code.LEFT_OUT) -> None:
        """Good to know."""
        self.draft.say(Grade.NOTE, self.path, self.place(statement, keyword), text, code)

    def tell_at(self, place: Place, text: str, code: str) -> None:
        """A warning about a place that was noted before."""
        self.draft.say(Grade.WARNING, self.path, place, text, code)

    def put(self, keyword: str, value: object, place: Place) -> None:
        """Set a keyword of the native table; the last one counts."""
        self.values[keyword] = value
        self.draft.places[(*self.path, keyword)] = place

    def drop(self, keyword: str) -> None:
        """Leave a keyword out after all."""
        self.values.pop(keyword, None)

    def wrong(self, keyword: str, value: object) -> str:
        """What is wrong with a value for a keyword; empty: it can be put."""
        try:
            for each in self._keywords():
                if each.name == keyword:
                    scalar(each, value)
        except WrongValueError as error:
            return str(error)
        return ""

    def _keywords(self) -> Iterator[Any]:
        for each in self.known:
            yield from keywords(each)
