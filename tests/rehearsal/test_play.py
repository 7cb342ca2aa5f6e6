"""One play: it begins settled, at the phase asked for, and says who was what."""

from pathlib import Path

import pytest

from tests.rehearsal.sites import fault, instance, pair, site
from vrrpd.engine.journal import AdvertSent, Role
from vrrpd.rehearsal.play import effort, play, priority, role, settling, takes_part
from vrrpd.sim.plan import Kind


def test_equal_plays_are_equal(tmp_path: Path) -> None:
    found = pair(tmp_path)
    one = fault(found, "p down on h1")
    assert play(found, one) == play(found, one)


@pytest.mark.parametrize("phase", [0.05, 0.5, 0.95])
def test_it_begins_at_the_phase(tmp_path: Path, phase: float) -> None:
    found = pair(tmp_path)
    played = play(found, fault(found, "daemon killed, not restarted, on h1"), phase=phase)
    last = max(when for when, _, entry in played.journal if isinstance(entry, AdvertSent) and when < played.began)
    assert played.began - last == pytest.approx(phase, abs=0.01)


def test_the_best_is_master_before_others_start(tmp_path: Path) -> None:
    """With nopreempt the first one keeps it, whatever its file comes after."""
    found = site(tmp_path, instance(100, "nopreempt = true"), instance(150, "nopreempt = true"))
    played = play(found, fault(found, "all is well"))
    assert [each.router for each in played.holdings] == ["h2"]


def test_states_and_priorities_of_any_instant(tmp_path: Path) -> None:
    found = pair(tmp_path, 0)
    played = play(found, fault(found, "p down on h1"))
    assert priority(played, "h1", "VI_1", played.mended) in (150, None)
    assert [getattr(role(played, "h1", "VI_1", when), "new", None) for when in (played.began, played.mended)] == [
        Role.MASTER,
        Role.FAULT,
    ]
    vip = found.vips[0]
    assert [takes_part(played, each, vip, played.mended) for each in ("h1", "h2", "h3")] == [False, True, False]


def test_demotion_is_of_the_part_before_it_is_mended(tmp_path: Path) -> None:
    found = pair(tmp_path)
    played = play(found, fault(found, "p down on h1"))
    assert [priority(played, "h1", "VI_1", when) for when in (played.mended, played.ended)] == [90, 150]


def test_long_delays_are_waited_for(tmp_path: Path) -> None:
    assert settling(pair(tmp_path, -60, "preempt_delay = 300")) > 300


def test_effort_grows_with_time_and_rate(tmp_path: Path) -> None:
    usual = effort(pair(tmp_path))
    assert effort(pair(tmp_path, -60, "preempt_delay = 100")) > 5 * usual
    assert effort(pair(tmp_path, -60, "vrrp_version = 3", 'advert_int = "10ms"')) > 5 * usual


def test_keepalived_leaves_its_addresses_behind(tmp_path: Path) -> None:
    found = pair(tmp_path)
    played = play(found, fault(found, "daemon killed, not restarted, on h1"), kind=Kind.KEEPALIVED)
    assert [(each.router, each.there) for each in played.holdings if each.at < played.mended] == [
        ("h1", True),
        ("h2", True),
    ]


def test_hosts_that_do_not_hear_each_other(tmp_path: Path) -> None:
    found = pair(tmp_path)
    assert play(found, fault(found, "the hosts do not hear each other")).deaf == {("h1", "h2")}
    assert play(found, fault(found, "daemon stopped on h1")).deaf == frozenset()
