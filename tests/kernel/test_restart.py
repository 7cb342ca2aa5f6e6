"""Restarts in place with advertisements each second; with long intervals and connections: test_death.py."""

import statistics
from contextlib import ExitStack

import pytest

from bench.resume import GAP_SECONDS, HIGH, Scene

pytestmark = pytest.mark.kernel

PHASES = (0.1, 0.5, 0.9)
"""Seconds after an advertisement."""


def test_a_restart_is_silent_for_less_than_two_intervals() -> None:
    """In the median, of those that the machine let start; and nothing was resigned, however slow it was.

    `python -m bench.resume` takes the figures.
    """
    with ExitStack() as stack:
        scene = Scene(stack)
        events = [scene.restart(each) for each in PHASES]
        assert {each.priority for each in scene.wire.adverts("high")} == {HIGH}
        assert scene.high.running
    gaps = [each.gap for each in events if each.fair]
    assert not gaps or statistics.median(gaps) < GAP_SECONDS, events
