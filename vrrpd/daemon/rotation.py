"""A file of lines that is continued in a new one when it is full. All of this blocks."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

SIZE_LIMIT = 1024 * 1024
"""Octets of one file: some five thousand lines."""
FORMER = 3
"""Files kept before the one that is written; the youngest of them has 1 in its name."""


class Files:
    """`path` and, when it is full, `path` with .1, .2, .3 before its suffix."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened yet."""
        self._path = path

    def append(self, lines: Sequence[str]) -> None:
        """All of them, or none: raises OSError, and the file is as before as far as that can be had."""
        octets = "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")
        if self._size() >= SIZE_LIMIT:
            self._rotate()
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        try:
            size = os.fstat(descriptor).st_size
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"  # a crash in the middle of a line
            try:
                _write(descriptor, b"\n" + octets if torn else octets)
            except OSError:
                os.ftruncate(descriptor, size)
                raise
        finally:
            os.close(descriptor)

    def last(self, count: int) -> Sequence[str]:
        """The last lines that are JSON objects, the oldest first. Files that cannot be read have none."""
        found: list[str] = []
        for path in (self._path, *(self._former(number) for number in range(1, FORMER + 1))):
            if len(found) >= count:
                break
            found = [*_objects(path), *found]
        return found[-count:]

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0

    def _rotate(self) -> None:
        for number in range(FORMER, 1, -1):
            if self._former(number - 1).exists():
                self._former(number - 1).replace(self._former(number))
        self._path.replace(self._former(1))

    def _former(self, number: int) -> Path:
        return self._path.with_suffix(f".{number}{self._path.suffix}")


def _write(descriptor: int, octets: bytes) -> None:
    """All of it: a disk that is almost full takes a part."""
    while octets:
        octets = octets[os.write(descriptor, octets) :]


def _objects(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            text = file.read(2 * SIZE_LIMIT).decode("utf-8", "replace")  # one batch may have gone over the limit
    except OSError:
        return []
    return [line for line in text.split("\n") if _is_object(line)]


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
