"""Threads that nobody waits for: what blocks in the kernel, in a resolver or on a disk holds up neither its neighbours
nor the end of the process.

asyncio's own pool has a few threads that everything shares, in a queue, and its end waits for all of them.
"""

import _thread
import asyncio
import errno
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


class HangingError(OSError):
    """Nothing more is begun: too much of what was begun has not ended."""


class Threads:
    """A thread for each piece of work, so that none stands in a queue; `limit` at once at most."""

    def __init__(self, name: str, limit: int) -> None:
        """`name` says what hangs if too many do; `limit` bounds what hangs, not what works."""
        self._name = name
        self._limit = limit
        self._busy = 0

    @property
    def full(self) -> bool:
        """No more is begun now."""
        return self._busy >= self._limit

    def start(self, loop: asyncio.AbstractEventLoop, work: Callable[[], T]) -> "asyncio.Future[T]":
        """What `work` returns or raises; `HangingError` at once over the limit. To be called from `loop`.

        Cancelled, the work goes on and nobody hears of it.
        """
        future: asyncio.Future[T] = loop.create_future()

        def settle(outcome: Callable[[asyncio.Future[T]], None]) -> None:
            self._busy -= 1
            if not future.done():
                outcome(future)

        def run() -> None:
            outcome = _outcome(work)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(settle, outcome)

        if self.full:
            future.set_exception(HangingError(errno.EAGAIN, f"{self._busy} threads hang: {self._name}"))
            return future
        try:
            _thread.start_new_thread(run, ())  # threading.Thread.start waits until it has a processor
        except RuntimeError as error:  # the system has no more threads for us
            future.set_exception(HangingError(errno.EAGAIN, str(error)))
        else:
            self._busy += 1
        return future


def _outcome(work: Callable[[], T]) -> Callable[["asyncio.Future[T]"], None]:
    """What to do with the future, once it may be touched."""
    try:
        result = work()
    except Exception as raised:  # noqa: BLE001 - handed to whoever waits
        error = raised
        return lambda future: future.set_exception(error)
    return lambda future: future.set_result(result)
