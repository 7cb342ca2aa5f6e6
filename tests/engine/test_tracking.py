"""Weights and the effective priority."""

import pytest

from vrrpd.engine.tracking import applied, effective_priority


@pytest.mark.parametrize(
    ("weight", "up", "adds"),
    [(20, True, 20), (20, False, 0), (-20, True, 0), (-20, False, -20), (0, False, 0), (20, None, 0), (-20, None, 0)],
)
def test_applied(weight: int, up: bool | None, adds: int) -> None:
    """keepalived.conf(5) weight: negative counts while down, positive while up, nothing before a result."""
    assert applied(weight, up) == adds


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
    assert effective_priority(base, weighted) == expected
