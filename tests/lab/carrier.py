"""Publisher and consumer processes for `tests.lab.courier`: numbered messages through an address that may move.

A line is `<Unix time> <number>`: confirmed by the broker (publisher) or delivered and acknowledged (consumer). Both
begin anew at once when anything goes wrong, and repeat what was not confirmed.
"""

import argparse
import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

import aio_pika
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

QUEUE = "vrrpd.courier"
HEARTBEAT_SECONDS = 4
"""An idle client notices a dead path by itself after two of these at the latest."""
CONFIRM_SECONDS = 1.0
"""Patience of the publisher for a confirmation, and of both for a connection."""
PAUSE_SECONDS = 0.05
PREFETCH = 20


def told(number: int) -> None:
    """One line."""
    print(f"{time.clock_gettime(time.CLOCK_REALTIME):.6f} {number}", flush=True)


async def for_ever(url: str, work: Callable[[AbstractConnection], Awaitable[None]]) -> None:
    """Connect, work, and begin anew whatever went wrong."""
    while True:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CONFIRM_SECONDS):
                connection = await aio_pika.connect(url)
            try:
                await work(connection)
            finally:
                await drop(connection)
        await asyncio.sleep(PAUSE_SECONDS)


class Publisher:
    """One message after the other; the next one only when the one before is confirmed."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._number = 0

    async def work(self, connection: AbstractConnection) -> None:
        """Until something goes wrong, which is raised."""
        async with asyncio.timeout(CONFIRM_SECONDS):
            channel = await connection.channel(publisher_confirms=True)
            await channel.declare_queue(QUEUE, durable=True)
        while True:
            body = str(self._number).encode()
            message = aio_pika.Message(body, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            async with asyncio.timeout(CONFIRM_SECONDS):
                await channel.default_exchange.publish(message, QUEUE)
            told(self._number)
            self._number += 1
            await asyncio.sleep(self._every)


async def consume(connection: AbstractConnection) -> None:
    """Everything that comes, until the connection or the channel is closed."""
    closed = asyncio.Event()

    def on_close(*_: object) -> None:
        closed.set()

    connection.close_callbacks.add(on_close)
    async with asyncio.timeout(CONFIRM_SECONDS):
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await channel.declare_queue(QUEUE, durable=True)
        channel.close_callbacks.add(on_close)
        await queue.consume(delivered)
    await closed.wait()


async def delivered(message: AbstractIncomingMessage) -> None:
    """Tell it, then acknowledge."""
    told(int(message.body))
    await message.ack()


async def drop(connection: AbstractConnection) -> None:
    """Close, but wait for nobody."""
    with contextlib.suppress(Exception):
        async with asyncio.timeout(PAUSE_SECONDS):
            await connection.close()


def main() -> None:
    """For ever."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", choices=("publish", "consume"))
    parser.add_argument("address")
    parser.add_argument("--every", type=float, default=0.01)
    options = parser.parse_args()
    url = f"amqp://guest:guest@{options.address}:5672/?heartbeat={HEARTBEAT_SECONDS}"
    asyncio.run(for_ever(url, Publisher(options.every).work if options.role == "publish" else consume))


if __name__ == "__main__":
    main()
