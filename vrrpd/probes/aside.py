"""Looks that may block (a path on NFS, /proc of a process that hangs in the kernel) happen in a thread of their own.

Not in asyncio's pool: its few threads also resolve names, and its end waits for all of them, so a dead file server
would keep the daemon from stopping.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from vrrpd.probes.outcome import ProbeUnknown

T = TypeVar("T")


class Aside:
    """One look at a time: while one hangs, the next ones are refused, so a probe never has two threads."""

    def __init__(self, what: str) -> None:
        """`what` is looked at, for an operator."""
        self._what = what
        self._busy = False

    async def call(self, look: Callable[[], T]) -> T:
        """What `look` returns or raises. Raises `ProbeUnknown` while the look before has not ended.

        Cancelled, it returns at once; the look goes on and nobody hears of it.
        """
        if self._busy:
            raise ProbeUnknown(f"{self._what}: a look before hangs in the kernel")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(outcome: Callable[[asyncio.Future[T]], None]) -> None:
            self._busy = False
            if not future.done():
                outcome(future)

        def work() -> None:
            outcome = _outcome(look)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(settle, outcome)

        self._busy = True
        try:
            threading.Thread(target=work, name=f"look at {self._what}", daemon=True).start()
        except RuntimeError as error:
            self._busy = False
            raise ProbeUnknown(f"{self._what}: {error}") from error
        return await future


def _outcome(look: Callable[[], T]) -> Callable[["asyncio.Future[T]"], None]:
    """What to do with the future, once it may be touched."""
    try:
        result = look()
    except Exception as raised:  # noqa: BLE001 - handed to whoever waits
        error = raised
        return lambda future: future.set_exception(error)
    return lambda future: future.set_result(result)
