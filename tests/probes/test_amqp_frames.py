"""AMQP on the wire: frames cut from a stream, methods read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrrpd.probes.amqp_frames import Frame, FrameReader, Method
from vrrpd.probes.outcome import ProbeFailed

OPEN_OK = bytes.fromhex("01 0000 00000005 000a0029 00 ce")
HEARTBEAT = bytes.fromhex("08 0000 00000000 ce")


def test_frame_as_on_the_wire() -> None:
    assert Frame(0, Method.OPEN_OK, b"\0").encode() == OPEN_OK


def test_frames_are_cut_wherever_the_stream_is() -> None:
    stream = OPEN_OK + HEARTBEAT + Frame(1, Method.CHANNEL_OPEN_OK, b"\0\0\0\0").encode()
    expected = [Frame(0, Method.OPEN_OK, b"\0"), Frame(1, Method.CHANNEL_OPEN_OK, b"\0\0\0\0")]
    for size in range(1, len(stream) + 1):
        reader = FrameReader()
        parts = [stream[at : at + size] for at in range(0, len(stream), size)]
        assert [frame for part in parts for frame in reader.feed(part)] == expected


@pytest.mark.parametrize(
    ("stream", "detail"),
    [
        (b"AMQP\0\1\0\0", "the server refuses AMQP 0-9-1, it wants 0.1.0.0"),
        (b"220 mail ready", "not AMQP: b'220 mail ready'"),
        (b"\x02\0\0", "not AMQP: b'\\x02\\x00\\x00'"),
        (bytes.fromhex("01 0000 00020001"), "not AMQP: frame of 131073 octets"),
        (OPEN_OK[:-1] + b"\0", "not AMQP: frame without its end octet"),
        (bytes.fromhex("01 0000 00000003 000a00 ce"), "not AMQP: a method is cut short"),
        (bytes.fromhex("01 0000 00000004 003c003c ce"), "unexpected AMQP method 60.60"),
        (bytes.fromhex("15 0301 0002 020a"), "not AMQP: the server speaks TLS, which needs tls = true"),
    ],
    ids=["other version", "other service", "content", "too long", "no end", "no method", "unknown method", "TLS"],
)
def test_stream_refused(stream: bytes, detail: str) -> None:
    with pytest.raises(ProbeFailed) as failed:
        FrameReader().feed(stream)
    assert str(failed.value) == detail


@given(st.lists(st.binary(max_size=40)))
def test_any_stream_is_frames_or_a_failed_probe(parts: list[bytes]) -> None:
    reader = FrameReader()
    try:
        for part in parts:
            reader.feed(part)
    except ProbeFailed:
        return
