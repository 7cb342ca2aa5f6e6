"""Which process a pid file names."""

import os
from pathlib import Path

import pytest

from tests.probes.children import program, running
from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown
from vrrpd.probes.pidfile import PidFile


def test_process_that_was_there_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    with running(program(tmp_path)) as (child,):
        file.write_text(f"{child.pid}\nsecond line\n")
        pidfile = PidFile(str(file), trust=False)
        found = pidfile.process(alive=False)
        assert found is not None
        assert found.pid == child.pid
    assert pidfile.process(alive=True) is None


def test_process_younger_than_the_file_is_a_stranger(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    with running(program(tmp_path, "vt-stranger")) as (child,):
        file.write_text(f"{child.pid}")
        os.utime(file, ns=(0, file.stat().st_mtime_ns - 3_000_000_000))
        with pytest.raises(ProbeFailed) as failed:
            PidFile(str(file), trust=False).process(alive=False)
        assert PidFile(str(file), trust=True).process(alive=False) is not None
    assert failed.value.certain
    assert str(failed.value) == (
        f"{file} is older than process {child.pid} (vt-stranger), so it means another one; "
        "if the clock was set since, give executable"
    )


def test_clock_that_is_set_later_accuses_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "pid"
    pidfile = PidFile(str(file), trust=False)
    with running(program(tmp_path)) as (child,):
        file.write_text(f"{child.pid}")
        assert pidfile.process(alive=False)
        monkeypatch.setattr("time.clock_gettime", lambda clock: 1e12)
        assert pidfile.process(alive=True)


@pytest.mark.parametrize("alive", [True, False])
def test_missing_or_empty_is_certain_when_the_process_is_gone_too(tmp_path: Path, alive: bool) -> None:
    file = tmp_path / "pid"
    for content, text in ((None, f"{file}: no such pid file"), ("\n", f"{file} is empty")):
        if content is not None:
            file.write_text(content)
        with pytest.raises(ProbeFailed) as failed:
            PidFile(str(file), trust=False).process(alive=alive)
        assert (str(failed.value), failed.value.certain) == (text, not alive)


@pytest.mark.parametrize("content", ["haproxy", "0", "-5", "99999999999", "\xb2"])
def test_what_is_no_pid_is_unknown(tmp_path: Path, content: str) -> None:
    file = tmp_path / "pid"
    file.write_text(content)
    with pytest.raises(ProbeUnknown, match="holds no pid: "):
        PidFile(str(file), trust=False).process(alive=False)


def test_what_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(ProbeUnknown, match=f"^{tmp_path}: Is a directory$"):
        PidFile(str(tmp_path), trust=False).process(alive=False)
