"""What is wrong with a configuration, in the words an operator reads, and where it stands."""

import difflib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import islice

Path = tuple[str | int, ...]
"""Where a value stands in a document: names of tables and keywords, indexes of lists from 0."""

SHOWN_CHARACTERS = 60
"""More of a wrong value than this says nothing new and could fill a screen."""
NEAR_WORDS = 200
"""Looked at for what was meant, and listed: thousands of probes would take minutes and fill screens."""
SHOWN_DIGITS = 20
"""Python refuses to print whole numbers of more than some thousands of digits; nobody needs them."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")


class Grade(Enum):
    """How bad a problem is."""

    ERROR = "error"
    """The file is refused."""
    WARNING = "warning"
    """It works, though probably not as meant."""
    NOTE = "note"
    """Good to know, nothing to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or deserves a look.

    `line` is from 1, or 0 for the file as a whole. `keyword` is dotted; empty where no keyword is to blame.
    `code` is the name of the check that found it, see `vrrpd.config.checks.table`; empty: a single value is to blame.
    """

    file: str
    line: int
    keyword: str
    text: str
    grade: Grade = Grade.ERROR
    code: str = ""

    def __str__(self) -> str:
        """`file:line: keyword: what is wrong, what is allowed`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.keyword, self.text) if part)


class ConfigError(Exception):
    """The operator's file cannot be used; has every problem found, by line, and what else deserves a look."""

    def __init__(self, problems: tuple[Problem, ...], also: tuple[Problem, ...] = ()) -> None:
        """Take at least one problem; `also` are warnings and notes."""
        super().__init__(problems)
        self.problems = problems
        self.also = also

    def __str__(self) -> str:
        """One line per problem."""
        return "\n".join(str(problem) for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of the model, found across keywords: no file, no line, so that any reader can use it.

    `path` is the keyword blamed; `others` are the other keywords the finding rests on. `code` as in `Problem`.
    """

    path: Path
    text: str
    others: tuple[Path, ...] = ()
    code: str = ""

    def __str__(self) -> str:
        """`keyword: what is wrong, what is allowed`."""
        return f"{dotted(self.path)}: {self.text}"


@dataclass(slots=True)
class Report:
    """Collects the problems of one file. `lines` tells the line of each path that stands in the file."""

    file: str
    lines: Mapping[Path, int]
    problems: list[Problem] = field(default_factory=list)
    doubtful: set[Path] = field(default_factory=set)
    """Paths whose value in the model is a stand-in, because what the file says is wrong."""
    kept: dict[Path, list[int]] = field(default_factory=dict)
    """Of each list, the indexes in the file of the elements that made it into the model."""

    def add(self, path: Path, text: str, code: str = "") -> None:
        """Blame the keyword at `path`."""
        self.doubtful.add(path)
        self.problems.append(self.problem(path, text, code))

    def problem(self, path: Path, text: str, code: str = "") -> Problem:
        """Find the line of `path`, or of the nearest table around it."""
        around = (path[:length] for length in range(len(path), -1, -1))
        line = next((self.lines[each] for each in around if each in self.lines), 1)
        return Problem(self.file, line, dotted(path), text, code=code)

    def found(self, findings: Iterable[Finding]) -> tuple[Problem, ...]:
        """Place findings in the file; leave out what rests on a stand-in, whose cause is reported already."""
        lists = {bad[:at] for bad in self.doubtful for at, each in enumerate(bad) if isinstance(each, int)}
        return tuple(
            self.problem(self._in_file(finding.path), finding.text, finding.code)
            for finding in findings
            if not any(self._rests_on_stand_in(self._in_file(each), lists) for each in (finding.path, *finding.others))
        )

    def sorted(self, findings: Iterable[Finding]) -> tuple[Problem, ...]:
        """Give what was reported and what was found across keywords, by line."""
        return by_line((*self.problems, *self.found(findings)))

    def warnings(self, findings: Iterable[Finding]) -> tuple[Problem, ...]:
        """Place findings that refuse nothing."""
        return tuple(replace(each, grade=Grade.WARNING) for each in self.found(findings))

    def _in_file(self, path: Path) -> Path:
        """Undo the shift of indexes that wrong elements of a list cause in the model."""
        if path and isinstance(path[-1], int) and path[:-1] in self.kept:
            return (*path[:-1], self.kept[path[:-1]][path[-1]])
        return path

    def _rests_on_stand_in(self, path: Path, lists: set[Path]) -> bool:
        """Tell whether `path` or a table around it is doubtful, or an element of it if it is one of the `lists`."""
        around = (path[:length] for length in range(len(path) + 1))
        return path in lists or any(each in self.doubtful for each in around)


def by_line(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """In the order of the file; equal lines keep the order in which they were found."""
    return tuple(sorted(problems, key=lambda problem: problem.line))


def by_file(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each once, by line within each file; files in the order of their first problem."""
    each = list(dict.fromkeys(problems))
    files = {name: at for at, name in reversed(list(enumerate(problem.file for problem in each)))}
    return tuple(sorted(each, key=lambda problem: (files[problem.file], problem.line)))


def dotted(path: Path) -> str:
    """Write it as in TOML: `instance.VI_1.priority`; an index in a list is told by the line number."""
    return ".".join(key(each) for each in path if isinstance(each, str))


def key(name: str) -> str:
    """Quote a name where TOML wants it."""
    return name if _BARE.fullmatch(name) and len(name) <= SHOWN_CHARACTERS else shown(name)


def shown(value: object) -> str:
    """Name a wrong value in a message: itself where it is short and simple, else what it is."""
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value) if abs(value) < 10**SHOWN_DIGITS else f"a number of more than {SHOWN_DIGITS} digits"
        case float():
            return str(value)
        case str():
            short = value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "..."
            return json.dumps(short, ensure_ascii=not short.isprintable())
        case _:
            return kind(value)


def kind(value: object) -> str:
    """Name the TOML type of a value."""
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return "a date or time"


def unknown(word: str, allowed: Collection[str]) -> str:
    """Say what was probably meant by a misspelt word, or else all that is allowed."""
    some = tuple(islice(allowed, NEAR_WORDS))
    close = difflib.get_close_matches(word[:SHOWN_CHARACTERS], some, n=1)
    if close:
        return f"did you mean {key(close[0])}?"
    more = ", ..." if len(allowed) > len(some) else ""
    return f"allowed: {', '.join(key(each) for each in some) or 'nothing'}{more}"
