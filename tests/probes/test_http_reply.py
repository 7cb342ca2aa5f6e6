"""Reading a reply: what is HTTP, what is not, and how much of it."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrrpd.probes import http_reply
from vrrpd.probes.http_reply import MAX_BODY, MAX_HEAD, holds, read_body, read_head
from vrrpd.probes.outcome import ProbeFailed


def fed(*octets: bytes, closed: bool = True) -> asyncio.StreamReader:
    """A stream with this in it."""
    reader = asyncio.StreamReader(limit=MAX_HEAD)
    for each in octets:
        reader.feed_data(each)
    if closed:
        reader.feed_eof()
    return reader


async def whole(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """Status and body."""
    head = await read_head(reader)
    return head.told, await read_body(reader, head)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef", ("200 OK", b"abc")),
        (b"HTTP/1.0 200 OK\r\n\r\nabcdef", ("200 OK", b"abcdef")),
        (b"HTTP/1.1 200\r\ncontent-length:0\r\n\r\nx", ("200", b"")),
        (b"HTTP/1.1 200 OK\nContent-Length: 1\n\nab", ("200 OK", b"a")),
        (b"HTTP/1.1 204 No Content\r\n\r\nx", ("204 No Content", b"")),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 No\r\n\r\n", ("503 No", b"")),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
            ("200 OK", b"ab0123456789"),
        ),
    ],
    ids=["length", "until closed", "no reason", "bare line feeds", "no body", "interim", "chunked"],
)
async def test_reply(reply: bytes, expected: tuple[str, bytes]) -> None:
    assert await whole(fed(reply)) == expected


async def test_length_and_chunks_end_before_the_connection_does() -> None:
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"
    assert await whole(fed(reply, closed=False)) == ("200 OK", b"ab")
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\na\r\n0\r\n"
    assert await whole(fed(chunked, closed=False)) == ("200 OK", b"a")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (b"", "the server closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9\r\n", "not HTTP: b'SSH-2.0-OpenSSH_9\\r\\n'"),
        (b"AMQP\0\0\x09\x01", "not HTTP: b'AMQP\\x00\\x00\\t\\x01'"),
        (b"\x15\x03\x03\x00\x02\x02\x16", "not HTTP: the server speaks TLS, which needs tls = true"),
        (b"HTTP/2 200 OK\r\n\r\n", "not HTTP: b'HTTP/2 200 OK\\r\\n'"),
        (b"HTTP/1.1 999 OK\r\n\r\n", "not HTTP: b'HTTP/1.1 999 OK\\r\\n'"),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n", "the server closed the connection without an answer"),
        (b"HTTP/1.1 100 C\r\n\r\n" * 6, "not HTTP: more than 4 interim replies"),
        (b"x" * (MAX_HEAD + 100), f"not HTTP: a line of more than {MAX_HEAD} octets"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * MAX_HEAD, f"header of more than {MAX_HEAD} octets"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "not HTTP: Content-Length '-1'"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "the server broke off the body after 3 of 9 octets"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "not HTTP: a chunk without its size"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
            "the server broke off the body after 2 of 5 octets",
        ),
    ],
    ids=lambda value: repr(value[:24]),
)
async def test_what_is_not_a_reply(reply: bytes, why: str) -> None:
    with pytest.raises(ProbeFailed) as failed:
        await whole(fed(reply))
    assert str(failed.value) == why


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("X: y", b"a" * (MAX_BODY + 10)),
        (f"Content-Length: {10**14}", b"a" * (MAX_BODY + 10)),
        ("Transfer-Encoding: chunked", b"FFFFFFFFFFFF\r\n" + b"a" * (MAX_BODY + 10)),
        ("Transfer-Encoding: chunked", b"8000\r\n" + b"a" * 0x8000 + b"\r\n8001\r\n" + b"a" * 0x8001),
    ],
    ids=["until closed", "length", "one chunk", "two chunks"],
)
async def test_body_is_bounded(field: str, body: bytes) -> None:
    reader = fed(b"HTTP/1.1 200 OK\r\n" + field.encode() + b"\r\n\r\n" + body, closed=False)
    assert (await whole(reader))[1] == b"a" * MAX_BODY


@given(st.binary(max_size=200), st.sampled_from((b"", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")))
def test_anything_may_come(octets: bytes, start: bytes) -> None:
    async def read() -> None:
        try:
            await whole(fed(start + octets))
        except ProbeFailed:
            pass

    asyncio.run(read())


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("ok", True),
        ("", True),
        ('"status":*"ok"', True),
        ("*ok*", True),
        ("ok*status", False),
        ("bad", False),
        ("ok*ok", False),
        ("\xe4", True),
    ],
)
def test_holds(pattern: str, expected: bool) -> None:
    assert holds('{"status": "ok"} \xe4'.encode(), pattern) is expected


def test_limits_are_far_from_what_health_pages_need() -> None:
    assert http_reply.MAX_HEAD >= 8192
    assert http_reply.MAX_BODY >= 16384
