"""Running real programs: /bin/sh is on every host. Waits are for conditions, never for time alone."""

import asyncio
import os
import signal
import subprocess
from pathlib import Path

import pytest

from vrrpd.probes import account, program
from vrrpd.probes.program import ENVIRONMENT, CannotRunError, Ended, Run, first_line, last_line


def shell(command: str, user: str = "", group: str = "") -> Run:
    return Run(("/bin/sh", "-c", command), user, group)


@pytest.mark.parametrize(
    ("command", "ended", "told"),
    [
        ("true", Ended(0, ""), "exit status 0"),
        ("echo a; echo b >&2; exit 3", Ended(3, "a\nb\n"), "exit status 3"),
        ("kill -TERM $$", Ended(-15, ""), "killed by SIGTERM"),
        ("kill -40 $$", Ended(-40, ""), "killed by signal 40"),
    ],
)
async def test_how_a_run_ends(command: str, ended: Ended, told: str) -> None:
    assert await shell(command).task == ended
    assert ended.told == told


async def test_flood_is_cut_off() -> None:
    ended = await shell("yes").task
    assert (ended.flooded, ended.told) == (True, f"wrote more than {program.MAX_OUTPUT} octets and was killed")
    assert len(ended.output) == program.KEPT_OUTPUT


async def test_environment_is_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/systemd/notify")
    seen = (await shell("env -u PWD -u OLDPWD -u SHLVL -u _ | sort; pwd; readlink /proc/self/fd/0").task).output
    expected = sorted(f"{name}={value}" for name, value in ENVIRONMENT.items())
    assert seen.split() == [*expected, "/", "/dev/null"]


async def test_own_session() -> None:
    run = shell('read -r _ _ _ _ group session _ < /proc/self/stat; echo "$group $session $$"')
    group, session, pid = (await run.task).output.split()
    assert (group, session) == (pid, pid)
    assert int(session) != os.getsid(0)


async def test_it_is_killed_for_memory_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever our own worth is; a process may always raise it, and lower it to what it once was."""
    assert program.OOM_SCORE_ADJUST == "0"
    ours = Path("/proc/self/oom_score_adj")
    before = ours.read_text().strip()  # not 0 where a service manager has raised it: nobody may lower it then
    monkeypatch.setattr(program, "OOM_SCORE_ADJUST", before)
    ours.write_text(str(min(1000, int(before) + 50)))
    try:
        run = shell(f'until [ "$(cat /proc/$$/oom_score_adj)" = {before} ]; do sleep 0.01; done')
        assert (await run.task).status == 0
    finally:
        ours.write_text(before)


# --- as another user


@pytest.mark.root
async def test_another_user_with_its_groups_and_home_and_no_capabilities() -> None:
    who = account.account("daemon")
    told = (
        await shell("id -un; id -gn; echo $HOME $USER $LOGNAME; grep ^CapEff /proc/self/status", "daemon").task
    ).output
    assert told.split() == ["daemon", "daemon", who.home, "daemon", "daemon", "CapEff:", "0" * 16]


@pytest.mark.root
async def test_another_group() -> None:
    assert (await shell("id -un; id -gn", "daemon", "adm").task).output.split() == ["daemon", "adm"]


@pytest.mark.root
async def test_another_user_is_killed_as_well() -> None:
    run = shell("echo ready; exec sleep 1000", "daemon")
    while run.output != "ready\n":  # noqa: ASYNC110 - nobody tells us what another process wrote
        await asyncio.sleep(0.005)
    run.stop(1000)
    assert (await run.task).status == -signal.SIGTERM


async def test_a_user_that_does_not_exist() -> None:
    with pytest.raises(CannotRunError, match="cannot run /bin/sh: this host has no user nobody_of_that_name"):
        await shell("true", "nobody_of_that_name").task


async def test_a_user_that_we_may_not_become(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(CannotRunError, match=r"^cannot run /bin/sh as daemon: Operation not permitted$"):
        await shell("true", "daemon").task


# --- torn down


async def test_teardown_leaves_no_process() -> None:
    run = shell("exec sleep 1000")
    while run._process is None:  # noqa: ASYNC110 - it is started by a thread
        await asyncio.sleep(0.005)
    process = run._process
    run.task.cancel()
    await asyncio.wait({run.task})
    assert await asyncio.to_thread(process.wait) == -signal.SIGKILL


@pytest.mark.parametrize("name", ["sleep", "/no/such/program"])
async def test_teardown_while_the_program_is_being_started(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    begun: list[subprocess.Popen[bytes]] = []
    tried = asyncio.Event()
    loop = asyncio.get_running_loop()
    start = Run._start

    def start_and_tell(run: Run) -> subprocess.Popen[bytes]:
        try:
            begun.append(start(run))
            return begun[0]
        finally:
            loop.call_soon_threadsafe(tried.set)

    monkeypatch.setattr(Run, "_start", start_and_tell)
    run = Run((name, "30"))
    await asyncio.sleep(0)
    run.task.cancel()
    await asyncio.wait({run.task})
    await tried.wait()
    assert [await asyncio.to_thread(process.wait) for process in begun] == [-signal.SIGKILL] * len(begun)
    assert len(begun) == (name == "sleep")


async def test_missing_pidfd_is_an_error_and_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(pid: int) -> int:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", refuse)
    run = shell("exec sleep 30")
    with pytest.raises(OSError, match="Function not implemented"):
        await run.task
    assert run._process is not None
    assert await asyncio.to_thread(run._process.wait) == -signal.SIGKILL


@pytest.mark.parametrize(
    ("output", "first", "last"), [("", "", ""), ("\n \n", "", ""), ("a\nb\n", "a", "b"), ("\n a \n", "a", "a")]
)
def test_first_and_last_line(output: str, first: str, last: str) -> None:
    assert (first_line(output), last_line(output)) == (first, last)
