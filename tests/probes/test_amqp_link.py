"""One connection, against a small broker of ours."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.probes.brokered import ANSWERS, Broker, close, settled, short, with_login
from tests.probes.served import on_port
from vrrpd.probes.amqp_frames import Frame, Method
from vrrpd.probes.amqp_link import MAX_UNREAD, Broken, Deaf, Link, Refused
from vrrpd.probes.outcome import ProbeFailed


@asynccontextmanager
async def linked() -> AsyncIterator[tuple[Broker, Link, list[str]]]:
    """A broker, a connection to it that is logged in, and the news of it."""
    broker, news = Broker(), list[str]()
    async with on_port(broker.talk) as port:
        options = with_login(port)
        link = await Link.connect(options.places[0], options, None, lambda: news.append("news"))
        await link.login(options)
        try:
            yield broker, link, news
        finally:
            link.drop()
            await broker.idle.wait()


async def test_says_who_the_server_is() -> None:
    async with linked() as (_, link, news):
        assert (str(link), link.ended, news) == ("RabbitMQ 3.10.8", False, [])


async def test_answer_out_of_order() -> None:
    async with linked() as (broker, link, _):
        broker.answers[Method.CHANNEL_OPEN] = ANSWERS[Method.OPEN]
        with pytest.raises(ProbeFailed, match=r"RabbitMQ 3\.10\.8: OPEN_OK where CHANNEL_OPEN_OK was due"):
            await link.channel()


async def test_frames_nobody_asked_for_are_bounded() -> None:
    async with linked() as (broker, link, news):
        for _ in range(MAX_UNREAD + 1):
            broker.say(ANSWERS[Method.OPEN])
        await broker.idle.wait()
        assert (link.ended, news) == (True, ["news"])
        with pytest.raises(ProbeFailed, match="more than 16 frames nobody asked for"):
            await link.channel()


async def test_end_is_news_once_and_its_reason_is_kept() -> None:
    async with linked() as (broker, link, news):
        broker.say(close(320, "CONNECTION_FORCED - shutdown"))
        await settled()
        broker.reset()
        await settled()
        assert news == ["news"]
        with pytest.raises(ProbeFailed, match="closed the connection: 320 CONNECTION_FORCED - shutdown"):
            await link.channel()


async def test_our_own_farewell_is_no_news() -> None:
    async with linked() as (broker, link, news):
        await link.leave()
        await broker.idle.wait()
        assert (link.ended, news, broker.ends) == (True, [], ["closed"])


async def test_reset_is_broken() -> None:
    async with linked() as (broker, link, _):
        broker.reset()
        await settled()
        with pytest.raises(Broken, match=r"RabbitMQ 3\.10\.8: connection lost"):
            await link.channel()


async def test_tls_alert_is_a_refusal() -> None:
    """A broker that wants a certificate says so only after our side of the handshake is done (RFC 8446, 4.4.2.4)."""
    async with linked() as (_, link, __):
        link.connection_lost(ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] no certificate"))
        with pytest.raises(Refused, match=r"misconfigured: TLS: .*certificate required"):
            await link.channel()


async def test_blocked_before_the_question_and_after_it() -> None:
    async with linked() as (broker, link, news):
        broker.answers[Method.CHANNEL_OPEN] = Frame(0, Method.BLOCKED, short("low on disk"))
        for _ in range(2):
            with pytest.raises(Deaf):
                await link.channel()
        assert (link.blocked, broker.heard.count(Method.CHANNEL_OPEN), news) == ("low on disk", 1, ["news"])
        broker.say(Frame(0, Method.UNBLOCKED))
        await settled()
        assert (link.blocked, news) == ("", ["news", "news"])


async def test_blocked_connection_is_left_without_waiting_for_an_answer() -> None:
    async with linked() as (broker, link, _):
        broker.say(Frame(0, Method.BLOCKED, short("low on disk")))
        await settled()
        await asyncio.wait_for(link.leave(), 0.05)
        await broker.idle.wait()
        assert Method.CLOSE not in broker.heard


async def test_refusal_is_told_apart_from_other_farewells() -> None:
    broker = Broker()
    async with on_port(broker.talk) as port:
        options = with_login(port)
        for code, kind in ((403, Refused), (530, Refused), (541, ProbeFailed)):
            broker.answers[Method.OPEN] = close(code, "")
            link = await Link.connect(options.places[0], options, None)
            with pytest.raises(ProbeFailed) as failed:
                await link.login(options)
            assert isinstance(failed.value, Refused) is (kind is Refused)
            link.drop()
