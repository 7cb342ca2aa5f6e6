"""The event loop of the daemon: its clock, and where what blocks is done."""

import asyncio
import selectors
import time
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import TypeVar, TypeVarTuple

from vrrpd.linux.lookups import Found, Lookups, Question
from vrrpd.threads import Threads

T = TypeVar("T")
A = TypeVarTuple("A")

ASIDE_LIMIT = 64
"""Threads at once for starts of programs, files of the operator's and the like; a busy daemon has two or three."""


class ThawedSelector(selectors.EpollSelector):
    """Finds what came while the process stood still.

    SIGCONT interrupts epoll_wait(2), and if the time is over by then Python looks no more: as if nothing had come.
    Timers would be next, and a Master would advertise before it hears that another one is there.
    """

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As there, but nothing is nothing only if it is so now."""
        found = super().select(timeout)
        return found if found or timeout == 0 else super().select(0)


class BootTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock goes on while the machine sleeps (clock_gettime(2) CLOCK_BOOTTIME).

    A host that was suspended for longer than Master_Down_Interval must find that out as it wakes.

    What blocks gets a thread of its own instead of a place in a queue, and nobody waits for that thread at the end.
    Lookups of names have others: a resolver that hangs takes none away.
    """

    def __init__(self) -> None:
        """No thread yet."""
        super().__init__(ThawedSelector())
        self._threads = Threads("aside", ASIDE_LIMIT)
        self._lookups = Lookups()

    def time(self) -> float:
        """Seconds since boot."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def run_in_executor(self, executor: Executor | None, func: Callable[[*A], T], *args: *A) -> asyncio.Future[T]:
        """As asyncio's (`asyncio.to_thread` comes here); raises `HangingError` over `ASIDE_LIMIT`."""
        if executor is not None:
            return super().run_in_executor(executor, func, *args)
        return self._threads.start(self, partial(func, *args))

    async def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002 - asyncio's own name
        proto: int = 0,
        flags: int = 0,
    ) -> Found:
        """As asyncio's, which every connection to a name asks."""
        return await self._lookups.ask(Question(host, port, family, type, proto, flags))
