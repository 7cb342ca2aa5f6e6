"""Probe `amqp` against a small broker of ours that can be told how to misbehave."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from tests.probes.served import Talks, on_port, silent, unused_port
from vrrpd.probes import amqp
from vrrpd.probes import amqp_frames as wire
from vrrpd.probes.amqp import AmqpOptions, AmqpProbe
from vrrpd.probes.amqp_frames import Frame, FrameReader, Method
from vrrpd.probes.outcome import ProbeFailed


def short(text: str) -> bytes:
    return bytes((len(text),)) + text.encode()


def long(octets: bytes) -> bytes:
    return len(octets).to_bytes(4, "big") + octets


def start(mechanisms: bytes = b"PLAIN AMQPLAIN") -> Frame:
    table = short("product") + b"S" + long(b"RabbitMQ") + short("version") + b"S" + long(b"3.10.8")
    return Frame(0, Method.START, b"\0\x09" + long(table) + long(mechanisms) + long(b"en_US"))


def close(code: int, text: str) -> Frame:
    return Frame(0, Method.CLOSE, code.to_bytes(2, "big") + short(text) + bytes(4))


ANSWERS = {
    Method.START_OK: Frame(0, Method.TUNE, bytes.fromhex("07ff 00020000 003c")),
    Method.OPEN: Frame(0, Method.OPEN_OK, b"\0"),
    Method.CHANNEL_OPEN: Frame(1, Method.CHANNEL_OPEN_OK, bytes(4)),
    Method.CHANNEL_CLOSE: Frame(1, Method.CHANNEL_CLOSE_OK),
    Method.CLOSE: Frame(0, Method.CLOSE_OK),
}


@dataclass
class Broker:
    """Answers like RabbitMQ; `answers` and `start` may be changed while it runs."""

    start: Frame = field(default_factory=start)
    answers: dict[Method, Frame | None] = field(default_factory=lambda: dict(ANSWERS))
    heard: list[Method] = field(default_factory=list)
    logins: int = 0
    ends: list[str] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    port: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when no connection is open."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.idle.clear()
        self.writers.append(writer)
        try:
            await self._talk(reader, writer)
        finally:
            self.writers.remove(writer)
            if not self.writers:
                self.idle.set()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(8) == wire.PROTOCOL_HEADER
        self.logins += 1
        writer.write(self.start.encode())
        frames = FrameReader()
        while octets := await reader.read(4096):
            for frame in frames.feed(octets):
                self.heard.append(frame.method)
                answer = self.answers.get(frame.method)
                if answer is not None:
                    writer.write(answer.encode())
        self.ends.append("closed" if Method.CLOSE in self.heard else "dropped")

    def say(self, frame: Frame) -> None:
        for writer in self.writers:
            writer.write(frame.encode())

    def reset(self) -> None:
        for writer in self.writers:
            writer.transport.abort()


@asynccontextmanager
async def brokered(**keywords: object) -> AsyncIterator[tuple[Broker, AmqpProbe]]:
    """A broker and a probe that knows its credentials unless told otherwise."""
    broker = Broker()
    async with on_port(broker.talk) as port:
        broker.port = port
        probe = AmqpProbe(with_login(port, **keywords))
        try:
            yield broker, probe
        finally:
            await probe.close()


def with_login(port: int, **keywords: object) -> AmqpOptions:
    given: dict[str, object] = {"user": "probe", "password": "secret", **keywords}
    return AmqpOptions(port=port, **given)  # type: ignore[arg-type]


async def settled() -> None:
    """Let both sides read what is on its way: loopback delivers at once, so a few rounds of the loop do."""
    for _ in range(20):
        await asyncio.sleep(0)


async def failure(probe: AmqpProbe) -> str:
    with pytest.raises(ProbeFailed) as failed:
        await probe.check()
    return str(failed.value)


LOGIN = [Method.START_OK, Method.TUNE_OK, Method.OPEN]
CHANNEL = [Method.CHANNEL_OPEN, Method.CHANNEL_CLOSE]


# Depth 1: TCP only


async def test_without_credentials_only_connects() -> None:
    async with on_port(silent) as port:
        detail = (await AmqpProbe(AmqpOptions(port=port)).check()).detail
    assert detail == f"127.0.0.1:{port} accepts connections"


async def test_refused_connection_fails_at_every_depth() -> None:
    port = await unused_port()
    for options in (AmqpOptions(port=port), AmqpOptions(port=port, handshake=True), with_login(port)):
        assert await failure(AmqpProbe(options)) == f"127.0.0.1:{port}: Connection refused"


# Depth 2: handshake


async def test_handshake_reads_start_and_leaves() -> None:
    async with brokered(user="", password="", handshake=True) as (broker, probe):
        assert (await probe.check()).detail == "RabbitMQ 3.10.8 answers"
        await broker.idle.wait()
    assert (broker.heard, broker.ends) == ([], ["dropped"])


async def test_proxy_without_broker_closes_without_a_word() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)

    async with on_port(hang_up) as port:
        told = await failure(AmqpProbe(AmqpOptions(port=port, handshake=True)))
    assert told == "connection closed without a word: a proxy with no broker behind it, or not AMQP"


async def test_other_service_is_told() -> None:
    async def mail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail ready\r\n")
        await reader.read()

    async with on_port(mail) as port:
        told = await failure(AmqpProbe(AmqpOptions(port=port, handshake=True)))
    assert told == "not AMQP: b'220 mail ready\\r\\n'"


async def test_cancelled_handshake_leaves_no_connection() -> None:
    gone = asyncio.Event()

    async def frozen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        gone.set()

    async with on_port(frozen) as port:
        for options in (AmqpOptions(port=port, handshake=True), with_login(port)):
            gone.clear()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(AmqpProbe(options).check(), 0.01)
            await gone.wait()


# Depth 3: a kept connection


async def test_one_login_then_a_channel_per_check() -> None:
    async with brokered() as (broker, probe):
        assert (await probe.check()).detail == "RabbitMQ 3.10.8: logged in"
        assert [(await probe.check()).detail for _ in range(2)] == ["RabbitMQ 3.10.8: channel opened"] * 2
        assert (broker.logins, broker.heard) == (1, LOGIN + 3 * CHANNEL)


async def test_close_logs_out_politely() -> None:
    async with brokered() as (broker, probe):
        await probe.check()
        await probe.close()
        await broker.idle.wait()
        await probe.close()
    assert broker.heard == [*LOGIN, *CHANNEL, Method.CLOSE]


async def test_close_does_not_wait_for_a_frozen_broker() -> None:
    async with brokered() as (broker, probe):
        await probe.check()
        broker.answers[Method.CLOSE] = None
        await asyncio.wait_for(probe.close(), 5 * amqp.FAREWELL)


def hours_later(probe: AmqpProbe) -> None:
    probe._login_due = 0


async def test_relogin_replaces_the_connection_and_leaves_the_old_one_politely() -> None:
    async with brokered() as (broker, probe):
        await probe.check()
        hours_later(probe)
        assert (await probe.check()).detail == "RabbitMQ 3.10.8: logged in"
        await settled()
        assert (broker.logins, len(broker.writers)) == (2, 1)
        assert broker.heard == [*LOGIN, *CHANNEL, *LOGIN, *CHANNEL, Method.CLOSE]


async def test_relogin_sees_that_no_new_connections_are_taken() -> None:
    """suspend_listeners: the kept connection would stay well for ever."""
    talks = Talks(Broker().talk)
    server = await asyncio.start_server(talks.whole, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    probe = AmqpProbe(with_login(port))
    await probe.check()
    server.close()
    assert (await probe.check()).detail == "RabbitMQ 3.10.8: channel opened"
    hours_later(probe)
    assert await failure(probe) == f"127.0.0.1:{port}: Connection refused"
    await talks.end()


async def test_server_says_goodbye_between_checks_with_a_reset_behind_it() -> None:
    async with brokered() as (broker, probe):
        await probe.check()
        broker.say(close(320, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"))
        await settled()
        broker.reset()
        await settled()
        assert await failure(probe) == (
            "RabbitMQ 3.10.8 closed the connection: 320 CONNECTION_FORCED - "
            "broker forced connection closure with reason 'shutdown'"
        )
        assert Method.CLOSE_OK in broker.heard
        assert (await probe.check()).detail == "RabbitMQ 3.10.8: logged in"


async def test_server_says_goodbye_instead_of_an_answer() -> None:
    async with brokered() as (broker, probe):
        await probe.check()
        broker.answers[Method.CHANNEL_OPEN] = close(541, "INTERNAL_ERROR")
        assert await failure(probe) == "RabbitMQ 3.10.8 closed the connection: 541 INTERNAL_ERROR"


async def test_lost_connection_is_one_fresh_login_in_the_same_check() -> None:
    async with brokered() as (broker, probe):
        await probe.check()
        broker.reset()
        await settled()
        assert (await probe.check()).detail == "RabbitMQ 3.10.8: logged in"
        assert broker.logins == 2


async def test_lost_connection_and_no_login_fails() -> None:
    async with brokered() as (broker, probe):
        await probe.check()
        broker.reset()
        broker.answers[Method.START_OK] = close(541, "INTERNAL_ERROR")
        await settled()
        assert await failure(probe) == "RabbitMQ 3.10.8 closed the connection: 541 INTERNAL_ERROR"
        assert broker.logins == 2


async def test_frozen_broker_times_out_and_the_next_check_logs_in_anew() -> None:
    async with brokered() as (broker, probe):
        await probe.check()
        broker.answers[Method.CHANNEL_OPEN] = None
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(probe.check(), 0.01)
        broker.answers[Method.CHANNEL_OPEN] = ANSWERS[Method.CHANNEL_OPEN]
        broker.say(ANSWERS[Method.CHANNEL_OPEN])
        await settled()
        assert (await probe.check()).detail == "RabbitMQ 3.10.8: logged in"
        await settled()
        assert broker.heard == [*LOGIN, *CHANNEL, Method.CHANNEL_OPEN, *LOGIN, *CHANNEL, Method.CLOSE]
        assert len(broker.writers) == 1


@pytest.mark.parametrize(
    ("step", "answer", "told"),
    [
        (Method.START_OK, close(403, "ACCESS_REFUSED - Login was refused"), "403 ACCESS_REFUSED - Login was refused"),
        (Method.OPEN, close(530, "NOT_ALLOWED - vhost x not found"), "530 NOT_ALLOWED - vhost x not found"),
    ],
)
async def test_wrong_credentials_are_misconfigured_and_not_tried_each_time(
    step: Method, answer: Frame, told: str
) -> None:
    async with brokered() as (broker, probe):
        broker.answers[step] = answer
        told = f"misconfigured: RabbitMQ 3.10.8 refuses user probe: {told}"
        assert [await failure(probe) for _ in range(3)] == [told] * 3
        assert broker.logins == 1
        broker.answers[step] = ANSWERS[step]
        hours_later(probe)
        assert (await probe.check()).detail == "RabbitMQ 3.10.8: logged in"


async def test_no_plain_login() -> None:
    async with brokered() as (broker, probe):
        broker.start = start(b"EXTERNAL")
        assert await failure(probe) == "misconfigured: RabbitMQ 3.10.8 offers no PLAIN login but EXTERNAL"


async def test_blocked_is_shown_and_not_failed() -> None:
    async with brokered() as (broker, probe):
        await probe.check()
        broker.say(Frame(0, Method.BLOCKED, short("low on memory")))
        await settled()
        assert (await probe.check()).detail == "RabbitMQ 3.10.8 (blocks publishers: low on memory): channel opened"
        broker.say(Frame(0, Method.UNBLOCKED))
        await settled()
        assert (await probe.check()).detail == "RabbitMQ 3.10.8: channel opened"


async def test_answer_out_of_order() -> None:
    async with brokered() as (broker, probe):
        broker.answers[Method.OPEN] = ANSWERS[Method.CHANNEL_OPEN]
        assert await failure(probe) == "RabbitMQ 3.10.8: CHANNEL_OPEN_OK where OPEN_OK was due"


async def test_frames_nobody_asked_for_are_bounded() -> None:
    async with brokered() as (broker, probe):
        await probe.check()
        for _ in range(amqp.MAX_UNREAD + 1):
            broker.say(ANSWERS[Method.OPEN])
        await broker.idle.wait()
        assert await failure(probe) == "RabbitMQ 3.10.8: more than 16 frames nobody asked for"
        assert (await probe.check()).detail == "RabbitMQ 3.10.8: logged in"


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({}, ()),
        ({"user": "u", "password": "p", "vhost": "v"}, ()),
        ({"host": ""}, ("host is empty",)),
        ({"user": "u"}, ("user needs password",)),
        ({"password": "p"}, ("password needs user",)),
        ({"vhost": ""}, ("vhost: 1 to 255 octets",)),
        ({"vhost": "ü" * 128}, ("vhost: 1 to 255 octets",)),
        ({"user": "u\0", "password": "p"}, ("user, password: no zero octet is possible in AMQP PLAIN",)),
    ],
)
def test_problems(change: dict[str, str], problems: tuple[str, ...]) -> None:
    make: Callable[..., AmqpOptions] = AmqpOptions
    assert make(**change).problems() == problems
