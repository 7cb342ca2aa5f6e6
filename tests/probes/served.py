"""Small servers for the probes, on a path or on a port of 127.0.0.1 that the kernel chooses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def on_path(path: Path | str, talk: Talk) -> AsyncIterator[str]:
    """Serve a unix socket, an abstract one if it starts with a zero octet; yields its path."""
    talks = Talks(talk)
    server = await asyncio.start_unix_server(talks.whole, path)
    async with server:
        yield str(path)
    await talks.end()


@asynccontextmanager
async def on_port(talk: Talk) -> AsyncIterator[int]:
    """Serve TCP; yields the port."""
    talks = Talks(talk)
    server = await asyncio.start_server(talks.whole, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
    await talks.end()


class Talks:
    """The connections of one server, each in a task."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._running: set[asyncio.Task[None]] = set()

    async def whole(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk until the talk ends or the other side is gone, and hang up."""
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._talk(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def end(self) -> None:
        """Hang up on everybody, also on who has just been accepted: that takes a few rounds of the loop."""
        for _ in range(5):
            await asyncio.sleep(0)
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)


def answering(octets: bytes) -> Talk:
    """Read one line, answer, hang up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(octets)
        await writer.drain()

    return talk


async def unused_port() -> int:
    """A port that was free a moment ago and refuses connections now."""
    async with on_port(silent) as port:
        pass
    return port


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say nothing until the other side goes."""
    await reader.read()
