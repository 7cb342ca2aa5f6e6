"""The events by HTTP: the past for all, what comes for the control socket."""

import asyncio

import pytest

from tests.api.conftest import Served
from vrrpd.api import stream
from vrrpd.api.follower import BEHIND_LIMIT


async def test_the_last_lines_are_for_everybody(served: Served) -> None:
    served.world.lines = ['{"event":"a"}', '{"event":"b"}', '{"event":"c"}']
    for tcp in (False, True):
        reply = await served.ask("GET", "/v1/events?n=2", tcp=tcp)
        assert (reply.status, reply.text) == (200, '{"event":"b"}\n{"event":"c"}\n')
        assert reply.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"
    assert (await served.ask("GET", "/v1/events?n=0")).text == ""


@pytest.mark.parametrize("count", ["-1", "1001", "many", "", "99999"])
async def test_a_number_of_lines(served: Served, count: str) -> None:
    reply = await served.ask("GET", f"/v1/events?n={count}")
    assert (reply.status, reply.text) == (400, '{"error":"n must be 0..1000"}\n')


async def test_nobody_follows_over_tcp(served: Served) -> None:
    """A held connection for whoever can reach the port would be a gift."""
    reply = await served.ask("GET", "/v1/events?follow=1", tcp=True)
    assert (reply.status, reply.text) == (403, '{"error":"follow is for the control socket"}\n')
    assert served.world.followers == []


class Reader:
    """Follows as vrrpctl does."""

    def __init__(self, served: Served) -> None:
        self.served = served

    async def open(self, count: int = 20) -> None:
        self.reader, self.writer = await asyncio.open_unix_connection(self.served.socket)
        self.writer.write(f"GET /v1/events?n={count}&follow=1 HTTP/1.0\r\nHost: vrrpd\r\n\r\n".encode())
        self.head = await self.reader.readuntil(b"\r\n\r\n")

    async def line(self) -> bytes:
        return await self.reader.readline()

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


async def test_who_follows_gets_each_line_as_it_comes(served: Served) -> None:
    served.world.lines = ["past"]
    reader = Reader(served)
    await reader.open()
    assert await reader.line() == b"past\n"
    (follower,) = served.world.followers
    for number in range(3):
        follower.give(f"line {number}")
        assert await reader.line() == f"line {number}\n".encode()
    await reader.close()


async def test_the_place_of_one_who_left_is_free_again(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if nothing happens that could be written to it."""
    monkeypatch.setattr(stream, "LOOK_EVERY", 0.001)
    reader = Reader(served)
    await reader.open()
    reply = await served.ask("GET", "/v1/events?follow=1")
    assert (reply.status, reply.text) == (503, '{"error":"too many follow the events already"}\n')
    await reader.close()
    await served.world.left.wait()
    assert served.world.followers == []


async def test_a_slow_reader_is_cut_off_and_told(served: Served) -> None:
    """It gets what was on its way, then the reason, then the end."""
    reader = Reader(served)
    await reader.open()
    (follower,) = served.world.followers
    for _ in range(BEHIND_LIMIT + 1):
        follower.give("x")
    lines = (await reader.reader.read()).splitlines()
    assert lines[-1] == b'{"event":"stream.cut","level":"warning","reason":"too slow"}'
    await reader.close()
    assert served.world.followers == []


async def test_one_who_does_not_read_at_all_holds_nothing_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its buffers are full, and after a while it is gone."""
    monkeypatch.setattr(stream, "WRITE_WITHIN", 0.01)
    monkeypatch.setattr(stream, "LINGER", 0.01)
    reader = Reader(served)
    await reader.open()
    (follower,) = served.world.followers
    for _ in range(100):
        follower.give("x" * 65536)
    await served.world.left.wait()
    assert served.world.followers == []
    await reader.close()
