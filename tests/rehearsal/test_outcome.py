"""Grades: what is as it should be, and what is not."""

from pathlib import Path

import pytest

from tests.rehearsal.sites import instance, outcome, pair, play_one, probe, site
from vrrpd.rehearsal.fate import Part
from vrrpd.rehearsal.outcome import PHASES, Grade, Outcome, grade, phases_of, rehearse, well_hosts
from vrrpd.sim.plan import Kind


@pytest.mark.parametrize(
    ("weight", "title", "expected"),
    [
        (-60, "p down on h1", Grade.GOOD),
        (-5, "p down on h1", Grade.BAD),
        (-50, "p down on h1", Grade.BAD),
        (-5, "p down on h2", Grade.GOOD),
        (-5, "p down on all hosts", Grade.NOTE),
        (0, "p down on all hosts", Grade.NOTE),
        (-60, "the hosts do not hear each other", Grade.NOTE),
        (-60, "daemon killed, not restarted, on h1", Grade.GOOD),
    ],
)
def test_grades(tmp_path: Path, weight: int, title: str, expected: Grade) -> None:
    assert play_one(pair(tmp_path, weight), title).grade is expected


def test_two_holders_that_hear_each_other_are_bad(tmp_path: Path) -> None:
    off = pair(tmp_path, -60, 'vip_lease = "off"')
    found = outcome(off, "daemon killed, not restarted, on h1")
    assert (found.grade, found.worst.after) == (Grade.BAD, ("h1", "h2"))
    assert outcome(off, "daemon killed, not restarted, on h1", Part.MENDED).grade is Grade.GOOD


def test_a_service_that_nobody_looks_at_is_a_note(tmp_path: Path) -> None:
    found = outcome(site(tmp_path, instance(150), instance(100)), "the service is dead on h1, where no probe looks")
    assert found.grade is Grade.NOTE


def test_several_phases_spread(tmp_path: Path) -> None:
    found = play_one(pair(tmp_path), "power lost on h1", (0.05, 0.95)).outcomes[0]
    assert found.nobody.most - found.nobody.least == pytest.approx(0.9, abs=0.05)
    assert grade(found.worst) is Grade.GOOD
    assert found.worst.nobody == found.nobody.most


def test_large_files_are_played_once(tmp_path: Path) -> None:
    assert phases_of(pair(tmp_path)) == PHASES
    assert phases_of(pair(tmp_path, -60, "preempt_delay = 300")) == (0.5,)


def test_only_hosts_that_could_serve_are_well(tmp_path: Path) -> None:
    found = pair(tmp_path)
    assert well_hosts(outcome(found, "p down on h1").worst) == ["h2"]
    assert well_hosts(outcome(found, "daemon stopped on h2").worst) == ["h1"]
    assert well_hosts(outcome(found, "p down on h1", Part.MENDED).worst) == ["h1", "h2"]


def told(found: tuple[Outcome, ...]) -> list[str]:
    return [each.part.value for each in found]


def test_what_is_mended_is_told_if_it_moves_or_has_moved(tmp_path: Path) -> None:
    assert told(play_one(pair(tmp_path), "daemon stopped on h2").told) == ["fault"]
    assert told(play_one(pair(tmp_path), "daemon stopped on h1").told) == ["fault", "mended"]
    assert told(play_one(pair(tmp_path, -60, "nopreempt = true"), "daemon stopped on h1").told) == ["fault", "mended"]


def test_keepalived_is_played_without_scripts(tmp_path: Path) -> None:
    found = list(rehearse(pair(tmp_path), kind=Kind.KEEPALIVED, phases=(0.5,)))
    bad = [each.fault.title for each in found if each.grade is Grade.BAD]
    assert bad == ["daemon killed, not restarted, on h1", "daemon hangs on h1"]


def test_of_three_the_second_takes_over(tmp_path: Path) -> None:
    texts = [probe(-60) + instance(each, 'track = ["p"]') for each in (150, 100, 120)]
    assert outcome(site(tmp_path, *texts), "p down on h1").worst.after == ("h3",)


def test_files_that_are_exchanged(tmp_path: Path) -> None:
    found = outcome(pair(tmp_path, low=100), "h2 reloads with the file of h1")
    assert (found.worst.before, found.worst.after) == (("h1",), ("h1",))
