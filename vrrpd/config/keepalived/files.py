"""Lines of a keepalived.conf and of all that it includes, comments, conditions and definitions done.

Bounded in size, depth and number of files, so that a loop of includes ends with a message.
"""

import glob
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from vrrpd.config.keepalived.line import LINE_OCTETS, KeepalivedError, Line, unterminated, without_comment
from vrrpd.config.keepalived.macros import Macros
from vrrpd.config.problems import Grade, Problem

FILE_OCTETS = 1024 * 1024
"""Of one file."""
DEPTH_LIMIT = 16
"""Of files that include files."""
FILES_LIMIT = 1000
"""Files in all."""

_INCLUDE = re.compile(r"include([rmwba]?)(?:[ \t]+(.*))?$")
_WILD = re.compile(r"[*?\[]")
_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(slots=True)
class Files:
    """Reads one configuration; `problems` are told in the end, all at once. `names`: of the files, each once."""

    macros: Macros
    problems: list[Problem] = field(default_factory=list)
    names: dict[str, None] = field(default_factory=dict)
    _count: int = 0

    def lines(self, path: Path) -> Iterator[Line]:
        """All lines that count. Raises KeepalivedError if the file cannot be read or does not end."""
        yield from self._file(path, Line(str(path), 0, ""), 0)

    def _file(self, path: Path, asked: Line, depth: int) -> Iterator[Line]:
        self._count += 1
        if depth > DEPTH_LIMIT or self._count > FILES_LIMIT:
            what = (
                f"more than {DEPTH_LIMIT} files in one another" if depth > DEPTH_LIMIT else f"over {FILES_LIMIT} files"
            )
            raise KeepalivedError(asked.problem(f"{what}: does a file include itself?"))
        self.names[str(path)] = None
        for number, raw in enumerate(_text(path, asked).split("\n"), 1):
            line = Line(str(path), number, without_comment(raw))
            self._look(line, raw)
            self.macros.unfinished(line)
            if line.text:
                yield from self._line(line, path, depth)

    def _line(self, line: Line, path: Path, depth: int) -> Iterator[Line]:
        include = _INCLUDE.match(line.text)
        if include is None:
            yield from self.macros.expand(line, str(path.parent.absolute()))
            return
        pattern = (include[2] or "").strip().strip('"')
        if not pattern:
            self.problems.append(line.problem("include without a file name"))
            return
        found = _matching(path.parent, pattern)
        if not found:
            missing = Grade.NOTE if _WILD.search(pattern) else Grade.ERROR  # an empty conf.d is nothing wrong
            text = f"no file {pattern}; keepalived goes on without it and says nothing"
            self.problems.append(line.problem(text, missing))
        for each in found:
            yield from self._file(each, line, depth + 1)

    def _look(self, line: Line, raw: str) -> None:
        """What keepalived does something odd with."""
        if len(raw.encode(errors="surrogateescape")) > LINE_OCTETS:
            text = f"longer than {LINE_OCTETS} octets; keepalived tears it into two lines"
            self.problems.append(line.problem(text))
        if "\0" in raw:
            self.problems.append(line.problem("a zero octet; keepalived drops the line"))
        if unterminated(line.text):
            self.problems.append(line.problem('a " is never closed', Grade.WARNING))
        if line.text and line.text[-1] not in "{}" and raw.strip()[len(line.text) :][:1] in ("#", "!"):
            text = "a comment begins in mid-word, and the rest of the word is lost; allowed: the word in double quotes"
            self.problems.append(line.problem(text, Grade.WARNING))


def _text(path: Path, asked: Line) -> str:
    try:
        with path.open("rb") as file:
            octets = file.read(FILE_OCTETS + 1)
    except OSError as error:
        raise KeepalivedError(asked.problem(f"{path} cannot be read: {error.strerror}")) from None
    if len(octets) > FILE_OCTETS:
        raise KeepalivedError(asked.problem(f"{path} is larger than {FILE_OCTETS} octets"))
    return octets.decode(errors="surrogateescape")


def _matching(directory: Path, pattern: str) -> list[Path]:
    """glob(3) with braces and `~`, in order of name, relative to the directory of the file that includes."""
    found: list[Path] = []
    for each in islice(_alternatives(pattern), FILES_LIMIT):
        whole = _at_home(each) if each.startswith("~") else directory / each
        if whole is None or "\0" in each:
            continue
        names = sorted(glob.glob(str(whole)))  # noqa: PTH207 - as glob(3), which passes hidden files over
        found.extend(Path(name) for name in names if Path(name).is_file())
    return found


def _at_home(pattern: str) -> Path | None:
    """None: there is no such user."""
    try:
        return Path(pattern).expanduser()
    except RuntimeError:
        return None


def _alternatives(pattern: str) -> Iterator[str]:
    braces = _BRACES.search(pattern)
    if braces is None:
        yield pattern
        return
    before, behind = pattern[: braces.start()], pattern[braces.end() :]
    for each in braces[1].split(","):
        yield from _alternatives(before + each + behind)
