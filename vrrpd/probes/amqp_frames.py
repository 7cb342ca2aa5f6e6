"""AMQP 0-9-1 on the wire, as far as a health probe speaks it: frames.

Pure: octets in, values out. Raises nothing but `ProbeFailed`. Source: AMQP 0-9-1 specification, section 2.3.5.
"""

import struct
from dataclasses import dataclass
from enum import Enum, IntEnum

from vrrpd.probes.amqp_fields import Cursor
from vrrpd.probes.outcome import ProbeFailed

PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
MAX_FRAME = 131072
"""What RabbitMQ proposes by default (frame_max); nothing a probe waits for comes near it."""


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
        return frame(FrameType.METHOD, self.channel, struct.pack(">HH", *self.method.value) + self.arguments)


def frame(kind: FrameType, channel: int, payload: bytes) -> bytes:
    """The octets of any frame."""
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
