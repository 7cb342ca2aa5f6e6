import os
from pathlib import Path

import pytest

from vrrpd.api.lock import AlreadyRunningError, RunLock


def test_second_daemon_is_told_who_has_it(tmp_path: Path) -> None:
    first, second = RunLock(tmp_path), RunLock(tmp_path)
    first.acquire()
    with pytest.raises(AlreadyRunningError, match=rf"vrrpd.lock: held by another vrrpd, process {os.getpid()}$"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_process_id_of_a_former_daemon_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "vrrpd.lock").write_text("4294967295\n")
    lock = RunLock(tmp_path)
    lock.acquire()
    assert (tmp_path / "vrrpd.lock").read_text() == f"{os.getpid()}\n"
    lock.release()


def test_a_holder_that_wrote_nothing_yet_is_unknown(tmp_path: Path) -> None:
    first, second = RunLock(tmp_path), RunLock(tmp_path)
    first.acquire()
    (tmp_path / "vrrpd.lock").write_text("")
    with pytest.raises(AlreadyRunningError, match="process unknown"):
        second.acquire()
    first.release()


def test_release_twice_is_harmless(tmp_path: Path) -> None:
    lock = RunLock(tmp_path)
    lock.acquire()
    lock.release()
    lock.release()


def test_the_file_stays(tmp_path: Path) -> None:
    lock = RunLock(tmp_path)
    lock.acquire()
    lock.release()
    assert (tmp_path / "vrrpd.lock").exists()
