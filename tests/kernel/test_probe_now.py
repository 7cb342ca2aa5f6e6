"""`vrrpctl probe`: real probes run by hand, with their steps."""

import json
from functools import partial
from pathlib import Path

import pytest

from tests.lab.net import Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.waiting import wait_until

pytestmark = pytest.mark.kernel

PATIENCE = 20.0
PROBES = """
[probe.port]
type = "tcp"
port = 9811
interval = "1h"
timeout = "10s"

[probe.page]
type = "http"
port = 9811
path = "/livez"
interval = "1h"
timeout = "10s"

[probe.script]
type = "script"
shell = "echo broken; exit 3"
interval = "1h"
timeout = "10s"
fall = 2
"""


def test_each_kind_tells_its_steps(lan: Lan) -> None:
    """At once, though the next tick is an hour away; the result counts, and the exit code tells it."""
    with Vrrpd(lan["a"], PROBES + instance_text(priority=100, vips=["192.0.2.100/32"])) as daemon:
        wait_until(lambda: all(each["last_checked"] for each in daemon.state()["probes"]), PATIENCE, "all ran once")
        reply = daemon.ctl("probe", "port")
        assert (reply.returncode, "connected to 127.0.0.1:9811" in reply.stdout) == (0, True), reply.stdout
        assert reply.stdout.splitlines()[-1] == "verdict: UP (rise 1, fall 1)"
        found = json.loads(daemon.ctl("probe", "page", "--json").stdout)
        assert [each["text"] for each in found["steps"]] == ["connected to 127.0.0.1:9811", "answered: 200 OK"]
        assert 0 < found["steps"][0]["seconds"] <= found["steps"][1]["seconds"] <= found["seconds"]
        reply = daemon.ctl("probe", "script")
        assert reply.returncode == 1
        assert "started /bin/sh, process " in reply.stdout
        assert "exit status 3" in reply.stdout
        assert "  | broken\n" in reply.stdout
        assert not daemon.state()["probes"][2]["up"]
        assert daemon.ctl("probe", "nope").returncode == 4


def test_a_failure_is_looked_at_again_after_fast_interval(tmp_path: Path, lan: Lan) -> None:
    """Down, and up again, before the hour is over: each first result against the verdict is made by hand."""
    fault = tmp_path / "fault"
    turning = f"""
[probe.turning]
type = "script"
shell = "[ ! -e {fault} ]"
interval = "1h"
timeout = "30s"
fast_interval = "100ms"
fall = 3
rise = 3
"""
    with Vrrpd(lan["a"], turning + instance_text(priority=100, vips=["192.0.2.100/32"])) as daemon:

        def stands(up: bool) -> bool:
            return daemon.state()["probes"][0]["up"] is up

        wait_until(lambda: stands(True), PATIENCE, "it is up")
        for up, result in ((False, fault.touch), (True, fault.unlink)):
            result()
            reply = daemon.ctl("probe", "turning")
            assert "not often enough to change it" in reply.stdout
            wait_until(partial(stands, up), PATIENCE, f"up is {up}")
