"""The unit under real systemd, on two machines with vrrpd installed as the README says; the wire is the judge."""

import contextlib
import json
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from os import kill
from typing import Any

import pytest

from tests.lab import namespaces
from tests.lab.addresses import AddressNews
from tests.lab.image import Image
from tests.lab.machine import Machine
from tests.lab.net import PROGRAM_POLL_SECONDS
from tests.lab.pair import MEMBER, PATIENCE, PRIORITIES, STRANGER, UNIT, VIP, Pair, configuration, status
from tests.lab.part import stands
from tests.lab.stall import kept_waiting
from tests.lab.waiting import LabTimeoutError, now, wait_until

pytestmark = pytest.mark.kernel

NET_ADMIN_AND_RAW = "0000000000003000"
"""Bits 12 and 13 (linux/capability.h)."""
PROMISED_SCORE = "20"
"""2.0 in tenths, as systemd-analyze takes its threshold."""
BAD_LINE = "advert_intt = 1\n"
BAD = configuration(200) + BAD_LINE
RESIGN = 0
WATCHDOG_SECONDS = 2.0
"""Of the unit."""
SHORTER_SECONDS = 2 + (256 - PRIORITIES["a"]) / 256 - 0.8
"""What the daemon makes of it with an interval of 1 s: Master_Down_Interval, less an interval, less a start."""
SLOW_SECONDS = 4.0
IN_TIME_SECONDS = 2 * SLOW_SECONDS
"""Who is back by then resumes: Master_Down_Interval is three and more; the last advertisement may be one old."""
UNREACHABLE = 3
"""Exit code of vrrpctl."""
HAPROXY_CONFIGURATION = """
global
    stats socket /run/haproxy/vrrpd.sock mode 660 group vrrpd level user
defaults
    mode tcp
    timeout connect 1s
    timeout client 1m
    timeout server 1m
frontend rabbitmq
    bind *:5672
    default_backend rabbitmq_cluster
backend rabbitmq_cluster
    server r1 127.0.0.1:1
"""
HAPROXY_PROBE = """
[probe.haproxy]
type = "haproxy"
socket = "/run/haproxy/vrrpd.sock"
interval = "200ms"
weight = -60

"""


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    with Image() as made:
        yield made


@pytest.fixture(scope="module")
def booted(image: Image) -> Iterator[Pair]:
    with Pair(image) as made:
        yield made


@pytest.fixture
def pair(booted: Pair) -> Pair:
    booted.settle()
    return booted


def wait(condition: Callable[[], bool], what: str) -> float:
    return wait_until(condition, PATIENCE, what, PROGRAM_POLL_SECONDS)


def state(machine: Machine) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(machine.run(["vrrpctl", "state", "--json"]).stdout)
    return answer


def wait_restarted(pair: Pair, machine: Machine, before: int) -> int:
    """Wait for another main process that is active, and for one holder in the end; returns its id."""

    def back() -> bool:
        return machine.main_pid(UNIT) not in (0, before) and machine.show(UNIT, "ActiveState") == "active"

    wait(back, "another vrrpd is active")
    pair.capture.wait_advert(since=now(), timeout=PATIENCE)
    pair.wait_holder()
    return machine.main_pid(UNIT)


# --- installed ------------------------------------------------------------------------------------------------


