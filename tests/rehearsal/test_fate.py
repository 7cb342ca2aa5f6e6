"""Who holds an address, for how long nobody and how long several do."""

from pathlib import Path

import pytest

from tests.rehearsal.sites import fault, pair
from vrrpd.rehearsal.fate import Fate, Part, fate, held, ill_hosts, span
from vrrpd.rehearsal.play import Played, play


def played(folder: Path, title: str) -> Played:
    found = pair(folder)
    return play(found, fault(found, title))


def of(folder: Path, title: str, part: Part = Part.FAULT) -> Fate:
    found = played(folder, title)
    return fate(found, part, found.site.vips[0])


def test_a_stop_costs_skew_time(tmp_path: Path) -> None:
    found = of(tmp_path, "daemon stopped on h1")
    assert (found.before, found.after) == (("h1",), ("h2",))
    assert found.nobody == pytest.approx((256 - 100) / 256, abs=0.02)
    assert found.settled == pytest.approx(found.nobody, abs=0.02)
    assert found.several == 0


def test_it_comes_back_without_a_gap(tmp_path: Path) -> None:
    found = of(tmp_path, "daemon stopped on h1", Part.MENDED)
    assert (found.before, found.after, found.nobody) == (("h2",), ("h1",), 0)
    assert found.several < 0.05


def test_a_lease_ends_before_another_one_takes_over(tmp_path: Path) -> None:
    found = of(tmp_path, "daemon hangs on h1")
    assert found.several == 0
    assert 0.3 < found.nobody < 0.6


def test_who_is_ill_holds_it_until_it_moves(tmp_path: Path) -> None:
    found = of(tmp_path, "p down on h1")
    assert found.after == ("h2",)
    assert found.ill == pytest.approx(found.settled or 0, abs=0.01)
    assert found.ill > 156 / 256


def test_a_cut_leaves_two_that_do_not_meet(tmp_path: Path) -> None:
    found = of(tmp_path, "the hosts do not hear each other")
    assert (found.after, found.meet) == (("h1", "h2"), False)
    assert of(tmp_path, "the hosts do not hear each other", Part.MENDED).meet


def test_without_a_link_nobody_is_served(tmp_path: Path) -> None:
    found = played(tmp_path, "link eth0 down on h1")
    vip = found.site.vips[0]
    gap = [each for each in held(found, vip) if not each.hosts and each.begins >= found.began]
    assert gap[0].begins == found.began
    assert ill_hosts(found, Part.FAULT, vip) == {"h1"}
    assert ill_hosts(found, Part.MENDED, vip) == frozenset()


def test_stretches_have_no_gap(tmp_path: Path) -> None:
    found = played(tmp_path, "power lost on h1")
    stretches = held(found, found.site.vips[0])
    assert [one.ends for one in stretches[:-1]] == [other.begins for other in stretches[1:]]
    assert stretches[0].begins == 0
    assert stretches[-1].ends == found.ended
    assert span(found, Part.FAULT) == (found.began, found.mended)
