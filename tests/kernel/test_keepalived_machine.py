"""The unit on keepalived's configuration as it stands, under real systemd, set up as docs/migration.md says."""

import json
import re
import resource
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.image import Image, start_commands
from tests.lab.machine import Machine
from tests.lab.net import PROGRAM_POLL_SECONDS, Lan
from tests.lab.pair import CONFIGURATION, PATIENCE, UNIT, VIP, configuration
from tests.lab.part import ROOT
from tests.lab.waiting import wait_until
from vrrpd.daemon.checking import EXIT_CONFIG

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.timeout(300),  # the first test also installs, for which pip may have to fetch packages
]

OLD = "/etc/keepalived/keepalived.conf"
NEW = "/etc/vrrpd/converted.toml"
IN_PLACE_OF_LIMITS = """
[Service]
AmbientCapabilities=CAP_SYS_NICE
CapabilityBoundingSet=CAP_SYS_NICE
"""
WHO = "/usr/local/sbin/who-am-i"
KEEPALIVED = f"""
! As a distribution ships it, and an operator has changed it.
global_defs {{
    router_id LVS_DEVEL
    vrrp_rt_priority 50
    vrrp_no_swap
}}
vrrp_script who {{
    script "{WHO} now"
    interval 1
    timeout 10
    weight -5
    user root
}}
vrrp_instance VI_1 {{
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 150
    advert_int 1
    authentication {{
        auth_type PASS
        auth_pass 1111
    }}
    virtual_ipaddress {{
        {VIP}
    }}
    track_script {{
        who
    }}
}}
"""


@pytest.fixture(scope="module")
def booted() -> Iterator[Machine]:
    """vrrpd runs on the old file; its script as root."""
    with Image() as image, Lan(["a"]) as lan, Machine(next(iter(lan)), image) as made:
        made.path(CONFIGURATION).write_text(configuration(150))
        made.run(["sh", "-eu", "-c", "\n".join(start_commands())])
        made.run(["mkdir", "-p", "/etc/keepalived"])
        made.path(OLD).write_text(KEEPALIVED)
        made.path(WHO).write_text("#!/bin/sh\nid -un\nexit 1\n")
        made.run(["chmod", "755", WHO])
        follow(made, "migration.md", "keepalived-conf.conf")
        follow(made, "scripts.md", "script-user.conf")  # restarts it, which without this would refuse the user
        if not may_raise_limits():
            made.path("/etc/systemd/system/vrrpd.service.d/zz-test.conf").write_text(IN_PLACE_OF_LIMITS)
        follow(made, "scale.md", "real-time.conf")
        yield made


@pytest.fixture
def machine(booted: Machine) -> Machine:
    """The old file is in force, and it is Master."""
    booted.path(OLD).write_text(KEEPALIVED)
    booted.systemctl("reload", UNIT)
    wait_until(lambda: booted.host.holds(VIP), PATIENCE, f"it holds {VIP}", PROGRAM_POLL_SECONDS)
    return booted


def may_raise_limits() -> bool:
    """Some containers have not CAP_SYS_RESOURCE, nor has their systemd then: LimitRTPRIO= stays what it is there."""
    before = resource.getrlimit(resource.RLIMIT_RTPRIO)
    try:
        resource.setrlimit(resource.RLIMIT_RTPRIO, (before[0], max(99, before[1])))
        resource.setrlimit(resource.RLIMIT_RTPRIO, before)
    except (OSError, ValueError):
        return False
    return True


def follow(machine: Machine, document: str, block: str) -> None:
    """Do what a block of the document says to do as root."""
    text = (ROOT / "docs" / document).read_text()
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    (found,) = (each for language, each in blocks if not language and block in each)
    machine.run(["sh", "-eu", "-c", found])


def state(machine: Machine) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(machine.run(["vrrpctl", "state", "--json"]).stdout)
    return found


def test_it_is_master_and_its_script_runs_as_root(machine: Machine) -> None:
    wait_until(lambda: machine.host.holds(VIP), PATIENCE, f"it holds {VIP}", PROGRAM_POLL_SECONDS)
    wait_until(
        lambda: state(machine)["probes"][0]["output"].strip() == "root", PATIENCE, "the script", PROGRAM_POLL_SECONDS
    )
    (instance,) = state(machine)["instances"]
    assert (instance["name"], instance["priority_base"], instance["priority"]) == ("VI_1", 150, 145)


