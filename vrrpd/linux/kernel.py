"""Netlink in a thread of its own: neither a kernel that is busy nor a long answer holds the election up.

The kernel carries a change out while we send it, under a lock of all networking (RTNL) that a driver may hold for long,
and to read a thousand addresses takes some ten milliseconds. One thread, so order is kept.
"""

import asyncio
import contextlib
import errno
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from vrrpd.config.model import VirtualAddress
from vrrpd.linux import macvlan
from vrrpd.linux.netlink import ANSWER_TIMEOUT, Lifetime, Netlink, Snapshot
from vrrpd.linux.news import Event, watch
from vrrpd.linux.request import Request
from vrrpd.protocol.messages import Address

T = TypeVar("T")

PATIENCE = ANSWER_TIMEOUT + 0.5
"""Seconds to wait for the thread. It has a limit itself, which does not count while it is inside the kernel."""
EVENTS_LIMIT = 1000
"""Events that wait until our loop takes them. With more there is nothing to gain: everything is looked at anew."""


class Kernel:
    """As `Netlink`, from any event loop. Whoever opens it closes it."""

    def __init__(self) -> None:
        """Nothing is opened yet."""
        self._netlink = Netlink()
        self._life: _Life | None = None

    @property
    def busy(self) -> float:
        """Seconds of the processor that the last snapshot took."""
        return self._netlink.busy

    async def open(self) -> None:
        """Raises OSError."""
        self._life = _Life()
        await self._life.begin()
        try:
            await self._aside(self._netlink.open)
        except OSError:
            await self.close()
            raise

    async def close(self) -> None:
        """End the thread, and with it everything that goes on there."""
        with contextlib.suppress(OSError):
            await self._aside(self._netlink.close)
        life, self._life = self._life, None
        if life is not None:
            await life.end()

    async def snapshot(self) -> Snapshot:
        """See `Netlink`."""
        return await self._aside(self._netlink.snapshot)

    async def add(self, index: int, address: VirtualAddress, lifetime: int | None = None) -> None:
        """See `Netlink`."""
        await self._aside(lambda: self._netlink.add(index, address, lifetime))

    async def renew(self, lifetimes: Sequence[Lifetime]) -> list[int]:
        """See `Netlink`."""
        return await self._aside(lambda: self._netlink.renew(lifetimes))

    async def remove(self, index: int, address: Address, prefix_length: int) -> None:
        """See `Netlink`."""
        await self._aside(lambda: self._netlink.remove(index, address, prefix_length))

    async def remove_many(self, places: Sequence[tuple[int, Address, int]]) -> list[int]:
        """See `Netlink`."""
        return await self._aside(lambda: self._netlink.remove_many(places))

    async def ask(self, requests: Sequence[Request]) -> list[int]:
        """See `Netlink`."""
        return await self._aside(lambda: self._netlink.ask(requests)) if requests else []

    async def devices(self) -> dict[str, macvlan.Device]:
        """See `macvlan`."""
        return await self.call(lambda: macvlan.devices(ANSWER_TIMEOUT))

    async def call(self, blocking: Callable[[], T]) -> T:
        """Anything else that the kernel may take its time for. Raises what it raises."""

        async def called() -> T:
            return blocking()

        return await self._aside(called)

    async def watch(
        self, on_ready: Callable[[], None], on_event: Callable[[Event], None], on_overrun: Callable[[], None]
    ) -> None:
        """See `news.watch`. The callbacks are called from our loop."""
        here = asyncio.get_running_loop()
        inbox = Inbox(here, on_event, on_overrun)

        def tell(callback: Callable[[], None]) -> None:
            here.call_soon_threadsafe(callback)

        async def watching() -> None:
            await watch(partial(tell, on_ready), inbox.put, partial(tell, on_overrun), self._netlink.port)

        await self._start(watching)

    async def _aside(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._start(call)
        except TimeoutError as error:
            raise OSError(errno.ETIMEDOUT, "no answer from netlink") from error

    async def _start(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        if self._life is None:
            raise OSError(errno.ENOTCONN, "netlink is not open")
        given_up = False

        async def unless_given_up() -> T:
            if given_up:
                raise asyncio.CancelledError  # while it stood in the queue; it may be wrong by now
            return await call()

        try:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(unless_given_up(), self._life.loop))
        finally:
            given_up = True


class Inbox:
    """Hands events from the thread to our loop, which is woken up once for many."""

    def __init__(
        self, here: asyncio.AbstractEventLoop, on_event: Callable[[Event], None], on_overrun: Callable[[], None]
    ) -> None:
        """`here`: our loop, from which the callbacks are called."""
        self._here = here
        self._on_event = on_event
        self._on_overrun = on_overrun
        self._waiting: deque[Event] = deque()
        self._is_told = False

    def put(self, event: Event) -> None:
        """From the thread. What is over the limit is an overrun."""
        if len(self._waiting) <= EVENTS_LIMIT:
            self._waiting.append(event)
        if not self._is_told:
            self._is_told = True
            self._here.call_soon_threadsafe(self._take)

    def _take(self) -> None:
        self._is_told = False  # first: what is put from now on wakes us again
        if len(self._waiting) > EVENTS_LIMIT:
            self._waiting.clear()
            self._on_overrun()
        while self._waiting:
            self._on_event(self._waiting.popleft())


class _Life:
    """The thread and its event loop."""

    def __init__(self) -> None:
        self._begun: Future[asyncio.AbstractEventLoop] = Future()
        # a daemon: one that is stuck in the kernel must not keep the process from ending
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), name="netlink", daemon=True)

    async def begin(self) -> None:
        self._thread.start()
        self.loop = await asyncio.wrap_future(self._begun)

    async def end(self) -> None:
        self.loop.call_soon_threadsafe(self._over.set)
        with contextlib.suppress(OSError):  # too much hangs already for a thread more
            await asyncio.to_thread(self._thread.join, PATIENCE)

    async def _live(self) -> None:
        self._over = asyncio.Event()
        self._begun.set_result(asyncio.get_running_loop())
        await self._over.wait()
