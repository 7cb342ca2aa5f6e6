"""Threads that were begun by the code under test: wait until they are over and have told."""

import asyncio
import threading


async def joined(name: str) -> None:
    """All threads of this name have ended, and our loop has heard of it."""
    for each in threading.enumerate():
        if each.name == name:
            await asyncio.to_thread(each.join)
    await asyncio.sleep(0)
