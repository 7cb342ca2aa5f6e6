"""A change of one name in a folder as an event, by inotify(7).

The folder is watched, not the file: the file may be missing, and is often replaced by another of its name.
The standard library has no inotify, so two functions of libc are called.
"""

import asyncio
import ctypes
import os
import struct
from pathlib import Path

IN_ATTRIB, IN_CLOSE_WRITE, IN_MOVED_FROM, IN_MOVED_TO = 0x4, 0x8, 0x40, 0x80
IN_CREATE, IN_DELETE, IN_DELETE_SELF, IN_MOVE_SELF = 0x100, 0x200, 0x400, 0x800
IN_UNMOUNT, IN_Q_OVERFLOW, IN_IGNORED = 0x2000, 0x4000, 0x8000
IN_ONLYDIR = 0x01000000
"""linux/inotify.h."""
WANTED = (
    IN_ATTRIB
    | IN_CLOSE_WRITE
    | IN_MOVED_FROM
    | IN_MOVED_TO
    | IN_CREATE
    | IN_DELETE
    | IN_DELETE_SELF
    | IN_MOVE_SELF
    | IN_ONLYDIR
)
LOST = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED
"""The folder is not where it was."""
MAX_READ = 16384
"""Octets taken at once, some hundred events: a busy folder gets its turn like everybody else."""

_EVENT = struct.Struct("iIII")
"""Watch, mask, cookie, length of the name that follows, padded with zeros."""
_libc = ctypes.CDLL(None, use_errno=True)


class NameNews:
    """Tells when something has happened to one path."""

    def __init__(self, path: str) -> None:
        """Nothing is opened yet."""
        self._folder, self._name = os.fsencode(Path(path).parent), os.fsencode(Path(path).name)
        self._descriptor = -1
        self._event = asyncio.Event()

    def open(self) -> None:
        """Begin, before a look, so that nothing is missed. Raises OSError (no descriptor, or no watch left)."""
        self._event.clear()
        if self._descriptor < 0:
            self._descriptor = _checked(_libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
            asyncio.get_running_loop().add_reader(self._descriptor, self._read)

    def watch(self) -> None:
        """Watch the folder that is there now; again is harmless. Asks the file system, may block. Raises OSError."""
        _checked(_libc.inotify_add_watch(self._descriptor, self._folder, WANTED))

    async def wait(self) -> None:
        """Until something has happened since `open`."""
        await self._event.wait()

    def close(self) -> None:
        """Watch no more."""
        if self._descriptor >= 0:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1

    def _read(self) -> None:
        try:
            events = os.read(self._descriptor, MAX_READ)
        except BlockingIOError:
            return
        at = lost = 0
        while at < len(events):
            _, mask, _, length = _EVENT.unpack_from(events, at)
            name = events[at + _EVENT.size : at + _EVENT.size + length].rstrip(b"\0")
            at += _EVENT.size + length
            lost |= mask & LOST
            if name == self._name or mask & (LOST | IN_Q_OVERFLOW):
                self._event.set()
        if lost:
            self.close()


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
