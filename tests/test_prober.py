"""The prober under virtual time: when it asks, what it books, what it keeps over a reload, how it ends."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from tests.virtual_time import VirtualTimeLoop, run_virtual
from vrrpd.config import model
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.prober import (
    CLOSING,
    MAX_ALARMS,
    MAX_DETAIL,
    MAX_OUTPUT,
    WOKEN_GAP,
    WOKEN_LIMIT,
    GoneError,
    Prober,
    Ran,
    next_tick,
    one_line,
)
from vrrpd.probes.outcome import Gauge, Measure, ProbeFailed, ProbeUnknown, Seen
from vrrpd.probes.registry import KINDS, Kind
from vrrpd.probes.steps import step
from vrrpd.protocol.messages import Seconds

Act = Callable[[], Awaitable[str | Seen]]


@dataclass
class Fake:
    """A probe of type "fake": what it does is its options; what happened to it can be asked."""

    act: Act
    asked_at: list[float] = field(default_factory=list)
    closed: int = 0
    running: int = 0

    async def check(self) -> Seen:
        """Do it, and notice if somebody asks twice at a time."""
        assert self.running == 0
        self.running += 1
        self.asked_at.append(asyncio.get_running_loop().time() - 1000)
        try:
            seen = await self.act()
            return seen if isinstance(seen, Seen) else Seen(detail=seen)
        finally:
            self.running -= 1

    async def close(self) -> None:
        """Count."""
        self.closed += 1


@dataclass(frozen=True)
class Booked:
    """One call of `checked`; `at` in seconds since the start of the test."""

    at: float
    probe: str
    outcome: Outcome
    took: float
    detail: str


class Bench:
    """A prober with fake probes and what it booked."""

    def __init__(self) -> None:
        self.made: list[Fake] = []
        self.booked: list[Booked] = []
        self.results: list[Result] = []
        self.turning = False
        self.prober = Prober(self._checked)

    def make(self, act: Act) -> Fake:
        """As a kind's `make`."""
        self.made.append(Fake(act))
        return self.made[-1]

    def _checked(self, probe: str, result: Result) -> bool:
        now = asyncio.get_running_loop().time() - 1000
        self.booked.append(Booked(round(now, 6), probe, result.outcome, round(result.duration, 6), result.detail))
        self.results.append(result)
        return self.turning

    def outcomes(self) -> list[tuple[float, Outcome]]:
        """When and how."""
        return [(each.at, each.outcome) for each in self.booked]


bench_of_test: list[Bench] = []


def make_fake(act: Act) -> Fake:
    return bench_of_test[-1].make(act)


