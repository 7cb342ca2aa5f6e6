"""The history of a real daemon: over a restart, a crash and a boot's worth of a stop; followed while it happens."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.lab.daemon import CTL
from tests.lab.net import Lan
from tests.lab.part import ROOT
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.waiting import wait_until

pytestmark = pytest.mark.kernel

VIP = "192.0.2.100"
ONE = instance_text(priority=150, vips=[f"{VIP}/32"])
PATIENCE = 20.0


def events(daemon: Vrrpd, *arguments: str) -> list[dict[str, Any]]:
    reply = daemon.ctl("events", "--json", *arguments)
    assert reply.returncode == 0, reply.stderr
    return [json.loads(line) for line in reply.stdout.splitlines()]


def assert_last_two(daemon: Vrrpd, found: list[dict[str, Any]]) -> None:
    """`-n` shows the newest: after those that were found before, though something may happen at any time."""
    two = events(daemon, "-n", "2")
    last = daemon.ctl("events", "-n", "1").stdout
    after = events(daemon, "-n", "1000")
    assert two in [after[each : each + 2] for each in range(len(found) - 2, len(after) - 1)]
    assert last.split()[2] in [each["event"] for each in after[len(found) - 1 :]]


@contextmanager
def following(daemon: Vrrpd, output: Path, *arguments: str) -> Iterator[None]:
    """vrrpctl in the background, writing there."""
    argv = [sys.executable, "-u", "-c", CTL, "--socket", str(daemon.control_socket), *arguments]
    with output.open("wb") as file:
        program = subprocess.Popen(argv, stdout=file, stderr=file, env={"PYTHONPATH": str(ROOT)})
    try:
        yield
    finally:
        program.kill()
        program.wait()


def test_the_history_lasts(lan: Lan) -> None:
    """Over a stop, a crash and a restart in place; in order, the newest last."""
    with Vrrpd(lan["a"], ONE) as daemon:
        daemon.host.wait_holds(VIP)
        daemon.stop()
        daemon.start()
        daemon.host.wait_holds(VIP)
        daemon.kill()
        daemon.start()
        assert daemon.ctl("restart").returncode == 0
        daemon.host.wait_holds(VIP)
        wait_until(lambda: events(daemon, "-n", "1000")[-1]["event"] != "daemon.started", PATIENCE, "Master again")
        found = events(daemon, "-n", "1000")
        assert [each["event"] for each in found].count("daemon.started") == 4
        stamps = [each["timestamp"] for each in found]
        assert stamps == sorted(stamps)
        assert_last_two(daemon, found)


def test_what_happens_is_followed(lan: Lan, tmp_path: Path) -> None:
    """From one daemon to the next: what the old one did last and the new one first are there, once."""
    output = tmp_path / "output"
    with Vrrpd(lan["a"], ONE) as daemon, following(daemon, output, "events", "-f", "-n", "1000"):
        daemon.host.wait_holds(VIP)
        wait_until(lambda: "address.added" in output.read_text(), PATIENCE, "the address in the events")
        assert daemon.ctl("drain", "--force", "--reason", "test").returncode == 0
        wait_until(lambda: "host.drained" in output.read_text(), PATIENCE, "the drain in the events")
        daemon.stop()
        wait_until(lambda: "vrrpctl: the daemon has ended; wait" in output.read_text(), PATIENCE, "a word of it")
        daemon.start()
        wait_until(lambda: output.read_text().count("daemon.started") == 2, PATIENCE, "the next daemon's start")
        told = [output.read_text().count(event) for event in ("host.drained", "daemon.stopping", "daemon.started")]
        assert told == [2, 1, 2]  # the new one says that it is drained, too


def test_a_disk_that_fails_harms_nothing(lan: Lan) -> None:
    """The lines are lost, counted and told; the election does not notice."""
    with Vrrpd(lan["a"], ONE) as daemon:
        daemon.host.wait_holds(VIP)
        (daemon.directory / "state").rename(daemon.directory / "away")  # at once, as the daemon writes there still
        assert daemon.ctl("drain", "--force").stdout.splitlines()[-2].startswith("warning: a restart will not know")
        daemon.host.wait_holds(VIP, held=False)
        daemon.wait_log("event=history.lost")
        lost = [line for line in daemon.get("/metrics").splitlines() if line.startswith("vrrpd_history_lines_lost")]
        assert float(lost[0].split()[1]) > 0
        assert daemon.ctl("undrain").returncode == 0
        daemon.host.wait_holds(VIP)
        assert "host.drained" in daemon.ctl("events").stdout


def test_the_table_is_drawn_when_something_happens(lan: Lan, tmp_path: Path) -> None:
    """A Backup hears its Master, and that one goes: nobody asked in between."""
    output = tmp_path / "output"
    with Vrrpd(lan["a"], ONE.replace("150", "100")) as daemon, following(daemon, output, "state", "--watch"):
        daemon.host.wait_holds(VIP)
        wait_until(lambda: " MASTER " in output.read_text(), PATIENCE, "the table shows a Master")
        with Vrrpd(lan["b"], ONE):
            wait_until(lambda: f"{lan['b'].ip} p150" in output.read_text(), PATIENCE, "the table shows the other one")
            pictures = output.read_text().count("INSTANCE")
        daemon.host.wait_holds(VIP)
        wait_until(lambda: output.read_text().count("INSTANCE") > pictures, PATIENCE, "another picture")
