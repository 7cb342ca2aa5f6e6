"""What /proc tells of processes."""

import os
import pwd
import shutil
from pathlib import Path

import pytest

from tests.probes.children import program, running, zombie
from vrrpd.probes import processes
from vrrpd.probes.outcome import ProbeUnknown
from vrrpd.probes.processes import Process, every, goes_on_with, must_see_others, read, runs, runs_as, uid_of


def listed(folder: Path, pid: int, stat: str) -> None:
    """Make an entry of a /proc of our own."""
    entry = folder / str(pid)
    entry.mkdir()
    (entry / "stat").write_text(stat)


def stat(comm: str, state: str = "S", started: int = 77) -> str:
    """As in proc_pid_stat(5)."""
    return f"5 ({comm}) {state} " + " ".join(["0"] * 18) + f" {started} 0 0\n"


def test_child_is_seen_and_its_zombie_is_not(tmp_path: Path) -> None:
    path = program(tmp_path)
    with running(path) as (child,):
        process = read(child.pid)
        assert process is not None
        assert (process.pid, process.comm) == (child.pid, path.name)
        assert process in set(every())
        zombie(child)
        assert read(child.pid) is None
    assert read(child.pid) is None


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (stat("plain"), Process(5, 77, "plain")),
        (stat("a) R (b c"), Process(5, 77, "a) R (b c")),
        (stat("dead", "Z"), None),
        ("5 (cut", None),
    ],
    ids=["plain", "parentheses in the name", "zombie", "cut"],
)
def test_stat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, expected: Process | None) -> None:
    monkeypatch.setattr(processes, "PROC", tmp_path)
    listed(tmp_path, 5, content)
    (tmp_path / "self").mkdir()
    assert read(5) == expected
    assert list(every()) == ([expected] if expected else [])


def test_scan_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PROC", tmp_path)
    monkeypatch.setattr(processes, "MAX_PIDS", 1)
    listed(tmp_path, 5, stat("a"))
    listed(tmp_path, 6, stat("b"))
    with pytest.raises(ProbeUnknown, match="has more than 1 entries"):
        list(every())


def test_name_counts_to_15_characters_and_path_by_executable_or_arguments(tmp_path: Path) -> None:
    path = program(tmp_path, "a-name-longer-than-15")
    with running(path) as (child,):
        process = read(child.pid)
        assert process is not None
        assert runs(process, "a-name-longer-than-15")
        assert runs(process, str(path))
        assert not runs(process, "a-name")
        assert not runs(process, "/elsewhere/a-name-longer-than-15")
        path.unlink()  # as an update of the program does
        assert runs(process, str(path))


def test_script_runs_by_its_path(tmp_path: Path) -> None:
    script = tmp_path / "vt-script"
    script.write_text(f"#!{shutil.which('sh')}\necho up\nread never\nread never\n")
    script.chmod(0o755)
    (reading, writing), (hearing, saying) = os.pipe(), os.pipe()
    plumbing = [(os.POSIX_SPAWN_DUP2, reading, 0), (os.POSIX_SPAWN_DUP2, saying, 1)]
    pid = os.posix_spawn(script, [str(script)], {}, file_actions=plumbing)
    try:
        # posix_spawn returns as soon as the new program has its memory: name and arguments come a moment later.
        assert os.read(hearing, 3) == b"up\n"
        process = read(pid)
        assert process is not None
        assert runs(process, str(script))
    finally:
        for descriptor in (reading, writing, hearing, saying):
            os.close(descriptor)
        os.kill(pid, 9)
        os.waitpid(pid, 0)


def test_user() -> None:
    me = read(os.getpid())
    assert me is not None
    name = pwd.getpwuid(os.geteuid()).pw_name
    assert runs_as(me, uid_of(name))
    assert not runs_as(me, os.geteuid() + 1)
    assert not runs_as(Process(1 << 22, 0, ""), os.geteuid())
    with pytest.raises(ProbeUnknown, match=r"^user: this host has no user nobody-at-all$"):
        uid_of("nobody-at-all")


def test_proc_that_hides_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    must_see_others()
    monkeypatch.setattr(processes, "PROC", tmp_path)
    with pytest.raises(ProbeUnknown, match=r"hides the processes of others \(hidepid, or ProtectProc= in the unit\)"):
        must_see_others()


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        (("-a", "b"), {"exact", "initial", "partial"}),
        (("-a",), {"initial", "partial"}),
        (("-",), {"initial"}),
        ((), {"initial", "partial"}),
        (("b",), set()),
        (("-a", "b", "c"), set()),
    ],
)
def test_arguments(wanted: tuple[str, ...], matches: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PROC", tmp_path)
    listed(tmp_path, 5, stat("x"))
    (tmp_path / "5" / "cmdline").write_text("x\0-a\0b\0")
    process = Process(5, 77, "x")
    assert {each for each in ("exact", "initial", "partial") if goes_on_with(process, wanted, each)} == matches
    assert not goes_on_with(Process(6, 77, "x"), wanted, "exact")
