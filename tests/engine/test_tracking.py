"""Weights and the effective priority."""

import pytest

from vrrpd.engine.inputs import Standing
from vrrpd.engine.tracking import applied, effective_priority, is_fault


@pytest.mark.parametrize(
    ("weight", "up", "adds"),
    [(20, True, 20), (20, False, 0), (-20, True, 0), (-20, False, -20), (0, False, 0), (20, None, 0), (-20, None, 0)],
)
def test_applied(weight: int, up: bool | None, adds: int) -> None:
    """keepalived.conf(5) weight: negative counts while down, positive while up, nothing before a result."""
    assert applied(weight, Standing(up)) == adds


@pytest.mark.parametrize(
    ("weight", "before", "adds"), [(20, True, 20), (20, False, 0), (-20, False, -20), (-20, True, 0)]
)
def test_before_a_result_the_verdict_before_weighs(weight: int, before: bool, adds: int) -> None:
    """A restart or a reload must not move a priority for a moment."""
    assert applied(weight, Standing(None, before=before)) == adds


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
    assert effective_priority(base, [(weight, Standing(up)) for weight, up in weighted]) == expected


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
    assert applied(weight, Standing(True, value)) == adds
    assert is_fault(weight, Standing(True, value)) is fault
