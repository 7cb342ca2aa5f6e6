"""What a health probe says in AMQP 0-9-1 and what it is told: methods of classes 10 and 20, and the beginning of a
publication.

Pure. Raises nothing but `ProbeFailed`. Source: AMQP 0-9-1 specification; RabbitMQ's documentation of its capabilities.
"""

import struct
from dataclasses import dataclass

from vrrpd.probes.amqp_fields import Cursor, capabilities, long, short, texts_of_table, true
from vrrpd.probes.amqp_frames import MAX_FRAME, Frame, FrameType, Method, frame

BLOCKED_CAPABILITY = "connection.blocked"
"""In the properties of either side: connection.blocked is sent, or understood."""
ALARM_CHANNEL = 2
"""Where the publication is that never ends; checks use channel 1."""


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
    able = true("authentication_failure_close") + true(BLOCKED_CAPABILITY)
    properties = (
        short("product") + b"S" + long(b"vrrpd")
        + short("connection_name") + b"S" + long(b"vrrpd probe")
        + short("capabilities") + b"F" + long(able)
    )  # fmt: skip
    response = b"\0" + user.encode() + b"\0" + password.encode()
    arguments = long(properties) + short("PLAIN") + long(response) + short("en_US")
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
    return Frame(0, Method.OPEN, short(vhost) + short("") + b"\0").encode()


def close_connection() -> bytes:
    """connection.close, in good order."""
    return Frame(0, Method.CLOSE, _farewell()).encode()


def open_channel() -> bytes:
    """channel.open on channel 1 with its reserved field."""
    return Frame(1, Method.CHANNEL_OPEN, short("")).encode()


def close_channel() -> bytes:
    """channel.close on channel 1."""
    return Frame(1, Method.CHANNEL_CLOSE, _farewell()).encode()


def begin_publication() -> bytes:
    """Open `ALARM_CHANNEL` and begin to publish a message there whose body never comes.

    RabbitMQ tells of its alarms only whom it stops from publishing, and it stops a connection when it reads the header
    or a part of the body of a message (rabbit_reader, publish_received). An unfinished message is not routed, needs no
    permission and leaves nothing in the log.
    """
    arguments = struct.pack(">H", 0) + short("") + short("") + b"\0"
    header = struct.pack(">HHQH", Method.PUBLISH.value[0], 0, 1, 0)
    return (
        Frame(ALARM_CHANNEL, Method.CHANNEL_OPEN, short("")).encode()
        + Frame(ALARM_CHANNEL, Method.PUBLISH, arguments).encode()
        + frame(FrameType.HEADER, ALARM_CHANNEL, header)
    )


def go_on_publishing() -> bytes:
    """Nothing of the body, in a frame: with an alarm, connection.blocked comes back."""
    return frame(FrameType.BODY, ALARM_CHANNEL, b"")


def _farewell() -> bytes:
    return struct.pack(">H", 200) + short("vrrpd probe done") + struct.pack(">HH", 0, 0)
