"""AMQP methods, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.probes.test_amqp_fields import TABLE
from vrrpd.probes import amqp_methods as wire
from vrrpd.probes.amqp_fields import Cursor, capabilities, long, short, texts_of_table
from vrrpd.probes.amqp_frames import Frame, FrameReader, Method
from vrrpd.probes.amqp_methods import Close, Start
from vrrpd.probes.outcome import ProbeFailed

STARTED = Start("RabbitMQ", "3.10.8", ("AMQPLAIN", "PLAIN"), frozenset({"basic.nack"}))


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
