"""Virtual time."""

import pytest

from vrrpd.sim.timeline import Clock, Timeline


def test_acts_come_in_order_of_time_and_then_of_asking() -> None:
    timeline, done = Timeline(), list[str]()
    timeline.at(2.0, done.append, "late")
    timeline.at(1.0, done.append, "first")
    timeline.at(1.0, done.append, "second")
    timeline.run(1.5)
    assert (done, timeline.now) == (["first", "second"], 1.5)


def test_what_is_over_counts_as_now() -> None:
    timeline, done = Timeline(), list[float]()
    timeline.run(5.0)
    timeline.at(1.0, lambda: done.append(timeline.now))
    timeline.run(6.0)
    assert done == [5.0]
    timeline.run(2.0)
    assert timeline.now == 6.0


def test_a_clock_that_runs_fast() -> None:
    timeline = Timeline()
    clock = Clock(timeline, 1.25, 100.0)
    timeline.run(4.0)
    assert clock.now() == 105.0
    assert clock.due(110.0) == pytest.approx(8.0)
    assert clock.lasts(5.0) == pytest.approx(4.0)
    clock.reboot(1.0)
    assert clock.now() == 1.0


def test_a_timer_that_is_armed_for_now_again_is_found() -> None:
    """And not waited for: a defect of a daemon ends the run, not the campaign."""
    timeline = Timeline()

    def again() -> None:
        timeline.after(1e-15, again)

    timeline.at(1.0, again)
    with pytest.raises(RuntimeError, match="time stands still"):
        timeline.run(2.0)
