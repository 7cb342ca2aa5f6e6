"""Remedies and scripts under the hardened unit and real systemd, polkit and HAProxy, set up as the documents say."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.image import Image, start_commands
from tests.lab.machine import Machine
from tests.lab.mended import converted
from tests.lab.net import PROGRAM_POLL_SECONDS, Lan
from tests.lab.pair import CONFIGURATION, PATIENCE, UNIT, VIP, configuration
from tests.lab.part import ROOT
from tests.lab.waiting import LabTimeoutError, wait_until

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.timeout(300),  # the first test also installs, for which pip may have to fetch packages
]

HAPROXY = "haproxy.service"
HAPROXY_CONFIGURATION = """
global
    stats socket /run/haproxy/vrrpd.sock mode 660 group vrrpd level user
defaults
    mode tcp
    timeout connect 1s
    timeout client 1m
    timeout server 1m
listen rabbitmq
    bind *:5672
    server r1 127.0.0.1:1
"""
RULE = "/etc/polkit-1/rules.d/50-vrrpd.rules"
USER_DROP_IN = "/etc/systemd/system/vrrpd.service.d/script-user.conf"
GIVE_UP = "[Service]\nRestart=no\n"
"""As when systemd has given up; Debian's unit would start it again by itself."""
SOCKET = "/run/haproxy/vrrpd.sock"
PROBE = """
[probe.haproxy]
type = "haproxy"
socket = "/run/haproxy/vrrpd.sock"
interval = "200ms"
timeout = "2s"
{remedy}
"""
REMEDY = """
[probe.haproxy.remedy]
restart = "haproxy.service"
attempts = 2
cooldown = "1s"
"""
SCRIPT = """
[probe.who]
type = "script"
shell = "id -un; grep ^Cap /proc/self/status; until grep -x 0 /proc/$$/oom_score_adj; do sleep 0.1; done; exit 1"
timeout = "10s"
{user}
"""
NO_CAPABILITIES = "0" * 16
KINDS = """
[probe.unit]
type = "process"
unit = "haproxy"
interval = "60s"

[probe.worker]
type = "process"
executable = "/usr/sbin/haproxy"
user = "root"
interval = "60s"

[probe.drain]
type = "file"
path = "/etc/vrrpd/drain"
interval = "60s"

[probe.interface]
type = "interface"
interface = "eth0"

[probe.gateway]
type = "ping"
host = "192.0.2.1"
timeout = "5s"
interval = "60s"
"""


@pytest.fixture(scope="module")
def booted() -> Iterator[Machine]:
    with Image() as image, Lan(["a"]) as lan, Machine(next(iter(lan)), image) as made:
        made.path("/etc/haproxy/haproxy.cfg").write_text(HAPROXY_CONFIGURATION)
        made.path(CONFIGURATION).write_text(configuration(150))
        drop_in(made, HAPROXY, "restart.conf", GIVE_UP)
        made.run(["sh", "-eu", "-c", "\n".join(start_commands())])
        yield made


@pytest.fixture
def machine(booted: Machine) -> Machine:
    """Neither rule nor drop-in, and a daemon that has done nothing yet."""
    booted.run(["rm", "-f", RULE, USER_DROP_IN])
    booted.systemctl("daemon-reload")
    booted.systemctl("reset-failed", HAPROXY)  # how often it was started counts no more
    booted.systemctl("start", HAPROXY)
    booted.path(CONFIGURATION).write_text(configuration(150))
    booted.systemctl("restart", UNIT)
    return booted


def drop_in(machine: Machine, unit: str, name: str, text: str) -> None:
    machine.run(["mkdir", "-p", f"/etc/systemd/system/{unit}.d"])
    machine.path(f"/etc/systemd/system/{unit}.d/{name}").write_text(text)
    machine.systemctl("daemon-reload")


def follow(machine: Machine, document: str) -> None:
    """Do what the document says to do as root."""
    text = (ROOT / "docs" / document).read_text()
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    machine.run(["sh", "-eu", "-c", "".join(block for language, block in blocks if not language)])


def may_restart(machine: Machine) -> bool:
    """What polkit says of vrrpd and HAProxy now."""
    asked = ["pkcheck", "--action-id", "org.freedesktop.systemd1.manage-units"]
    asked += ["--process", machine.show(UNIT, "MainPID"), "--detail", "unit", HAPROXY, "--detail", "verb", "restart"]
    return machine.run(asked, check=False).returncode == 0


