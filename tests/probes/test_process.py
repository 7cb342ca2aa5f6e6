"""Probe `process`."""

import asyncio
import os
import pwd
from pathlib import Path

import pytest

from tests.probes.children import freeze, kill, program, running, zombie
from vrrpd.config import model
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.prober import Prober
from vrrpd.probes import processes, unit
from vrrpd.probes.outcome import Measure, ProbeFailed, ProbeUnknown
from vrrpd.probes.process import PROCESSES, ProcessOptions, ProcessProbe
from vrrpd.protocol.messages import Seconds


async def test_death_fails_for_certain_at_once_and_without_a_tick(tmp_path: Path) -> None:
    path = program(tmp_path)
    booked: list[Result] = []
    news = asyncio.Event()

    def checked(_: str, result: Result) -> bool:
        booked.append(result)
        news.set()
        return False

    prober = Prober(checked)
    options = ProcessOptions(executable=path.name)
    with running(path) as (child,):
        probe = model.Probe(name="p", type="process", interval=Seconds(3600.0), timeout=Seconds(30.0), options=options)
        prober.configure((probe,))
        async with asyncio.timeout(30):
            await news.wait()
            news.clear()
            kill(child)
            await news.wait()
    await prober.close()
    assert [(each.outcome, each.certain, each.detail) for each in booked] == [
        (Outcome.OK, False, f"{path.name}: process {child.pid}"),
        (Outcome.FAIL, True, f"{path.name}: no process"),
    ]


async def test_frozen_lives_and_zombie_does_not(tmp_path: Path) -> None:
    path = program(tmp_path)
    probe = ProcessProbe(ProcessOptions(executable=str(path)))
    with running(path) as (child,):
        freeze(child)
        seen = await probe.check()
        assert (seen.detail, seen.measures) == (f"{path}: process {child.pid}", (Measure(PROCESSES, 1),))
        zombie(child)
        async with asyncio.timeout(20):
            await probe.changed()
        with pytest.raises(ProbeFailed, match=f"^{path}: no process$"):
            await probe.check()
    await probe.close()


async def test_between_scans_one_that_dies_is_made_up_for_by_one_that_was_not_known(tmp_path: Path) -> None:
    path = program(tmp_path)
    probe = ProcessProbe(ProcessOptions(executable=path.name))
    with running(path) as (first,):
        await probe.check()
        with running(path) as (second,):
            assert (await probe.check()).detail == f"{path.name}: process {first.pid}"
            kill(first)
            assert (await probe.check()).detail == f"{path.name}: process {second.pid}"
    await probe.close()


async def test_counts(tmp_path: Path) -> None:
    path = program(tmp_path)
    few = ProcessProbe(ProcessOptions(executable=path.name, min_count=3))
    many = ProcessProbe(ProcessOptions(executable=path.name, max_count=1))
    none = ProcessProbe(ProcessOptions(executable=path.name, min_count=0, max_count=0))
    assert (await none.check()).detail == f"{path.name}: no process"
    with running(path, 2):
        with pytest.raises(ProbeFailed, match=r": 2 processes \(\d+, \d+\), wanted at least 3$") as failed:
            await few.check()
        assert not failed.value.certain
        assert failed.value.measures == (Measure(PROCESSES, 2),)
        with pytest.raises(ProbeFailed, match=r": 2 processes \(\d+, \d+\), wanted at most 1$"):
            await many.check()
        with pytest.raises(ProbeFailed, match=r"wanted at most 0$"):
            await none.check()
    for probe in (few, many, none):
        await probe.close()


async def test_user_narrows(tmp_path: Path) -> None:
    path = program(tmp_path)
    mine = ProcessProbe(ProcessOptions(executable=path.name, user=pwd.getpwuid(os.geteuid()).pw_name))
    other = ProcessProbe(ProcessOptions(executable=path.name, user="daemon"))
    with running(path):
        await mine.check()
        with pytest.raises(ProbeFailed, match="no process"):
            await other.check()
    await mine.close()


async def test_pidfile(tmp_path: Path) -> None:
    path, file = program(tmp_path), tmp_path / "pid"
    probe = ProcessProbe(ProcessOptions(pidfile=str(file)))
    strict = ProcessProbe(ProcessOptions(pidfile=str(file), executable="haproxy"))
    with running(path) as (child,):
        file.write_text(str(child.pid))
        assert (await probe.check()).detail == f"{file}: process {child.pid}"
        with pytest.raises(
            ProbeFailed, match=f"names process {child.pid}, which is another one: {path.name}$"
        ) as failed:
            await strict.check()
        assert failed.value.certain
        file.unlink()
        with pytest.raises(ProbeFailed, match="no such pid file") as failed:
            await probe.check()
        assert not failed.value.certain
        file.write_text(str(child.pid))
    with pytest.raises(ProbeFailed, match=f"^{file}: no process$") as failed:
        await probe.check()
    assert failed.value.certain
    await probe.close()


