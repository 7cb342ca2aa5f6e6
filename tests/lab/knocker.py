"""The client process: a fresh AMQP handshake at a steady pace, one line per attempt. Run by
`tests.lab.client`.

A line is `<start> <end> ok` or `<start> <end> <error>`, Unix time in seconds, in the order of the ends.
Attempts run beside each other, so one that hangs does not hide a recovery.
"""

import argparse
import asyncio
import contextlib
import socket
import struct
import time

from tests.lab import amqp

RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER: no TIME_WAIT, or a long test would run out of ports; nothing is left to deliver when we
close."""


async def handshake(address: str, port: int, login: bool) -> None:
    """One connection: to Connection.Start, or a whole login and a polite close. Raises when anything is
    missing."""
    reader, writer = await asyncio.open_connection(address, port)
    try:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        writer.write(amqp.PROTOCOL_HEADER)
        await amqp.expect(reader, amqp.START)
        if login:
            await _login(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _login(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(amqp.start_ok("guest", "guest"))
    await amqp.expect(reader, amqp.TUNE)
    writer.write(amqp.tune_ok() + amqp.open_connection())
    await amqp.expect(reader, amqp.OPEN_OK)
    writer.write(amqp.close())
    await amqp.expect(reader, amqp.CLOSE_OK)


async def attempt(address: str, port: int, patience: float, login: bool) -> None:
    """One handshake with its line of output."""
    begun = time.clock_gettime(time.CLOCK_REALTIME)
    try:
        async with asyncio.timeout(patience):
            await handshake(address, port, login)
        verdict = "ok"
    except (OSError, EOFError, TimeoutError, amqp.AmqpError) as error:
        verdict = type(error).__name__
    print(f"{begun:.6f} {time.clock_gettime(time.CLOCK_REALTIME):.6f} {verdict}", flush=True)


async def knock(address: str, port: int, every: float, patience: float, login: bool) -> None:
    """Start an attempt every `every` seconds for ever; at most `patience / every` of them are under way."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    async with asyncio.TaskGroup() as attempts:
        while True:
            attempts.create_task(attempt(address, port, patience, login))
            due = max(due + every, loop.time())  # never a burst after a pause
            await asyncio.sleep(due - loop.time())


def main() -> None:
    """Read the arguments and knock until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    parser.add_argument("--every", type=float, default=0.01)
    parser.add_argument("--timeout", type=float, default=0.5)
    parser.add_argument("--login", action="store_true")
    given = parser.parse_args()
    asyncio.run(knock(given.address, given.port, given.every, given.timeout, given.login))


if __name__ == "__main__":
    main()
