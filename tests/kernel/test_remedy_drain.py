"""A drained host mends nothing, also when it is started drained; when the drain ends, what is down still is mended."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.net import Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.waiting import wait_until

pytestmark = pytest.mark.kernel

PATIENCE = 30.0
RUNS = 5
"""Of the probe, each a tenth of a second after the last: a remedy begins with the first that turns the verdict."""
TEXT = """
[probe.service]
type = "file"
path = "{fault}"
interval = "100ms"
timeout = "20s"

[probe.service.remedy]
command = ["/bin/sh", "-c", "echo mended >> {mark}"]
attempts = 5
cooldown = "1h"

"""


class Drainable:
    """vrrpd with a service that a file makes ill, and a remedy that leaves a line each time."""

    def __init__(self, lan: Lan) -> None:
        directory = lan["a"].directory
        self.fault, self._mark = directory / "fault", directory / "mark"
        text = TEXT.format(fault=self.fault, mark=self._mark)
        self.vrrpd = Vrrpd(lan["a"], text + instance_text(priority=100, vips=["192.0.2.100/32"], track=["service"]))

    def mended(self) -> int:
        """Remedies that have run."""
        return len(self._mark.read_text().splitlines()) if self._mark.exists() else 0

    def wait_down(self) -> None:
        """The verdict, and some runs of the probe after it."""
        wait_until(lambda: self._probe()["up"] is False, PATIENCE, "the probe is down")
        since = self._runs()
        wait_until(lambda: self._runs() >= since + RUNS, PATIENCE, f"{RUNS} more runs of the probe")

    def _probe(self) -> dict[str, object]:
        probe: dict[str, object] = self.vrrpd.state()["probes"][0]
        return probe

    def _runs(self) -> float:
        name = "vrrpd_probe_runs_total{"
        lines = self.vrrpd.get("/metrics").splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


@pytest.fixture
def host() -> Iterator[Drainable]:
    with Lan(1) as lan:
        made = Drainable(lan)
        with made.vrrpd:
            yield made


def told(vrrpd: Vrrpd, text: str) -> int:
    return vrrpd.log().count(f"event={text}")


def test_a_drain_mends_nothing_until_it_ends(host: Drainable) -> None:
    vrrpd = host.vrrpd
    assert vrrpd.ctl("drain", "--force").returncode == 0
    Path(host.fault).touch()
    host.wait_down()
    assert (host.mended(), told(vrrpd, "remedy.")) == (0, 0)
    assert vrrpd.stop() == 0
    vrrpd.start()
    host.wait_down()
    assert (host.mended(), told(vrrpd, "remedy.")) == (0, 0)
    assert vrrpd.ctl("undrain").returncode == 0
    vrrpd.wait_log("event=remedy.ended", PATIENCE)
    host.wait_down()
    assert (host.mended(), told(vrrpd, "remedy.started"), told(vrrpd, "remedy.ended")) == (1, 1, 1)
