"""AMQP 0-9-1 on the wire, as far as a health probe speaks it: frames, the methods of classes 10 and 20, and the
beginning of a publication.

Pure: octets in, values out. Raises nothing but `ProbeFailed`. Source: AMQP 0-9-1 specification, sections
2.3.5 (frames) and 4.2.5 (tables); RabbitMQ's documentation of its capabilities and errata.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, IntEnum

from vrrpd.probes.outcome import ProbeFailed

PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
MAX_FRAME = 131072
"""What RabbitMQ proposes by default (frame_max); nothing a probe waits for comes near it."""
MAX_TEXT = 255
"""A short string has one octet of length."""

BLOCKED_CAPABILITY = "connection.blocked"
"""In the properties of either side: connection.blocked is sent, or understood."""
ALARM_CHANNEL = 2
"""Where the publication is that never ends; checks use channel 1."""

_HEAD = struct.Struct(">BHL")
_END = 0xCE
_TLS_ALERT = b"\x15\x03"
"""Content type and major version of RFC 8446, section 5.1: what a TLS server says to plain text."""


class FrameType(IntEnum):
    """Section 2.3.5.2. A probe gets no content, so header and body are refused when they come."""

    METHOD = 1
    HEADER = 2
    BODY = 3
    HEARTBEAT = 8


class Method(Enum):
    """(class, method) identifiers of the specification."""

    START = (10, 10)
    START_OK = (10, 11)
    TUNE = (10, 30)
    TUNE_OK = (10, 31)
    OPEN = (10, 40)
    OPEN_OK = (10, 41)
    CLOSE = (10, 50)
    CLOSE_OK = (10, 51)
    BLOCKED = (10, 60)
    UNBLOCKED = (10, 61)
    CHANNEL_OPEN = (20, 10)
    CHANNEL_OPEN_OK = (20, 11)
    CHANNEL_CLOSE = (20, 40)
    CHANNEL_CLOSE_OK = (20, 41)
    PUBLISH = (60, 40)


@dataclass(frozen=True, slots=True)
class Frame:
    """A method frame. `arguments` are the octets behind the identifiers."""

    channel: int
    method: Method
    arguments: bytes = b""

    def encode(self) -> bytes:
        """The octets on the wire."""
        return _frame(FrameType.METHOD, self.channel, struct.pack(">HH", *self.method.value) + self.arguments)


def _frame(kind: FrameType, channel: int, payload: bytes) -> bytes:
    return _HEAD.pack(kind, channel, len(payload)) + payload + bytes((_END,))


class FrameReader:
    """Cuts a stream of octets into method frames; heartbeats are swallowed."""

    def __init__(self) -> None:
        """Nothing received yet."""
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that are complete now. Raises `ProbeFailed` for what is not AMQP 0-9-1."""
        self._pending += data
        frames = []
        while (size := _whole(self._pending)) is not None:
            kind, channel, _ = _HEAD.unpack_from(self._pending)
            payload = bytes(self._pending[_HEAD.size : size - 1])
            del self._pending[:size]
            if kind == FrameType.METHOD:
                frames.append(_method_frame(channel, payload))
        return frames


def _whole(pending: bytearray) -> int | None:
    """Size of the first frame with its end octet, None while octets are missing."""
    if pending and pending[0] not in (FrameType.METHOD, FrameType.HEARTBEAT):
        _refuse(pending)
    if len(pending) < _HEAD.size:
        return None
    length: int = _HEAD.unpack_from(pending)[2]
    if length > MAX_FRAME:
        raise ProbeFailed(f"not AMQP: frame of {length} octets")
    size = _HEAD.size + length + 1
    if len(pending) < size:
        return None
    if pending[size - 1] != _END:
        raise ProbeFailed("not AMQP: frame without its end octet")
    return size