@pytest.fixture(autouse=True)
def fake_kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Register the type "fake"; `Bench` instances make its probes."""
    fake = Kind(object, make_fake)
    monkeypatch.setitem(cast(dict[str, Kind], KINDS), "fake", fake)
    yield
    bench_of_test.clear()


def bench() -> Bench:
    """Make the one bench of a test; needs a running loop only when it is used."""
    bench_of_test.append(Bench())
    return bench_of_test[-1]


def probe(act: Act, name: str = "p", interval: float = 1.0, timeout: float | None = None) -> model.Probe:
    """One configured probe of type "fake"."""
    limit = None if timeout is None else Seconds(timeout)
    return model.Probe(name=name, type="fake", interval=Seconds(interval), timeout=limit, options=act)


async def well() -> str:
    """Answer at once."""
    return "fine"


def taking(seconds: float) -> Act:
    """Answer after this time."""

    async def act() -> str:
        await asyncio.sleep(seconds)
        return "slow but fine"

    return act


def raising(error: BaseException) -> Act:
    """Fail at once."""

    async def act() -> str:
        raise error

    return act


async def stubborn() -> str:
    """Need 2.5 s to end after being cancelled."""
    try:
        await asyncio.sleep(1000)
    except asyncio.CancelledError:
        await asyncio.sleep(2.5)
        raise
    return "never"


def booked_of(*probes: model.Probe, seconds: float) -> Bench:
    """Run these probes for a while."""

    async def main() -> Bench:
        its = bench()
        its.prober.configure(probes)
        await asyncio.sleep(seconds)
        await its.prober.close()
        return its

    return run_virtual(main())


def test_first_run_at_once_then_fixed_rate() -> None:
    its = booked_of(probe(well), seconds=2.5)
    assert its.booked == [Booked(float(at), "p", Outcome.OK, 0.0, "fine") for at in (0, 1, 2)]


def test_what_a_program_had_written_is_told_with_its_time_out() -> None:
    """It may say what it waits for; the whole of it is bounded."""

    @dataclass
    class Talking(Fake):
        def written(self) -> str:
            return "x" * MAX_OUTPUT + "\nconnecting\n"

    async def main() -> Bench:
        its = bench()
        cast(dict[str, Kind], KINDS)["fake"] = Kind(object, Talking)
        its.prober.configure((probe(taking(1000), timeout=0.5),))
        await asyncio.sleep(0.6)
        await its.prober.close()
        return its

    [result] = run_virtual(main()).results
    assert (result.outcome, result.detail) == (Outcome.TIMEOUT, "no answer within 0.5 s: connecting")
    assert len(result.output) == MAX_OUTPUT
    assert result.output.endswith("x\nconnecting\n")


def test_what_a_late_check_has_found_is_told_with_its_time_out() -> None:
    """A probe that knows better than "no answer" says it."""

    @dataclass
    class Knowing(Fake):
        def late(self) -> str:
            return "frozen?\tsays nothing"

    async def main() -> Bench:
        its = bench()
        cast(dict[str, Kind], KINDS)["fake"] = Kind(object, Knowing)
        its.prober.configure((probe(taking(1000), timeout=0.5),))
        await asyncio.sleep(0.6)
        await its.prober.close()
        return its

    [result] = run_virtual(main()).results
    assert (result.outcome, result.detail) == (Outcome.TIMEOUT, "no answer within 0.5 s: frozen? says nothing")


def test_rate_is_counted_from_start_to_start() -> None:
    its = booked_of(probe(taking(0.4)), seconds=2.9)
    assert its.made[0].asked_at == [0, 1, 2]
    assert [(each.at, each.took) for each in its.booked] == [(0.4, 0.4), (1.4, 0.4), (2.4, 0.4)]


def test_ticks_during_a_run_are_skipped() -> None:
    its = booked_of(probe(taking(2.5), timeout=5), seconds=6.5)
    assert its.made[0].asked_at == [0, 3, 6]
    assert its.outcomes() == [(2.5, Outcome.OK), (5.5, Outcome.OK)]


def test_run_longer_than_its_timeout_is_booked_at_the_timeout() -> None:
    its = booked_of(probe(taking(9), timeout=0.5), seconds=1.6)
    first = Booked(0.5, "p", Outcome.TIMEOUT, 0.5, "no answer within 0.5 s")
    assert its.booked == [first, Booked(1.5, "p", Outcome.TIMEOUT, 0.5, "no answer within 0.5 s")]


def test_timeout_is_the_interval_by_default() -> None:
    its = booked_of(probe(taking(9), interval=2), seconds=3)
    assert its.outcomes() == [(2, Outcome.TIMEOUT)]


def test_late_cleanup_delays_no_verdict_and_every_tick_in_it_fails() -> None:
    its = booked_of(probe(stubborn, timeout=0.5), seconds=4.2)
    assert its.made[0].asked_at == [0, 3]
    assert its.outcomes() == [
        (0.5, Outcome.TIMEOUT),
        (1, Outcome.TIMEOUT),
        (2, Outcome.TIMEOUT),
        (3.5, Outcome.TIMEOUT),
        (4, Outcome.TIMEOUT),
    ]
    assert its.booked[1].detail == "the run before has not ended yet"


@pytest.mark.parametrize(
    ("error", "outcome", "detail"),
    [
        (ProbeFailed("backend rabbit: 0 of 3"), Outcome.FAIL, "backend rabbit: 0 of 3"),
        (ProbeFailed(""), Outcome.FAIL, ""),
        (ProbeUnknown("cannot run it"), Outcome.UNKNOWN, "cannot run it"),
        (ValueError("a\n  b"), Outcome.ERROR, "ValueError: a b"),
        (OSError(24, "Too many open files"), Outcome.ERROR, "OSError: [Errno 24] Too many open files"),
        (TimeoutError(), Outcome.ERROR, "TimeoutError:"),
        (asyncio.CancelledError(), Outcome.ERROR, "the check cancelled itself"),
    ],
)
def test_end_of_a_run_is_an_outcome_and_the_task_goes_on(error: BaseException, outcome: Outcome, detail: str) -> None:
    its = booked_of(probe(raising(error)), seconds=1.5)
    assert [(each.at, each.outcome, each.detail) for each in its.booked] == [
        (0, outcome, detail),
        (1, outcome, detail),
    ]


def test_many_probes_do_not_wait_for_each_other() -> None:
    its = booked_of(probe(taking(0.9), "slow"), probe(well, "quick"), seconds=1.4)
    assert [(each.at, each.probe) for each in its.booked] == [(0, "quick"), (0.5, "quick"), (0.9, "slow")]


def test_a_stopped_process_makes_no_burst_of_runs() -> None:
    async def main() -> list[float]:
        its = bench()
        its.prober.configure((probe(well),))
        await asyncio.sleep(0.5)
        cast(VirtualTimeLoop, asyncio.get_running_loop()).jump(10.2)
        await asyncio.sleep(1)
        await its.prober.close()
        return [round(at, 6) for at in its.made[0].asked_at]

    assert run_virtual(main()) == [0, 10.7, 11]


@pytest.mark.parametrize("answers", [True, False])
def test_a_run_in_which_the_process_stood_still_has_its_time_again(answers: bool) -> None:
    """Its answer came meanwhile, and takes some turns of the loop to be read: that is no failure of the service."""

    async def paused() -> str:
        cast(VirtualTimeLoop, asyncio.get_running_loop()).jump(3.0)
        for _ in range(5):
            await asyncio.sleep(0)
        if not answers:
            await asyncio.Event().wait()
        return "well"

    its = booked_of(probe(paused, interval=10.0, timeout=0.5), seconds=5.0)
    expected = (3.0, Outcome.OK) if answers else (3.5, Outcome.TIMEOUT)
    assert its.outcomes() == [expected]


def test_reload_keeps_what_is_equal_and_replaces_what_differs() -> None:
    async def main() -> Bench:
        its = bench()
        act = taking(0)
        its.prober.configure((probe(well, "same"), probe(act, "faster"), probe(act, "gone")))
        await asyncio.sleep(1.5)
        its.prober.configure((probe(well, "same"), probe(act, "faster", interval=0.7), probe(act, "new")))
        await asyncio.sleep(1.1)
        await its.prober.close()
        return its

    same, faster, gone, faster_now, new = run_virtual(main()).made
    assert same.asked_at == [0, 1, 2]
    assert faster.asked_at == pytest.approx([0, 2 / 3])
    assert gone.asked_at == pytest.approx([0, 1 / 3, 4 / 3])
    assert (faster.closed, gone.closed) == (1, 1)
    assert faster_now.asked_at == pytest.approx([1.5, 1.5 + 0.7 * 2 / 3])
    assert new.asked_at == pytest.approx([1.5, 1.5 + 1 / 3])


def test_reload_of_rise_fall_and_weight_replaces_nothing() -> None:
    async def main() -> Bench:
        its = bench()
        its.prober.configure((probe(well),))
        await asyncio.sleep(0.5)
        its.prober.configure((replace(probe(well), weight=-20, rise=3, fall=3, init_fail=True),))
        await asyncio.sleep(1)
        return its

    its = run_virtual(main())
    assert (its.made[0].asked_at, its.made[0].closed) == ([0, 1], 0)


def test_replacement_starts_when_the_old_one_has_ended() -> None:
    async def main() -> Bench:
        its = bench()
        its.prober.configure((probe(taking(0.9)),))
        await asyncio.sleep(0.5)
        its.prober.configure((probe(stubborn, interval=2),))
        await asyncio.sleep(0.5)
        its.prober.configure((probe(well),))
        await asyncio.sleep(0.3)
        await its.prober.close()
        return its

    first, second, third = run_virtual(main()).made
    assert (first.asked_at, second.asked_at) == ([0], [0.5])
    assert third.asked_at == pytest.approx([1 + CLOSING / 4])


def test_nothing_is_booked_after_a_probe_is_gone() -> None:
    async def main() -> Bench:
        its = bench()
        its.prober.configure((probe(taking(0.6)),))
        await asyncio.sleep(0.5)
        its.prober.configure(())
        await asyncio.sleep(2)
        return its

    its = run_virtual(main())
    assert its.booked == []
    assert (its.made[0].running, its.made[0].closed) == (0, 1)


def test_close_is_bounded() -> None:
    async def forever() -> str:
        while True:
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                if asyncio.get_running_loop().time() > 1010:
                    raise

    async def main() -> float:
        its = bench()
        its.prober.configure((probe(forever), probe(stubborn, "q")))
        await asyncio.sleep(0.5)
        its.made[0].close = lambda: asyncio.sleep(7)  # type: ignore[method-assign]
        loop = cast(VirtualTimeLoop, asyncio.get_running_loop())
        before = loop.time()
        await its.prober.close()
        took = loop.time() - before
        loop.jump(100)
        return took

    assert run_virtual(main()) == pytest.approx(CLOSING)


def test_replacement_that_never_came_to_run_is_closed() -> None:
    async def main() -> Bench:
        its = bench()
        its.prober.configure((probe(stubborn),))
        await asyncio.sleep(0.5)
        its.prober.configure((probe(well),))
        await asyncio.sleep(0)
        await its.prober.close()
        return its

    _, replacement = run_virtual(main()).made
    assert (replacement.asked_at, replacement.closed) == ([], 1)


def test_close_without_probes() -> None:
    assert booked_of(seconds=0).booked == []


def test_a_defect_of_the_listener_reaches_the_exception_handler() -> None:
    async def main() -> list[BaseException]:
        seen: list[BaseException] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: seen.append(context["exception"]))
        bench()

        def broken(*_: object) -> bool:
            raise ZeroDivisionError

        prober = Prober(broken)
        prober.configure((probe(well),))
        await asyncio.sleep(3)
        await prober.close()
        return seen

    assert [type(error) for error in run_virtual(main())] == [ZeroDivisionError]


@pytest.mark.parametrize(
    ("last", "interval", "now", "tick"),
    [
        (10, 1, 10, 11),
        (10, 1, 10.999, 11),
        (10, 1, 11, 12),
        (10, 1, 13.5, 14),
        (10, 0.1, 10.1, 10.2),
        (10, 1, 9.5, 11),
    ],
)
def test_next_tick(last: float, interval: float, now: float, tick: float) -> None:
    assert next_tick(last, interval, now) == pytest.approx(tick)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain", "plain"),
        (" two\nlines\r\n", "two lines"),
        ("red \x1b[31malarm\x07", "red [31malarm"),
        ("é\u2028ß", "é ß"),
        ("x" * MAX_DETAIL, "x" * MAX_DETAIL),
        ("x" * (MAX_DETAIL + 1), "x" * (MAX_DETAIL - 1) + "…"),
        ("", ""),
    ],
)
def test_one_line(text: str, line: str) -> None:
    assert one_line(text) == line


def test_what_a_run_saw_is_passed_on_within_bounds() -> None:
    """Alarms, measures and the value of a good run; certainty and output of a failed one, output of an unknown one."""
    gauge = Gauge("fake_level", "Level.")
    endings: list[Exception | Seen] = [
        Seen(detail="fine", alarms=("low\nfuel",) * 99, measures=(Measure(gauge, 2.0),), value=-7),
        ProbeFailed("gone", certain=True, output="x" * 9999),
        ProbeUnknown("not run", output="x" * 9999),
    ]

    async def act() -> Seen:
        match endings.pop(0):
            case Seen() as seen:
                return seen
            case error:
                raise error

    async def main() -> Bench:
        its = bench()
        its.prober.configure((probe(act),))
        await asyncio.sleep(2.5)
        await its.prober.close()
        return its

    well, failed, unknown = run_virtual(main()).results
    assert (well.alarms, well.measures, well.value) == (("low fuel",) * MAX_ALARMS, (Measure(gauge, 2.0),), -7)
    assert (failed.certain, len(failed.output)) == (True, MAX_OUTPUT)
    assert (unknown.outcome, len(unknown.output)) == (Outcome.UNKNOWN, MAX_OUTPUT)


def test_fast_interval_while_the_verdict_is_about_to_change() -> None:
    async def main() -> list[float]:
        its = bench()
        its.prober.configure((replace(probe(well), fast_interval=Seconds(0.1)),))
        await asyncio.sleep(1.5)
        its.turning = True
        await asyncio.sleep(0.75)
        its.turning = False
        await asyncio.sleep(1)
        await its.prober.close()
        return [each.at for each in its.booked]

    assert run_virtual(main()) == [0, 1, 2, 2.1, 2.2, 2.3, 3]


@dataclass
class Watcher(Fake):
    """A probe that notices changes."""

    change: asyncio.Event = field(default_factory=asyncio.Event)

    async def changed(self) -> None:
        """As soon as the test says so."""
        await self.change.wait()


def watched(its: Bench) -> Watcher:
    """Make the next probe one that notices."""
    watcher = Watcher(well)
    its.make = lambda _act: watcher  # type: ignore[method-assign, assignment]
    return watcher


def test_a_change_that_the_probe_notices_is_looked_at_at_once() -> None:
    async def main() -> list[float]:
        its = bench()
        watcher = watched(its)
        its.prober.configure((probe(well),))
        await asyncio.sleep(0.3)
        watcher.change.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        watcher.change.clear()
        await asyncio.sleep(2)
        await its.prober.close()
        return watcher.asked_at

    assert [round(each, 6) for each in run_virtual(main())] == [0, 0.3, 1, 2]


def test_a_service_that_changes_all_the_time_does_not_keep_us_busy() -> None:
    async def main() -> list[float]:
        its = bench()
        watcher = watched(its)
        watcher.change.set()
        its.prober.configure((probe(well),))
        await asyncio.sleep(1.5)
        await its.prober.close()
        return watcher.asked_at

    burst = [round(step * WOKEN_GAP, 6) for step in range(WOKEN_LIMIT + 1)]
    assert [round(each, 6) for each in run_virtual(main())] == [*burst, *(1 + each for each in burst)]


def test_a_probe_that_asks_several_is_told_its_time() -> None:
    """Before its first check: one that does not answer must not take the others' answers with it."""

    @dataclass
    class Several(Fake):
        told: list[float] = field(default_factory=list)

        def bound(self, seconds: float) -> None:
            self.told.append(seconds)

        async def check(self) -> Seen:
            assert self.told == [0.4]
            return await super().check()

    async def main() -> list[Outcome]:
        its = bench()
        cast(dict[str, Kind], KINDS)["fake"] = Kind(object, Several)
        its.prober.configure((probe(well, timeout=0.4),))
        await asyncio.sleep(1.5)
        await its.prober.close()
        return [each.outcome for each in its.booked]

    assert run_virtual(main()) == [Outcome.OK, Outcome.OK]


