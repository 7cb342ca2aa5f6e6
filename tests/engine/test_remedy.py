"""When a remedy is tried: bounds hold whatever the probe does in between."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from vrrpd.config.model import Probe, Remedy
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.engine.journal_health import RemedyExhausted, RemedyStarted
from vrrpd.engine.remedy import Course
from vrrpd.protocol.messages import Seconds

REMEDY = Remedy(restart="haproxy.service", attempts=2, window=Seconds(100.0), cooldown=Seconds(10.0))
PROBE = Probe(name="p", type="tcp", remedy=REMEDY)


def result(outcome: Outcome) -> Result:
    return Result(outcome, Seconds(0.1), "")


def fallen(probe: Probe = PROBE, outcome: Outcome = Outcome.FAIL) -> Course:
    course = Course.new(probe)
    course.checked(result(outcome))
    course.changed(up=False)
    return course


def tried(course: Course, at: float, until: float) -> None:
    """An attempt that begins and ends, and does not help."""
    assert isinstance(course.decide(Seconds(at)), RemedyStarted)
    course.ended(Seconds(until))


def test_nothing_is_done_before_the_verdict() -> None:
    course = Course.new(PROBE)
    course.checked(result(Outcome.FAIL))
    assert (course.instant(), course.decide(Seconds(5.0))) == (None, None)


def test_the_first_attempt_comes_at_the_fall() -> None:
    course = fallen()
    assert course.instant() == 0.0
    assert course.decide(Seconds(5.0)) == RemedyStarted(Seconds(5.0), "p", "restart haproxy.service", 1, 2)
    assert (course.instant(), course.decide(Seconds(50.0))) == (None, None)  # one at a time


def test_a_probe_without_a_remedy_is_left_alone() -> None:
    course = fallen(replace(PROBE, remedy=None))
    assert (course.instant(), course.decide(Seconds(5.0))) == (None, None)


def test_what_could_not_be_looked_at_is_not_mended() -> None:
    """Restarting a service because its check is broken would be an outage of our own making."""
    for outcome in (Outcome.UNKNOWN, Outcome.ERROR):
        assert fallen(outcome=outcome).decide(Seconds(5.0)) is None
    course = fallen(outcome=Outcome.UNKNOWN)
    course.checked(result(Outcome.TIMEOUT))
    assert isinstance(course.decide(Seconds(6.0)), RemedyStarted)


def test_still_down_the_next_one_comes_after_the_cooldown() -> None:
    course = fallen()
    tried(course, 5.0, 8.0)
    assert course.instant() == 18.0
    assert course.decide(Seconds(17.9)) is None
    assert course.decide(Seconds(18.0)) == RemedyStarted(Seconds(18.0), "p", "restart haproxy.service", 2, 2)


def test_the_cooldown_holds_for_another_fall_as_well() -> None:
    course = fallen()
    tried(course, 5.0, 8.0)
    course.checked(result(Outcome.OK))
    course.changed(up=True)
    assert course.instant() is None
    course.checked(result(Outcome.FAIL))
    course.changed(up=False)
    assert (course.decide(Seconds(9.0)), course.instant()) == (None, 18.0)


def test_no_attempt_while_successes_count_up() -> None:
    course = fallen()
    tried(course, 5.0, 8.0)
    course.checked(result(Outcome.OK))
    assert (course.instant(), course.decide(Seconds(18.0))) == (None, None)
    course.checked(result(Outcome.FAIL))
    assert isinstance(course.decide(Seconds(18.0)), RemedyStarted)


def test_used_up_it_says_so_once_and_rests_until_the_window_has_room() -> None:
    course = fallen()
    tried(course, 5.0, 8.0)
    tried(course, 18.0, 20.0)
    assert course.instant() == 30.0
    assert course.decide(Seconds(30.0)) == RemedyExhausted(Seconds(30.0), "p", 2, Seconds(75.0))
    assert (course.decide(Seconds(31.0)), course.instant()) == (None, 105.0)
    assert course.decide(Seconds(104.9)) is None
    assert course.decide(Seconds(105.0)) == RemedyStarted(Seconds(105.0), "p", "restart haproxy.service", 2, 2)


def test_attempts_count_whatever_came_between() -> None:
    """A service that is mended for a moment only is not mended for ever."""
    course = fallen()
    for at in (5.0, 20.0):
        tried(course, at, at + 1)
        course.changed(up=True)
        course.changed(up=False)
    assert isinstance(course.decide(Seconds(40.0)), RemedyExhausted)
    course.changed(up=True)
    course.changed(up=False)
    assert isinstance(course.decide(Seconds(50.0)), RemedyExhausted)  # another fall, told again


def test_init_fail_is_down_from_the_start_but_mended_only_once_seen_unwell() -> None:
    course = Course.new(replace(PROBE, init_fail=True))
    assert course.decide(Seconds(5.0)) is None
    course.checked(result(Outcome.FAIL))
    assert isinstance(course.decide(Seconds(5.0)), RemedyStarted)


def test_a_reload_keeps_what_was_done() -> None:
    course = fallen()
    tried(course, 5.0, 8.0)
    course.configure(replace(PROBE, remedy=replace(REMEDY, attempts=1)))
    assert isinstance(course.decide(Seconds(18.0)), RemedyExhausted)
    course.configure(replace(PROBE, remedy=replace(REMEDY, attempts=3)))
    assert isinstance(course.decide(Seconds(18.0)), RemedyStarted)


def test_attempts_of_an_earlier_daemon_count() -> None:
    course = Course.new(PROBE, (Seconds(1.0), Seconds(4.0)))
    course.checked(result(Outcome.FAIL))
    course.changed(up=False)
    assert course.decide(Seconds(13.9)) is None
    assert course.decide(Seconds(14.0)) == RemedyExhausted(Seconds(14.0), "p", 2, Seconds(87.0))


def test_another_question_has_no_answer_yet() -> None:
    course = fallen()
    course.configure(replace(PROBE, options="another"))
    assert (course.instant(), course.decide(Seconds(5.0))) == (None, None)


def test_a_probe_that_is_no_more_is_not_mended() -> None:
    course = fallen()
    course.leave()
    assert (course.instant(), course.decide(Seconds(5.0))) == (None, None)


@given(st.lists(st.tuples(st.floats(0.1, 60.0), st.sampled_from(["fall", "rise", "fail", "ok", "end", "wait"]))))
def test_never_more_attempts_in_a_window_and_never_within_a_cooldown(steps: list[tuple[float, str]]) -> None:
    course, now = Course.new(PROBE), 0.0
    begun: list[float] = []
    ended = float("-inf")
    for passed, what in steps:
        now += passed
        match what:
            case "fall" | "rise":
                course.changed(up=what == "rise")
            case "fail" | "ok":
                course.checked(result(Outcome.FAIL if what == "fail" else Outcome.OK))
            case "end" if course.running:
                course.ended(Seconds(now))
                ended = now
            case _:
                pass
        running = course.running
        if isinstance(course.decide(Seconds(now)), RemedyStarted):
            assert not running
            assert now >= ended + REMEDY.cooldown
            begun.append(now)
        assert sum(1 for at in begun if now < at + REMEDY.window) <= REMEDY.attempts
