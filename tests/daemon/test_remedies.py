"""Remedies under virtual time: their runs are stand-ins. What is decided is tests/engine/test_remedy.py."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

import pytest

from tests.virtual_time import run_virtual
from vrrpd.config.model import Probe, Remedy
from vrrpd.daemon import remedies
from vrrpd.daemon.journal import Journal
from vrrpd.daemon.remedies import Remedies
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.engine.journal import AdvertSent, Entry
from vrrpd.engine.journal_daemon import Drained, Restored, Stopping, Undrained
from vrrpd.engine.journal_health import ProbeChanged, ProbeChecked, RemedyEnded, RemedyExhausted, RemedyStarted
from vrrpd.probes.program import CannotRunError, Ended
from vrrpd.protocol.messages import Seconds

REMEDY = Remedy(restart="haproxy.service", attempts=2, window=Seconds(100.0), cooldown=Seconds(10.0))
PROBE = Probe(name="p", type="tcp", remedy=REMEDY)
WELL = Ended(0, "done\n")
runs: list["FakeRun"] = []


class FakeRun:
    """A program that takes one second and ends as `ending` says."""

    ending: Ended | Exception = WELL
    takes = 1.0
    output = "so far\n"

    def __init__(self, command: tuple[str, ...], user: str, group: str) -> None:
        self.command, self.user, self.group = command, user, group
        self.stopped = asyncio.Event()
        self.task = asyncio.get_running_loop().create_task(self._go())
        self.task.add_done_callback(lambda task: task.cancelled() or task.exception())
        runs.append(self)

    async def _go(self) -> Ended:
        try:
            async with asyncio.timeout(self.takes):
                await self.stopped.wait()
        except TimeoutError:
            if isinstance(self.ending, Exception):
                raise self.ending from None
            return self.ending
        await asyncio.sleep(1)  # it takes its time to die
        return Ended(-15, "")

    def stop(self, grace: float) -> None:
        self.stopped.set()


@pytest.fixture(autouse=True)
def fake_runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(remedies, "Run", FakeRun)
    yield
    runs.clear()


class Bench:
    """Remedies behind a journal, as in the daemon; `told` is what it published."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.told: list[Entry] = []
        self.remedies = Remedies(self.journal.publish, self.now)
        self.journal.add(self.told.append)
        self.journal.add_patient(self.remedies.record)

    def now(self) -> Seconds:
        return Seconds(asyncio.get_running_loop().time())

    def configure(self, *probes: Probe) -> None:
        self.remedies.configure(probes)

    def checked(self, up: bool | None, outcome: Outcome) -> None:
        """One run of the probe, and the verdict if it changes."""
        self.journal.publish(ProbeChecked(self.now(), "p", Result(outcome, Seconds(0.1), "")))
        if up is not None:
            self.journal.publish(ProbeChanged(self.now(), "p", up, ""))

    def fall(self) -> None:
        self.checked(False, Outcome.FAIL)

    def said(self) -> list[str]:
        """Of the remedies, with seconds since the start."""
        return [_text(each) for each in self.told if isinstance(each, RemedyStarted | RemedyEnded | RemedyExhausted)]


def _text(entry: RemedyStarted | RemedyEnded | RemedyExhausted) -> str:
    at = f"{entry.at - 1000:.1f}"
    match entry:
        case RemedyStarted():
            return f"{at} started {entry.attempt}/{entry.attempts}"
        case RemedyEnded(result=result):
            return f"{at} {result.outcome.value} {result.duration:.1f} {result.detail}"
        case RemedyExhausted():
            return f"{at} exhausted {entry.rest:.0f}"


Scenario = Callable[[Bench], Awaitable[None]]


def said(scenario: Scenario, *probes: Probe) -> list[str]:
    """What it told in a minute after the scenario."""

    async def play() -> list[str]:
        bench = Bench()
        bench.configure(*(probes or (PROBE,)))
        await scenario(bench)
        await asyncio.sleep(60)
        return bench.said()

    return run_virtual(play())


async def fall(bench: Bench) -> None:
    bench.fall()


def test_it_runs_at_the_fall_again_after_the_cooldown_and_rests_when_used_up() -> None:
    assert said(fall) == [
        "0.0 started 1/2",
        "1.0 ok 1.0 exit status 0: done",
        "11.0 started 2/2",
        "12.0 ok 1.0 exit status 0: done",
        "22.0 exhausted 78",
    ]
    assert [(each.command, each.user, each.group) for each in runs] == [(REMEDY.argv, "", "")] * 2


def test_after_a_recovery_nothing_more_is_done() -> None:
    async def scenario(bench: Bench) -> None:
        bench.fall()
        await asyncio.sleep(5)
        bench.checked(True, Outcome.OK)

    assert said(scenario) == ["0.0 started 1/2", "1.0 ok 1.0 exit status 0: done"]