# --- asked for by an operator -----------------------------------------------------------------------------------------


Answers = list[tuple[float, Ran]]


def asked(act: Act, *at: float, timeout: float | None = None, seconds: float = 5.0) -> tuple[Bench, Answers]:
    """Ask at these instants; when each answer came, and the answer. Interval 2 s."""

    async def main() -> tuple[Bench, Answers]:
        its = bench()
        answers: Answers = []

        async def ask(instant: float) -> None:
            await asyncio.sleep(instant)
            ran = await its.prober.run_now("p")
            answers.append((round(asyncio.get_running_loop().time() - 1000, 6), ran))

        its.prober.configure((probe(act, interval=2.0, timeout=timeout),))
        async with asyncio.TaskGroup() as tasks:
            for instant in at:
                tasks.create_task(ask(instant))
        await asyncio.sleep(seconds - asyncio.get_running_loop().time() + 1000)
        await its.prober.close()
        return its, answers

    return run_virtual(main())


def test_a_run_out_of_turn_is_booked_and_moves_no_tick() -> None:
    its, answers = asked(well, 0.7)
    assert [each.at for each in its.booked] == [0.0, 0.7, 2.0, 4.0]
    assert [(at, ran.result.detail) for at, ran in answers] == [(0.7, "fine")]


def test_never_two_runs_at_once_and_those_who_ask_share_the_next() -> None:
    """The run that goes on began before they asked."""
    its, answers = asked(taking(1.0), 0.2, 0.5, seconds=4.5)
    assert [each.at for each in its.booked] == [1.0, 2.0]
    assert [at for at, _ in answers] == [2.0, 2.0]
    assert its.made[0].asked_at == [0.0, 1.0, 4.0]