async def test_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit, "CGROUPS", tmp_path)
    group = tmp_path / "system.slice" / "vt.service"
    group.mkdir(parents=True)
    path = program(tmp_path)
    every = ProcessProbe(ProcessOptions(unit="vt"))
    named = ProcessProbe(ProcessOptions(unit="vt", executable="haproxy"))
    with running(path, 2) as children:
        (group / "cgroup.procs").write_text("".join(f"{child.pid}\n" for child in children))
        assert (await every.check()).detail.startswith("vt.service: 2 processes (")
        with pytest.raises(ProbeFailed, match=r"^vt.service: no process$"):
            await named.check()
    with pytest.raises(ProbeFailed, match=r"^vt.service: no process$"):
        await every.check()
    await every.close()


async def test_proc_that_hides_others_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PROC", tmp_path)
    with pytest.raises(ProbeUnknown, match="hides the processes of others"):
        await ProcessProbe(ProcessOptions(executable="haproxy")).check()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (ProcessOptions(executable="x"), None),
        (ProcessOptions(pidfile="/x", executable="/y", user="z"), None),
        (ProcessOptions(unit="x@y.service", min_count=0, max_count=0), None),
        (ProcessOptions(), "give unit, pidfile or executable"),
        (ProcessOptions(user="x"), "give unit, pidfile or executable"),
        (ProcessOptions(pidfile="/x", unit="y"), "give either unit or pidfile"),
        (ProcessOptions(pidfile="x"), "pidfile: 'x' is not an absolute path"),
        (ProcessOptions(unit="../x"), "unit: '../x' is no name of a unit"),
        (ProcessOptions(executable="a/b"), "executable: 'a/b' is neither a name nor an absolute path"),
        (ProcessOptions(executable="/b/"), "executable: '/b/' is neither a name nor an absolute path"),
        (ProcessOptions(unit="x", min_count=2, max_count=1), "max_count: 1 is less than min_count"),
        (ProcessOptions(unit="x", min_count=0), "min_count: 0 without max_count is always true"),
        (ProcessOptions(pidfile="/x", min_count=2), "min_count: a pid file names one process"),
    ],
    ids=str,
)
def test_problems(options: ProcessOptions, problem: str | None) -> None:
    assert options.problems() == ((problem,) if problem else ())


def test_user_must_be_there() -> None:
    assert ProcessOptions(executable="x", user="root").setup_problems() == ()
    text = "this host has no user nobody-at-all"
    assert ProcessOptions(executable="x", user="nobody-at-all").setup_problems() == (("user", text),)


async def test_gone_for_a_moment_is_well_still(tmp_path: Path) -> None:
    """terminate_delay: a service that restarts; asked again when it is over, not at the next interval."""
    path = program(tmp_path)
    probe = ProcessProbe(ProcessOptions(executable=path.name, terminate_delay=0.2))
    with running(path) as (child,):
        await probe.check()
        kill(child)
        async with asyncio.timeout(30):
            await probe.changed()
            seen = await probe.check()
            assert seen.detail.startswith(f"{path.name}: no process, for ")
            assert seen.measures == (Measure(PROCESSES, 0),)
            await probe.changed()
        with pytest.raises(ProbeFailed):
            await probe.check()
    with running(path):
        assert (await probe.check()).measures == (Measure(PROCESSES, 1),)
    await probe.close()


async def test_never_seen_is_not_gone_for_a_moment(tmp_path: Path) -> None:
    probe = ProcessProbe(ProcessOptions(executable=program(tmp_path).name, terminate_delay=60.0))
    with pytest.raises(ProbeFailed):
        await probe.check()
    await probe.close()


@pytest.mark.parametrize(
    ("arguments", "match", "found"),
    [
        (("1000",), "partial", True),
        (("1000",), "exact", True),
        (("10",), "initial", True),
        (("10",), "exact", False),
        (("10",), "partial", False),
        ((), "exact", False),
        ((), "partial", True),
        (("1000", "x"), "partial", False),
    ],
)
async def test_arguments(arguments: tuple[str, ...], match: str, found: bool, tmp_path: Path) -> None:
    """The children sleep for 1000 s."""
    path = program(tmp_path)
    probe = ProcessProbe(ProcessOptions(executable=path.name, arguments=arguments, arguments_match=match))
    with running(path):
        if found:
            await probe.check()
        else:
            with pytest.raises(ProbeFailed):
                await probe.check()
    await probe.close()
