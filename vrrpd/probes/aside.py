"""Looks that may block (a path on NFS, /proc of a process that hangs in the kernel) happen in a thread of their own.

A dead file server then keeps neither other probes waiting nor the daemon from stopping.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from vrrpd.probes.outcome import ProbeUnknown
from vrrpd.threads import HangingError, Threads

T = TypeVar("T")


class Aside:
    """One look at a time: while one hangs, the next ones are refused, so a probe never has two threads."""

    def __init__(self, what: str) -> None:
        """`what` is looked at, for an operator."""
        self._what = what
        self._threads = Threads(f"look at {what}", 1)

    async def call(self, look: Callable[[], T]) -> T:
        """What `look` returns or raises. Raises `ProbeUnknown` while the look before has not ended.

        Cancelled, it returns at once; the look goes on and nobody hears of it.
        """
        if self._threads.full:
            raise ProbeUnknown(f"{self._what}: a look before hangs in the kernel")
        try:
            return await self._threads.start(asyncio.get_running_loop(), look)
        except HangingError as error:
            raise ProbeUnknown(f"{self._what}: {error.strerror}") from error
