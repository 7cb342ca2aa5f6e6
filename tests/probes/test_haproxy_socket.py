"""The stats socket: what is said when it refuses, breaks off, never ends, or is abstract."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.probes.served import Talk, answering, on_path, silent
from vrrpd.probes import haproxy_socket
from vrrpd.probes.haproxy_socket import StatsSocket
from vrrpd.probes.haproxy_words import Unanswered, Word
from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown

QUESTION = b"show info\n"


async def ask(tmp_path: Path, talk: Talk) -> str:
    """One question to a server of ours."""
    async with on_path(tmp_path / "s", talk) as path:
        return (await StatsSocket(path).ask(QUESTION)).text


async def refusal(place: str) -> Word:
    """The word for a place that does not answer."""
    with pytest.raises(Unanswered) as failed:
        await StatsSocket(place).ask(QUESTION)
    assert str(failed.value).startswith(failed.value.word)
    assert not failed.value.certain
    return failed.value.word


async def test_the_answer_and_who_opened_the_socket(tmp_path: Path) -> None:
    async with on_path(tmp_path / "s", answering(b"all\nof it\n")) as path:
        line = StatsSocket(path)
        reply = await line.ask(QUESTION)
    assert (reply.text, reply.listener) == ("all\nof it\n", os.getpid())
    assert not line.connected


async def test_a_missing_socket_and_one_left_behind(tmp_path: Path) -> None:
    assert await refusal(str(tmp_path / "s")) is Word.GONE
    async with on_path(tmp_path / "s", answering(b"")) as path:
        pass
    assert await refusal(path) is Word.GONE


async def test_a_question_nobody_answers_is_known_to_be_taken(tmp_path: Path) -> None:
    async with on_path(tmp_path / "s", silent) as path:
        line = StatsSocket(path)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.ask(QUESTION), 0.05)
        assert line.connected


@pytest.fixture
def deaf(tmp_path: Path) -> Iterator[str]:
    """A socket whose owner accepts nothing, with a short queue."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen(1)
        yield str(tmp_path / "s")


async def test_a_full_queue_is_a_frozen_haproxy_too(deaf: str) -> None:
    """Given-up connections stay in the queue of a frozen process, so after some checks connect(2) says EAGAIN."""
    line = StatsSocket(deaf)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.ask(QUESTION), 0.02)
    assert await refusal(deaf) is Word.FROZEN


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PermissionError(13, "Permission denied"), "misconfigured: vrrpd may not open /s"),
        (OSError(24, "Too many open files"), "/s: cannot ask: Too many open files"),
        (OSError("AF_UNIX path too long"), "/s: cannot ask: AF_UNIX path too long"),
    ],
)
async def test_what_stops_us_says_nothing_of_haproxy(
    monkeypatch: pytest.MonkeyPatch, error: OSError, told: str
) -> None:
    def refuse(line: socket.socket, address: str) -> None:
        raise error

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(ProbeUnknown) as unknown:
        await StatsSocket("/s").ask(QUESTION)
    assert str(unknown.value) == told


async def test_reset_in_the_answer(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Name: HAProxy\n")
        await writer.drain()
        writer.transport.abort()  # with our question unread: the kernel sends a reset

    with suppress(Unanswered):  # whether the reset overtakes the text is up to the kernel
        assert await ask(tmp_path, talk) == "Name: HAProxy\n"


async def test_endless_answer_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(haproxy_socket, "MAX_ANSWER", 100_000)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()

    with pytest.raises(ProbeFailed, match="answer of more than 100000 octets"):
        await ask(tmp_path, talk)


async def test_an_abstract_socket_is_written_as_haproxy_writes_it() -> None:
    """HAProxy fills the name up to all of sun_path with zeros."""
    name = f"vrrpd-test-{os.getpid()}"
    async with on_path("\0" + name + "\0" * (107 - len(name)), answering(b"abstract\n")):
        assert (await StatsSocket(f"abns@{name}").ask(QUESTION)).text == "abstract\n"
    assert await refusal(f"abns@{name}") is Word.GONE
