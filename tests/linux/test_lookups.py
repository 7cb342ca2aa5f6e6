"""Lookups of names, with a resolver of ours that hangs until told."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from vrrpd.linux import lookups
from vrrpd.linux.lookups import AT_ONCE, OLD, Found, Lookups, Question

FOUND: Found = [(socket.AddressFamily.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 5672))]
PATIENCE = 10.0
BROKER, OTHER = Question("broker.invalid", 5672), Question("other.invalid", 5672)


class Resolver:
    """Hangs with every name until `answer`."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.error: OSError | None = None
        self.answer = threading.Event()

    def look_up(self, question: Question) -> Found:
        self.asked.append(question)
        self.answer.wait()
        if self.error is not None:
            raise self.error
        return FOUND


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    made = Resolver()
    monkeypatch.setattr(lookups, "_look_up", made.look_up)
    yield made
    made.answer.set()


class Clock:
    """Time of the loop, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self.now = loop.time()
        monkeypatch.setattr(loop, "time", lambda: self.now)


async def begun(asking: Lookups, question: Question) -> "asyncio.Task[Found]":
    """A question that waits for its answer."""
    task = asyncio.get_running_loop().create_task(asking.ask(question))
    await asyncio.sleep(0)
    return task


def asked(resolver: Resolver, count: int) -> list[Question]:
    """What the resolver was asked, once it was asked so often: a thread may take its time to begin."""
    deadline = time.monotonic() + PATIENCE
    while len(resolver.asked) < count and time.monotonic() < deadline:
        pass
    return resolver.asked


async def test_who_asks_the_same_shares_the_answer(resolver: Resolver) -> None:
    """Also where one of them gives up meanwhile."""
    asking = Lookups()
    first, second, third, other = [await begun(asking, each) for each in (BROKER, BROKER, BROKER, OTHER)]
    first.cancel()
    resolver.answer.set()
    assert [await each for each in (second, third, other)] == [FOUND] * 3
    assert first.cancelled()
    assert sorted(each.host for each in resolver.asked if isinstance(each.host, str)) == [BROKER.host, OTHER.host]
    await asking.ask(BROKER)
    assert len(resolver.asked) == 3, "the next one is asked anew"


async def test_a_failure_is_told_to_all(resolver: Resolver) -> None:
    asking = Lookups()
    both = [await begun(asking, BROKER) for _ in range(2)]
    resolver.error = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    resolver.answer.set()
    for each in both:
        with pytest.raises(socket.gaierror, match="Name or service not known"):
            await each


async def test_an_old_lookup_gets_one_beside_it_and_no_more(
    resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A probe that is asked each second for an hour while the resolver hangs."""
    asking, clock = Lookups(), Clock(monkeypatch)
    for _ in range(10):
        (await begun(asking, BROKER)).cancel()
        clock.now += OLD
    assert len(asked(resolver, AT_ONCE)) == AT_ONCE
    last = await begun(asking, BROKER)
    resolver.answer.set()
    assert await last == FOUND


async def test_too_many_names_that_hang_are_refused(resolver: Resolver, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the resolver's own words, as a probe tells them."""
    monkeypatch.setattr(lookups, "LOOKUPS_LIMIT", 1)
    asking = Lookups()
    first = await begun(asking, BROKER)
    with pytest.raises(socket.gaierror, match="1 threads hang: lookup") as caught:
        await asking.ask(OTHER)
    assert caught.value.errno == socket.EAI_AGAIN
    assert asked(resolver, 1) == [BROKER]
    assert not first.done()


async def test_a_real_one() -> None:
    """What needs no resolver."""
    question = Question("127.0.0.1", 80, socket.AF_INET, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)
    assert [each[4] for each in await Lookups().ask(question)] == [("127.0.0.1", 80)]
