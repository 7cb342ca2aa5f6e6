"""One AMQP connection kept for long, with a channel opened and closed at a steady pace, in a thread of our own."""

import asyncio
import contextlib
import threading
from types import TracebackType
from typing import Self

from tests.lab import amqp, namespaces
from tests.lab.net import Host
from tests.lab.waiting import now, wait_until

PATIENCE_SECONDS = 5.0
"""For one answer: shorter than TCP's own patience, longer than a busy machine needs."""
LOGIN_SECONDS = 15.0


class Session:
    """From a host to an address; a context manager. Logged in when `__enter__` returns.

    `rounds`: when each channel was closed again, Unix time. `failure`: why it ended early; empty while it lives.
    """

    def __init__(self, host: Host, address: str, port: int = 5672, *, every: float = 1.0) -> None:
        self.rounds: list[float] = []
        self.failure = ""
        self._host = host
        self._target = (address, port)
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, name="session", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        wait_until(lambda: bool(self.rounds or self.failure), LOGIN_SECONDS, f"login at {self._target[0]}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def wait_round(self, since: float | None = None, timeout: float = 10.0) -> None:
        """Wait for a round that ended after `since` (default: now)."""
        start = now() if since is None else since
        wait_until(lambda: self.rounds[-1] > start or bool(self.failure), timeout, "a round of the session")
        assert not self.failure

    def _live(self) -> None:
        namespaces.inside(self._host.namespace, lambda: asyncio.run(self._keep()))

    async def _keep(self) -> None:
        try:
            reader, writer = await asyncio.open_connection(*self._target)
            try:
                await _login(reader, writer)
                await self._rounds(reader, writer)
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
        except (OSError, EOFError, TimeoutError, amqp.AmqpError) as error:
            self.failure = repr(error)

    async def _rounds(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not self._stop.is_set():
            async with asyncio.timeout(PATIENCE_SECONDS):
                writer.write(amqp.method(amqp.CHANNEL_OPEN, amqp.short_string(""), channel=1))
                await amqp.expect(reader, amqp.CHANNEL_OPEN_OK)
                writer.write(amqp.method(amqp.CHANNEL_CLOSE, b"\x00\xc8\x00\x00\x00\x00\x00", channel=1))
                await amqp.expect(reader, amqp.CHANNEL_CLOSE_OK)
            self.rounds.append(now())
            await asyncio.sleep(self._every)


async def _login(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(amqp.PROTOCOL_HEADER)
    await amqp.expect(reader, amqp.START)
    writer.write(amqp.start_ok("guest", "guest"))
    await amqp.expect(reader, amqp.TUNE)
    writer.write(amqp.tune_ok() + amqp.open_connection())
    await amqp.expect(reader, amqp.OPEN_OK)
