"""What is drained stays drained over a restart, for the time that is left."""

import json
from pathlib import Path

import pytest

from tests.observe.samples import Clock
from vrrpd.daemon.disk import Disk
from vrrpd.daemon.drainage import FILE_NAME, Drainage
from vrrpd.engine.drain import Drain
from vrrpd.engine.journal import Entry
from vrrpd.engine.journal_daemon import Drained, Restored, Started, Undrained
from vrrpd.protocol.messages import Seconds

ENDS = "2027-01-15T09:00:00Z"
"""An hour after instant 0 of the clock."""


async def after(directory: Path, *entries: Entry) -> Drainage:
    """The next daemon's."""
    made = Drainage(directory, Disk(), Clock().wall)
    for entry in entries:
        made.record(entry)
    assert await made.saved() == ""
    return Drainage(directory, Disk(), Clock().wall)


async def test_for_the_time_that_is_left(tmp_path: Path) -> None:
    """By the time of day; what is over is over."""
    entries = Drained(Seconds(600.0), "", "upgrade", ENDS), Drained(Seconds(700.0), "VI_1", "", "")
    again = await after(tmp_path, *entries, Started(Seconds(800.0), "1"))
    both = {"": Drain("upgrade", Seconds(3600.0), ENDS), "VI_1": Drain()}
    assert again.recall(Seconds(900.0)) == both
    assert again.recall(Seconds(3600.0)) == {"VI_1": Drain()}


async def test_what_has_ended_is_forgotten(tmp_path: Path) -> None:
    entries = Drained(Seconds(1.0), "", "", ""), Undrained(Seconds(2.0), "", Restored.OPERATOR)
    assert (await after(tmp_path, *entries)).recall(Seconds(3.0)) == {}


async def test_a_clock_that_is_wrong_after_a_boot_makes_it_no_longer(tmp_path: Path) -> None:
    """It reads years before: at most the whole length is left."""
    again = await after(tmp_path, Drained(Seconds(600.0), "", "", ENDS))
    years_before = Seconds(-1e8)
    assert again.recall(years_before) == {"": Drain("", Seconds(years_before + 3000.0), ENDS)}


ROWS = [[], {"drains": []}, {"drains": {"a": 1}}, {"drains": {"a": {"reason": "", "ends": "soon", "length": 1.0}}}]


@pytest.mark.parametrize("document", ROWS, ids=["list", "no table", "no row", "no time"])
def test_a_file_that_is_not_ours_drains_nothing(tmp_path: Path, document: object) -> None:
    (tmp_path / FILE_NAME).write_text(json.dumps(document))
    assert reading(tmp_path).recall(Seconds(0.0)) == {}


def reading(directory: Path) -> Drainage:
    """That only reads."""
    return Drainage(directory, None, Clock().wall)  # type: ignore[arg-type] # nothing is written


async def test_a_disk_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    made = Drainage(tmp_path / "nowhere", Disk(), Clock().wall)
    made.record(Drained(Seconds(1.0), "", "", ""))
    assert await made.saved() == f"{tmp_path}/nowhere/{FILE_NAME}: No such file or directory"
