"""The one timer: it follows the engine's deadline and feeds the watchdog. Under tests/virtual_time.py."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

from tests.virtual_time import VirtualTimeLoop, run_virtual
from vrrpd.daemon.timer import ElectionTimer
from vrrpd.engine.engine import Engine
from vrrpd.protocol.messages import Seconds


@dataclass
class Due:
    """Stands in for the engine: due at these instants, in order.

    `ticks` are when it was called, `caught_up` when it was told what had come during a standstill.
    """

    instants: list[float] = field(default_factory=list)
    ticks: list[float] = field(default_factory=list)
    caught_up: list[float] = field(default_factory=list)
    breaks: bool = False

    def deadline(self) -> Seconds | None:
        return Seconds(self.instants[0]) if self.instants else None

    def tick(self, now: Seconds) -> None:
        if self.breaks:
            raise ValueError("a defect in the engine")
        self.ticks.append(round(now, 3))
        self.instants = [each for each in self.instants if each > now]


@dataclass
class Scene:
    due: Due
    timer: ElectionTimer
    start: float
    meals: list[float]
    watchdog: list[Seconds | None]


def play(act: Callable[[Scene], Awaitable[None]], *offsets: float, watchdog: float | None = None) -> None:
    """`offsets`: when the engine is due, in seconds from now."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        due, meals = Due([start + each for each in offsets]), list[float]()
        interval = [None if watchdog is None else Seconds(watchdog)]
        timer = ElectionTimer(
            cast(Engine, due),
            lambda: due.caught_up.append(round(loop.time() - start, 3)),
            lambda: meals.append(round(loop.time() - start, 3)),
            lambda: interval[0],
        )
        timer.arm()
        await act(Scene(due, timer, start, meals, interval))

    run_virtual(main())


def test_ticks_at_each_deadline() -> None:
    async def act(scene: Scene) -> None:
        await asyncio.sleep(5.0)
        assert [round(each - scene.start, 3) for each in scene.due.ticks] == [1.0, 1.5, 4.0]

    play(act, 1.0, 1.5, 4.0)


def test_an_earlier_deadline_is_followed_when_armed_anew() -> None:
    async def act(scene: Scene) -> None:
        scene.due.instants.insert(0, scene.start + 0.5)
        scene.timer.arm()
        await asyncio.sleep(1.0)
        assert [round(each - scene.start, 3) for each in scene.due.ticks] == [0.5]

    play(act, 3.0)


def test_a_later_deadline_replaces_the_armed_one() -> None:
    async def act(scene: Scene) -> None:
        scene.due.instants[:] = [scene.start + 3.0]
        scene.timer.arm()
        await asyncio.sleep(2.0)
        assert scene.due.ticks == []

    play(act, 1.0)


def test_nothing_due_is_no_timer() -> None:
    async def act(scene: Scene) -> None:
        await asyncio.sleep(100.0)
        assert (scene.due.ticks, scene.meals) == ([], [])

    play(act)


def test_stopped() -> None:
    async def act(scene: Scene) -> None:
        scene.timer.stop()
        await asyncio.sleep(5.0)
        assert scene.due.ticks == []

    play(act, 1.0)


def caught_up(*jumps: float) -> list[float]:
    """When it caught up, with a tick due every 0.2 s and a process that stands still for these times, 0.1 s apart."""
    found: list[float] = []

    async def act(scene: Scene) -> None:
        for each in jumps:
            await asyncio.sleep(0.1)
            cast(VirtualTimeLoop, asyncio.get_running_loop()).jump(each)
        await asyncio.sleep(1.0)
        found.extend(scene.due.caught_up)

    play(act, *(0.2 * each for each in range(1, 40)))
    return found


def test_after_a_standstill_what_came_is_read_before_the_tick() -> None:
    """Late by 2.0 s: advertisements that came in time stand in the buffer."""
    assert caught_up(2.1) == [2.2]


def test_a_tick_that_is_a_little_late_reads_nothing() -> None:
    """A flood makes it late by milliseconds, and reading it to its end would make it later."""
    assert caught_up(0.05, 0.05) == []


def test_standstills_that_follow_each_other_count_once() -> None:
    """Or a flood on a host without processor would keep every tick waiting."""
    assert caught_up(0.4, 0.3) == [0.5]
    assert caught_up(0.4, 0.5) == [0.5, 1.1]


def test_the_watchdog_is_fed_at_half_its_interval_with_nothing_due() -> None:
    """An instance in fault has no deadline, and is no hang."""

    async def act(scene: Scene) -> None:
        await asyncio.sleep(3.5)
        assert scene.meals == [1.0, 2.0, 3.0]

    play(act, watchdog=2.0)


def test_a_watchdog_that_waits_less_is_fed_sooner() -> None:
    """After a reload, which arms the timer: a meal in ten seconds would come too late."""

    async def act(scene: Scene) -> None:
        scene.watchdog[0] = Seconds(1.5)
        scene.timer.arm()
        await asyncio.sleep(2.0)
        assert scene.meals == [0.75, 1.5]

    play(act, watchdog=20.0)


def test_the_watchdog_is_fed_by_the_election_itself() -> None:
    async def act(scene: Scene) -> None:
        await asyncio.sleep(2.0)
        assert scene.meals == [0.75, 1.5]

    play(act, 0.75, 1.5, watchdog=2.0)


def test_hundreds_of_ticks_are_not_a_meal_each() -> None:
    async def act(scene: Scene) -> None:
        await asyncio.sleep(2.0)
        assert scene.meals == [0.5, 1.0, 1.5, 2.0]

    play(act, *(0.1 * count for count in range(1, 21)), watchdog=2.0)


def test_an_election_that_breaks_starves_the_watchdog() -> None:
    """Nothing else may feed it, or it would prove nothing."""

    async def act(scene: Scene) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: None)
        scene.due.breaks = True
        await asyncio.sleep(10.0)
        assert scene.meals == []

    play(act, 0.5, watchdog=2.0)
