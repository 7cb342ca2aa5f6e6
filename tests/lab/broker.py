"""The stand-in broker process: answers AMQP logins and channels as RabbitMQ does, and nothing else. Run by
`brokers`."""

import argparse
import asyncio
import contextlib

from tests.lab import amqp

ANSWERS = {
    amqp.START_OK: amqp.tune(),
    amqp.OPEN: amqp.method(amqp.OPEN_OK, b"\x00"),
    amqp.CLOSE: amqp.method(amqp.CLOSE_OK),
}
CHANNEL_ANSWERS = {
    amqp.CHANNEL_OPEN: (amqp.CHANNEL_OPEN_OK, b"\x00\x00\x00\x00"),
    amqp.CHANNEL_CLOSE: (amqp.CHANNEL_CLOSE_OK, b""),
}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, from the header until the client leaves or closes."""
    with contextlib.suppress(OSError, EOFError, amqp.AmqpError):
        if await reader.readexactly(8) == amqp.PROTOCOL_HEADER:
            writer.write(amqp.start())
            while await _answer(reader, writer):
                pass
    writer.close()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    kind, channel, _ = await amqp.read_method(reader)
    if kind in CHANNEL_ANSWERS:
        answer, arguments = CHANNEL_ANSWERS[kind]
        writer.write(amqp.method(answer, arguments, channel))
    elif kind in ANSWERS:
        writer.write(ANSWERS[kind])
    await writer.drain()
    return kind != amqp.CLOSE


async def listen(address: str, port: int) -> None:
    """Serve until killed."""
    server = await asyncio.start_server(serve, address, port)
    await server.serve_forever()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    given = parser.parse_args()
    asyncio.run(listen(given.address, given.port))


if __name__ == "__main__":
    main()