def test_it_has_the_real_time_priority_that_the_old_file_asks_for(machine: Machine) -> None:
    """In the sandbox of the unit, by the drop-in."""
    shown = machine.run(["systemctl", "show", UNIT, "--property=LimitRTPRIO,LimitMEMLOCK"]).stdout
    assert sorted(shown.split()) == ["LimitMEMLOCK=infinity", "LimitRTPRIO=99"]
    has = state(machine)["scheduling"]
    assert has["rt_priority"] == 50
    assert has["no_swap"] is may_raise_limits()  # CAP_IPC_LOCK is not given on to a container
    main = machine.run(["systemctl", "show", "--property=MainPID", "--value", UNIT]).stdout.strip()
    assert "SCHED_RR" in machine.run(["chrt", "-p", main]).stdout


def test_a_reload_takes_what_has_changed(machine: Machine) -> None:
    machine.path(OLD).write_text(KEEPALIVED.replace("priority 150", "priority 120"))
    machine.systemctl("reload", UNIT)
    assert state(machine)["instances"][0]["priority_base"] == 120
    assert machine.host.holds(VIP)


def test_a_bad_file_is_refused_and_changes_nothing(machine: Machine) -> None:
    """keepalived would end, and leave the address behind."""
    machine.path(OLD).write_text(KEEPALIVED.replace("priority 150", "prioritty 90"))
    assert machine.run(["systemctl", "reload", UNIT], check=False).returncode != 0
    line = KEEPALIVED.splitlines().index("    priority 150") + 1
    told = f"{OLD}:{line}: vrrp_instance.VI_1.prioritty: unknown keyword; did you mean priority?"
    assert told in machine.run(["vrrpctl", "reload"], check=False).stdout
    assert state(machine)["instances"][0]["priority_base"] == 150
    assert machine.host.holds(VIP)


def test_the_converted_file_means_the_same(machine: Machine) -> None:
    """A reload from the one to the other changes nothing."""
    machine.run(["vrrpctl", "convert", OLD, "-o", NEW])
    machine.path(OLD).write_text(machine.path(NEW).read_text())
    done = machine.run(["vrrpctl", "reload"])
    assert done.stdout == f"{OLD}: no instance differs\n"


def test_root_is_told_what_the_user_of_the_unit_may_not_read(machine: Machine) -> None:
    """Before keepalived is stopped: afterwards the unit would end with 78."""
    words = ["/opt/vrrpd/bin/vrrpd", "--config", OLD, "--check"]
    assert "file-not-readable" not in machine.run(words).stdout
    mode = machine.path(OLD).stat().st_mode
    machine.path(OLD).chmod(0o600)
    try:
        done = machine.run(words, check=False)
    finally:
        machine.path(OLD).chmod(mode)
    assert done.returncode == EXIT_CONFIG
    assert f"{OLD}: user vrrpd may not read it; allowed: chgrp vrrpd" in done.stdout


def test_the_virtual_mac_needs_no_more_than_the_unit_gives(machine: Machine) -> None:
    """Its settings go by netlink: /proc/sys is read-only there."""
    assert machine.show(UNIT, "ProtectKernelTunables") == "yes"
    host = machine.host
    host.sysctl("net/ipv4/conf/eth0/promote_secondaries", 0)
    words = "advert_int 1\n    use_vmac\n    promote_secondaries"
    machine.path(OLD).write_text(KEEPALIVED.replace("advert_int 1", words))
    machine.systemctl("reload", UNIT)
    wait_until(
        lambda: [each.interface for each in host.addresses() if each.address == VIP] == ["vrrp.51"],
        PATIENCE,
        "it is on the interface with the virtual MAC",
        PROGRAM_POLL_SECONDS,
    )
    names = ("eth0/arp_ignore", "vrrp.51/arp_ignore", "eth0/promote_secondaries")
    found = host.run(["cat", *(f"/proc/sys/net/ipv4/conf/{each}" for each in names)])
    assert found == "1\n1\n1\n"
