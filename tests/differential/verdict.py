"""What all pairs of a scenario say together. A difference counts if it is there twice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.differential.compare import Difference, differences, explanation, missed
from tests.differential.observation import Observation
from tests.differential.scenario import Scenario, Wanted
from tests.differential.wanted import REASONS


@dataclass(frozen=True, slots=True)
class Result:
    """`wanted`: short name of a reason to the differences that it explains. `idle`: wanted, but never seen.

    `error`: why it could not be played.
    """

    scenario: str
    pairs: tuple[str, ...]
    unwanted: tuple[Difference, ...] = ()
    wanted: Mapping[str, tuple[Difference, ...]] = field(default_factory=dict)
    idle: tuple[str, ...] = ()
    error: str = ""

    @property
    def good(self) -> bool:
        """Nothing differs but what shall."""
        return not (self.unwanted or self.idle or self.error)


def found(scenario: Scenario, played: Sequence[Observation], *, patient: bool = True) -> list[Difference]:
    """All differences from the first one, and all that was required and is missing."""
    model, *others = played
    return [
        *(each for observation in played for each in missed(scenario, observation)),
        *(each for other in others for each in differences(scenario, model, other, patient=patient)),
    ]


def confirmed(first: Sequence[Difference], second: Sequence[Difference]) -> list[Difference]:
    """Those of the second playing that the first one had too."""
    known = {each.key for each in first}
    return [each for each in second if each.key in known]


def result(scenario: Scenario, seen: Sequence[Difference], either: Sequence[Difference] = ()) -> Result:
    """Sort the differences by what explains them. `either`: where a wanted one may be seen."""
    everything = [(each, explanation(scenario, each)) for each in (either or seen)]
    used = [entry for _, entry in everything if entry is not None]
    wanted: dict[str, tuple[Difference, ...]] = {}
    for difference, entry in everything:
        if entry is not None:
            wanted[entry.reason] = (*wanted.get(entry.reason, ()), difference)
    unwanted = tuple(each for each in seen if explanation(scenario, each) is None)
    return Result(scenario.name, scenario.pairs, unwanted, wanted, tuple(_idle(scenario, used)))


def _idle(scenario: Scenario, used: Sequence[Wanted]) -> Iterator[str]:
    for each in scenario.wanted:
        if each not in used:
            yield f"step {each.step}: {each.reason} ({', '.join(sorted(aspect.value for aspect in each.aspects))})"


def unknown_reasons(scenarios: Sequence[Scenario]) -> list[str]:
    """Reasons that nobody has written down."""
    return sorted({each.reason for scenario in scenarios for each in scenario.wanted} - set(REASONS))


def unused_reasons(scenarios: Sequence[Scenario]) -> list[str]:
    """Reasons that no scenario has."""
    return sorted(set(REASONS) - {each.reason for scenario in scenarios for each in scenario.wanted})
