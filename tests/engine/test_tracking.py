"""Weights and the effective priority."""

import pytest

from vrrpd.config.model import Track
from vrrpd.engine.inputs import Standing
from vrrpd.engine.tracking import applied, effective_priority, is_fault


def track(weight: int, *, reverse: bool = False) -> Track:
    return Track("p", weight, reverse=reverse)


@pytest.mark.parametrize(
    ("weight", "up", "adds"),
    [(20, True, 20), (20, False, 0), (-20, True, 0), (-20, False, -20), (0, False, 0), (20, None, 0), (-20, None, 0)],
)
def test_applied(weight: int, up: bool | None, adds: int) -> None:
    """keepalived.conf(5) weight: negative counts while down, positive while up, nothing before a result."""
    assert applied(track(weight), Standing(up)) == adds


@pytest.mark.parametrize(
    ("weight", "before", "adds"), [(20, True, 20), (20, False, 0), (-20, False, -20), (-20, True, 0)]
)
def test_before_a_result_the_verdict_before_weighs(weight: int, before: bool, adds: int) -> None:
    """A restart or a reload must not move a priority for a moment."""
    assert applied(track(weight), Standing(None, before=before)) == adds


PRIORITIES: dict[str, tuple[int, list[tuple[int, bool | None]], int]] = {
    "no probes": (100, [], 100),
    "a demotion": (150, [(-60, False)], 90),
    "weights add": (100, [(-20, False), (5, True), (-30, True)], 85),
    "clamped to 1": (40, [(-20, False), (-30, False)], 1),
    "the sum is clamped, not each step": (40, [(-20, False), (-30, False), (20, True)], 10),
    "clamped to 254": (200, [(100, True)], 254),
    "the owner is never changed": (255, [(-60, False)], 255),
}


@pytest.mark.parametrize("row", PRIORITIES.values(), ids=PRIORITIES.keys())
def test_effective_priority(row: tuple[int, list[tuple[int, bool | None]], int]) -> None:
    """The sum is clamped once to 1..254; 255 stays 255."""
    base, weighted, expected = row
    assert effective_priority(base, [(track(weight), Standing(up)) for weight, up in weighted]) == expected


@pytest.mark.parametrize(
    ("weight", "value", "adds", "fault"),
    [
        (1, -20, -20, False),
        (-2, 10, -20, False),
        (3, 100, 253, False),
        (1, -253, -253, False),
        (1, -254, -253, True),
        (0, 0, 0, False),
        (0, 1, 0, True),
        (0, -1, 0, True),
    ],
)
def test_a_value_is_multiplied(weight: int, value: int, adds: int, fault: bool) -> None:
    """keepalived.conf(5) vrrp_track_file: value times weight; a fault at -254, or at all but 0 with weight 0."""
    assert applied(track(weight), Standing(True, value)) == adds
    assert is_fault(track(weight), Standing(True, value)) is fault


@pytest.mark.parametrize(
    ("weight", "up", "adds", "fault"),
    [
        (20, True, -20, False),
        (20, False, 0, False),
        (-20, True, 0, False),
        (-20, False, 20, False),
        (0, True, 0, True),
        (0, False, 0, False),
        (0, None, 0, False),
        (-20, None, 0, False),
    ],
)
def test_reverse(weight: int, up: bool | None, adds: int, fault: bool) -> None:
    """keepalived.conf(5) reverse: the sign is turned; with weight 0 it is a fault while up."""
    reverse = track(weight, reverse=True)
    assert (applied(reverse, Standing(up)), is_fault(reverse, Standing(up))) == (adds, fault)


@pytest.mark.parametrize(("value", "adds", "fault"), [(10, -20, False), (-10, 20, False), (200, -253, True)])
def test_a_value_in_reverse(value: int, adds: int, fault: bool) -> None:
    """Turned before it is compared with what says fault."""
    reverse = track(2, reverse=True)
    assert (applied(reverse, Standing(True, value)), is_fault(reverse, Standing(True, value))) == (adds, fault)