def start_polkit_anew(machine: Machine) -> None:
    """Where many machines share one kernel, it may get no inotify(7) to see that a rule is new, or gone."""
    machine.run(["systemctl", "reset-failed", "polkit"], check=False)  # how often it was started counts no more
    machine.systemctl("restart", "polkit")


def allow_restarts(machine: Machine) -> None:
    """As remedies.md says."""
    follow(machine, "remedies.md")
    start_polkit_anew(machine)
    wait_until(lambda: may_restart(machine), PATIENCE, "the rule is in force", PROGRAM_POLL_SECONDS)


def wait(machine: Machine, text: str, since: str) -> str:
    """Wait for a line of vrrpd's in the journal, after the cursor; returns it."""

    def lines() -> list[str]:
        found = machine.journal("--unit", UNIT, "--output", "cat", f"--after-cursor={since}").splitlines()
        return [line for line in found if text in line]

    wait_until(lambda: bool(lines()), PATIENCE, f"{text} in the journal", PROGRAM_POLL_SECONDS)
    return lines()[0]


def cursor(machine: Machine) -> str:
    """Where the journal ends now."""
    return machine.journal("--lines=0", "--show-cursor").rpartition("cursor: ")[2].strip()


def probe(machine: Machine) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(machine.run(["vrrpctl", "state", "--json"]).stdout)["probes"][0]
    return answer


def put_in_force(machine: Machine, probes: str, track: str = "") -> None:
    machine.path(CONFIGURATION).write_text(configuration(150, track=track, probes=probes))
    machine.systemctl("reload", UNIT)


def well(machine: Machine) -> None:
    """HAProxy runs, the probe is up, the address is here."""
    put_in_force(machine, PROBE.format(remedy=REMEDY), track="haproxy")
    wait_until(lambda: probe(machine)["up"] is True, PATIENCE, "the probe is up", PROGRAM_POLL_SECONDS)
    wait_until(lambda: machine.host.holds(VIP), PATIENCE, f"it holds {VIP}", PROGRAM_POLL_SECONDS)


def kill_haproxy(machine: Machine) -> None:
    machine.systemctl("kill", "--signal=KILL", HAPROXY)


# --- remedies


def test_without_the_rule_it_says_why_it_failed_and_where_to_allow_it(machine: Machine) -> None:
    start_polkit_anew(machine)
    wait_until(lambda: not may_restart(machine), PATIENCE, "no rule is in force", PROGRAM_POLL_SECONDS)
    well(machine)
    since = cursor(machine)
    kill_haproxy(machine)
    ended = wait(machine, "event=remedy.ended", since)
    assert "outcome=fail" in ended
    assert re.search(r"authentication required|Access denied", ended)
    assert "50-vrrpd.rules" in ended
    wait(machine, "event=remedy.exhausted", since)
    shown = probe(machine)
    assert (shown["up"], shown["remedy"]["attempt"], shown["remedy"]["last_result"]) == (False, 2, "fail")
    assert machine.show(HAPROXY, "ActiveState") == "failed"
    assert "used up" in machine.run(["vrrpctl", "state"]).stdout
    assert not may_restart(machine)


def test_with_the_rule_haproxy_comes_back_after_the_address_was_given_up(machine: Machine) -> None:
    allow_restarts(machine)
    well(machine)
    since = cursor(machine)
    kill_haproxy(machine)
    assert "outcome=ok" in wait(machine, "event=remedy.ended", since)
    wait_until(lambda: probe(machine)["up"] is True, PATIENCE, "the probe is up again", PROGRAM_POLL_SECONDS)
    assert machine.show(HAPROXY, "ActiveState") == "active"
    wait_until(lambda: machine.host.holds(VIP), PATIENCE, f"it holds {VIP} again", PROGRAM_POLL_SECONDS)
    lines = machine.journal("--unit", UNIT, "--output", "cat", f"--after-cursor={since}").splitlines()
    order = [next(at for at, line in enumerate(lines) if text in line) for text in ("new=fault", "remedy.started")]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("verb", "unit"), [("stop", HAPROXY), ("start", HAPROXY), ("restart", "cron.service"), ("restart", "vrrpd.service")]
)
def test_the_rule_gives_nothing_else(machine: Machine, verb: str, unit: str) -> None:
    allow_restarts(machine)
    before = machine.main_pid(UNIT)
    done = machine.run(["systemctl", "--no-ask-password", verb, unit], user="vrrpd", check=False)
    assert done.returncode != 0, done.stdout
    assert re.search(r"authentication required|Access denied|not found", done.stdout)
    assert (machine.show(HAPROXY, "ActiveState"), machine.main_pid(UNIT)) == ("active", before)


