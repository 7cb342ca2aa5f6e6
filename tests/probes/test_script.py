"""Probe `script` with real programs: /bin/sh is on every host. Waits are for conditions, never for time alone."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from vrrpd.probes import program, script
from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown, Seen, Writing
from vrrpd.probes.script import ScriptOptions, ScriptProbe


def shell(command: str) -> ScriptProbe:
    return ScriptProbe(ScriptOptions(shell=command))


async def failure(probe: ScriptProbe) -> str:
    with pytest.raises(ProbeFailed) as failed:
        await probe.check()
    return str(failed.value)


async def unknown(probe: ScriptProbe) -> str:
    with pytest.raises(ProbeUnknown) as failed:
        await probe.check()
    return str(failed.value)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what another process does; the test's own time limit bounds it."""
    while not condition():  # noqa: ASYNC110 - nobody tells us when a process has gone
        await asyncio.sleep(0.005)


def alive(pid: int) -> bool:
    """Exists and is no zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in "ZX"


def pids_in(path: Path, count: int) -> list[int]:
    words = path.read_text().split() if path.exists() else []
    return [int(word) for word in words] if len(words) >= count else []


@pytest.mark.parametrize(
    ("command", "detail"),
    [("true", "exit status 0"), ("echo one; echo two >&2; echo", "exit status 0: two"), ("exit 0", "exit status 0")],
)
async def test_exit_status_0_is_well(command: str, detail: str) -> None:
    assert (await shell(command).check()).detail == detail


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        ("exit 1", "exit status 1"),
        ("echo no broker; exit 255", "exit status 255: no broker"),
        ("ulimit -c 0; kill -SEGV $$", "killed by SIGSEGV"),
        ("kill -40 $$", "killed by signal 40"),
    ],
)
async def test_all_else_is_a_failure_with_its_last_line(command: str, detail: str) -> None:
    assert await failure(shell(command)) == detail


@pytest.mark.parametrize(
    ("command", "detail"),
    [
        ("no_such_program", "exit status 127: /bin/sh: 1: no_such_program: not found"),
        ("/etc/passwd", "exit status 126: /bin/sh: 1: /etc/passwd: Permission denied"),
        ("exit 127", "exit status 127"),
    ],
)
async def test_a_shell_that_could_not_run_a_command_has_told_nothing(command: str, detail: str) -> None:
    assert await unknown(shell(command)) == f"a command could not be run: {detail}"


@pytest.mark.parametrize(("status", "error"), [(1, ProbeFailed), (126, ProbeUnknown), (127, ProbeUnknown)])
async def test_output_of_a_failing_run_is_kept(status: int, error: type[ProbeFailed] | type[ProbeUnknown]) -> None:
    with pytest.raises((ProbeFailed, ProbeUnknown)) as failed:
        await shell(f"echo one; echo two >&2; exit {status}").check()
    assert isinstance(failed.value, error)
    assert failed.value.output == "one\ntwo\n"


async def test_argv_goes_through_no_shell() -> None:
    probe = ScriptProbe(ScriptOptions(argv=("echo", "$HOME; exit 1")))
    assert (await probe.check()).detail == "exit status 0: $HOME; exit 1"


@pytest.mark.parametrize(
    ("name", "text", "mode", "reason"),
    [
        ("gone", None, 0, "No such file or directory"),
        ("not executable", "#!/bin/sh\n", 0o644, "Permission denied"),
        ("no interpreter", "#!/no/such/sh\n", 0o755, "No such file or directory"),
        ("no first line", "exit 0\n", 0o755, "Exec format error"),
    ],
)
async def test_what_cannot_run_is_unknown_and_never_a_success(
    tmp_path: Path, name: str, text: str | None, mode: int, reason: str
) -> None:
    check = tmp_path / "check"
    if text is not None:
        check.write_text(text)
        check.chmod(mode)
    assert await unknown(ScriptProbe(ScriptOptions(argv=(str(check),)))) == f"cannot run {check}: {reason}"


async def test_long_output_is_cut_to_its_end() -> None:
    detail = await failure(shell("head -c 300000 /dev/zero | tr '\\0' x; echo; echo the end; exit 3"))
    assert detail == "exit status 3: the end"


async def test_output_without_lines_is_cut() -> None:
    detail = await failure(shell("head -c 300000 /dev/zero | tr '\\0' x; exit 3"))
    assert detail == "exit status 3: " + "x" * program.KEPT_OUTPUT


async def test_endless_output_is_killed() -> None:
    assert await failure(shell("yes")) == f"wrote more than {program.MAX_OUTPUT} octets and was killed"


async def test_child_that_keeps_the_pipe_does_not_hang_the_check_and_lives_on(tmp_path: Path) -> None:
    child = tmp_path / "child"
    detail = (await shell(f"sleep 30 & echo $! > {child}; echo started").check()).detail
    [pid] = pids_in(child, 1)
    assert (detail, alive(pid)) == ("exit status 0: started", True)
    os.kill(pid, 9)


async def test_program_that_closes_its_output_is_waited_for(tmp_path: Path) -> None:
    go_on = tmp_path / "go_on"
    check = asyncio.ensure_future(shell(f"exec >&- 2>&-; until [ -e {go_on} ]; do sleep 0.01; done; exit 7").check())  # noqa: TID251
    await asyncio.sleep(0.05)
    assert not check.done()
    go_on.touch()
    with pytest.raises(ProbeFailed, match="exit status 7"):
        await check


# Cancelled: what the prober does at the time-out


async def started(probe: ScriptProbe, written: Path, count: int) -> tuple["asyncio.Task[Seen]", list[int]]:
    """Start a check and wait until the script has written so many process ids."""
    check = asyncio.get_running_loop().create_task(probe.check())
    await until(lambda: len(pids_in(written, count)) >= count)
    return check, pids_in(written, count)


async def cancelled(check: "asyncio.Task[Seen]") -> None:
    """Cancel it and wait for its end."""
    check.cancel()
    await asyncio.wait({check})
    assert check.cancelled()


async def test_cancel_kills_the_whole_group(tmp_path: Path) -> None:
    written = tmp_path / "pids"
    probe = shell(f"sleep 30 & echo $! $$ > {written}; wait")
    check, pids = await started(probe, written, 2)
    await cancelled(check)
    await until(lambda: not any(map(alive, pids)))
    await probe.close()


STUBBORN = "trap '' TERM; echo $$ > {}; while :; do sleep 1; done"


async def test_stubborn_program_gets_sigkill_and_the_verdict_does_not_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script, "KILL_AFTER", 1.0)
    written = tmp_path / "pids"
    probe = shell(STUBBORN.format(written))
    check, [pid] = await started(probe, written, 1)
    await cancelled(check)
    assert alive(pid), "nobody waited until it was killed"
    assert await failure(probe) == "the run before was told to end and has not ended yet"
    await until(lambda: not alive(pid))
    await probe.close()


async def test_straggler_that_ignores_sigterm_dies_with_its_leader(tmp_path: Path) -> None:
    written = tmp_path / "pids"
    probe = shell(f"(trap '' TERM; while :; do sleep 1; done) & echo $! $$ > {written}; wait")
    check, pids = await started(probe, written, 2)
    await cancelled(check)
    await until(lambda: not any(map(alive, pids)))
    await probe.close()


async def test_exit_0_after_sigterm_changes_nothing(tmp_path: Path) -> None:
    written = tmp_path / "pids"
    probe = shell(f"trap 'exit 0' TERM; echo $$ > {written}; while :; do sleep 0.01; done")
    check, [pid] = await started(probe, written, 1)
    await cancelled(check)
    await until(lambda: not alive(pid))
    await probe.close()


async def test_cancel_while_the_program_is_being_started(tmp_path: Path) -> None:
    written = tmp_path / "late"
    probe = shell(f"sleep 0.2; touch {written}")
    check = asyncio.get_running_loop().create_task(probe.check())
    await asyncio.sleep(0)
    await cancelled(check)
    await probe.close()
    assert probe._run is None or probe._run.task.done()
    assert not written.exists()


async def test_cancel_while_the_program_is_being_started_needs_no_sigkill(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(script, "KILL_AFTER", 1000)
    probe = shell("exec sleep 1000")
    check = asyncio.get_running_loop().create_task(probe.check())
    await asyncio.sleep(0)
    await cancelled(check)
    assert probe._run is not None
    await asyncio.wait({probe._run.task})


async def test_second_stop_does_not_put_off_the_first(tmp_path: Path) -> None:
    written = tmp_path / "pids"
    probe = shell(STUBBORN.format(written))
    _, [pid] = await started(probe, written, 1)
    assert probe._run is not None
    probe._run.stop(0.05)
    probe._run.stop(1000)
    await until(lambda: not alive(pid))
    await asyncio.wait({probe._run.task})


async def test_close_kills_what_runs_at_once(tmp_path: Path) -> None:
    written = tmp_path / "pids"
    probe = shell(STUBBORN.format(written))
    check, [pid] = await started(probe, written, 1)
    await probe.close()
    assert not alive(pid)
    await asyncio.wait({check})
    await probe.close()


async def test_close_hurries_a_killing_that_goes_on(tmp_path: Path) -> None:
    written = tmp_path / "pids"
    probe = shell(STUBBORN.format(written))
    check, [pid] = await started(probe, written, 1)
    await cancelled(check)
    await probe.close()
    assert not alive(pid)


async def test_what_a_run_has_written_can_be_read_while_it_hangs(tmp_path: Path) -> None:
    written = tmp_path / "pids"
    probe = shell(f"echo waiting for the disk; echo $$ > {written}; exec sleep 30")
    assert isinstance(probe, Writing)
    assert probe.written() == ""
    check, _ = await started(probe, written, 1)
    await until(lambda: probe.written() == "waiting for the disk\n")
    await cancelled(check)
    await probe.close()


@pytest.mark.parametrize(
    ("options", "keywords"),
    [
        (ScriptOptions(argv=("true",)), []),
        (shell("no_such_program")._options, []),  # only the shell itself can be looked at
        (ScriptOptions(argv=("/no/such/check", "-v")), ["argv"]),
        (replace(shell("true")._options, user="nobody_of_that_name"), ["user"]),
    ],
)
def test_what_cannot_be_set_up_is_told_by_keyword(options: ScriptOptions, keywords: list[str]) -> None:
    assert [keyword for keyword, _ in options.setup_problems()] == keywords


async def test_many_runs_leave_no_descriptors_and_no_zombies() -> None:
    probe = shell("exit 0")
    await probe.check()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(10):
        await probe.check()
    assert len(os.listdir("/proc/self/fd")) == before
    await probe.close()


@pytest.mark.parametrize(
    ("options", "problems"),
    [
        (ScriptOptions(argv=("true",)), ()),
        (shell("true")._options, ()),
        (ScriptOptions(), ("give either argv or shell",)),
        (replace(shell("true")._options, argv=("true",)), ("give either argv or shell",)),
        (ScriptOptions(argv=("",)), ("argv: the program is empty",)),
        (
            ScriptOptions(argv=("bin/check",)),
            ("argv: the program's path is not absolute; allowed: a path from /, or a bare name",),
        ),
        (
            ScriptOptions(argv=("true",), group="adm"),
            ("group: has no effect without user; allowed: together with user",),
        ),
        (ScriptOptions(argv=("true",), user="root", group="adm"), ()),
        (shell("a\0b")._options, ("argv, shell: no zero character is possible",)),
    ],
)
def test_problems(options: ScriptOptions, problems: tuple[str, ...]) -> None:
    assert options.problems() == problems
