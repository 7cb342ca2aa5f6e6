"""Programs told of states, under virtual time with stand-ins: order, bounds, the end."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from ipaddress import IPv4Interface
from pathlib import Path

import pytest

from tests.virtual_time import run_virtual
from vrrpd.config.model import Configuration, Instance
from vrrpd.config.notify import Program
from vrrpd.daemon import telling
from vrrpd.daemon.telling import QUEUE_LIMIT, RUNS_LIMIT, STOP_TIME, Telling
from vrrpd.engine.inputs import Outcome
from vrrpd.engine.journal import Entry, Role, StateChanged
from vrrpd.engine.journal_daemon import Configured, Stopping
from vrrpd.engine.journal_notify import NotifyEnded, NotifySkipped
from vrrpd.probes.program import CannotRunError, Ended
from vrrpd.protocol.messages import Reason, Seconds

V = Instance(
    name="V",
    interface="eth0",
    virtual_router_id=51,
    virtual_ipaddress=(IPv4Interface("192.0.2.9"),),
    notify_master=Program(("/m",)),
    notify=Program(("/n",)),
    notify_user="haproxy",
    notify_group="adm",
    notify_timeout=Seconds(5.0),
)
begun: list["FakeRun"] = []


class FakeRun:
    """A program that takes `takes` seconds."""

    takes = 1.0
    failure: Exception | None = None
    output = ""

    def __init__(self, command: tuple[str, ...], user: str, group: str) -> None:
        self.command, self.user, self.group = command, user, group
        self.at = asyncio.get_running_loop().time() - 1000
        self.stopped = asyncio.Event()
        self.task = asyncio.get_running_loop().create_task(self._go())
        self.task.add_done_callback(lambda task: task.cancelled() or task.exception())
        begun.append(self)

    async def _go(self) -> Ended:
        if self.failure is not None:
            raise self.failure
        try:
            await asyncio.wait_for(self.stopped.wait(), self.takes)
        except TimeoutError:
            return Ended(0, "")
        return Ended(-15, "")

    def stop(self, grace: float) -> None:
        self.stopped.set()


@pytest.fixture(autouse=True)
def fake_runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(telling, "Run", FakeRun)
    yield
    begun.clear()


Scenario = Callable[[Telling], Awaitable[None]]


def play(scenario: Scenario, *instances: Instance) -> list[Entry]:
    """Returns what was published."""

    async def run() -> list[Entry]:
        told: list[Entry] = []
        it = Telling(told.append, lambda: Seconds(asyncio.get_running_loop().time() - 1000))
        it.configure(Configuration(instances=instances or (V,)))
        it.record(Configured(Seconds(0.0), "f"))
        await scenario(it)
        return told

    return run_virtual(run())


def enter(it: Telling, *roles: Role, name: str = "V") -> None:
    """One after the other, at once."""
    for role in roles:
        it.record(StateChanged(Seconds(0.0), name, Role.INIT, role, Reason.STARTUP))


def ran() -> list[tuple[float, str]]:
    """When what began."""
    return [(each.at, " ".join(each.command)) for each in begun]


def test_programs_of_an_instance_run_one_after_the_other_in_order() -> None:
    async def scenario(it: Telling) -> None:
        enter(it, Role.BACKUP, Role.MASTER)
        await asyncio.sleep(10)

    told = play(scenario)
    assert ran() == [(0.0, "/n INSTANCE V BACKUP 100"), (1.0, "/m"), (2.0, "/n INSTANCE V MASTER 100")]
    assert {(each.user, each.group) for each in begun} == {("haproxy", "adm")}
    ended = [(each.at, each.state, each.keyword) for each in told if isinstance(each, NotifyEnded)]
    assert ended == [(1.0, "BACKUP", "notify"), (2.0, "MASTER", "notify_master"), (3.0, "MASTER", "notify")]


def test_instances_do_not_wait_for_one_another() -> None:
    async def scenario(it: Telling) -> None:
        enter(it, Role.BACKUP)
        enter(it, Role.BACKUP, name="W")
        await asyncio.sleep(10)

    play(scenario, V, replace(V, name="W", virtual_router_id=52))
    assert [at for at, _ in ran()] == [0.0, 0.0]


def test_only_so_many_run_at_a_time() -> None:
    many = [replace(V, name=f"V{number}", virtual_router_id=number + 1) for number in range(RUNS_LIMIT + 4)]

    async def scenario(it: Telling) -> None:
        for each in many:
            enter(it, Role.BACKUP, name=each.name)
        await asyncio.sleep(10)

    play(scenario, *many)
    assert [at for at, _ in ran()] == [0.0] * RUNS_LIMIT + [1.0] * 4


def test_one_that_takes_too_long_is_killed_and_the_next_one_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeRun, "takes", 60.0)

    async def scenario(it: Telling) -> None:
        enter(it, Role.MASTER)
        await asyncio.sleep(20)

    told = [each.result for each in play(scenario) if isinstance(each, NotifyEnded)]
    assert [(each.outcome, each.detail) for each in told] == [(Outcome.TIMEOUT, "not over after 5 s, killed")] * 2
    assert [at for at, _ in ran()] == [0.0, 5.0]


def test_of_too_many_the_oldest_are_skipped_and_told() -> None:
    async def scenario(it: Telling) -> None:
        enter(it, *(Role.BACKUP, Role.FAULT) * QUEUE_LIMIT)
        await asyncio.sleep(100)

    told = play(scenario)
    skipped = [each for each in told if isinstance(each, NotifySkipped)]
    assert len(skipped) + len(begun) == 2 * QUEUE_LIMIT
    assert len(begun) == QUEUE_LIMIT
    assert skipped[0] == NotifySkipped(Seconds(0.0), "V", "", "BACKUP", "notify")


def test_one_that_cannot_be_run_is_told_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeRun, "failure", CannotRunError("cannot run /m: gone"))

    async def scenario(it: Telling) -> None:
        enter(it, Role.MASTER)
        await asyncio.sleep(10)

    told = [each.result for each in play(scenario) if isinstance(each, NotifyEnded)]
    assert [(each.outcome, each.detail) for each in told] == [(Outcome.UNKNOWN, "cannot run /m: gone")] * 2


def test_at_the_end_what_waits_is_skipped_and_the_stop_is_told() -> None:
    async def scenario(it: Telling) -> None:
        enter(it, Role.BACKUP, Role.MASTER)
        await asyncio.sleep(0.5)
        it.record(Stopping(Seconds(0.5), "SIGTERM"))
        await it.close()
        assert asyncio.get_running_loop().time() == pytest.approx(1002.0)

    told = play(scenario)
    assert ran() == [(0.0, "/n INSTANCE V BACKUP 100"), (1.0, "/n INSTANCE V STOP 100")]
    assert [each.keyword for each in told if isinstance(each, NotifySkipped)] == ["notify_master", "notify"]


def test_the_end_waits_for_nobody_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeRun, "takes", 60.0)

    async def scenario(it: Telling) -> None:
        enter(it, Role.BACKUP)
        await asyncio.sleep(0.5)
        it.record(Stopping(Seconds(0.5), "SIGTERM"))
        await it.close()
        assert asyncio.get_running_loop().time() - 1000.5 < STOP_TIME + 1
        enter(it, Role.MASTER)
        await asyncio.sleep(10)

    told = play(scenario)
    assert len(begun) == 1
    assert [each.state for each in told if isinstance(each, NotifySkipped)] == ["STOP"]


def test_a_restart_that_did_not_come_about_goes_on() -> None:
    async def scenario(it: Telling) -> None:
        await it.close()
        enter(it, Role.BACKUP)
        it.configure(Configuration(instances=(V,)))
        enter(it, Role.MASTER)
        await asyncio.sleep(10)

    play(scenario)
    assert [command for _, command in ran()] == ["/m", "/n INSTANCE V MASTER 100"]


def test_the_pipe_gets_each_line(tmp_path: Path) -> None:
    async def scenario(it: Telling) -> None:
        daemon = replace(Configuration().daemon, notify_fifo=str(tmp_path / "fifo"))
        it.configure(Configuration(daemon=daemon, instances=(V,)))
        enter(it, Role.BACKUP)
        with (tmp_path / "fifo").open("rb", buffering=0) as pipe:
            assert pipe.read(100) == b'INSTANCE "V" BACKUP 100\n'
        await it.close()

    play(scenario)
