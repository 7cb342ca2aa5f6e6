"""Runs the probes: one task each, at a fixed rate, within a time limit, never two runs of one probe at once.

It says how each run ended and leaves rise, fall and weights to the engine. Two things make it look sooner than at the
next tick: a probe that notices a change by itself, and a verdict that is about to change (`fast_interval`).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from vrrpd.config import model
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.probes.outcome import Bounded, Late, Probe, ProbeFailed, ProbeUnknown, Seen, Watching, Writing
from vrrpd.probes.registry import KINDS
from vrrpd.probes.steps import Trace
from vrrpd.protocol.messages import Seconds

Checked = Callable[[str, Result], bool]
"""Told after each run: name of the probe, how it ended. True: the verdict is about to change."""

MAX_DETAIL = 200
"""Characters of a detail: it goes into log lines and tables, and comes from a service or a script."""
MAX_OUTPUT = 2048
"""Characters of the end of a program's output."""
MAX_ALARMS, MAX_MEASURES = 16, 64
"""Of one run: they are kept, shown and scraped."""
WOKEN_GAP = 0.01
"""Seconds between two runs at least, however often the probe notices a change."""
WOKEN_LIMIT = 5
"""Runs between two ticks at most, for the same reason: a service that restarts in circles must not keep us busy."""
STANDSTILL = 0.1
"""Seconds that the end of a run's time is noticed too late: we stood still (a frozen process, a paused machine)."""
CLOSING = 0.2
"""Seconds for all probes together to close; what is not closed then is abandoned, the daemon is stopping."""


class GoneError(Exception):
    """The probe was ended or replaced before it could run."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that somebody asked for: its result, and its steps with the seconds since its start."""

    result: Result
    steps: tuple[tuple[float, str], ...] = ()


class Prober:
    """All probes of a configuration, running. To be used inside a running event loop."""

    def __init__(self, checked: Checked) -> None:
        """Nothing runs yet. If `checked` raises, the loop's exception handler is told and that probe ends."""
        self._checked = checked
        self._runners: dict[str, Runner] = {}
        self._retiring: set[asyncio.Task[None]] = set()

    def configure(self, probes: tuple[model.Probe, ...]) -> None:
        """Make it run these: new ones start, missing ones end, what differs is replaced, the rest goes on.

        rise, fall, weight and init_fail are not the prober's business: a change of them replaces nothing.
        """
        current = self._runners
        new = {
            each.name: Runner(each, self._checked, number / len(probes))
            for number, each in enumerate(probes)
            if not _goes_on(current, each)
        }
        self._runners = {each.name: new.get(each.name) or current[each.name] for each in probes}
        ended = [name for name in current if name in new or name not in self._runners]
        ending = {name: self._retire(current[name]) for name in ended}
        for name, runner in new.items():
            runner.start(after=ending.get(name))

    async def run_now(self, name: str) -> Ran:
        """Run this probe out of turn, as soon as a run that is going on is over; it is booked as any other.

        Raises KeyError if there is no such probe, `GoneError` if it goes before.
        """
        return await self._runners[name].run_now()

    async def close(self) -> None:
        """End all probes. Returns within about `CLOSING`, whatever they do."""
        self.configure(())
        if self._retiring:
            _, late = await asyncio.wait(self._retiring, timeout=CLOSING)
            for task in late:
                task.cancel()

    def _retire(self, runner: "Runner") -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(runner.stop())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)
        task.add_done_callback(partial(report_defect, "prober"))
        return task


def _goes_on(current: "dict[str, Runner]", wanted: model.Probe) -> bool:
    return wanted.name in current and current[wanted.name].key == _key(wanted)


def _key(probe: model.Probe) -> tuple[object, ...]:
    """What makes a probe another one for the prober."""
    return (probe.type, probe.options, probe.interval, probe.fast_interval, probe.effective_timeout)


