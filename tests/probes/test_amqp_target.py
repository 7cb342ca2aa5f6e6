"""One broker at each depth, against a small broker of ours that can be told how to misbehave."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.probes.brokered import ANSWERS, CHANNEL, LOGIN, WATCH, Broker, close, settled, start, with_login
from tests.probes.served import Talks, on_port, silent, unused_port
from vrrpd.probes import amqp_link
from vrrpd.probes.amqp_frames import Frame, FrameType, Method
from vrrpd.probes.amqp_options import AmqpOptions
from vrrpd.probes.amqp_target import Answer, Target
from vrrpd.probes.outcome import ProbeFailed


def look_at(options: AmqpOptions) -> Target:
    [place] = options.places
    return Target(place, options, None, lambda: None)


@asynccontextmanager
async def brokered(**keywords: object) -> AsyncIterator[tuple[Broker, Target]]:
    """A broker and a probe that knows its credentials unless told otherwise."""
    broker = Broker()
    async with on_port(broker.talk) as port:
        broker.port = port
        target = look_at(with_login(port, **keywords))
        try:
            yield broker, target
        finally:
            await target.close()


async def failure(target: Target) -> str:
    with pytest.raises(ProbeFailed) as failed:
        await target.look()
    return str(failed.value)


# Depth 1: TCP only


async def test_without_credentials_only_connects() -> None:
    async with on_port(silent) as port:
        detail = (await look_at(AmqpOptions(port=port)).look()).detail
    assert detail == f"127.0.0.1:{port} accepts connections"


async def test_refused_connection_fails_at_every_depth() -> None:
    port = await unused_port()
    for options in (AmqpOptions(port=port), AmqpOptions(port=port, handshake=True), with_login(port)):
        assert await failure(look_at(options)) == f"127.0.0.1:{port}: Connection refused"


# Depth 2: handshake


async def test_handshake_reads_start_and_leaves() -> None:
    async with brokered(user="", password="", handshake=True) as (broker, target):
        assert (await target.look()).detail == "RabbitMQ 3.10.8 answers"
        await broker.idle.wait()
    assert (broker.heard, broker.ends) == ([], ["dropped"])


async def test_proxy_without_broker_closes_without_a_word() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)

    async with on_port(hang_up) as port:
        told = await failure(look_at(AmqpOptions(port=port, handshake=True)))
    assert told == "connection closed without a word: a proxy with no broker behind it, or not AMQP"


async def test_other_service_is_told() -> None:
    async def mail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail ready\r\n")
        await reader.read()

    async with on_port(mail) as port:
        told = await failure(look_at(AmqpOptions(port=port, handshake=True)))
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
                await asyncio.wait_for(look_at(options).look(), 0.01)
            await gone.wait()


# Depth 3: a kept connection


async def test_one_login_then_a_channel_per_check() -> None:
    async with brokered() as (broker, target):
        assert (await target.look()).detail == "RabbitMQ 3.10.8: logged in"
        assert [(await target.look()).detail for _ in range(2)] == ["RabbitMQ 3.10.8: channel opened"] * 2
        assert (broker.logins, broker.heard) == (1, LOGIN + WATCH + 3 * CHANNEL)


async def test_close_logs_out_politely() -> None:
    async with brokered() as (broker, target):
        await target.look()
        await target.close()
        await broker.idle.wait()
        await target.close()
    assert broker.heard == [*LOGIN, *WATCH, *CHANNEL, Method.CLOSE]


async def test_close_does_not_wait_for_a_frozen_broker() -> None:
    async with brokered() as (broker, target):
        await target.look()
        broker.answers[Method.CLOSE] = None
        await asyncio.wait_for(target.close(), 5 * amqp_link.FAREWELL)


def hours_later(target: Target) -> None:
    target._login_due = 0


async def test_relogin_replaces_the_connection_and_leaves_the_old_one_politely() -> None:
    async with brokered() as (broker, target):
        await target.look()
        hours_later(target)
        assert (await target.look()).detail == "RabbitMQ 3.10.8: logged in"
        await settled()
        assert (broker.logins, len(broker.sessions)) == (2, 1)
        assert broker.heard == [*LOGIN, *WATCH, *CHANNEL, *LOGIN, Method.CLOSE, *WATCH, *CHANNEL]


async def test_server_says_goodbye_between_checks_with_a_reset_behind_it() -> None:
    async with brokered() as (broker, target):
        await target.look()
        broker.say(close(320, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'"))
        await settled()
        broker.reset()
        await settled()
        assert await failure(target) == (
            "RabbitMQ 3.10.8 closed the connection: 320 CONNECTION_FORCED - "
            "broker forced connection closure with reason 'shutdown'"
        )
        assert Method.CLOSE_OK in broker.heard
        assert (await target.look()).detail == "RabbitMQ 3.10.8: logged in"


async def test_server_says_goodbye_instead_of_an_answer() -> None:
    async with brokered() as (broker, target):
        await target.look()
        broker.answers[Method.CHANNEL_OPEN] = close(541, "INTERNAL_ERROR")
        assert await failure(target) == "RabbitMQ 3.10.8 closed the connection: 541 INTERNAL_ERROR"


async def test_lost_connection_is_one_fresh_login_in_the_same_check() -> None:
    async with brokered() as (broker, target):
        await target.look()
        broker.reset()
        await settled()
        assert (await target.look()).detail == "RabbitMQ 3.10.8: logged in"
        assert broker.logins == 2


async def test_lost_connection_and_no_login_fails() -> None:
    async with brokered() as (broker, target):
        await target.look()
        broker.reset()
        broker.answers[Method.START_OK] = close(541, "INTERNAL_ERROR")
        await settled()
        assert await failure(target) == "RabbitMQ 3.10.8 closed the connection: 541 INTERNAL_ERROR"
        assert broker.logins == 2


async def test_frozen_broker_times_out_and_the_next_check_logs_in_anew() -> None:
    async with brokered() as (broker, target):
        await target.look()
        broker.answers[Method.CHANNEL_OPEN] = None
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(target.look(), 0.01)
        broker.answers[Method.CHANNEL_OPEN] = ANSWERS[Method.CHANNEL_OPEN]
        broker.say(ANSWERS[Method.CHANNEL_OPEN])
        await settled()
        assert (await target.look()).detail == "RabbitMQ 3.10.8: logged in"
        await settled()
        assert broker.heard == [
            *(*LOGIN, *WATCH, *CHANNEL),
            *(Method.CHANNEL_OPEN, *LOGIN, Method.CLOSE, *WATCH, *CHANNEL),
        ]
        assert len(broker.sessions) == 1


async def test_port_that_takes_no_new_connections_is_seen_at_once() -> None:
    """suspend_listeners: the kept connection would stay well for ever."""
    talks = Talks(Broker().talk)
    server = await asyncio.start_server(talks.whole, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    target = look_at(with_login(port))
    await target.look()
    server.close()
    told = f"RabbitMQ 3.10.8 takes no new connections: 127.0.0.1:{port}: Connection refused"
    assert [await failure(target) for _ in range(2)] == [told] * 2
    await target.close()
    await talks.end()


# Misconfigured


@pytest.mark.parametrize(
    ("step", "answer", "told"),
    [
        (
            Method.START_OK,
            close(403, "ACCESS_REFUSED - Login was refused"),
            "the credentials of user probe: 403 ACCESS_REFUSED - Login was refused",
        ),
        (
            Method.OPEN,
            close(530, "NOT_ALLOWED - vhost x not found"),
            "vhost / to user probe: 530 NOT_ALLOWED - vhost x not found",
        ),
    ],
)
async def test_refused_credentials_are_an_alarm_and_rest(step: Method, answer: Frame, told: str) -> None:
    async with brokered() as (broker, target):
        broker.answers[step] = answer
        alarm = f"misconfigured: RabbitMQ 3.10.8 refuses {told}"
        assert [await target.look() for _ in range(3)] == [Answer(alarm, alarm=alarm)] * 3
        assert broker.logins == 1
        broker.answers[step] = ANSWERS[step]
        target._retry_due = 0
        assert await target.look() == Answer("RabbitMQ 3.10.8: logged in", blocked=False)


async def test_refused_credentials_can_count_as_a_failure() -> None:
    async with brokered(misconfigured="fail") as (broker, target):
        broker.answers[Method.START_OK] = close(403, "ACCESS_REFUSED")
        answers = [await target.look() for _ in range(2)]
    assert [(each.up, bool(each.alarm)) for each in answers] == [(False, True)] * 2


async def test_broker_that_refuses_us_and_then_dies_is_down() -> None:
    """While the credentials rest the port is still looked at."""
    async with brokered() as (broker, target):
        broker.answers[Method.START_OK] = close(403, "ACCESS_REFUSED")
        assert (await target.look()).up
    assert await failure(target) == f"127.0.0.1:{broker.port}: Connection refused"


async def test_broker_that_refuses_us_and_then_freezes_is_silent_from_the_next_try_on() -> None:
    async with brokered() as (broker, target):
        broker.answers[Method.START_OK] = close(403, "ACCESS_REFUSED")
        assert (await target.look()).up
        broker.answers[Method.START_OK] = None
        target._retry_due = 0
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(target.look(), 0.01)


async def test_no_plain_login() -> None:
    async with brokered() as (broker, target):
        broker.start = start(b"EXTERNAL")
        assert (await target.look()).alarm == "misconfigured: RabbitMQ 3.10.8 offers no PLAIN login but EXTERNAL"


# Memory and disk alarms

LOW = "blocks publishers: low on memory"


@pytest.mark.parametrize(("blocked", "up"), [("alarm", True), ("fail", False)])
async def test_alarm_is_seen_by_the_check_and_its_end_too(blocked: str, up: bool) -> None:
    async with brokered(blocked=blocked) as (broker, target):
        assert await target.look() == Answer("RabbitMQ 3.10.8: logged in", blocked=False)
        broker.alarm = "low on memory"
        seen = [await target.look() for _ in range(2)]
        assert seen == [
            Answer(f"RabbitMQ 3.10.8: logged in; {LOW}", up=up, alarm=LOW, blocked=True),
            Answer(f"RabbitMQ 3.10.8: channel opened; {LOW}", up=up, alarm=LOW, blocked=True),
        ]
        assert [each.deaf for each in broker.sessions] == [True, False]
        broker.all_clear()
        await settled()
        assert await target.look() == Answer("RabbitMQ 3.10.8: channel opened", blocked=False)
        await settled()
        assert (broker.logins, len(broker.sessions)) == (2, 1)
        broker.alarm = "low on disk"
        assert (await target.look()).alarm == "blocks publishers: low on disk"


async def test_alarm_that_is_older_than_the_login() -> None:
    async with brokered() as (broker, target):
        broker.alarm = "low on memory"
        seen = [await target.look() for _ in range(3)]
    assert [each.alarm for each in seen] == [LOW] * 3
    assert broker.logins == 2


async def test_end_of_the_blocked_connection_is_not_the_end_of_the_alarm() -> None:
    async with brokered() as (broker, target):
        broker.alarm = "low on memory"
        for _ in range(2):
            await target.look()
        [blocked] = [each for each in broker.sessions if each.deaf]
        blocked.writer.transport.abort()
        await settled()
        assert (await target.look()).alarm == LOW
        assert broker.logins == 3


async def test_broker_that_dies_during_an_alarm_is_down() -> None:
    async with brokered() as (broker, target):
        broker.alarm = "low on memory"
        await target.look()
    assert await failure(target) == f"127.0.0.1:{broker.port}: Connection refused"


async def test_alarms_are_asked_for_with_a_publication_that_never_ends() -> None:
    async with brokered() as (broker, target):
        await target.look()
        await target.look()
        [session] = broker.sessions
        assert session.content == [FrameType.HEADER, FrameType.BODY, FrameType.BODY]
        assert broker.heard.count(Method.PUBLISH) == 1


async def test_alarms_are_not_asked_for_where_nobody_wants_or_tells_them() -> None:
    async with brokered(blocked="ignore") as (broker, target):
        assert (await target.look()).blocked is None
        assert Method.PUBLISH not in broker.heard
    async with brokered() as (broker, target):
        broker.start = start(blocked=False)
        assert (await target.look()).blocked is None
        assert Method.PUBLISH not in broker.heard
    async with brokered() as (broker, target):
        broker.answers[Method.START_OK] = Frame(0, Method.TUNE, bytes.fromhex("0001 00020000 003c"))
        assert (await target.look()).blocked is None, "there is but one channel"
        assert Method.PUBLISH not in broker.heard


async def test_server_that_does_not_bear_it_is_left_alone() -> None:
    async with brokered() as (broker, target):
        broker.answers[Method.PUBLISH] = Frame(0, Method.CHANNEL_CLOSE, bytes(7))
        await target.look()
        await settled()
        assert [(await target.look()).blocked for _ in range(2)] == [None, None]
        assert broker.heard.count(Method.PUBLISH) == 1
        assert Method.CHANNEL_CLOSE_OK in broker.heard
