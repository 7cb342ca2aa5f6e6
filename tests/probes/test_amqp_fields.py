"""AMQP's texts and tables."""

from vrrpd.probes.amqp_fields import capabilities, long, short, texts_of_table

TABLE = (
    short("product") + b"S" + long(b"RabbitMQ")
    + short("capabilities") + b"F" + long(short("basic.nack") + b"t\x01")
    + short("list") + b"A" + long(b"t\x01") + short("octets") + b"x" + long(b"S")
    + short("nothing") + b"V" + short("count") + b"I" + bytes(4) + short("big") + b"l" + bytes(8)
    + short("decimal") + b"D" + bytes(5) + short("small") + b"s" + bytes(2) + short("yes") + b"t\x01"
    + short("version") + b"S" + long(b"3.10.8")
)  # fmt: skip


def test_table_gives_its_texts() -> None:
    assert texts_of_table(TABLE) == {"product": "RabbitMQ", "version": "3.10.8"}


def test_table_ends_at_an_unknown_type() -> None:
    assert texts_of_table(short("a") + b"S" + long(b"b") + short("c") + b"?" + TABLE) == {"a": "b"}


def test_capabilities_are_those_that_are_true() -> None:
    table = short("basic.nack") + b"t\x00" + short("connection.blocked") + b"t\x01" + short("count") + b"b\x01"
    properties = short("connection.blocked") + b"t\x01" + short("capabilities") + b"F" + long(table)
    assert capabilities(properties) == {"connection.blocked"}


def test_texts_have_their_length_before_them() -> None:
    assert short("é") == b"\x02\xc3\xa9"
    assert long(b"ab") == b"\0\0\0\x02ab"