class Runner:
    """One probe and its task."""

    def __init__(self, probe: model.Probe, checked: Checked, phase: float = 0.0) -> None:
        """Make the probe; nothing is opened and nothing runs before `start`.

        `phase`: the second run comes sooner by this share of the interval, so that not all probes run in one moment.
        """
        self._phase = phase
        self.key = _key(probe)
        self._name = probe.name
        self._interval = probe.interval
        self._fast_interval = probe.interval if probe.fast_interval is None else probe.fast_interval
        self._timeout = probe.effective_timeout
        self._probe: Probe = KINDS[probe.type].make(probe.options)
        if isinstance(self._probe, Bounded):
            self._probe.bound(self._timeout)
        self._checked = checked
        self._task: asyncio.Task[None]  # from `start` on
        self._check: asyncio.Task[Seen] | None = None
        self._turning = False
        self._woken = 0
        self._asking: list[asyncio.Future[Ran]] = []
        self._resting: asyncio.Timeout | None = None

    async def run_now(self) -> Ran:
        """See `Prober.run_now`. All who ask while one run goes on share the next."""
        asked: asyncio.Future[Ran] = asyncio.get_running_loop().create_future()
        self._asking.append(asked)
        if self._resting is not None:
            self._resting.reschedule(0.0)
        return await asked

    def start(self, after: asyncio.Task[None] | None) -> None:
        """Run at once, or when `after`, the end of the probe this one replaces, is done."""
        self._task = asyncio.get_running_loop().create_task(self._run(after))
        self._task.add_done_callback(partial(report_defect, "prober"))

    async def stop(self) -> None:
        """End the run that is going on and close the probe. Nothing is reported any more."""
        self._task.cancel()
        await asyncio.wait({self._task})
        asking, self._asking = self._asking, []
        _answer(asking, GoneError(f"probe {self._name} was ended or replaced"))
        if self._check is not None:
            self._check.cancel()
            await asyncio.wait({self._check}, timeout=CLOSING / 4)
        await self._probe.close()

    async def _run(self, after: asyncio.Task[None] | None) -> None:
        if after is not None:
            await asyncio.wait({after})
        loop = asyncio.get_running_loop()
        tick = loop.time() - self._phase * self._interval
        while True:
            began = loop.time()
            if self._check is None or self._check.done():
                await self._one_run()
            else:
                late = Result(Outcome.TIMEOUT, Seconds(0.0), "the run before has not ended yet")
                asking, self._asking = self._asking, []
                self._book(late)
                _answer(asking, Ran(late))
            if tick <= loop.time():
                tick = next_tick(tick, self._interval, loop.time())
            soon = next_tick(began, self._fast_interval, loop.time()) if self._turning else tick
            await self._rest(min(tick, soon))

    async def _rest(self, tick: float) -> None:
        """Until the tick, until the probe notices a change, or until somebody asks.

        A run that is still going on is left alone.
        """
        loop = asyncio.get_running_loop()
        idle = self._check is None or self._check.done()
        if isinstance(self._probe, Watching) and idle and self._woken < WOKEN_LIMIT:
            await asyncio.sleep(min(WOKEN_GAP, tick - loop.time()))
            if await self._returns(self._probe.changed(), tick):
                self._woken += 1
                return
            if self._asking:
                return
        self._woken = 0
        await self._returns(loop.create_future(), tick)

    async def _returns(self, change: Awaitable[None], tick: float) -> bool:
        """Wait for it until the tick, or until somebody asks. True: it came."""
        try:
            async with asyncio.timeout_at(0.0 if self._asking else tick) as self._resting:
                await change
        except TimeoutError:
            return False
        finally:
            self._resting = None
        return True

    async def _one_run(self) -> None:
        """Book the end of a run, or of its time: what is late is cancelled and not waited for."""
        loop = asyncio.get_running_loop()
        asking, self._asking = self._asking, []
        trace, started = Trace(), loop.time()
        context = trace.context() if asking else None
        self._check = check = loop.create_task(self._probe.check(), context=context)
        check.add_done_callback(_taken)
        try:
            await asyncio.wait({check}, timeout=self._timeout)
            if not check.done() and loop.time() - started > self._timeout + STANDSTILL:
                await asyncio.wait({check}, timeout=self._timeout)  # the answer may have come while nobody read it
        except asyncio.CancelledError:
            self._asking += asking
            raise
        took = Seconds(loop.time() - started)
        if check.done():
            result = ended(check, took)
        else:
            check.cancel()
            result = self._too_late(took)
        self._book(result)
        _answer(asking, Ran(result, tuple((each.at - started, one_line(each.text)) for each in trace.steps)))

    def _too_late(self, took: Seconds) -> Result:
        """With what a program has written so far, or a probe has found, which may say what it waits for."""
        written = self._probe.written()[-MAX_OUTPUT:] if isinstance(self._probe, Writing) else ""
        found = self._probe.late() if isinstance(self._probe, Late) else written.rstrip().rpartition("\n")[2]
        said = one_line(found)
        detail = f"no answer within {self._timeout:g} s" + (f": {said}" if said else "")
        return Result(Outcome.TIMEOUT, took, one_line(detail), output=written)

    def _book(self, result: Result) -> None:
        self._turning = self._checked(self._name, result)


