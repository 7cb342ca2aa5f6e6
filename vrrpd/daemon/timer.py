"""The one timer of the election. It also feeds systemd's watchdog: a fed watchdog proves that elections happen."""

import asyncio
from collections.abc import Callable

from vrrpd.engine.engine import Engine
from vrrpd.protocol.messages import Seconds

WATCHDOG_SHARE = 0.5
"""Of the watchdog's interval: how often it is fed at least, as sd_watchdog_enabled(3) advises."""
EARLY_SHARE = 0.5
"""Of that: a tick sooner than this after the last meal feeds nobody. There may be hundreds of ticks a second."""
STANDSTILL = 0.1
"""Seconds that a tick is late: we stood still, and what was said meanwhile is not read yet. A flood alone makes it some
milliseconds late, and must not be read to its end."""
STANDSTILLS_PAUSE = 0.5
"""Seconds between two standstills that count: a flood on a host without processor must not keep every tick waiting."""


class ElectionTimer:
    """Compares the deadline the engine wants with the one that is armed."""

    def __init__(
        self,
        engine: Engine,
        catch_up: Callable[[], None],
        feed: Callable[[], None],
        watchdog: Callable[[], Seconds | None],
    ) -> None:
        """`catch_up` tells the engine what came while we stood still, before its timers count.

        `feed` is called after a tick, when it is time; `watchdog` says its interval now, None: nobody waits.
        """
        self._loop = asyncio.get_running_loop()
        self._engine = engine
        self._catch_up = catch_up
        self._feed = feed
        self._watchdog = watchdog
        self._fed_at = self._caught_up_at = self._loop.time()
        self._handle: asyncio.TimerHandle | None = None

    def arm(self) -> None:
        """Call after everything that was told to the engine."""
        due = self._due()
        if self._handle is not None:
            if self._handle.when() == due and not self._handle.cancelled():
                return
            self._handle.cancel()
        self._handle = self._loop.call_at(due, self._fire) if due is not None else None

    def stop(self) -> None:
        """No more ticks."""
        if self._handle is not None:
            self._handle.cancel()

    def _pause(self) -> float | None:
        interval = self._watchdog()
        return interval * WATCHDOG_SHARE if interval else None

    def _due(self) -> float | None:
        instants: list[float | None] = [self._engine.deadline()]
        if (pause := self._pause()) is not None:
            instants.append(self._fed_at + pause)
        return min((each for each in instants if each is not None), default=None)

    def _fire(self) -> None:
        self._handle = None
        self._listen()
        now = self._loop.time()
        self._engine.tick(Seconds(now))
        if (pause := self._pause()) is not None and now - self._fed_at >= pause * EARLY_SHARE:
            self._fed_at = now
            self._feed()
        self.arm()

    def _listen(self) -> None:
        """After a standstill: whoever spoke in time was not silent, though nobody has read it."""
        now, due = self._loop.time(), self._engine.deadline()
        if due is not None and now - due >= STANDSTILL and now - self._caught_up_at >= STANDSTILLS_PAUSE:
            self._caught_up_at = now
            self._catch_up()