# --- scripts


def capabilities(machine: Machine) -> tuple[str, list[str]]:
    """User and permitted, effective and ambient set of the script."""
    wait_until(lambda: probe(machine)["output"] != "", PATIENCE, "the script ran", PROGRAM_POLL_SECONDS)
    user, *lines = probe(machine)["output"].split("\n")
    sets = dict(line.split(":\t") for line in lines if ":" in line)
    return user, [sets["CapPrm"], sets["CapEff"], sets["CapAmb"]]


def test_a_script_has_no_capabilities_also_after_a_restart_in_place(machine: Machine) -> None:
    put_in_force(machine, SCRIPT.format(user=""))
    assert capabilities(machine) == ("vrrpd", [NO_CAPABILITIES] * 3)
    machine.run(["vrrpctl", "restart"])
    assert capabilities(machine) == ("vrrpd", [NO_CAPABILITIES] * 3)
    wait_until(lambda: machine.host.holds(VIP), PATIENCE, f"it holds {VIP}", PROGRAM_POLL_SECONDS)


def test_another_user_needs_the_drop_in(machine: Machine) -> None:
    machine.path(CONFIGURATION).write_text(configuration(150, probes=SCRIPT.format(user='user = "haproxy"')))
    assert machine.run(["systemctl", "reload", UNIT], check=False).returncode != 0
    assert "systemd/script-user.conf" in machine.run(["vrrpctl", "reload"], check=False).stdout
    follow(machine, "scripts.md")
    assert capabilities(machine) == ("haproxy", [NO_CAPABILITIES] * 3)


# --- the script of an old keepalived.conf that starts a service anew, and what `convert` proposes in its place


def comes_back(machine: Machine) -> None:
    """HAProxy is killed, and runs again."""
    wait_until(lambda: probe(machine)["up"] is True, PATIENCE, "the probe is up", PROGRAM_POLL_SECONDS)
    before = machine.main_pid(HAPROXY)
    kill_haproxy(machine)
    try:
        wait_until(
            lambda: machine.show(HAPROXY, "ActiveState") == "active" and machine.main_pid(HAPROXY) != before,
            PATIENCE,
            "HAProxy runs again",
            PROGRAM_POLL_SECONDS,
        )
    except LabTimeoutError as error:
        error.add_note(machine.journal("--unit", UNIT, "--unit", HAPROXY, "--unit", "polkit", "--lines=80"))
        raise


def test_a_script_that_restarts_works_with_the_drop_in(machine: Machine) -> None:
    machine.path(CONFIGURATION).write_text(converted(machine, SOCKET)[0])
    follow(machine, "scripts.md")
    comes_back(machine)


def test_what_convert_proposes_works_with_the_rule(machine: Machine) -> None:
    machine.path(CONFIGURATION).write_text(converted(machine, SOCKET)[1])
    allow_restarts(machine)
    machine.systemctl("reload", UNIT)
    since = cursor(machine)
    comes_back(machine)
    assert "outcome=ok" in wait(machine, "event=remedy.ended", since)
    assert probe(machine)["type"] == "haproxy"


# --- kinds of probe that look at the host: all of them work in the sandbox, and a minute's interval waits for nobody


def stands(machine: Machine) -> dict[str, bool | None]:
    """Verdict by name."""
    probes = json.loads(machine.run(["vrrpctl", "state", "--json"]).stdout)["probes"]
    return {each["name"]: each["up"] for each in probes}


def wait_for(machine: Machine, **wanted: bool) -> None:
    wait_until(lambda: stands(machine) | wanted == stands(machine), PATIENCE, f"{wanted}", PROGRAM_POLL_SECONDS)


def test_unprivileged_and_hardened_they_see_deaths_and_files_at_once(machine: Machine) -> None:
    put_in_force(machine, KINDS)
    wait_for(machine, unit=True, worker=True, drain=True, interface=True, gateway=True)
    kill_haproxy(machine)
    wait_for(machine, unit=False, worker=False)
    machine.run(["touch", "/etc/vrrpd/drain"])
    wait_for(machine, drain=False)
    machine.run(["rm", "/etc/vrrpd/drain"])
    wait_for(machine, drain=True)
