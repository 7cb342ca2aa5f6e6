"""HTTP/1.1 as far as a health probe reads it: the head of a reply, and the beginning of its body (RFC 9112).

Everything is bounded, whatever the server sends. Raises nothing but `ProbeFailed`.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass

from vrrpd.probes.outcome import ProbeFailed

MAX_HEAD = 16 * 1024
"""Octets of status line and header fields: what HAProxy and others take by default, too."""
MAX_BODY = 64 * 1024
"""Octets of the body that are looked at; a page for health checks has some hundred."""
MAX_INTERIM = 4
"""Replies 1xx before the one that counts; nobody sends more than one."""

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: ([^\r\n]*))?\r?\n")
_LENGTH = re.compile(r"\d{1,15}")
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,12})\s*(?:;[^\r\n]*)?\r?\n")
_TLS_ALERT = b"\x15\x03"
"""Content type and major version of RFC 8446, section 5.1: what a TLS server says to plain text."""


@dataclass(frozen=True, slots=True)
class Head:
    """Status and header fields, their names in small letters; of a repeated field the last one."""

    status: int
    reason: str
    fields: Mapping[str, str]

    @property
    def told(self) -> str:
        """As the server says it."""
        return f"{self.status} {self.reason}".strip()


async def read_head(reader: asyncio.StreamReader) -> Head:
    """The first reply that is not interim (RFC 9110, section 15.2). The stream's limit must be `MAX_HEAD`."""
    for _ in range(1 + MAX_INTERIM):
        head = await _one_head(reader)
        if head.status >= 200:
            return head
    raise ProbeFailed(f"not HTTP: more than {MAX_INTERIM} interim replies")


async def read_body(reader: asyncio.StreamReader, head: Head) -> bytes:
    """The body, or its first `MAX_BODY` octets (RFC 9112, section 6.3)."""
    if head.status in {204, 304}:
        return b""
    if head.fields.get("transfer-encoding", "").lower().endswith("chunked"):
        return await _chunked(reader)
    length = head.fields.get("content-length")
    if length is None:
        return await _until_closed(reader)
    if not _LENGTH.fullmatch(length):
        raise ProbeFailed(f"not HTTP: Content-Length {length[:20]!r}")
    return await _exactly(reader, min(int(length), MAX_BODY))


async def _one_head(reader: asyncio.StreamReader) -> Head:
    first = await _line(reader)
    status = _STATUS.fullmatch(first)
    if status is None:
        if first.startswith(_TLS_ALERT):
            raise ProbeFailed("not HTTP: the server speaks TLS, which needs tls = true")
        raise ProbeFailed(f"not HTTP: {first[:40]!r}")
    fields: dict[str, str] = {}
    size = len(first)
    while (line := await _line(reader)).strip():
        size += len(line)
        if size > MAX_HEAD:
            raise ProbeFailed(f"header of more than {MAX_HEAD} octets")
        name, _, value = line.decode("latin-1").partition(":")
        fields[name.strip().lower()] = value.strip()
    return Head(int(status[1]), (status[2] or b"").decode("latin-1").strip(), fields)


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError:
        raise ProbeFailed(f"not HTTP: a line of more than {MAX_HEAD} octets") from None
    except asyncio.IncompleteReadError as cut:
        if cut.partial:
            return cut.partial  # what is not HTTP is shown as it came
        raise ProbeFailed("the server closed the connection without an answer") from None


async def _chunked(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while True:
        line = _CHUNK.fullmatch(await _line(reader))
        if line is None:
            raise ProbeFailed("not HTTP: a chunk without its size")
        size = int(line[1], 16)
        if size == 0:
            return bytes(body)
        body += await _exactly(reader, min(size, MAX_BODY - len(body)))
        if len(body) >= MAX_BODY:
            return bytes(body)
        await _line(reader)


async def _until_closed(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while len(body) < MAX_BODY and (octets := await reader.read(MAX_BODY - len(body))):
        body += octets
    return bytes(body)


async def _exactly(reader: asyncio.StreamReader, size: int) -> bytes:
    try:
        return await reader.readexactly(size)
    except asyncio.IncompleteReadError as cut:
        raise ProbeFailed(f"the server broke off the body after {len(cut.partial)} of {size} octets") from None


def holds(body: bytes, pattern: str) -> bool:
    """Whether the parts of the pattern between its `*` come in the body in this order. Takes linear time: a regular
    expression could take for ever, and nothing else of the daemon would run meanwhile.
    """
    at = 0
    for part in pattern.encode().split(b"*"):
        found = body.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True
