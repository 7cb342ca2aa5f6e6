"""`vrrpctl probe`: real probes run by hand, with their steps."""

import json
import re
from functools import partial
from pathlib import Path

import pytest

from tests.lab.brokers import StandInBroker
from tests.lab.haproxy import HaProxy, idle
from tests.lab.net import Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.waiting import wait_until
from vrrpd.probes import registry

pytestmark = pytest.mark.kernel

PATIENCE = 20.0
EACH = 'interval = "1h"\ntimeout = "10s"\n'
SCRIPT = """
[probe.script]
type = "script"
shell = "echo broken; exit 3"
fall = 2
"""
KINDS: dict[str, tuple[str, list[str]]] = {
    "haproxy": ('socket = "{stats}"', [r"connected to \S+admin\.sock", r"answered with \d+ characters"]),
    "amqp": (
        'user = "u"\npassword = "p"',
        [r"channel\.open-ok", r"channel\.close-ok", r"connected to 127\.0\.0\.1:5672"],
    ),
    "http": ('port = 9811\npath = "/livez"', [r"connected to 127\.0\.0\.1:9811", r"answered: 200 OK"]),
    "process": ('executable = "haproxy"', [r"looked into /proc: \d+ found", r"waiting for the end of \d+"]),
    "ping": ('host = "127.0.0.1"', [r"echo request 2 sent to 127\.0\.0\.1", r"echo reply"]),
    "interface": (
        'interface = "eth0"',
        [r"listening to the kernel for changes of links", r"asked the kernel for eth0: UP, carrier"],
    ),
    "file": ('path = "{drain}"', [r"watching /\S+", r"no such file"]),
    "tcp": ("port = 9811", [r"connected to 127\.0\.0\.1:9811"]),
}
"""Of each kind but `script`: its keywords, and the steps of its second check."""


def test_each_kind_tells_its_steps_with_their_times(lan: Lan) -> None:
    """At once, though the next tick is an hour away; the result counts, and the exit code tells it."""
    assert {*KINDS, "script"} == set(registry.KINDS)
    haproxy = HaProxy(lan["a"], text=idle("127.0.0.1:8080"))
    places = {"stats": haproxy.stats_socket, "drain": haproxy.directory / "drain"}
    kinds = (f'[probe.{kind}]\ntype = "{kind}"\n{words.format(**places)}\n' for kind, (words, _) in KINDS.items())
    text = "".join(f"{each}{EACH}" for each in (*kinds, SCRIPT)) + instance_text(priority=100, vips=[f"{VIP}/32"])
    with haproxy, StandInBroker(lan["a"], address="127.0.0.1"), Vrrpd(lan["a"], text) as daemon:
        wait_until(lambda: all(each["last_checked"] for each in daemon.state()["probes"]), PATIENCE, "all ran once")
        for kind, (_, expected) in KINDS.items():
            found = json.loads(daemon.ctl("probe", kind, "--json").stdout)
            assert found["outcome"] == "ok", found
            told = [each["text"] for each in found["steps"]]
            assert [bool(re.fullmatch(*pair)) for pair in zip(expected, told, strict=True)] == [True] * len(told), told
            instants = [0, *(each["seconds"] for each in found["steps"]), found["seconds"]]
            assert instants == sorted(instants)
        reply = daemon.ctl("probe", "tcp")
        assert re.match(r" +\d+\.\d ms  connected to 127\.0\.0\.1:9811\n", reply.stdout)
        assert reply.stdout.splitlines()[-1] == "verdict: UP (rise 1, fall 1)"
        reply = daemon.ctl("probe", "script")
        assert reply.returncode == 1
        assert re.search(r"ms  started /bin/sh, process \d+\n.*ms  exit status 3\n", reply.stdout)
        assert "  | broken\n" in reply.stdout
        assert "    | broken\n" in daemon.ctl("state").stdout
        assert not daemon.state()["probes"][-1]["up"]
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
    with Vrrpd(lan["a"], turning + instance_text(priority=100, vips=[f"{VIP}/32"])) as daemon:

        def stands(up: bool) -> bool:
            return daemon.state()["probes"][0]["up"] is up

        wait_until(lambda: stands(True), PATIENCE, "it is up")
        for up, result in ((False, fault.touch), (True, fault.unlink)):
            result()
            reply = daemon.ctl("probe", "turning")
            assert "not often enough to change it" in reply.stdout
            wait_until(partial(stands, up), PATIENCE, f"up is {up}")