def _answer(asking: list[asyncio.Future[Ran]], answer: Ran | GoneError) -> None:
    """Those who still wait."""
    for each in asking:
        if each.done():
            continue
        if isinstance(answer, Ran):
            each.set_result(answer)
        else:
            each.set_exception(answer)


def ended(check: asyncio.Task[Seen], took: Seconds) -> Result:
    """How a run that is done ended, everything in it bounded."""
    if check.cancelled():
        return Result(Outcome.ERROR, took, "the check cancelled itself")
    match check.exception():
        case None:
            return _well(check.result(), took)
        case ProbeFailed() as failed:
            return _failed(failed, took)
        case ProbeUnknown() as unknown:
            return Result(Outcome.UNKNOWN, took, one_line(str(unknown)), output=unknown.output[-MAX_OUTPUT:])
        case error:
            return Result(Outcome.ERROR, took, one_line(f"{type(error).__name__}: {error}"))


def _well(seen: Seen, took: Seconds) -> Result:
    alarms = tuple(map(one_line, seen.alarms[:MAX_ALARMS]))
    measures = seen.measures[:MAX_MEASURES]
    return Result(Outcome.OK, took, one_line(seen.detail), value=seen.value, alarms=alarms, measures=measures)


def _failed(failed: ProbeFailed, took: Seconds) -> Result:
    return Result(
        Outcome.FAIL,
        took,
        one_line(str(failed)),
        certain=failed.certain,
        alarms=tuple(map(one_line, failed.alarms[:MAX_ALARMS])),
        measures=failed.measures[:MAX_MEASURES],
        output=failed.output[-MAX_OUTPUT:],
    )


def next_tick(last: float, interval: float, now: float) -> float:
    """The first tick after `now`, counted from `last`: those missed meanwhile are skipped."""
    missed = max(0, int((now - last) // interval))
    tick = last + (missed + 1) * interval
    return tick if tick > now else tick + interval


def one_line(text: str) -> str:
    """At most `MAX_DETAIL` characters, without line ends and terminal controls."""
    plain = " ".join("".join(each if each.isprintable() else " " for each in text[: 4 * MAX_DETAIL]).split())
    return plain if len(plain) <= MAX_DETAIL else plain[: MAX_DETAIL - 1] + "…"


def _taken(check: asyncio.Task[Seen]) -> None:
    """A run that ends late has been booked before; what it raises is nobody's any more."""
    if not check.cancelled():
        check.exception()


def report_defect(who: str, task: asyncio.Task[Any]) -> None:
    """A defect of ours must not die with its task; the daemon's exception handler decides what to do."""
    if not task.cancelled() and (error := task.exception()) is not None:
        context = {"message": f"{who} failed", "exception": error, "task": task}
        asyncio.get_running_loop().call_exception_handler(context)