def _refuse(pending: bytearray) -> None:
    """A server that wants another version answers with its own protocol header (section 2.2.4)."""
    if pending.startswith(b"AMQP"):
        raise ProbeFailed(f"the server refuses AMQP 0-9-1, it wants {'.'.join(map(str, pending[4:8]))}")
    if pending.startswith(_TLS_ALERT):
        raise ProbeFailed("not AMQP: the server speaks TLS, which needs tls = true")
    raise ProbeFailed(f"not AMQP: {bytes(pending[:20])!r}")


def _method_frame(channel: int, payload: bytes) -> Frame:
    cursor = Cursor(payload)
    numbers = (cursor.number(2), cursor.number(2))
    try:
        method = Method(numbers)
    except ValueError as error:
        raise ProbeFailed(f"unexpected AMQP method {numbers[0]}.{numbers[1]}") from error
    return Frame(channel, method, payload[4:])


class Cursor:
    """Reads fields of a method one after the other; raises `ProbeFailed` when they end too early."""

    def __init__(self, octets: bytes) -> None:
        """At the first octet."""
        self._octets = octets
        self._at = 0

    def __bool__(self) -> bool:
        """Whether anything is left."""
        return self._at < len(self._octets)

    def take(self, size: int) -> bytes:
        """The next octets."""
        octets = self._octets[self._at : self._at + size]
        if len(octets) < size:
            raise ProbeFailed("not AMQP: a method is cut short")
        self._at += size
        return octets

    def number(self, size: int) -> int:
        """Unsigned, network order."""
        return int.from_bytes(self.take(size), "big")

    def short_text(self) -> str:
        """Section 4.2.5.3, one octet of length."""
        return self.take(self.number(1)).decode(errors="replace")

    def long_octets(self) -> bytes:
        """Four octets of length: long strings, tables, arrays."""
        return self.take(self.number(4))


_FIXED_SIZES = {
    **dict.fromkeys(b"tbB", 1),
    **dict.fromkeys(b"sUu", 2),
    **dict.fromkeys(b"Iif", 4),
    **dict.fromkeys(b"D", 5),
    **dict.fromkeys(b"LldT", 8),
    **dict.fromkeys(b"V", 0),
}
"""Field values by type octet, sections 4.2.1 and 4.2.5.5 with RabbitMQ's errata."""


def _fields(table: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Name, type octet and value of each field; an unknown type ends it, as its length is unknown."""
    cursor = Cursor(table)
    while cursor:
        name, kind = cursor.short_text(), cursor.number(1)
        if kind in b"SFAx":
            yield name, chr(kind), cursor.long_octets()
        elif kind in _FIXED_SIZES:
            yield name, chr(kind), cursor.take(_FIXED_SIZES[kind])
        else:
            return


def texts_of_table(table: bytes) -> dict[str, str]:
    """The long strings at the top of a field table; all else is skipped."""
    return {name: value.decode(errors="replace") for name, kind, value in _fields(table) if kind == "S"}


def capabilities(properties: bytes) -> frozenset[str]:
    """What the peer's properties say it can: the fields of their table `capabilities` that are true."""
    tables = [value for name, kind, value in _fields(properties) if (name, kind) == ("capabilities", "F")]
    return frozenset(name for table in tables for name, kind, value in _fields(table) if (kind, value) == ("t", b"\1"))


@dataclass(frozen=True, slots=True)
class Start:
    """connection.start: who the server is and how one may log in."""

    product: str
    version: str
    mechanisms: tuple[str, ...]
    capabilities: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, arguments: bytes) -> "Start":
        """Two octets of version, server properties, mechanisms, locales."""
        cursor = Cursor(arguments)
        cursor.take(2)
        properties = cursor.long_octets()
        mechanisms = cursor.long_octets().decode(errors="replace").split()
        cursor.long_octets()
        texts = texts_of_table(properties)
        product, version = texts.get("product", "AMQP server"), texts.get("version", "")
        return cls(product, version, tuple(mechanisms), capabilities(properties))

    def __str__(self) -> str:
        """As in `RabbitMQ 3.10.8`."""
        return f"{self.product} {self.version}".strip()


