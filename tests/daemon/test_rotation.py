"""Lines on a disk: whole, bounded, and none of them trusted when read."""

import os
from pathlib import Path

import pytest

from vrrpd.daemon import rotation
from vrrpd.daemon.rotation import FORMER, Files


def numbered(first: int, last: int) -> list[str]:
    return [f'{{"n":{number}}}' for number in range(first, last)]


def test_what_was_appended_comes_back(tmp_path: Path) -> None:
    """The last lines, the oldest first; from nothing comes nothing."""
    files = Files(tmp_path / "events.jsonl")
    assert files.last(5) == []
    files.append(numbered(0, 3))
    files.append(numbered(3, 6))
    assert Files(tmp_path / "events.jsonl").last(4) == numbered(2, 6)


def test_bounded_in_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest file goes; lines come from as many files as are needed."""
    monkeypatch.setattr(rotation, "SIZE_LIMIT", 20)
    files = Files(tmp_path / "events.jsonl")
    for number in range(20):
        files.append(numbered(number, number + 1))
    names = ["events.1.jsonl", "events.2.jsonl", "events.3.jsonl", "events.jsonl"]
    assert sorted(each.name for each in tmp_path.iterdir()) == names
    assert len(names) == FORMER + 1
    assert files.last(5) == numbered(15, 20)
    assert sum(each.stat().st_size for each in tmp_path.iterdir()) <= (FORMER + 1) * 30


@pytest.mark.parametrize("torn", [b'{"n":1', b"\xff\xfe", b"[1]\n", b"\n\n"], ids=["half", "binary", "list", "empty"])
def test_a_crash_costs_one_line(tmp_path: Path, torn: bytes) -> None:
    """What follows begins a line of its own."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"n":0}\n' + torn)
    files = Files(path)
    files.append(numbered(2, 3))
    assert files.last(5) == ['{"n":0}', '{"n":2}']


def test_a_disk_that_fills_up_takes_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENOSPC after a part of it."""
    files = Files(tmp_path / "events.jsonl")
    files.append(numbered(0, 1))
    write, room = os.write, [3]

    def full(descriptor: int, octets: bytes) -> int:
        if not room[0]:
            raise OSError(28, "No space left on device")
        room[0] = 0
        return write(descriptor, octets[:3])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OSError):
            files.append(numbered(1, 9))
    files.append(numbered(9, 10))
    assert (tmp_path / "events.jsonl").read_text() == '{"n":0}\n{"n":9}\n'
