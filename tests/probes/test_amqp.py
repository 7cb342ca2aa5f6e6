"""One broker or several: what counts, what is told, what is measured. How one is asked: test_amqp_target."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from tests.probes.brokered import Broker, close, settled, with_login
from tests.probes.served import on_port, unused_port
from vrrpd.probes.amqp import BLOCKED, TARGETS_UP, AmqpProbe
from vrrpd.probes.amqp_frames import Method
from vrrpd.probes.amqp_options import AmqpOptions
from vrrpd.probes.outcome import Bounded, Measure, ProbeFailed, Seen, Watching

GENEROUS = 60.0
"""Seconds: all that answer do, on any machine."""
SHORT = 1.5
"""Seconds that a test with a silent broker waits; the others have answered long before."""


@asynccontextmanager
async def cluster(size: int = 3, **keywords: object) -> AsyncIterator[tuple[list[Broker], AmqpProbe]]:
    """Brokers and a probe of all of them."""
    async with AsyncExitStack() as stack:
        brokers = [Broker() for _ in range(size)]
        for each in brokers:
            each.port = await stack.enter_async_context(on_port(each.talk))
        targets = tuple(f"127.0.0.1:{each.port}" for each in brokers)
        given: dict[str, object] = {"targets": targets, "user": "probe", "password": "secret", **keywords}
        probe = AmqpProbe(AmqpOptions(**given))  # type: ignore[arg-type]
        probe.bound(GENEROUS)
        try:
            yield brokers, probe
        finally:
            await probe.close()


@asynccontextmanager
async def single(**keywords: object) -> AsyncIterator[tuple[Broker, AmqpProbe]]:
    broker = Broker()
    async with on_port(broker.talk) as port:
        probe = AmqpProbe(with_login(port, **keywords))
        broker.port = port
        try:
            yield broker, probe
        finally:
            await probe.close()


async def failure(probe: AmqpProbe) -> ProbeFailed:
    with pytest.raises(ProbeFailed) as failed:
        await probe.check()
    return failed.value


def measured(broker: Broker, *, up: float, blocked: float) -> tuple[Measure, ...]:
    return Measure(TARGETS_UP, up), Measure(BLOCKED, blocked, (f"127.0.0.1:{broker.port}",))


# One broker


async def test_one_broker_says_itself_how_it_is() -> None:
    async with single() as (broker, probe):
        assert await probe.check() == Seen(
            detail="RabbitMQ 3.10.8: logged in", measures=measured(broker, up=1, blocked=0)
        )


async def test_one_broker_down() -> None:
    failed = await failure(AmqpProbe(AmqpOptions(port=(port := await unused_port()))))
    assert (str(failed), failed.alarms) == (f"127.0.0.1:{port}: Connection refused", ())
    assert failed.measures == (Measure(TARGETS_UP, 0),)


async def test_blocked_publishers_are_an_alarm_and_a_measure() -> None:
    async with single() as (broker, probe):
        broker.alarm = "low on memory"
        alarm = "blocks publishers: low on memory"
        assert await probe.check() == Seen(
            detail=f"RabbitMQ 3.10.8: logged in; {alarm}",
            alarms=(alarm,),
            measures=measured(broker, up=1, blocked=1),
        )


async def test_blocked_publishers_can_count_as_a_failure() -> None:
    async with single(blocked="fail") as (broker, probe):
        broker.alarm = "low on memory"
        failed = await failure(probe)
        assert failed.alarms == ("blocks publishers: low on memory",)
        assert failed.measures == measured(broker, up=0, blocked=1)


async def test_misconfigured_can_count_as_a_failure() -> None:
    async with single(misconfigured="fail") as (broker, probe):
        broker.answers[Method.START_OK] = close(403, "ACCESS_REFUSED")
        failed = await failure(probe)
    assert failed.alarms == (str(failed),)


async def test_depth_without_login_knows_of_no_alarms() -> None:
    async with single(user="", password="") as (_, probe):
        assert (await probe.check()).measures == (Measure(TARGETS_UP, 1),)


# Several


async def test_all_brokers_up() -> None:
    async with cluster() as (brokers, probe):
        seen = await probe.check()
    assert (seen.detail, seen.alarms) == ("3 of 3 brokers up", ())
    assert seen.measures[0] == Measure(TARGETS_UP, 3)
    assert [each.labels for each in seen.measures[1:]] == [(f"127.0.0.1:{each.port}",) for each in brokers]


@pytest.mark.parametrize(("min_up", "well"), [(1, True), (2, True), (3, False)])
async def test_cluster_is_well_while_enough_brokers_are(min_up: int, well: bool) -> None:
    async with cluster(2) as (brokers, _):
        targets = (*(f"127.0.0.1:{each.port}" for each in brokers), f"127.0.0.1:{await unused_port()}")
        probe = AmqpProbe(AmqpOptions(targets=targets, min_up=min_up))
        seen = await probe.check() if well else await failure(probe)
    detail = seen.detail if isinstance(seen, Seen) else str(seen)
    assert detail == f"2 of 3 brokers up ({targets[2]}: Connection refused)"
    assert (seen.alarms, seen.measures) == ((f"{targets[2]}: down",), (Measure(TARGETS_UP, 2),))


async def test_silent_broker_does_not_take_the_others_answers_with_it() -> None:
    async with cluster() as (brokers, probe):
        probe.bound(SHORT)
        brokers[1].answers[Method.START_OK] = None
        seen = await probe.check()
        assert seen.detail == f"2 of 3 brokers up (127.0.0.1:{brokers[1].port}: no answer in time)"
        assert seen.alarms == (f"127.0.0.1:{brokers[1].port}: down",)


async def test_all_brokers_silent() -> None:
    """All three are spoken to at the same time: one after the other would not fit."""
    async with cluster() as (brokers, probe):
        probe.bound(SHORT)
        for each in brokers:
            each.answers[Method.START_OK] = None
        assert str(await failure(probe)).startswith("0 of 3 brokers up (127.0.0.1:")
        assert [each.heard for each in brokers] == [[Method.START_OK]] * 3


async def test_alarms_of_several_say_whose_they_are() -> None:
    async with cluster() as (brokers, probe):
        brokers[0].alarm = "low on memory"
        brokers[1].answers[Method.OPEN] = close(530, "NOT_ALLOWED - vhost / not found")
        seen = await probe.check()
    assert seen.detail == "3 of 3 brokers up"
    refused = "misconfigured: RabbitMQ 3.10.8 refuses vhost / to user probe: 530 NOT_ALLOWED - vhost / not found"
    assert seen.alarms == (
        f"127.0.0.1:{brokers[0].port}: blocks publishers: low on memory",
        f"127.0.0.1:{brokers[1].port}: {refused}",
    )


# Between two checks


def test_contract() -> None:
    probe = AmqpProbe(AmqpOptions())
    assert isinstance(probe, Watching)
    assert isinstance(probe, Bounded)


async def woken(probe: AmqpProbe) -> bool:
    """Whether the probe wants to look again now."""
    try:
        await asyncio.wait_for(probe.changed(), 0.2)
    except TimeoutError:
        return False
    return True


async def test_a_farewell_of_the_broker_is_noticed_at_once() -> None:
    async with single() as (broker, probe):
        await probe.check()
        assert not await woken(probe)
        broker.say(close(320, "CONNECTION_FORCED - shutdown"))
        assert await woken(probe)
        await failure(probe)
        assert not await woken(probe), "what a check has heard is no news"


async def test_our_own_relogin_is_not_noticed() -> None:
    async with single() as (broker, probe):
        await probe.check()
        probe._targets[0]._login_due = 0
        await probe.check()
        await settled()
        assert broker.logins == 2
        assert not await woken(probe)
