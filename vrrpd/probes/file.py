"""Probe `file`: drain a host by touching a file, or give a number of your own to the election.

Its appearance, and what is written to it, is noticed by inotify. On a network file system, and behind a symbolic link,
the kernel does not tell; then it is seen at the next check.
"""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from vrrpd.probes.aside import Aside
from vrrpd.probes.inotify import NameNews
from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown, Seen
from vrrpd.probes.steps import step
from vrrpd.schema import Doc

MAX_CONTENT = 256
"""Octets read: a number, or somebody's reason."""
MAX_VALUE = 2**31 - 1
"""A C int, as in keepalived; anything beyond 253 is a fault or the most there is."""

_NUMBER = re.compile(r"([+-]?)(0[xX][0-9a-fA-F]{1,8}|0[0-7]{0,11}|[1-9][0-9]{0,9})")
"""As strtol(3) with base 0 reads it: decimal, 0x hexadecimal, 0 octal."""
_ABSENT = (FileNotFoundError, NotADirectoryError)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOptions:
    """Keywords of `type = "file"`."""

    path: Annotated[str, Doc("the file; best in a folder of its own", example='"/etc/vrrpd/drain"')]
    up_while: Annotated[
        str, Doc("absent: down while the file exists, whatever is in it", choices=("absent", "present"))
    ] = "absent"
    value: Annotated[
        bool,
        Doc(
            "always up; its content is a whole number that is multiplied by the weight, as in keepalived's track_file; "
            "no file, or an empty one, is 0"
        ),
    ] = False

    def problems(self) -> tuple[str, ...]:
        """What is wrong across keywords, one text each."""
        found = []
        if not self.path.startswith("/") or self.path.endswith("/"):
            found.append(f"path: {self.path!r} is not the absolute path of a file")
        if self.value and self.up_while != "absent":
            found.append("up_while: has no effect with value")
        return tuple(found)


class FileProbe:
    """Well while the file is absent, or present; or always, with a value."""

    def __init__(self, options: FileOptions) -> None:
        """Nothing is opened yet."""
        self._options = options
        self._aside = Aside(options.path)
        self._news = NameNews(options.path)

    async def check(self) -> Seen:
        """Look once. Raises `ProbeFailed`, which is certain, and `ProbeUnknown`."""
        try:
            self._news.open()
        except OSError as error:
            raise ProbeUnknown(f"{self._options.path}: inotify: {error.strerror}") from error
        content, watched = await self._aside.call(self._look)
        folder = Path(self._options.path).parent
        step(f"watching {folder}" if watched else f"no folder {folder} to watch")
        step("no such file" if content is None else f"read {len(content)} characters")
        return _value(self._options.path, content) if self._options.value else self._presence(content)

    async def changed(self) -> None:
        """Something has happened to the file."""
        await self._news.wait()

    async def close(self) -> None:
        """Watch no more."""
        self._news.close()

    def _look(self) -> tuple[str | None, bool]:
        """In a thread: the content, and whether it is watched. Watch first: what happens after the look must be an
        event.
        """
        path, watched = self._options.path, True
        try:
            self._news.watch()
        except _ABSENT:
            watched = False  # there is nothing to watch, and no file
        except OSError as error:
            raise ProbeUnknown(f"{path}: inotify: {error.strerror}") from error
        return _content(path), watched

    def _presence(self, content: str | None) -> Seen:
        there = content is not None
        told = f"{self._options.path} exists" if there else f"no file {self._options.path}"
        if content:
            told += ": " + content.splitlines()[0]
        if there == (self._options.up_while == "present"):
            return Seen(detail=told)
        raise ProbeFailed(told, certain=True)


def _content(path: str) -> str | None:
    """The beginning, None if there is no file; empty for what is no regular file. Raises `ProbeUnknown`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe must not make us wait
    except _ABSENT:
        return None
    except OSError as error:
        raise ProbeUnknown(f"{path}: {error.strerror}") from error
    try:
        regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return os.read(descriptor, MAX_CONTENT).decode(errors="replace").strip() if regular else ""
    except OSError as error:
        raise ProbeUnknown(f"{path}: {error.strerror}") from error
    finally:
        os.close(descriptor)


def _value(path: str, content: str | None) -> Seen:
    """keepalived.conf(5), vrrp_track_file. What is no number is 0 there; here it cannot be told."""
    if not content:
        return Seen(detail=f"{path}: 0 (" + ("no such file)" if content is None else "empty)"), value=0)
    found = _NUMBER.fullmatch(content)
    if found is None:
        raise ProbeUnknown(f"{path} holds no number: {content[:20]!r}")
    sign, digits = found.groups()
    octal = digits.startswith("0") and digits[1:].isdigit()
    number = int(digits, 8 if octal else 0) * (-1 if sign == "-" else 1)
    if abs(number) > MAX_VALUE:
        raise ProbeUnknown(f"{path} holds a number that is too large: {content[:20]!r}")
    return Seen(detail=f"{path}: {number}", value=number)
