"""Probe `file`."""

import asyncio
import os
from pathlib import Path

import pytest

from vrrpd.config import model
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.prober import Prober
from vrrpd.probes.file import FileOptions, FileProbe
from vrrpd.probes.inotify import NameNews
from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown
from vrrpd.protocol.messages import Seconds


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Not there yet."""
    return tmp_path / "drain"


async def test_touch_drains_without_a_tick_and_removal_ends_it(path: Path) -> None:
    booked: asyncio.Queue[Result] = asyncio.Queue()

    def checked(_: str, result: Result) -> bool:
        booked.put_nowait(result)
        return False

    prober = Prober(checked)
    options = FileOptions(path=str(path))
    probe = model.Probe(name="p", type="file", interval=Seconds(3600.0), timeout=Seconds(30.0), options=options)
    prober.configure((probe,))
    results = []
    async with asyncio.timeout(30):
        results.append(await booked.get())
        path.touch()
        results.append(await booked.get())
        path.unlink()
        while results[-1].outcome is not Outcome.OK:
            results.append(await booked.get())
    await prober.close()
    assert [(each.outcome, each.certain, each.detail) for each in (*results[:2], results[-1])] == [
        (Outcome.OK, False, f"no file {path}"),
        (Outcome.FAIL, True, f"{path} exists"),
        (Outcome.OK, False, f"no file {path}"),
    ]


async def test_reason_is_shown(path: Path) -> None:
    probe = FileProbe(FileOptions(path=str(path)))
    path.write_text("  new kernel, Ann\nsecond line")
    with pytest.raises(ProbeFailed, match=f"^{path} exists: new kernel, Ann$") as failed:
        await probe.check()
    assert failed.value.certain
    await probe.close()


async def test_up_while_present(path: Path) -> None:
    probe = FileProbe(FileOptions(path=str(path), up_while="present"))
    with pytest.raises(ProbeFailed, match=f"^no file {path}$"):
        await probe.check()
    path.touch()
    assert (await probe.check()).detail == f"{path} exists"
    await probe.close()


async def test_folder_and_pipe_exist_and_nobody_waits(path: Path, tmp_path: Path) -> None:
    os.mkfifo(path)
    for each in (path, tmp_path):
        probe = FileProbe(FileOptions(path=str(each), up_while="present"))
        assert (await probe.check()).detail == f"{each} exists"
        await probe.close()


async def test_missing_folder_is_a_missing_file_and_is_watched_once_there(tmp_path: Path) -> None:
    path = tmp_path / "later" / "drain"
    probe = FileProbe(FileOptions(path=str(path)))
    assert (await probe.check()).detail == f"no file {path}"
    path.parent.mkdir()
    await probe.check()
    path.touch()
    async with asyncio.timeout(20):
        await probe.changed()
    await probe.close()


async def test_what_may_not_be_looked_at_is_unknown(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refuse(name: str, flags: int, mode: int = 0o777) -> int:
        if name == str(path):
            raise PermissionError(13, "Permission denied")
        return real(name, flags, mode)

    probe = FileProbe(FileOptions(path=str(path)))
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(ProbeUnknown, match=f"^{path}: Permission denied$"):
        await probe.check()
    await probe.close()


@pytest.mark.parametrize("method", ["open", "watch"])
async def test_without_inotify_it_is_unknown(path: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    def refuse(_: NameNews) -> None:
        raise OSError(28, "No space left on device")

    probe = FileProbe(FileOptions(path=str(path)))
    with monkeypatch.context() as patched, pytest.raises(ProbeUnknown, match=r"inotify: No space left on device$"):
        patched.setattr(NameNews, method, refuse)
        await probe.check()
    await probe.close()


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (None, 0),
        ("", 0),
        (" \n", 0),
        ("20", 20),
        ("-20\n", -20),
        ("+7", 7),
        ("0", 0),
        ("-0", 0),
        ("0x1F", 31),
        ("010", 8),
        ("2147483647", 2147483647),
    ],
)
async def test_value(path: Path, content: str | None, value: int) -> None:
    if content is not None:
        path.write_text(content)
    probe = FileProbe(FileOptions(path=str(path), value=True))
    assert (await probe.check()).value == value
    await probe.close()


@pytest.mark.parametrize("content", ["garbage", "1 2", "1.5", "08", "0x", "--1", "2147483648", "9" * 300, "\xff"])
async def test_what_is_no_number_is_unknown(path: Path, content: str) -> None:
    path.write_bytes(content.encode("latin-1"))
    probe = FileProbe(FileOptions(path=str(path), value=True))
    with pytest.raises(ProbeUnknown, match=f"^{path} holds "):
        await probe.check()
    await probe.close()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (FileOptions(path="/x"), None),
        (FileOptions(path="/x", value=True), None),
        (FileOptions(path="x"), "path: 'x' is not the absolute path of a file"),
        (FileOptions(path="/x/"), "path: '/x/' is not the absolute path of a file"),
        (FileOptions(path="/x", value=True, up_while="present"), "up_while: has no effect with value"),
    ],
    ids=str,
)
def test_problems(options: FileOptions, problem: str | None) -> None:
    assert options.problems() == ((problem,) if problem else ())