def test_all_byte_code_was_compiled_by_the_installation(image: Image) -> None:
    """The unit makes the tree read-only, so what is missing would be compiled anew at each start."""
    sources = list(image.prefix.glob("lib/python*/site-packages/**/*.py"))
    missing = [path for path in sources if not list((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"))]
    assert {"vrrpd", "aiohttp", "pyroute2", "structlog", "prometheus_client"} <= {path.parent.name for path in sources}
    assert missing[:3] == []


def test_the_password_is_for_root_and_the_daemon_only(pair: Pair) -> None:
    assert pair.a.run(["stat", "-c", "%U %G %a", "/etc/vrrpd/vrrpd.toml"]).stdout == "root vrrpd 640\n"


def test_the_unit_has_the_promised_score(pair: Pair) -> None:
    done = pair.a.run(["systemd-analyze", "security", "--no-pager", f"--threshold={PROMISED_SCORE}", UNIT], check=False)
    assert done.returncode == 0, done.stdout.splitlines()[-1]


# --- start ----------------------------------------------------------------------------------------------------


def test_the_unit_is_active_only_after_ready(pair: Pair) -> None:
    # The imports take longer than finding the process, but on a busy machine not each time.
    assert any(stopped_while_activating(pair.a) for _ in range(5))
    wait(lambda: pair.a.show(UNIT, "ActiveState") == "active", "vrrpd is active")
    assert state(pair.a)["instances"][0]["state"] in {"backup", "master"}
    assert pair.a.show(UNIT, "StatusText").startswith("VI_1 ")


def stopped_while_activating(machine: Machine) -> bool:
    """Whether systemd waits for a process that we stop early in its start."""
    machine.systemctl("stop", UNIT)
    machine.systemctl("start", "--no-block", UNIT)
    wait(lambda: machine.main_pid(UNIT) != 0, "the main process is there")
    main = machine.main_pid(UNIT)
    kill(main, signal.SIGSTOP)
    try:
        wait(lambda: status(main, "State")[0] == "T", "it stands still")
        return machine.show(UNIT, "ActiveState") == "activating"
    finally:
        kill(main, signal.SIGCONT)


# --- its own user -----------------------------------------------------------------------------------------------


def test_the_daemon_is_nobody_but_for_two_capabilities(pair: Pair) -> None:
    main = pair.a.main_pid(UNIT)
    uid = pair.a.run(["id", "-u", "vrrpd"]).stdout.strip()
    assert status(main, "Uid") == [uid] * 4
    assert [status(main, field) for field in ("CapEff", "CapPrm", "CapBnd")] == [[NET_ADMIN_AND_RAW]] * 3
    assert status(main, "NoNewPrivs") == ["1"]


def test_the_daemon_can_do_everything_all_the_same(pair: Pair) -> None:
    pair.a.systemctl("stop", UNIT)
    pair.wait_holder("b")
    began = now()
    pair.a.systemctl("start", UNIT)
    advert = pair.capture.wait_advert("a", 150, since=began)
    assert (advert.destination, advert.ttl, advert.addresses) == ("224.0.0.18", 255, (VIP,))
    pair.capture.wait_gratuitous_arp("a", VIP, since=began)
    pair.wait_holder("a")
    metrics = namespaces.inside(
        pair.a.host.namespace, lambda: urllib.request.urlopen("http://127.0.0.1:9811/metrics").read().decode()
    )
    assert "\nprocess_resident_memory_bytes " in metrics
    assert "\nvrrpd_" in metrics


@pytest.mark.parametrize(
    ("user", "code", "says"), [(MEMBER, 0, "MASTER"), (STRANGER, UNREACHABLE, "permission denied")]
)
def test_the_group_of_the_daemon_decides_who_may_ask_it(pair: Pair, user: str, code: int, says: str) -> None:
    done = pair.a.run(["vrrpctl", "state"], user=user, check=False)
    assert done.returncode == code, done.stdout
    assert says in done.stdout


def test_it_asks_haproxy_through_the_group_and_gives_way_when_haproxy_is_gone(pair: Pair) -> None:
    pair.a.path("/etc/haproxy/haproxy.cfg").write_text(HAPROXY_CONFIGURATION)
    pair.a.systemctl("start", "haproxy")
    pair.configure("a", configuration(150, track="haproxy", probes=HAPROXY_PROBE))
    pair.a.systemctl("reload", UNIT)
    wait(lambda: state(pair.a)["probes"][0]["up"] is True, "the probe of haproxy is up")
    pair.wait_holder("a")
    pair.a.systemctl("stop", "haproxy")
    pair.wait_holder("b")


# --- reload -----------------------------------------------------------------------------------------------------


def test_reload_of_a_good_file_is_in_force_when_systemctl_returns(pair: Pair) -> None:
    main, began = pair.a.main_pid(UNIT), now()
    waiting = kept_waiting(main)
    pair.configure("a", configuration(180))
    pair.a.systemctl("reload", UNIT)
    assert state(pair.a)["instances"][0]["priority"] == 180
    pair.capture.wait_advert("a", 180)
    assert pair.a.main_pid(UNIT) == main
    assert pair.longest_gap(began - 1) < 1.1 + kept_waiting(main) - waiting


def test_reload_of_a_bad_file_fails_and_changes_nothing(pair: Pair) -> None:
    main, began = pair.a.main_pid(UNIT), now()
    pair.configure("a", BAD)
    done = pair.a.run(["systemctl", "reload", UNIT], check=False)
    assert done.returncode != 0
    assert (pair.a.main_pid(UNIT), pair.a.show(UNIT, "ActiveState")) == (main, "active")
    pair.capture.wait_advert("a", 150, since=now())
    assert {each.priority for each in pair.capture.adverts(since=began)} == {150}
    assert pair.holders() == ["a"]
    warnings = ["--unit", UNIT, "--priority", "warning", "--lines", "5"]
    wait(lambda: "advert_intt" in pair.a.journal(*warnings), "the journal tells it")


# --- stop and restart -------------------------------------------------------------------------------------------


def test_stop_resigns_and_gives_the_address_up(pair: Pair) -> None:
    began = now()
    pair.a.systemctl("stop", UNIT)
    assert not pair.a.host.holds(VIP)
    pair.capture.wait_advert("a", RESIGN, since=began)
    pair.wait_holder("b")
    assert pair.a.show(UNIT, "Result") == "success"
    assert not pair.a.path("/run/vrrpd").exists()


def test_restart_comes_back(pair: Pair) -> None:
    main, began = pair.a.main_pid(UNIT), now()
    pair.a.systemctl("restart", UNIT)
    assert wait_restarted(pair, pair.a, main) != main
    pair.wait_holder("a")
    pair.capture.wait_advert("a", 150, since=now())
    print(f"restart: longest gap {pair.longest_gap(began - 1):.2f} s")  # noqa: T201


def slow_down(pair: Pair) -> None:
    """Long intervals on both: a busy machine needs seven seconds for a start."""
    for name, priority in PRIORITIES.items():
        pair.configure(name, configuration(priority, advert_int=f"{SLOW_SECONDS:g}s"))
        pair.machines[name].systemctl("reload", UNIT)


def test_vrrpctl_restart_gives_nothing_up(pair: Pair) -> None:
    slow_down(pair)
    pair.capture.wait_advert("a", 150, since=now())
    before, began = pair.a.show(UNIT, "ExecMainStartTimestamp"), now()
    waiting = kept_waiting(main := pair.a.main_pid(UNIT))
    pair.a.run(["vrrpctl", "restart"])
    waiting = kept_waiting(main) - waiting
    pair.capture.wait_advert("a", 150, since=now())
    assert {(each.port, each.priority) for each in pair.capture.adverts(since=began)} == {("a", 150)}
    assert pair.longest_gap(began - SLOW_SECONDS) < 2 * SLOW_SECONDS + waiting
    assert pair.a.show(UNIT, "ExecMainStartTimestamp") == before  # for systemd it is the same process
    assert status(pair.a.main_pid(UNIT), "CapEff") == [NET_ADMIN_AND_RAW]


def test_a_drain_is_kept_where_a_boot_leaves_it(pair: Pair) -> None:
    """The hardened unit may write its state directory, and only the daemon's group may read it."""
    pair.a.run(["vrrpctl", "drain", "--force", "--reason", "kernel upgrade"])
    pair.wait_holder("b")
    pair.a.systemctl("stop", UNIT)
    kept = pair.a.path("/var/lib/vrrpd")
    assert {"drain.json", "events.jsonl", "peers.json"} <= {each.name for each in kept.iterdir()}
    assert kept.stat().st_mode & 0o007 == 0
    pair.a.systemctl("start", UNIT)
    assert state(pair.a)["instances"][0]["blocked"] == ["drained: kernel upgrade"]
    assert pair.holders() == ["b"]
    pair.a.run(["vrrpctl", "undrain"])
    pair.wait_holder("a")
    assert "host.drained" in pair.a.run(["vrrpctl", "events"]).stdout


def test_the_watchdog_waits_for_a_restart_in_place(pair: Pair) -> None:
    """On an overloaded host the start takes longer than WatchdogSec; afterwards that holds again."""
    main = pair.a.main_pid(UNIT)
    before = pair.a.show(UNIT, "ExecMainStartTimestampMonotonic")
    wait(lambda: stands_in_its_start(main), "it stands still in its start")
    try:
        time.sleep(WATCHDOG_SECONDS + 0.5)
    finally:
        kill(main, signal.SIGCONT)
    wait(lambda: not blocks_stop(main), "it is back")
    wait(lambda: abs(watchdog_seconds(pair.a) - SHORTER_SECONDS) < 0.001, "the watchdog is as before")
    assert pair.a.show(UNIT, "ExecMainStartTimestampMonotonic") == before
    pair.wait_holder("a")


def watchdog_seconds(machine: Machine) -> float:
    """What systemd waits now, as in `1.914062s`, or `15s`."""
    return float(machine.show(UNIT, "WatchdogUSec").removesuffix("s"))


def stands_in_its_start(pid: int) -> bool:
    """Started anew in place, and stopped before it was done; where we were too slow for that it goes on."""
    kill(pid, signal.SIGUSR2)
    with contextlib.suppress(LabTimeoutError):
        wait_until(lambda: blocks_stop(pid), WATCHDOG_SECONDS, "it starts anew", poll=0.001)
    kill(pid, signal.SIGSTOP)
    wait_until(lambda: stands(pid), PATIENCE, "it stands still", poll=0.001)
    if blocks_stop(pid):  # and it cannot change now
        return True
    kill(pid, signal.SIGCONT)
    return False


def blocks_stop(pid: int) -> bool:
    """SIGTERM waits, as from shortly before the exec until the new process can handle it."""
    return bool(int(status(pid, "SigBlk")[0], 16) >> (signal.SIGTERM - 1) & 1)


# --- deaths -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "told"),
    [(signal.SIGKILL, "code=killed, status=9/KILL"), (signal.SIGSTOP, "Watchdog timeout")],
    ids=["killed", "hangs"],
)
def test_a_daemon_that_dies_or_hangs_resumes_and_nobody_notices(pair: Pair, number: signal.Signals, told: str) -> None:
    """Another one is Master before the peer misses it, and the address has never left."""
    slow_down(pair)
    pair.capture.wait_advert("a", 150, since=now())
    main, waiting = pair.a.main_pid(UNIT), kept_waiting(pair.a.leader)
    with AddressNews(pair.lan) as addresses:
        began, killed = now(), time.monotonic()
        kill(main, number)
        try:
            wait_restarted(pair, pair.a, main)
        finally:
            with contextlib.suppress(ProcessLookupError):
                kill(main, signal.SIGCONT)
        lost = [each for each in addresses.news() if each.address == VIP and not each.held]
    waiting = kept_waiting(pair.a.leader) - waiting  # it is systemd who is quick or not
    started, ready = (monotonic(pair.a, each) for each in ("ExecMainStart", "ActiveEnter"))
    noticed = 2 * WATCHDOG_SECONDS if number is signal.SIGSTOP else 0.0
    assert started - killed < noticed + 1.0 + waiting
    assert told in pair.a.journal("--unit", UNIT, "--since", f"@{int(began)}")
    if ready - killed < IN_TIME_SECONDS:  # else the machine was too busy
        assert pair.capture.adverts("b", since=began) == []
        assert lost == []
        invocation = f"_SYSTEMD_INVOCATION_ID={pair.a.show(UNIT, 'InvocationID')}"
        wait(lambda: "reason=resumed" in pair.a.journal(invocation), "the journal tells it")
    print(f"{number.name}: longest gap {pair.longest_gap(began - SLOW_SECONDS):.2f} s")  # noqa: T201


def monotonic(machine: Machine, event: str) -> float:
    """When that was, on the clock of `time.monotonic`."""
    return int(machine.show(UNIT, f"{event}TimestampMonotonic")) / 1e6


def test_a_bad_configuration_is_not_tried_again_and_again(pair: Pair) -> None:
    pair.configure("a", BAD)
    assert pair.a.run(["systemctl", "restart", UNIT], check=False).returncode != 0
    tried = pair.a.show(UNIT, "InvocationID")
    assert (pair.a.show(UNIT, "SubState"), pair.a.show(UNIT, "ExecMainStatus")) == ("failed", "78")
    pair.wait_holder("b")
    pair.capture.wait_advert("b", since=now())  # longer than RestartSec
    assert (pair.a.show(UNIT, "InvocationID"), pair.a.show(UNIT, "NRestarts")) == (tried, "0")


# --- around -----------------------------------------------------------------------------------------------------


def test_keepalived_and_vrrpd_do_not_run_beside_each_other(pair: Pair) -> None:
    instance_block = "vrrp_instance OTHER {\n interface eth0\n virtual_router_id 52\n priority 10\n}\n"
    pair.a.run(["mkdir", "-p", "/etc/keepalived"])
    pair.a.path("/etc/keepalived/keepalived.conf").write_text(instance_block)
    pair.a.systemctl("start", "keepalived")
    wait(lambda: pair.a.show(UNIT, "ActiveState") == "inactive", "vrrpd has stopped")
    pair.wait_holder("b")
    pair.a.systemctl("start", UNIT)
    wait(lambda: pair.a.show("keepalived", "ActiveState") == "inactive", "keepalived has stopped")
    pair.wait_holder("a")


def test_lines_have_their_priority_in_the_journal(pair: Pair) -> None:
    pair.a.systemctl("restart", UNIT)
    pair.configure("a", BAD)
    pair.a.run(["systemctl", "reload", UNIT], check=False)
    since = ["--unit", UNIT, "--output", "cat", f"_SYSTEMD_INVOCATION_ID={pair.a.show(UNIT, 'InvocationID')}"]
    wait(lambda: "event=reload.rejected" in pair.a.journal(*since), "the journal tells it")
    lines, warnings = (pair.a.journal(*since, *only).splitlines() for only in ([], ["--priority", "warning"]))
    assert [line for line in lines if "event=daemon.started" in line]
    assert [line for line in warnings if "event=reload.rejected" in line]
    assert not [line for line in warnings if "level=info" in line]
