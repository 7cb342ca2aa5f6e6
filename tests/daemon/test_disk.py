"""Jobs in a thread of their own, and files that are whole or not there."""

import threading
from pathlib import Path

import pytest

from vrrpd.daemon.disk import JOBS_LIMIT, Disk, DiskHangsError, load, store


async def test_jobs_are_done_in_order_elsewhere() -> None:
    disk, order = Disk(), list[str]()
    first = disk.do(lambda: order.append("first"))
    second = disk.do(threading.get_ident)
    third = disk.do(threading.get_ident)
    await first
    assert order == ["first"]
    assert await second == await third != threading.get_ident()


async def test_what_a_job_raises_is_its_result(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await Disk().do(lambda: store(tmp_path / "nowhere" / "file", {}))


async def test_a_disk_that_hangs_holds_nobody_up() -> None:
    """What is too much is refused at once; the end does not wait for ever."""
    disk, released, begun = Disk(), threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        released.wait()

    waiting = [disk.do(hang)]
    begun.wait()
    waiting += [disk.do(lambda: None) for _ in range(JOBS_LIMIT)]
    with pytest.raises(DiskHangsError):
        await disk.do(lambda: None)
    disk.settle(0.01)
    released.set()
    for each in waiting:
        await each


async def test_settle_waits_for_what_was_given(tmp_path: Path) -> None:
    disk = Disk()
    disk.do(lambda: store(tmp_path / "file", [1]))  # type: ignore[unused-awaitable] # that is the point
    disk.settle(10.0)
    assert load(tmp_path / "file", 100) == [1]


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    store(path, {"a": 1})
    store(path, {"b": 2})
    assert load(path, 100) == {"b": 2}
    assert [each.name for each in tmp_path.iterdir()] == ["file.json"]


@pytest.mark.parametrize("octets", [b"", b"{", b"\xff", b" " * 101], ids=["empty", "half", "binary", "too large"])
def test_a_file_that_is_wrong_is_as_none(tmp_path: Path, octets: bytes) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(octets)
    assert load(path, 100) is None
    assert load(tmp_path / "other", 100) is None
