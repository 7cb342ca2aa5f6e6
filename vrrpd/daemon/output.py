"""Lines to standard output that never make the daemon wait.

A pipe that nobody reads, a stopped terminal or a stuck journal blocks a plain write, and with it the election.
The descriptor's flags stay as they are: a terminal or pipe is shared with other processes.
"""

import os
import select
from collections import deque

CHUNK = 4096
"""PIPE_BUF: a pipe that poll(2) calls writable takes this much at once (pipe(7)); so do stream sockets."""
BACKLOG_LIMIT = 256 * 1024
"""Octets kept for a slow reader: thousands of lines, more than a restart of the journal lets pile up."""

_BROKEN = select.POLLERR | select.POLLHUP | select.POLLNVAL


class LineWriter:
    """Writes what the descriptor takes now, keeps a bounded rest for the next call, drops and counts what is over.

    `dropped`: lines lost so far. The loss is told in the output itself as soon as there is room again.
    """

    def __init__(self, descriptor: int) -> None:
        """The descriptor stays the caller's; nobody else in this process may write to it."""
        self._descriptor = descriptor
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)
        self._waiting: deque[bytes] = deque()
        self._octets = 0
        self._untold = 0
        self.dropped = 0

    def write(self, line: str) -> None:
        """Take one line, without its end. Never blocks, never raises for what the reader does."""
        self.flush()
        if self._untold and not self._waiting:
            told, self._untold = self._untold, 0
            self._queue(f"level=warning event=lines.dropped count={told}")
        self._queue(line)
        self.flush()

    def flush(self) -> None:
        """Write as much of what waits as the descriptor takes now."""
        while self._waiting and self._writable():
            self._write_some()

    def _queue(self, line: str) -> None:
        octets = line.encode("utf-8", "backslashreplace") + b"\n"
        if self._octets + len(octets) > BACKLOG_LIMIT:
            self._lose(1)
            return
        self._waiting.append(octets)
        self._octets += len(octets)

    def _write_some(self) -> None:
        octets = self._waiting[0]
        try:
            written = os.write(self._descriptor, octets[:CHUNK])
        except BlockingIOError:
            written = 0  # somebody else made it non-blocking; poll tells when to go on
        except OSError:
            self._give_up()
            return
        self._octets -= written
        if written < len(octets):
            self._waiting[0] = octets[written:]
        else:
            self._waiting.popleft()

    def _writable(self) -> bool:
        for _, events in self._poll.poll(0):
            if events & _BROKEN:
                self._give_up()
                return False
            return bool(events & select.POLLOUT)
        return False

    def _give_up(self) -> None:
        """There is no reader any more: what waits is lost."""
        self._lose(len(self._waiting))
        self._waiting.clear()
        self._octets = 0

    def _lose(self, lines: int) -> None:
        self.dropped += lines
        self._untold += lines


ERRORS = LineWriter(2)
"""Standard error: for defects, and for what happens before and after the log. Nobody else here writes to it."""
