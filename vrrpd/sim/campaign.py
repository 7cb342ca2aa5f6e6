"""Many seeds on all processors, and what became of them."""

import gc
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context

from vrrpd.sim.draw import draw
from vrrpd.sim.world import Outcome, World

CHUNK = 4
"""Seeds that a process takes at once: enough to be busy, few enough that all end together."""


@dataclass(frozen=True, slots=True)
class Played:
    """One seed and its outcome. `busy`: seconds of a processor that it took."""

    seed: int
    outcome: Outcome
    busy: float = field(default=0.0, compare=False)


@dataclass(slots=True)
class Tally:
    """`wanted` seeds. Instants in seconds of the clock `now`."""

    wanted: int
    now: Callable[[], float] = time.perf_counter
    done: int = 0
    virtual: float = 0.0
    busy: float = 0.0
    failed: list[Played] = field(default_factory=list)
    began: float = 0.0

    def __post_init__(self) -> None:
        """Begin."""
        self.began = self.now()

    def add(self, played: Played) -> None:
        """One more."""
        self.done += 1
        self.virtual += played.outcome.seconds
        self.busy += played.busy
        if played.outcome.wrong:
            self.failed.append(played)

    @property
    def first(self) -> Played | None:
        """The failure with the lowest seed."""
        return min(self.failed, key=lambda each: each.seed, default=None)

    @property
    def line(self) -> str:
        """For people, about as wide as a terminal."""
        took = max(self.now() - self.began, 1e-6)
        share = self.done / self.wanted if self.wanted else 1.0
        bar = "#" * round(20 * share) + "-" * (20 - round(20 * share))
        speed = f"{self.virtual / took:,.0f} x real time, {self.virtual / max(self.busy, 1e-6):,.0f} x processor time"
        rate = f"{self.done / took:.1f}/s, {self.virtual / 3600:.1f} virtual hours in {self.busy:.0f} s of work"
        return f"[{bar}] {self.done}/{self.wanted} seeds, {rate}, {speed}, {len(self.failed)} failed"


def collected_after(run: Callable[[], Outcome]) -> Outcome:
    """The collector waits: nothing of a run is garbage in cycles before its end, and looks cost a tenth."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return run()
    finally:
        if collects:
            gc.enable()


def play(seed: int) -> Played:
    """One seed."""
    began = time.process_time()
    outcome = collected_after(World(draw(seed)).run)
    return Played(seed, outcome, time.process_time() - began)


def processors() -> int:
    """That we may use."""
    return len(os.sched_getaffinity(0))


def campaign(seeds: Iterable[int], jobs: int) -> Iterator[Played]:
    """In the order in which they end."""
    if jobs == 1:
        yield from map(play, seeds)
        return
    with get_context("forkserver").Pool(jobs) as pool:
        yield from pool.imap_unordered(play, seeds, CHUNK)
