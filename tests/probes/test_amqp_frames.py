"""AMQP on the wire: frames cut from a stream, methods read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrrpd.probes import amqp_frames as wire
from vrrpd.probes.amqp_frames import Close, Cursor, Frame, FrameReader, Method, Start, capabilities, texts_of_table
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


def short(text: str) -> bytes:
    return bytes((len(text),)) + text.encode()


def long(octets: bytes) -> bytes:
    return len(octets).to_bytes(4, "big") + octets


TABLE = (
    short("product") + b"S" + long(b"RabbitMQ")
    + short("capabilities") + b"F" + long(short("basic.nack") + b"t\x01")
    + short("list") + b"A" + long(b"t\x01") + short("octets") + b"x" + long(b"S")
    + short("nothing") + b"V" + short("count") + b"I" + bytes(4) + short("big") + b"l" + bytes(8)
    + short("decimal") + b"D" + bytes(5) + short("small") + b"s" + bytes(2) + short("yes") + b"t\x01"
    + short("version") + b"S" + long(b"3.10.8")
)  # fmt: skip


STARTED = Start("RabbitMQ", "3.10.8", ("AMQPLAIN", "PLAIN"), frozenset({"basic.nack"}))


def test_table_gives_its_texts() -> None:
    assert texts_of_table(TABLE) == {"product": "RabbitMQ", "version": "3.10.8"}


def test_table_ends_at_an_unknown_type() -> None:
    assert texts_of_table(short("a") + b"S" + long(b"b") + short("c") + b"?" + TABLE) == {"a": "b"}


@pytest.mark.parametrize(
    ("table", "mechanisms", "start", "text"),
    [
        (TABLE, b"AMQPLAIN PLAIN", STARTED, "RabbitMQ 3.10.8"),
        (b"", b"", Start("AMQP server", "", ()), "AMQP server"),
    ],
)
def test_start(table: bytes, mechanisms: bytes, start: Start, text: str) -> None:
    parsed = Start.parse(b"\0\x09" + long(table) + long(mechanisms) + long(b"en_US"))
    assert (parsed, str(parsed)) == (start, text)


def test_capabilities_are_those_that_are_true() -> None:
    table = short("basic.nack") + b"t\x00" + short("connection.blocked") + b"t\x01" + short("count") + b"b\x01"
    properties = short("connection.blocked") + b"t\x01" + short("capabilities") + b"F" + long(table)
    assert capabilities(properties) == {"connection.blocked"}


def test_publication_that_never_ends() -> None:
    """Method basic.publish to the default exchange, a header that promises one octet, and bodies of none."""
    assert wire.begin_publication().hex(" ") == (
        "01 00 02 00 00 00 05 00 14 00 0a 00 ce "
        "01 00 02 00 00 00 09 00 3c 00 28 00 00 00 00 00 ce "
        "02 00 02 00 00 00 0e 00 3c 00 00 00 00 00 00 00 00 00 01 00 00 ce"
    )
    assert wire.go_on_publishing().hex(" ") == "03 00 02 00 00 00 00 ce"


def test_close() -> None:
    close = Close.parse(b"\x01\x40" + short("CONNECTION_FORCED - shutdown") + bytes(4))
    assert close == Close(320, "CONNECTION_FORCED - shutdown")
    assert str(close) == "320 CONNECTION_FORCED - shutdown"


def test_blocked() -> None:
    assert wire.blocked_reason(short("low on memory")) == "low on memory"


@pytest.mark.parametrize(
    ("server", "ours"),
    [
        ("07ff 00020000 003c", "07ff 00020000 0000"),
        ("0000 00000000 0000", "0000 00020000 0000"),
        ("07ff ffffffff 003c", "07ff 00020000 0000"),
        ("07ff 00001000 003c", "07ff 00001000 0000"),
    ],
    ids=["rabbitmq", "no limits", "more than we take", "less"],
)
def test_tune_takes_limits_and_no_heartbeat(server: str, ours: str) -> None:
    [frame] = FrameReader().feed(wire.tune_ok(bytes.fromhex(server)))
    assert frame == Frame(0, Method.TUNE_OK, bytes.fromhex(ours))


@pytest.mark.parametrize(("tune", "number"), [("07ff 00020000 003c", 2047), ("0000 00000000 0000", 65535)])
def test_channels(tune: str, number: int) -> None:
    assert wire.channels(bytes.fromhex(tune)) == number


def test_start_ok_asks_to_be_told_of_a_wrong_password() -> None:
    [frame] = FrameReader().feed(wire.start_ok("probé", "geheim"))
    cursor = Cursor(frame.arguments)
    properties = cursor.long_octets()
    assert b"\x1cauthentication_failure_closet\x01" in properties
    assert b"\x12connection.blockedt\x01" in properties
    assert texts_of_table(properties) == {"product": "vrrpd", "connection_name": "vrrpd probe"}
    assert (cursor.short_text(), cursor.long_octets()) == ("PLAIN", "\0probé\0geheim".encode())
    assert (cursor.short_text(), bool(cursor)) == ("en_US", False)


@pytest.mark.parametrize(
    ("octets", "frame"),
    [
        (wire.open_vhost("/"), Frame(0, Method.OPEN, b"\x01/\0\0")),
        (wire.close_connection(), Frame(0, Method.CLOSE, b"\0\xc8" + short("vrrpd probe done") + bytes(4))),
        (wire.open_channel(), Frame(1, Method.CHANNEL_OPEN, b"\0")),
        (wire.close_channel(), Frame(1, Method.CHANNEL_CLOSE, b"\0\xc8" + short("vrrpd probe done") + bytes(4))),
    ],
)
def test_requests(octets: bytes, frame: Frame) -> None:
    assert FrameReader().feed(octets) == [frame]


@given(st.lists(st.binary(max_size=40)))
def test_any_stream_is_frames_or_a_failed_probe(parts: list[bytes]) -> None:
    reader = FrameReader()
    try:
        for part in parts:
            reader.feed(part)
    except ProbeFailed:
        return


@given(st.sampled_from(Method), st.binary(max_size=300) | st.builds(lambda cut: TABLE[:cut], st.integers(0, 200)))
def test_any_arguments_are_read_or_refused(method: Method, arguments: bytes) -> None:
    frame = Frame(0, method, arguments)
    assert FrameReader().feed(frame.encode()) == [frame]
    for parse in (
        Start.parse,
        Close.parse,
        wire.blocked_reason,
        wire.tune_ok,
        wire.channels,
        texts_of_table,
        capabilities,
    ):
        try:
            parse(arguments)
        except ProbeFailed:
            continue