def test_it_begins_when_the_demotion_is_done_and_told() -> None:
    """What the engine does about a fall it does before it returns; the remedy waits for the loop."""

    async def play() -> list[str]:
        bench = Bench()
        bench.configure(PROBE)
        bench.fall()
        bench.journal.publish(AdvertSent(bench.now(), "VI_1", 90, Seconds(0.0)))
        await asyncio.sleep(1)
        return [type(each).__name__ for each in bench.told[:4]]

    assert run_virtual(play()) == ["ProbeChecked", "ProbeChanged", "AdvertSent", "RemedyStarted"]


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        (Ended(1, "Failed: no rule\nSee the log\n"), "fail 1.0 exit status 1: Failed: no rule"),
        (Ended(-9, ""), "fail 1.0 killed by SIGKILL"),
        (CannotRunError("cannot run systemctl: gone"), "unknown 1.0 cannot run systemctl: gone"),
        (OSError("no pidfd"), "error 1.0 OSError: no pidfd"),
    ],
)
def test_how_it_ended_is_told(monkeypatch: pytest.MonkeyPatch, ending: Ended | Exception, text: str) -> None:
    monkeypatch.setattr(FakeRun, "ending", ending)
    assert said(fall)[1] == f"1.0 {text}"


def test_a_command_says_last_why_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeRun, "ending", Ended(3, "trying\nno disk\n"))
    command = replace(PROBE, remedy=replace(REMEDY, restart="", command=("mend",), user="u", group="g"))
    assert said(fall, command)[1] == "1.0 fail 1.0 exit status 3: no disk"
    assert (runs[0].user, runs[0].group) == ("u", "g")


def test_its_time_is_bounded_and_it_is_not_begun_again_before_it_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeRun, "takes", 1000.0)
    slow = replace(PROBE, remedy=replace(REMEDY, timeout=Seconds(5.0)))
    assert said(fall, slow)[:3] == [
        "0.0 started 1/2",
        "5.0 timeout 5.0 not over after 5 s, killed",
        "16.0 started 2/2",  # dead at 6, then the cooldown
    ]


def test_a_reload_without_the_probe_lets_it_end() -> None:
    async def scenario(bench: Bench) -> None:
        bench.fall()
        await asyncio.sleep(0.5)
        bench.configure()

    assert said(scenario) == ["0.0 started 1/2", "1.0 ok 1.0 exit status 0: done"]
    assert not runs[0].stopped.is_set()


def test_attempts_count_over_reloads_that_take_the_probe_away_and_back() -> None:
    async def scenario(bench: Bench) -> None:
        bench.fall()
        await asyncio.sleep(0.5)
        bench.configure()
        bench.configure(PROBE)
        bench.fall()  # one is running still

    assert said(scenario) == [
        "0.0 started 1/2",
        "1.0 ok 1.0 exit status 0: done",
        "11.0 started 2/2",
        "12.0 ok 1.0 exit status 0: done",
        "22.0 exhausted 78",
    ]


def test_attempts_of_an_earlier_daemon_count() -> None:
    async def play() -> list[str]:
        bench = Bench()
        bench.remedies.configure((PROBE,), {"p": (Seconds(950.0), Seconds(960.0))})
        bench.fall()
        await asyncio.sleep(1)
        return bench.said()

    assert run_virtual(play()) == ["0.0 exhausted 50"]


def test_a_remedy_that_comes_with_a_reload_is_used_for_a_probe_that_is_down() -> None:
    async def scenario(bench: Bench) -> None:
        bench.fall()
        await asyncio.sleep(20)
        bench.configure(PROBE)

    assert said(scenario, replace(PROBE, remedy=None))[0] == "20.0 started 1/2"


def test_a_drain_triggers_nothing_and_what_falls_meanwhile_waits_for_its_end() -> None:
    """An operator who stops the proxy for maintenance must not find it started again."""

    async def scenario(bench: Bench) -> None:
        bench.journal.publish(Drained(bench.now(), "", "upgrade", ""))
        bench.fall()
        await asyncio.sleep(20)
        bench.journal.publish(Undrained(bench.now(), "", Restored.OPERATOR))

    assert said(scenario)[0] == "20.0 started 1/2"


def test_no_attempt_follows_another_into_a_drain() -> None:
    async def scenario(bench: Bench) -> None:
        bench.fall()
        await asyncio.sleep(5)
        bench.journal.publish(Drained(bench.now(), "", "upgrade", ""))

    assert said(scenario) == ["0.0 started 1/2", "1.0 ok 1.0 exit status 0: done"]


def test_the_drain_of_one_instance_leaves_the_service_of_the_others_mended() -> None:
    async def scenario(bench: Bench) -> None:
        bench.journal.publish(Drained(bench.now(), "VI_1", "", ""))
        bench.fall()

    assert said(scenario)[0] == "0.0 started 1/2"


def test_none_begins_when_the_daemon_stops() -> None:
    async def scenario(bench: Bench) -> None:
        bench.journal.publish(Stopping(bench.now(), "SIGTERM"))
        bench.fall()

    assert said(scenario) == []


def test_close_ends_what_runs_and_configure_goes_on_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeRun, "takes", 1000.0)

    async def scenario(bench: Bench) -> None:
        bench.fall()
        await asyncio.sleep(2)
        await bench.remedies.close()
        assert runs[0].task.done()
        await asyncio.sleep(20)
        assert len(runs) == 1
        bench.configure(PROBE)

    assert said(scenario) == [
        "0.0 started 1/2",
        "3.0 fail 3.0 killed by SIGTERM",
        "23.0 started 2/2",
    ]


def test_close_without_anything_running() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.remedies.close()

    assert said(scenario) == []


def test_a_defect_of_ours_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Result:
        raise ValueError

    monkeypatch.setattr(remedies, "result", broken)
    reported: list[object] = []

    async def scenario(bench: Bench) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["message"]))
        bench.fall()

    said(scenario)
    assert reported == ["remedies failed"]
