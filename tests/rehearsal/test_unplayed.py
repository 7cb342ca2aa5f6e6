"""What a rehearsal leaves out is said."""

from pathlib import Path

import pytest

from tests.rehearsal.sites import instance, pair, play_one, probe, site
from vrrpd.rehearsal.faults import faults
from vrrpd.rehearsal.outcome import rehearsed
from vrrpd.rehearsal.record import record
from vrrpd.rehearsal.report import report
from vrrpd.rehearsal.unplayed import unplayed
from vrrpd.sim.plan import Kind

REMEDY = '[probe.p.remedy]\nrestart = "haproxy.service"\n'


def test_nothing_to_say(tmp_path: Path) -> None:
    found = pair(tmp_path)
    assert list(unplayed(found, [play_one(found, "p down on h1")])) == []


def test_the_watchdog_where_a_daemon_hangs(tmp_path: Path) -> None:
    found = pair(tmp_path)
    plays = [play_one(found, "daemon hangs on h1")]
    said = "the watchdog of systemd, which starts a daemon that hangs anew"
    assert list(unplayed(found, plays)) == record(found, plays)["not_played"] == [said]
    assert f"not played: {said}" in list(report(found, plays))


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ('[daemon]\nstartup_delay = "5s"\n', "startup_delay"),
        ('[daemon]\ndelay_after_boot = "5s"\n', "delay_after_boot"),
        (probe(-60) + REMEDY, "the remedy of p"),
        ('[probe.n]\ntype = "file"\npath = "/run/n"\nvalue = true\n', "the number that n reads"),
    ],
)
def test_what_one_file_has(tmp_path: Path, head: str, words: str) -> None:
    found = site(tmp_path, head + instance(150), instance(100))
    assert list(unplayed(found, [])) == [f"{words} on h1"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('virtual_ipaddress_excluded = ["192.0.2.101"]', "virtual_ipaddress_excluded"),
        ("use_vmac = true", "use_vmac"),
        ('notify_master = ["/usr/bin/true"]', "notify programs"),
    ],
)
def test_what_all_instances_have(tmp_path: Path, line: str, words: str) -> None:
    found = pair(tmp_path, -60, line)
    assert list(unplayed(found, [])) == [words]


def test_a_keepalived_has_neither_scripts_nor_a_watchdog(tmp_path: Path) -> None:
    found = pair(tmp_path)
    hangs = next(each for each in faults(found) if each.title == "daemon hangs on h1")
    (said,) = unplayed(found, [rehearsed(found, hangs, kind=Kind.KEEPALIVED, phases=(0.5,))])
    assert said.startswith("scripts and whatever else is tracked")
