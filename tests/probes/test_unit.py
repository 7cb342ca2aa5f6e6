"""The control group of a unit."""

from pathlib import Path

import pytest

from vrrpd.probes import unit
from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown
from vrrpd.probes.unit import full, members


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Control groups of our own."""
    monkeypatch.setattr(unit, "CGROUPS", tmp_path)
    (tmp_path / "system.slice").mkdir()
    return tmp_path


def group(place: Path, *pids: int) -> Path:
    """One with these processes."""
    place.mkdir(parents=True)
    (place / "cgroup.procs").write_text("".join(f"{pid}\n" for pid in pids))
    return place


def test_name_without_a_type_is_a_service() -> None:
    assert full("haproxy") == "haproxy.service"
    assert full("rabbitmq@a.b") == "rabbitmq@a.b.service"
    assert full("x.scope") == "x.scope"


@pytest.mark.parametrize(
    "place",
    [
        "system.slice/haproxy.service",
        "unified/system.slice/haproxy.service",
        "systemd/system.slice/haproxy.service",
        "proxy.slice/proxy-front.slice/haproxy.service",
        "system.slice/system-haproxy.slice/haproxy.service",
    ],
)
def test_found_wherever_systemd_puts_it(groups: Path, place: str) -> None:
    group(groups / place, 10, 11)
    group(groups / "system.slice/other.service", 99)
    group(groups / "user.slice/user@1.service/haproxy.service", 98)
    assert members("haproxy") == {10, 11}


def test_delegated_groups_below_count(groups: Path) -> None:
    top = group(groups / "system.slice/rabbit.service", 1)
    group(top / "inner" / "most", 2)
    (top / "threaded").mkdir()
    assert members("rabbit.service") == {1, 2}


def test_unit_that_does_not_run_has_nobody(groups: Path) -> None:
    assert members("haproxy") == frozenset()


def test_without_systemd_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit, "CGROUPS", tmp_path)
    with pytest.raises(ProbeUnknown, match="has no control groups of systemd"):
        members("haproxy")


def test_search_is_bounded(groups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit, "MAX_SLICES", 2)
    (groups / "a.slice" / "b.slice").mkdir(parents=True)
    with pytest.raises(ProbeFailed, match="not among the first 2 slices"):
        members("haproxy")