@dataclass(frozen=True, slots=True)
class Close:
    """connection.close or channel.close from the server."""

    code: int
    text: str

    @classmethod
    def parse(cls, arguments: bytes) -> "Close":
        """Reply code, reply text, and the method that caused it, which nobody needs here."""
        cursor = Cursor(arguments)
        return cls(cursor.number(2), cursor.short_text())

    def __str__(self) -> str:
        """As in `320 CONNECTION_FORCED - shutdown`."""
        return f"{self.code} {self.text}".strip()


def blocked_reason(arguments: bytes) -> str:
    """connection.blocked: why the server reads no publications now."""
    return Cursor(arguments).short_text()


def start_ok(user: str, password: str) -> bytes:
    """Log in with PLAIN.

    Without the capability authentication_failure_close the server says nothing to a wrong password.
    """
    able = _true("authentication_failure_close") + _true(BLOCKED_CAPABILITY)
    properties = (
        _short("product") + b"S" + _long(b"vrrpd")
        + _short("connection_name") + b"S" + _long(b"vrrpd probe")
        + _short("capabilities") + b"F" + _long(able)
    )  # fmt: skip
    response = b"\0" + user.encode() + b"\0" + password.encode()
    arguments = _long(properties) + _short("PLAIN") + _long(response) + _short("en_US")
    return Frame(0, Method.START_OK, arguments).encode()


def tune_ok(tune: bytes) -> bytes:
    """Take the server's limits, but no heartbeat: one that expects it cuts a quiet probe and logs an error."""
    cursor = Cursor(tune)
    channel_max, frame_max = cursor.number(2), cursor.number(4)
    limits = struct.pack(">HLH", channel_max, min(frame_max or MAX_FRAME, MAX_FRAME), 0)
    return Frame(0, Method.TUNE_OK, limits).encode()


def channels(tune: bytes) -> int:
    """How many channels the server takes; 0 means no limit of its own, that is 65535."""
    return Cursor(tune).number(2) or 0xFFFF


def open_vhost(vhost: str) -> bytes:
    """connection.open with its two reserved fields."""
    return Frame(0, Method.OPEN, _short(vhost) + _short("") + b"\0").encode()


def close_connection() -> bytes:
    """connection.close, in good order."""
    return Frame(0, Method.CLOSE, _farewell()).encode()


def open_channel() -> bytes:
    """channel.open on channel 1 with its reserved field."""
    return Frame(1, Method.CHANNEL_OPEN, _short("")).encode()


def close_channel() -> bytes:
    """channel.close on channel 1."""
    return Frame(1, Method.CHANNEL_CLOSE, _farewell()).encode()


def begin_publication() -> bytes:
    """Open `ALARM_CHANNEL` and begin to publish a message there whose body never comes.

    RabbitMQ tells of its alarms only whom it stops from publishing, and it stops a connection when it reads the header
    or a part of the body of a message (rabbit_reader, publish_received). An unfinished message is not routed, needs no
    permission and leaves nothing in the log.
    """
    arguments = struct.pack(">H", 0) + _short("") + _short("") + b"\0"
    header = struct.pack(">HHQH", Method.PUBLISH.value[0], 0, 1, 0)
    return (
        Frame(ALARM_CHANNEL, Method.CHANNEL_OPEN, _short("")).encode()
        + Frame(ALARM_CHANNEL, Method.PUBLISH, arguments).encode()
        + _frame(FrameType.HEADER, ALARM_CHANNEL, header)
    )


def go_on_publishing() -> bytes:
    """Nothing of the body, in a frame: with an alarm, connection.blocked comes back."""
    return _frame(FrameType.BODY, ALARM_CHANNEL, b"")


def _farewell() -> bytes:
    return struct.pack(">H", 200) + _short("vrrpd probe done") + struct.pack(">HH", 0, 0)


def _true(name: str) -> bytes:
    return _short(name) + b"t\x01"


def _short(text: str) -> bytes:
    octets = text.encode()
    return bytes((len(octets),)) + octets


def _long(octets: bytes) -> bytes:
    return struct.pack(">L", len(octets)) + octets
