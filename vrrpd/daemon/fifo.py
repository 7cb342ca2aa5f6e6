"""The named pipe for lines about states: made where it is missing, never waited for, nothing lost without a word."""

import asyncio
import errno
import os
import stat
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from vrrpd.engine.journal import Publish
from vrrpd.engine.journal_notify import FifoLost
from vrrpd.protocol.messages import Seconds

MODE = 0o640
"""Of a pipe that we make: names and states are no secret, but a reader takes lines away from others."""
BACKLOG_LIMIT = 1000
"""Lines that wait for a reader, beside the 64 KiB that the kernel keeps: hours of changes, or one bad minute."""


class Fifo:
    """One pipe at a time; opened for reading as well, so that a reader may come and go."""

    def __init__(self, publish: Publish, now: Callable[[], Seconds]) -> None:
        """Nothing is open."""
        self._publish = publish
        self._now = now
        self._path = ""
        self._descriptor: int | None = None
        self._waiting: deque[bytes] = deque()
        self._lost = 0

    def configure(self, path: str) -> None:
        """Write there from now on; empty: nowhere. What cannot be opened is told, and tried with the next line."""
        if path == self._path and self._descriptor is not None:
            return
        self.close()
        self._path = path
        if path:
            self._open()

    def write(self, line: str) -> None:
        """One line, without its end. Never blocks."""
        if not self._path or (self._descriptor is None and not self._open()):
            return
        if len(self._waiting) >= BACKLOG_LIMIT:
            self._lost += 1
            if self._lost == 1:
                self._publish(FifoLost(self._now(), self._path, 1, errno.errorcode[errno.EAGAIN]))
            return
        self._waiting.append(line.encode() + b"\n")
        if len(self._waiting) == 1:
            self._flush()

    def close(self) -> None:
        """What still waits is lost."""
        if self._descriptor is None:
            return
        self._flush()
        asyncio.get_running_loop().remove_writer(self._descriptor)
        os.close(self._descriptor)
        if self._waiting:
            self._publish(FifoLost(self._now(), self._path, len(self._waiting), errno.errorcode[errno.EAGAIN]))
        self._descriptor, self._lost = None, 0
        self._waiting.clear()

    def _open(self) -> bool:
        try:
            with suppress(FileExistsError):
                os.mkfifo(self._path, MODE)
            descriptor = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
            if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                raise FileExistsError(errno.EEXIST, "no named pipe")
        except OSError as error:
            self._publish(FifoLost(self._now(), self._path, 0, errno.errorcode.get(error.errno or 0, str(error))))
            return False
        self._descriptor = descriptor
        return True

    def _flush(self) -> None:
        """As much as the pipe takes. A line is shorter than PIPE_BUF, so it is taken as a whole or not (pipe(7))."""
        if self._descriptor is None:
            return
        loop = asyncio.get_running_loop()
        while self._waiting:
            try:
                os.write(self._descriptor, self._waiting[0])
            except BlockingIOError:
                loop.add_writer(self._descriptor, self._flush)
                return
            self._waiting.popleft()
        loop.remove_writer(self._descriptor)
        if self._lost > 1:
            self._publish(FifoLost(self._now(), self._path, self._lost - 1, errno.errorcode[errno.EAGAIN]))
        self._lost = 0
