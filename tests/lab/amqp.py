"""The few AMQP 0-9-1 frames of a login, both sides (amqp0-9-1 specification, sections 2.2.4 and 4.2.3).

Written apart from the daemon's own probe, so that it can judge it.
"""

import asyncio
import struct

PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
METHOD_FRAME = 1
FRAME_END = 0xCE
MAX_FRAME_BYTES = 131_072
"""RabbitMQ's frame_max; anything longer is not AMQP."""

START, START_OK, TUNE, TUNE_OK = (10, 10), (10, 11), (10, 30), (10, 31)
OPEN, OPEN_OK, CLOSE, CLOSE_OK = (10, 40), (10, 41), (10, 50), (10, 51)
CHANNEL_OPEN, CHANNEL_OPEN_OK, CHANNEL_CLOSE, CHANNEL_CLOSE_OK = (20, 10), (20, 11), (20, 40), (20, 41)


class AmqpError(Exception):
    """The other side did not speak as expected."""


def method(kind: tuple[int, int], arguments: bytes = b"", channel: int = 0) -> bytes:
    """A whole method frame."""
    payload = struct.pack("!HH", *kind) + arguments
    return struct.pack("!BHI", METHOD_FRAME, channel, len(payload)) + payload + bytes([FRAME_END])


async def read_method(reader: asyncio.StreamReader) -> tuple[tuple[int, int], int, bytes]:
    """The next method frame as kind, channel, arguments; other frames are passed over. Raises
    `AmqpError`."""
    while True:
        frame, channel, length = struct.unpack("!BHI", await reader.readexactly(7))
        if length > MAX_FRAME_BYTES:
            raise AmqpError(f"frame of {length} bytes")
        payload = await reader.readexactly(length + 1)
        if payload[-1] != FRAME_END:
            raise AmqpError("frame without its end octet")
        if frame == METHOD_FRAME:
            class_id, method_id = struct.unpack_from("!HH", payload)
            return (class_id, method_id), channel, payload[4:-1]


async def expect(reader: asyncio.StreamReader, kind: tuple[int, int]) -> bytes:
    """Arguments of the next method, which must be `kind`."""
    got, _, arguments = await read_method(reader)
    if got != kind:
        raise AmqpError(f"expected {kind}, got {got}")
    return arguments


def short_string(text: str) -> bytes:
    """Length in one octet."""
    return bytes([len(text)]) + text.encode()


def long_string(octets: bytes) -> bytes:
    """Length in four octets."""
    return struct.pack("!I", len(octets)) + octets


def start() -> bytes:
    """Connection.Start as a broker sends it; its only property is `product`."""
    properties = short_string("product") + b"S" + long_string(b"lab broker")
    return method(START, b"\x00\x09" + long_string(properties) + long_string(b"PLAIN") + long_string(b"en_US"))


def start_ok(user: str, password: str) -> bytes:
    """Connection.Start-Ok with PLAIN."""
    response = f"\0{user}\0{password}".encode()
    return method(START_OK, long_string(b"") + short_string("PLAIN") + long_string(response) + short_string("en_US"))


def tune() -> bytes:
    """Connection.Tune with RabbitMQ's values."""
    return method(TUNE, struct.pack("!HIH", 2047, MAX_FRAME_BYTES, 60))


def tune_ok() -> bytes:
    """Connection.Tune-Ok without heartbeats."""
    return method(TUNE_OK, struct.pack("!HIH", 2047, MAX_FRAME_BYTES, 0))


def open_connection(vhost: str = "/") -> bytes:
    """Connection.Open."""
    return method(OPEN, short_string(vhost) + b"\x00\x00")


def close() -> bytes:
    """Connection.Close with code 200."""
    return method(CLOSE, struct.pack("!H", 200) + short_string("bye") + b"\x00\x00\x00\x00")
