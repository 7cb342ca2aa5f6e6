"""The words: each verdict with its arithmetic."""

from pathlib import Path

import pytest

from tests.rehearsal.sites import fault, instance, outcome, pair, probe, site
from vrrpd.rehearsal.fate import Part
from vrrpd.rehearsal.outcome import rehearsed
from vrrpd.rehearsal.play import play
from vrrpd.rehearsal.verdict import refusals, verdict
from vrrpd.sim.plan import Kind

OFF, SERVE, KEEPS = 'vip_lease = "off"', 'when_all_failed = "serve"', "nopreempt = true"
RESTARTED = "daemon killed and restarted by systemd on h1"
SILENCE = "h2 hears nothing for its Master_Down_Interval of 3.61 s"


@pytest.mark.parametrize(
    ("weight", "line", "title", "words"),
    [
        (-5, "", "p down on h1", "STAYS on h1: weight -5 leaves 145 > 100 of h2"),
        (-50, "", "p down on h1", "STAYS on h1: weight -50 leaves 100 = 100 of h2, and an equal priority does not"),
        (-60, "", "p down on h1", "MOVES to h2: weight -60 leaves 90 < 100 of h2"),
        (-60, KEEPS, "p down on h1", "STAYS on h1: weight -60 leaves 90 < 100 of h2, but nopreempt is set there"),
        (10, "", "p down on h1", "STAYS on h1: without its weight of +10 there are left 150 > 110 of h2"),
        (0, "", "p down on h1", "MOVES to h2: p of weight 0 puts h1 into fault, and it resigns"),
        (-60, "", "p down on h2", "STAYS on h1: h2 does not hold it"),
        (-60, "", "p down on all hosts", "STAYS on h1: weight -60 leaves 90 > 40 of h2; no well host is there"),
        (0, "", "p down on all hosts", "is held by NOBODY: a probe of weight 0 puts all hosts into fault"),
        (0, SERVE, "p down on all hosts", 'MOVES to h2: weight 0 is a fault, when_all_failed = "serve" leaves 1 = 1'),
        (-60, "", "all is well", "STAYS on h1: 150 > 100 of h2"),
        (-60, "", "daemon stopped on h1", "MOVES to h2: h1 resigns (priority 0), and h2 takes over after its Skew_"),
        (-60, "", RESTARTED, "STAYS on h1: the new process is back in time and goes on as Master"),
        (-60, "", "daemon hangs on h1", f"MOVES to h2: {SILENCE}; the lease of 3 s on h1 ends by itself"),
        (-60, "", "power lost on h1", f"MOVES to h2: {SILENCE}"),
        (-60, "", "link eth0 down on h1", f"MOVES to h2: h1 gives it up without carrier; {SILENCE}"),
        (-60, "", "h1 reloads with the file of h2", "STAYS on h1: 100 = 100 of h2"),
        (-60, "", "the hosts do not hear each other", "is held by h1 AND h2: the hosts do not hear each other"),
        (-60, OFF, "daemon hangs on h1", "is held by h1 AND h2: h2 hears nothing and takes over, and nothing takes"),
    ],
)
def test_while_it_lasts(tmp_path: Path, weight: int, line: str, title: str, words: str) -> None:
    assert verdict(outcome(pair(tmp_path, weight, line), title)).startswith(f"the VIP {words}")


@pytest.mark.parametrize(
    ("lines", "title", "words"),
    [
        ((), "daemon stopped on h1", "comes back to h1: h1 preempts, 150 > 100 of h2"),
        (("nopreempt = true",), "daemon stopped on h1", "stays on h2: 100 < 150 of h1, but nopreempt is set there"),
        ((), "the hosts do not hear each other", "is left to h1 alone: 150 > 100 of h2"),
    ],
)
def test_mended(tmp_path: Path, lines: tuple[str, ...], title: str, words: str) -> None:
    assert verdict(outcome(pair(tmp_path, -60, *lines), title, Part.MENDED)) == f"the VIP {words}"


def test_nobody_is_left_and_the_first_one_takes_it(tmp_path: Path) -> None:
    found = outcome(pair(tmp_path, 0), "p down on all hosts", Part.MENDED)
    assert "comes back to h1: h1 is the first to take it, 150 > 100 of h2" in verdict(found)


def test_it_may_go_to_another_one_than_before(tmp_path: Path) -> None:
    """Two hosts mend at once, neither preempts: the first one to hear nothing."""
    texts = [
        probe(0, "rise = 9") + instance(150, 'track = ["p"]', KEEPS),
        probe(0) + instance(100, 'track = ["p"]', KEEPS),
    ]
    said = verdict(outcome(site(tmp_path, *texts), "p down on all hosts", Part.MENDED))
    assert "goes to h2: h2 is the first to take it, 100 < 150 of h1, but nopreempt" in said


def test_a_restart_may_take_longer_than_the_others_wait(tmp_path: Path) -> None:
    found = pair(tmp_path, -60, "vrrp_version = 3", 'advert_int = "50ms"')
    assert verdict(outcome(found, RESTARTED)).endswith(
        "another one holds it until the new process is back and preempts"
    )


def test_a_shared_probe_moves_nothing(tmp_path: Path) -> None:
    text = probe(0, 'scope = "shared"')
    found = site(tmp_path, *(text + instance(each, 'track = ["p"]') for each in (150, 100)))
    assert "its scope is shared" in verdict(outcome(found, "p down on all hosts"))


def test_a_probe_that_is_not_followed(tmp_path: Path) -> None:
    found = site(tmp_path, *(probe(-60) + instance(each) for each in (150, 100)))
    assert verdict(outcome(found, "p down on h1")) == "the VIP STAYS on h1: its instance does not follow p"


def test_an_address_of_one_file(tmp_path: Path) -> None:
    found = site(tmp_path, instance(150), instance(100, vip="192.0.2.200"))
    assert verdict(outcome(found, "daemon stopped on h1")) == "the VIP is held by NOBODY: no other file has it"
    assert verdict(outcome(found, "h2 reloads with the file of h1")).endswith("h2 has it in its file now")
    assert refusals(play(found, fault(found, "all is well"))) == [
        "h2 refuses the advertisements of h1 (addresses)",
        "h1 refuses the advertisements of h2 (addresses)",
    ]


def test_who_refuses_the_other_is_master_as_well(tmp_path: Path) -> None:
    password = 'authentication = {{ type = "PASS", password = "{}" }}'
    found = site(tmp_path, *(instance(150, password.format(each)) for each in ("one", "two")))
    said = verdict(outcome(found, "all is well"))
    assert said.startswith("the VIP is held by h1 AND h2: h2 refuses the advertisements of h1")


def test_reverse(tmp_path: Path) -> None:
    track = 'track = [{ probe = "p", weight = -20, reverse = true }]'
    found = site(tmp_path, *(probe(-60) + instance(each, track) for each in (150, 100)))
    assert "weight -20 reverse leaves 150 > 120 of h2" in verdict(outcome(found, "p up on h1"))


def test_keepalived_keeps_it(tmp_path: Path) -> None:
    found = pair(tmp_path)
    one = rehearsed(found, fault(found, "daemon hangs on h1"), kind=Kind.KEEPALIVED, phases=(0.5,))
    assert verdict(one.outcomes[0]) == (
        "the VIP is held by h1 AND h2: h2 hears nothing and takes over, and nothing takes it off h1"
    )
