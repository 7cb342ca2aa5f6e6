"""Other routers are known after a boot as well."""

import json
from pathlib import Path

import pytest

from tests.observe.samples import OTHER, THIRD, Clock, heard
from vrrpd.daemon.acquaintance import FILE_NAME, KEEP_EVERY, KEEP_SHORTEST, Acquaintance
from vrrpd.daemon.disk import Disk
from vrrpd.observe.peers import Known, Peers
from vrrpd.protocol.messages import Seconds


def made(directory: Path, disk: Disk | None = None) -> tuple[Acquaintance, Peers]:
    peers = Peers()
    return Acquaintance(directory, disk or Disk(), peers, Clock().wall), peers


async def test_who_was_heard_is_known_to_the_next_daemon(tmp_path: Path) -> None:
    """On the clock of that one, which may be another; what is new is written at once."""
    disk = Disk()
    acquaintance, _ = made(tmp_path, disk)
    for entry in (heard(10.0, 100), heard(20.0, 90, source="10.0.0.13"), heard(30.0, 0, source="10.0.0.13")):
        acquaintance.record(entry)
    disk.settle(10.0)
    again, peers = made(tmp_path)
    again.recall(Seconds(40.0))
    assert peers.of("VI_1") == (Known(THIRD, 90, Seconds(30.0), resigned=True), Known(OTHER, 100, Seconds(10.0)))


async def test_the_time_is_written_now_and_then(tmp_path: Path) -> None:
    disk = Disk()
    acquaintance, _ = made(tmp_path, disk)
    for at in (10.0, 11.0, 9.0 + KEEP_EVERY):
        acquaintance.record(heard(at))
    disk.settle(10.0)
    before = json.loads((tmp_path / FILE_NAME).read_text())
    acquaintance.record(heard(10.0 + KEEP_EVERY))
    disk.settle(10.0)
    after = json.loads((tmp_path / FILE_NAME).read_text())
    assert [before["VI_1"][0][2], after["VI_1"][0][2]] == ["2027-01-15T08:00:10.000Z", "2027-01-15T08:10:10.000Z"]


async def test_many_that_are_new_are_written_together(tmp_path: Path) -> None:
    """Where hundreds of instances start, each second brings somebody new: not hundreds of writes of everything."""
    disk = Disk()
    acquaintance, _ = made(tmp_path, disk)
    for at in range(10, 20):
        acquaintance.record(heard(float(at), source=f"10.0.0.{at}"))
        disk.settle(10.0)
        known = len(json.loads((tmp_path / FILE_NAME).read_text())["VI_1"])
        assert known == (1 if at < 10 + KEEP_SHORTEST else 6)


@pytest.mark.parametrize(
    "document",
    [[], {"VI_1": 1}, {"VI_1": [1, ["x", 1, "2027-01-15T08:00:00Z", False], ["10.0.0.12", 1, "soon", False]]}],
    ids=["list", "no rows", "bad rows"],
)
async def test_a_file_that_is_not_ours_knows_nobody(tmp_path: Path, document: object) -> None:
    (tmp_path / FILE_NAME).write_text(json.dumps(document))
    acquaintance, peers = made(tmp_path)
    acquaintance.recall(Seconds(40.0))
    assert peers.of("VI_1") == ()
