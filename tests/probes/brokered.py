"""A small broker that can be told how to misbehave, and how to be low on memory."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from vrrpd.probes import amqp_frames as wire
from vrrpd.probes.amqp_frames import Frame, FrameReader, FrameType, Method
from vrrpd.probes.amqp_options import AmqpOptions


def short(text: str) -> bytes:
    return bytes((len(text),)) + text.encode()


def long(octets: bytes) -> bytes:
    return len(octets).to_bytes(4, "big") + octets


def start(mechanisms: bytes = b"PLAIN AMQPLAIN", *, blocked: bool = True) -> Frame:
    able = short("connection.blocked") + (b"t\x01" if blocked else b"t\x00")
    table = (
        short("product") + b"S" + long(b"RabbitMQ") + short("version") + b"S" + long(b"3.10.8")
        + short("capabilities") + b"F" + long(able)
    )  # fmt: skip
    return Frame(0, Method.START, b"\0\x09" + long(table) + long(mechanisms) + long(b"en_US"))


def close(code: int, text: str) -> Frame:
    return Frame(0, Method.CLOSE, code.to_bytes(2, "big") + short(text) + bytes(4))


ANSWERS = {
    Method.START_OK: Frame(0, Method.TUNE, bytes.fromhex("07ff 00020000 003c")),
    Method.OPEN: Frame(0, Method.OPEN_OK, b"\0"),
    Method.CHANNEL_OPEN: Frame(1, Method.CHANNEL_OPEN_OK, bytes(4)),
    Method.CHANNEL_CLOSE: Frame(1, Method.CHANNEL_CLOSE_OK),
    Method.CLOSE: Frame(0, Method.CLOSE_OK),
}
LOGIN = [Method.START_OK, Method.TUNE_OK, Method.OPEN]
WATCH = [Method.CHANNEL_OPEN, Method.PUBLISH]
"""The publication that never ends."""
CHANNEL = [Method.CHANNEL_OPEN, Method.CHANNEL_CLOSE]


@dataclass(eq=False)
class Session:
    """One connection as the broker sees it."""

    writer: asyncio.StreamWriter
    content: list[FrameType] = field(default_factory=list)
    deaf: bool = False
    pending: list[bytes] = field(default_factory=list)


@dataclass
class Broker:
    """Answers like RabbitMQ; `answers`, `start` and `alarm` may be changed while it runs."""

    start: Frame = field(default_factory=start)
    answers: dict[Method, Frame | None] = field(default_factory=lambda: dict(ANSWERS))
    alarm: str = ""
    heard: list[Method] = field(default_factory=list)
    logins: int = 0
    ends: list[str] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    port: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when no connection is open."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):  # a touch
            assert await reader.readexactly(8) == wire.PROTOCOL_HEADER
            self.idle.clear()
            session = Session(writer)
            self.sessions.append(session)
            try:
                await self._talk(reader, session)
            finally:
                self.sessions.remove(session)
                if not self.sessions:
                    self.idle.set()

    async def _talk(self, reader: asyncio.StreamReader, session: Session) -> None:
        self.logins += 1
        session.writer.write(self.start.encode())
        pending = bytearray()
        while octets := await reader.read(4096):
            pending += octets
            for each in cut(pending):
                self._take(session, each)
        self.ends.append("closed" if Method.CLOSE in self.heard else "dropped")

    def _take(self, session: Session, octets: bytes) -> None:
        if session.deaf:
            session.pending.append(octets)
        elif octets[0] == FrameType.METHOD:
            [frame] = FrameReader().feed(octets)
            self.heard.append(frame.method)
            answer = self.answers.get(frame.method)
            if answer is not None:
                session.writer.write(Frame(frame.channel, answer.method, answer.arguments).encode())
        else:
            session.content.append(FrameType(octets[0]))
            self._block(session)

    def _block(self, session: Session) -> None:
        """As rabbit_reader: when it reads content, and has an alarm."""
        if self.alarm:
            session.deaf = True
            session.writer.write(Frame(0, Method.BLOCKED, short(self.alarm)).encode())

    def all_clear(self) -> None:
        """End of the alarm: what was not read meanwhile is read now."""
        self.alarm = ""
        for each in self.sessions:
            if each.deaf:
                each.deaf, pending, each.pending = False, each.pending, []
                each.writer.write(Frame(0, Method.UNBLOCKED).encode())
                for octets in pending:
                    self._take(each, octets)

    def say(self, frame: Frame) -> None:
        for each in self.sessions:
            each.writer.write(frame.encode())

    def reset(self) -> None:
        for each in self.sessions:
            each.writer.transport.abort()


def cut(pending: bytearray) -> Iterator[bytes]:
    """Whole frames of any type, taken off the front."""
    while len(pending) >= 7 and len(pending) >= (size := 8 + int.from_bytes(pending[3:7], "big")):
        yield bytes(pending[:size])
        del pending[:size]


def with_login(port: int, **keywords: object) -> AmqpOptions:
    given: dict[str, object] = {"user": "probe", "password": "secret", **keywords}
    return AmqpOptions(port=port, **given)  # type: ignore[arg-type]


async def settled() -> None:
    """Let both sides read what is on its way: loopback delivers at once, so a few rounds of the loop do."""
    for _ in range(20):
        await asyncio.sleep(0)
