"""Find the line of every keyword in a TOML text, which tomllib does not tell.

Only for text that tomllib has accepted: then a small scanner is enough, because nothing can be malformed.
"""

import re
import tomllib
from dataclasses import dataclass, field
from typing import cast

from vrrpd.config.problems import Path

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY_PART = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[^ \t.=\]]+')
_STRING = re.compile(
    # A multi-line string may end in up to two quotes of its own before the three that close it.
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)
_BARE_VALUE = re.compile(r"[^,\]}#\n]*")


def lines(text: str) -> dict[Path, int]:
    """Map the path of each table, keyword and list element to its line, from 1.

    A table that stands in several places has the line of the first. Raises RecursionError on absurd nesting.
    """
    scanner = _Scanner(text)
    scanner.document()
    return scanner.found


@dataclass(slots=True)
class _Scanner:
    text: str
    at: int = 0
    found: dict[Path, int] = field(default_factory=dict)
    _line: int = 1
    _counted: int = 0
    """`_line` is the line of this offset: lines are counted once, not from the top for each keyword."""
    _lengths: dict[Path, int] = field(default_factory=dict)
    """Of each array of tables, how many there are so far."""

    def document(self) -> None:
        """Walk through headers and keywords to the end."""
        table: Path = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)

    def _header(self) -> Path:
        line, array = self._now(), self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        parts = self._key()
        self.at += 2 if array else 1
        path = self._resolve(parts[:-1], line) + parts[-1:]
        if array:
            self.found.setdefault(path, line)
            self._lengths[path] = self._lengths.get(path, 0) + 1
        return self._resolve_last(path, line)

    def _resolve(self, parts: Path, line: int) -> Path:
        """Name the newest element of each array of tables on the way."""
        path: Path = ()
        for part in parts:
            path = self._resolve_last((*path, part), line)
        return path

    def _resolve_last(self, path: Path, line: int) -> Path:
        if path in self._lengths:
            path = (*path, self._lengths[path] - 1)
        self.found.setdefault(path, line)
        return path

    def _pair(self, table: Path) -> None:
        line, path = self._now(), table
        for part in self._key():
            path = (*path, part)
            self.found.setdefault(path, line)
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _key(self) -> tuple[str, ...]:
        """Read a key, dotted or not; stops at what follows it."""
        parts = [self._key_part()]
        while self.text[self.at] == ".":
            self.at += 1
            parts.append(self._key_part())
        return tuple(parts)

    def _key_part(self) -> str:
        self._skip(_SPACE)
        token = self._take(_KEY_PART)
        self._skip(_SPACE)
        # tomllib undoes the escapes of a quoted key, by the same rules as in its own pass.
        return cast("str", tomllib.loads(f"key = {token}")["key"]) if token[0] in "\"'" else token

    def _value(self, path: Path) -> None:
        match self.text[self.at]:
            case "[":
                self._array(path)
            case "{":
                self._inline_table(path)
            case '"' | "'":
                self._skip(_STRING)
            case _:
                self._skip(_BARE_VALUE)

    def _array(self, path: Path) -> None:
        self.at += 1
        self._skip(_BLANK)
        index = 0
        while self.text[self.at] != "]":
            self.found[(*path, index)] = self._now()
            self._value((*path, index))
            self._next_item()
            index += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        self._skip(_BLANK)
        while self.text[self.at] != "}":
            self._pair(path)
            self._next_item()
        self.at += 1

    def _next_item(self) -> None:
        self._skip(_BLANK)
        if self.text[self.at] == ",":
            self.at += 1
            self._skip(_BLANK)

    def _now(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def _take(self, pattern: re.Pattern[str]) -> str:
        start = self.at
        self._skip(pattern)
        return self.text[start : self.at]

    def _skip(self, pattern: re.Pattern[str]) -> None:
        # It matches: tomllib has accepted the text.
        self.at = cast("re.Match[str]", pattern.match(self.text, self.at)).end()