def test_a_run_that_does_not_end_is_said_to() -> None:
    """It was told to end and has not; nothing runs beside it."""
    its, answers = asked(stubborn, 1.5, timeout=1.0, seconds=1.9)
    assert [(at, ran.result.outcome, ran.steps) for at, ran in answers] == [(1.5, Outcome.TIMEOUT, ())]
    assert its.made[0].asked_at == [0.0]


def test_steps_are_told_to_who_asks_with_their_times() -> None:
    """Also those of tasks that the check starts; bounded, in one line each; others pay nothing for it."""

    async def part() -> None:
        await asyncio.sleep(0.1)
        step("second\nline")

    async def stepping() -> str:
        step("first")
        await asyncio.gather(part())
        return "done"

    _, answers = asked(stepping, 0.5)
    ((_, ran),) = answers
    assert [(round(at, 6), text) for at, text in ran.steps] == [(0.0, "first"), (0.1, "second line")]
    assert (ran.result.detail, round(ran.result.duration, 6)) == ("done", 0.1)


def test_a_probe_that_watches_is_asked_at_once_as_well() -> None:
    @dataclass
    class Silent(Fake):
        async def changed(self) -> None:
            await asyncio.sleep(1000)

    async def main() -> Bench:
        its = bench()
        cast(dict[str, Kind], KINDS)["fake"] = Kind(object, Silent)
        its.prober.configure((probe(well, interval=10.0),))
        await asyncio.sleep(1.0)
        await its.prober.run_now("p")
        await its.prober.close()
        return its

    assert [each.at for each in run_virtual(main()).booked] == [0.0, 1.0]


def test_who_asked_a_probe_that_goes_is_told() -> None:
    """Whether it waited for the run before or for its own; a probe that is not there is none."""

    async def main() -> None:
        its = bench()
        its.prober.configure((probe(taking(1.0), interval=2.0),))
        await asyncio.sleep(0.5)
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(_gone(its))
            await asyncio.sleep(0.1)
            its.prober.configure(())
            assert await waiting
        with pytest.raises(KeyError):
            await its.prober.run_now("p")

    run_virtual(main())


async def _gone(its: Bench) -> bool:
    try:
        await its.prober.run_now("p")
    except GoneError:
        return True
    return False


def test_many_probes_do_not_all_run_in_one_moment() -> None:
    """The first run of each is at once; then they are spread over the interval, each at its own rate."""

    async def main() -> list[list[float]]:
        its = bench()
        its.prober.configure(tuple(probe(well, name=f"p{number}") for number in range(4)))
        await asyncio.sleep(2.1)
        await its.prober.close()
        return [[round(at, 6) for at in each.asked_at] for each in its.made]

    assert run_virtual(main()) == [[0, 1, 2], [0, 0.75, 1.75], [0, 0.5, 1.5], [0, 0.25, 1.25]]
