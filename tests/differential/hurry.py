"""What `fast_preempt` promises where it excuses other times: sooner than keepalived, and by Skew_Time, not just any."""

from collections.abc import Sequence

from tests.differential.observation import Change, Window
from tests.differential.scenario import Aspect, Scenario

REASON = "fast_preempt"


def sooner(model: Sequence[Change], other: Sequence[Change], interval: float, tolerance: float) -> bool:
    """The same changes, in whatever order, none of them later after the event and one sooner by half an interval."""
    one, two = _from_event(model), _from_event(other)
    if one.keys() != two.keys():
        return False
    gains = [one[key] - two[key] for key in one]
    return min(gains) >= -tolerance and max(gains) >= interval / 2


def excused(scenario: Scenario, step: int, makes: str) -> bool:
    """Whether times may differ there for this reason."""
    return any(
        each.step == step
        and each.reason == REASON
        and Aspect.TIMES in each.aspects
        and makes in (each.makes or (makes,))
        and makes != "kk"
        for each in scenario.wanted
    )


def by_skew_time(scenario: Scenario, step: int, makes: str, window: Window, tolerance: float) -> bool:
    """Whether a vrrpd took over Skew_Time after a lower priority, which the other one tells at each interval.

    Of one that starts the window begins with its first state, at any moment between two of them.
    """
    starts = any(event.starts for event in scenario.steps[step].events)
    takers = [each for each in window.changes if _priority(each) and _make(each, makes) == "v"]
    behind = [each.after - _skew(each, scenario.interval) for each in takers]
    if starts:
        return any(each >= -tolerance for each in behind)
    return any(_distance(each, scenario.interval) <= tolerance for each in behind)


def _from_event(changes: Sequence[Change]) -> dict[tuple[str, int], float]:
    """Seconds to each, by its text and how often that was there before."""
    found: dict[tuple[str, int], float] = {}
    total = 0.0
    for number, each in enumerate(changes):
        total += each.after
        found[each.text, sum(before.text == each.text for before in changes[:number])] = total
    return found


def _make(change: Change, makes: str) -> str:
    """Of the host that sent it, a or b."""
    return makes["ab".index(change.text[0])]


def _priority(change: Change) -> int:
    return int(change.text.rpartition(" ")[2])


def _skew(change: Change, interval: float) -> float:
    return interval * (256 - _priority(change)) / 256


def _distance(seconds: float, interval: float) -> float:
    """To the nearest multiple of the interval."""
    return abs((seconds + interval / 2) % interval - interval / 2)
