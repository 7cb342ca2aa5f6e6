"""Threads that were begun by the code under test: wait until there is a place for another."""

import asyncio

from vrrpd.threads import Threads

PATIENCE = 10.0


async def idle(threads: Threads) -> None:
    """One at least has ended, and our loop has heard of it."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while threads.full:
        assert loop.time() < deadline, "the threads hang"
        await asyncio.sleep(0)
