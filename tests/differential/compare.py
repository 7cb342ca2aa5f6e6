"""Where two playings of a scenario differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from tests.differential.hurry import REASON, by_skew_time, excused, sooner
from tests.differential.observation import Change, Observation, Told, Window
from tests.differential.scenario import Aspect, Due, Scenario, Wanted

TOLERANCE_SECONDS = 0.1
"""Of all times, as in our notes on keepalived: most of it is the clock of its log, which we read every 10 ms."""


REQUIRED = " (required)"


@dataclass(frozen=True, slots=True)
class Difference:
    """After which step, in what; `where` is a host with its instance, a sender, an address or a script."""

    makes: str
    step: int
    aspect: Aspect
    where: str
    expected: str
    found: str
    sooner: bool = False
    """Of times: nothing comes later than in the model."""

    @property
    def required(self) -> bool:
        """It is not as a `Due` or a `Shall` says."""
        return self.where.endswith(REQUIRED)

    @property
    def key(self) -> tuple[str, int, Aspect, str]:
        """Under which another playing has the same one."""
        return self.makes, self.step, self.aspect, self.where

    def __str__(self) -> str:
        told = f"{self.aspect.value} of {self.where}" if self.where else self.aspect.value
        return f"{self.makes}, step {self.step}: {told}: {self.expected or '-'}, here {self.found or '-'}"


def differences(
    scenario: Scenario, model: Observation, other: Observation, *, patient: bool = True
) -> Iterator[Difference]:
    """What `other` does that `model` does not, or otherwise, step by step.

    `patient`: allow for what the machine kept them waiting, and for when a script runs next.
    """
    for number, (first, second) in enumerate(zip(model.windows, other.windows, strict=True)):
        late = max((event.late for event in scenario.steps[number].events), default=0.0)
        for aspect, where, expected, found in _in_window(first, second, late, patient=patient):
            early = aspect is Aspect.TIMES and _is_sooner(scenario, first, second, late)
            yield Difference(other.makes, number, aspect, where, expected, found, early)


def missed(scenario: Scenario, seen: Observation) -> Iterator[Difference]:
    """What this playing should have had whatever any other has."""
    for each in scenario.dues:
        if seen.makes in each.makes and not _kept(each, seen.windows[each.step]):
            found = _shown(seen.windows[each.step].changes)
            yield Difference(
                seen.makes, each.step, Aspect.TIMES, f"{each.change}{REQUIRED}", f"after {each.seconds:.2f} s", found
            )
    for number, window in enumerate(seen.windows):
        promised = excused(scenario, number, seen.makes)
        if promised and not by_skew_time(scenario, number, seen.makes, window, _tolerance(window)):
            text = f"a takeover by Skew_Time{REQUIRED}"
            yield Difference(seen.makes, number, Aspect.TIMES, text, "", _shown(window.changes))
    for shall in scenario.shalls:
        found = ", ".join(_told(seen.windows[shall.step], shall.aspect).get(shall.where, ()))
        if seen.makes in shall.makes and found != shall.seen:
            yield Difference(seen.makes, shall.step, shall.aspect, f"{shall.where}{REQUIRED}", shall.seen, found)


def explanation(scenario: Scenario, difference: Difference) -> Wanted | None:
    """The entry that wants this difference; nothing excuses what is required."""
    if difference.required:
        return None
    for each in scenario.wanted:
        fits = each.step == difference.step and difference.aspect in each.aspects
        late = each.reason == REASON and difference.aspect is Aspect.TIMES and not difference.sooner
        if fits and not late and difference.makes in (each.makes or (difference.makes,)):
            return each
    return None


def _kept(wanted: Due, window: Window) -> bool:
    tolerance = _tolerance(window)
    return any(each.text == wanted.change and abs(each.after - wanted.seconds) <= tolerance for each in window.changes)


def _is_sooner(scenario: Scenario, model: Window, other: Window, late: float) -> bool:
    tolerance = TOLERANCE_SECONDS + model.slack + other.slack + late
    return sooner(model.changes, other.changes, scenario.interval, tolerance)


def _tolerance(window: Window) -> float:
    return TOLERANCE_SECONDS + window.slack


def _in_window(model: Window, other: Window, late: float, *, patient: bool) -> Iterator[tuple[Aspect, str, str, str]]:
    for aspect in (each for each in Aspect if each is not Aspect.TIMES):
        first, second = _told(model, aspect), _told(other, aspect)
        for where in sorted({*first, *second}):
            expected, found = first.get(where, ()), second.get(where, ())
            if expected != found:
                yield aspect, where, ", ".join(expected), ", ".join(found)
    tolerance = TOLERANCE_SECONDS + (model.slack + other.slack if patient else 0.0)
    if not _same_times(model.changes, other.changes, tolerance, late if patient else 0.0):
        yield Aspect.TIMES, "", _shown(model.changes), _shown(other.changes)


def _told(window: Window, aspect: Aspect) -> Told:
    match aspect:
        case Aspect.STATES:
            return window.states
        case Aspect.PRIORITIES:
            return window.priorities
        case Aspect.HOLDERS:
            return window.holders
        case Aspect.CALLS:
            return window.calls
        case Aspect.TIMES:
            return {}
        case _:
            assert_never(aspect)


def _same_times(first: Sequence[Change], second: Sequence[Change], tolerance: float, late: float) -> bool:
    """The first ones count from the event, and `late` is how much more they may differ; the others from the first one.

    So what comes at one moment may come in any order.
    """
    one, two = _from_first(first), _from_first(second)
    if one.keys() != two.keys():
        return False
    near = all(abs(after - two[key]) <= tolerance for key, after in one.items())
    return near and (not first or abs(first[0].after - second[0].after) <= tolerance + late)


def _from_first(changes: Sequence[Change]) -> dict[tuple[str, int], float]:
    """Seconds from the first change to each, by its text and how often that was there before."""
    found: dict[tuple[str, int], float] = {}
    total = -changes[0].after if changes else 0.0
    for number, each in enumerate(changes):
        total += each.after
        found[each.text, sum(before.text == each.text for before in changes[:number])] = total
    return found


def _shown(changes: Sequence[Change]) -> str:
    return ", ".join(f"{each.text} after {each.after:.2f} s" for each in changes)
