"""The stats socket of HAProxy: one line asked on a connection of its own, all of the answer read."""

import asyncio
import socket
import struct
from dataclasses import dataclass

from vrrpd.probes.haproxy_words import Unanswered, Word
from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown
from vrrpd.probes.steps import step

MAX_ANSWER = 4 * 1024 * 1024
"""A server takes about 400 octets of CSV, so this is room for 10,000 of them."""
ABSTRACT = "abns@"
"""How HAProxy writes an abstract socket (configuration manual, section 11.3)."""
SUN_PATH = 108
"""Octets of the name of a socket (unix(7)); HAProxy fills an abstract name up with zeros."""
CREDENTIALS = struct.Struct("3i")
"""pid, uid, gid of SO_PEERCRED (socket(7))."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`listener`: pid, as we count, of the process that opened the socket, HAProxy or its master; 0: out of sight."""

    text: str
    listener: int


class StatsSocket:
    """Where to ask. Nothing is kept open: a kept connection would pin an old worker after each reload."""

    def __init__(self, place: str) -> None:
        """`place`: an absolute path, or `abns@NAME`."""
        self._place = place
        self.connected = False
        """The last question was taken and is not answered yet."""

    async def ask(self, question: bytes) -> Reply:
        """Send one line and return all that comes. Raises `Unanswered`, `ProbeFailed`, `ProbeUnknown`."""
        self.connected = False
        line = self._connect()
        try:
            listener = _listener(line)
            reader, writer = await asyncio.open_unix_connection(sock=line)
        except BaseException:
            line.close()
            raise
        self.connected = True
        step(f"connected to {self._place}")
        try:
            writer.write(question)
            text = await self._read_all(reader)
            step(f"answered with {len(text)} characters")
            return Reply(text, listener)
        except OSError as error:
            raise Unanswered(Word.GARBLED, f"{self._place}: broke off: {error.strerror or error}") from error
        finally:
            writer.transport.abort()

    def _connect(self) -> socket.socket:
        """Connecting to a unix socket never waits: it is done, refused, or the queue is full (unix(7))."""
        try:
            line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        except OSError as error:
            raise ProbeUnknown(f"{self._place}: cannot ask: {error.strerror or error}") from error
        try:
            line.connect(address(self._place))
        except OSError as error:
            line.close()
            raise self._refused(error) from error
        return line

    def _refused(self, error: OSError) -> ProbeFailed | ProbeUnknown:
        match error:
            case FileNotFoundError():
                text = "no such socket: haproxy is not running or has no such `stats socket` line"
                return Unanswered(Word.GONE, f"{self._place}: {text}")
            case ConnectionRefusedError():
                return Unanswered(Word.GONE, f"{self._place}: nobody listens")
            case BlockingIOError():
                return Unanswered(Word.FROZEN, f"{self._place}: nobody takes the connections that wait in its queue")
            case PermissionError():
                return ProbeUnknown(f"{Word.MISCONFIGURED}: vrrpd may not open {self._place}")
            case _:
                return ProbeUnknown(f"{self._place}: cannot ask: {error.strerror or error}")

    async def _read_all(self, reader: asyncio.StreamReader) -> str:
        answer = bytearray()
        while chunk := await reader.read(65536):
            answer += chunk
            if len(answer) > MAX_ANSWER:
                raise ProbeFailed(f"{Word.GARBLED}: {self._place}: answer of more than {MAX_ANSWER} octets")
        self.connected = False
        return answer.decode(errors="replace")


def address(place: str) -> str:
    """What connect(2) wants."""
    name = place.removeprefix(ABSTRACT)
    return place if name == place else f"\0{name}".ljust(SUN_PATH, "\0")


def _listener(line: socket.socket) -> int:
    octets = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    pid: int = CREDENTIALS.unpack(octets)[0]
    return pid
