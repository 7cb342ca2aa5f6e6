"""Real-time priority and locked memory of a real daemon, and what its scripts have of it."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.lab.daemon import Vrrpd, instance_text
from tests.lab.net import Lan
from tests.lab.part import Part
from tests.lab.waiting import wait_until

pytestmark = pytest.mark.kernel

PRIORITY = 40
PATIENCE = 20.0
OTHER, RR, RESET = 0, 2, 0x40000000
"""sched(7)."""


def daemon_text(directory: Path) -> str:
    """With a script that says under which policy it runs."""
    shell = f"chrt -p $$ >{directory}/said"
    probe = f'[probe.who]\ntype = "script"\nargv = ["sh", "-c", "{shell}"]\ninterval = "1s"\nweight = 1\n'
    return probe + instance_text(priority=100, vips=["198.51.100.1/32"], track=["who"])


@pytest.fixture(scope="module")
def lan() -> Iterator[Lan]:
    with Lan(["a"]) as made:
        yield made


@pytest.fixture
def part(lan: Lan) -> Iterator[Vrrpd]:
    made = Vrrpd(lan["a"], "", daemon_extra=f"rt_priority = {PRIORITY}\nno_swap = true\n")
    made.configure(daemon_text(made.directory))
    with made:
        yield made


def policies(part: Part) -> dict[str, int]:
    """Of each thread by its number: policy (sched(7)). One that ends meanwhile has none."""
    found: dict[str, int] = {}
    for each in sorted(Path(f"/proc/{part.pid}/task").iterdir()):
        with suppress(ProcessLookupError):
            found[each.name] = os.sched_getscheduler(int(each.name))
    return found


def locked_kib(part: Part) -> int:
    """VmLck (proc_pid_status(5))."""
    lines = Path(f"/proc/{part.pid}/status").read_text().splitlines()
    return int(next(each for each in lines if each.startswith("VmLck:")).split()[1])


def test_all_threads_have_it_and_no_script(part: Vrrpd) -> None:
    """Also threads that it starts later."""
    assert os.sched_getparam(part.pid).sched_priority == PRIORITY
    said = part.directory / "said"
    wait_until(lambda: said.exists() and "policy" in said.read_text(), PATIENCE, "the script")
    assert "SCHED_OTHER" in said.read_text()
    assert {each & ~RESET for each in policies(part).values()} == {RR}
    assert len(policies(part)) > 2


def test_its_memory_is_locked_and_little_more_is_used(part: Vrrpd) -> None:
    """Not the whole stack of each thread."""
    assert locked_kib(part) > 0
    assert part.rss_mib() < 150
    state = part.state()
    assert state["scheduling"] == {"rt_priority": PRIORITY, "no_swap": True, "errors": []}


def test_a_reload_takes_it_back_and_gives_it_again(part: Vrrpd) -> None:
    text = part.configuration_file.read_text()
    part.configuration_file.write_text(text.replace("rt_priority =", "# ").replace("no_swap =", "# "))
    assert part.ctl("reload").returncode == 0
    assert set(policies(part).values()) <= {OTHER, OTHER | RESET}
    assert locked_kib(part) == 0
    part.configuration_file.write_text(text)
    assert part.ctl("reload").returncode == 0
    assert policies(part)[str(part.pid)] == RR


def test_a_restart_in_place_keeps_it(part: Vrrpd) -> None:
    assert part.ctl("restart").returncode == 0
    part.wait_ready_again()
    assert policies(part)[str(part.pid)] == RR
    assert locked_kib(part) > 0


class Limited(Vrrpd):
    """Without the privileges: as under the unit without its drop-in."""

    def argv(self) -> list[str]:
        """Of the capabilities only those of the unit are left."""
        kept = "-all,+net_admin,+net_raw,+setpcap"
        limits = ["prlimit", "--rtprio=0", "--memlock=8388608"]
        return [*limits, "setpriv", f"--bounding-set={kept}", f"--inh-caps={kept}", "--", *super().argv()]


def test_refused_is_told_and_it_serves_even_so(lan: Lan) -> None:
    made = Limited(lan["a"], "", daemon_extra=f"rt_priority = {PRIORITY}\nno_swap = true\n")
    made.configure(instance_text(priority=100, vips=["198.51.100.2/32"]))
    with made:
        made.wait_log("event=scheduling.refused")
        errors = made.state()["scheduling"]["errors"]
        assert [each.partition(":")[0] for each in errors] == ["rt_priority", "no_swap"]
        assert "systemd/real-time.conf" in made.ctl("state").stdout
