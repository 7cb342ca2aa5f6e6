"""Play scenarios in a pool of processes and judge them."""

from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor

from tests.differential.catalogue import SCENARIOS
from tests.differential.compare import Difference
from tests.differential.observation import Observation
from tests.differential.play import play
from tests.differential.report import told
from tests.differential.scenario import Scenario
from tests.differential.verdict import Result, confirmed, found, result
from tests.lab.waiting import LabError

Playing = dict[str, "Future[Observation]"]


def judge(pool: ProcessPoolExecutor, scenarios: Sequence[Scenario], *, verbose: bool = False) -> list[Result]:
    """All results, each told when it is there. What differs as it should not is played a second time when all have
    been played: only what is there again counts."""
    playing = {each.name: _begin(pool, each) for each in scenarios}
    results, seen = [], {}
    for scenario in scenarios:
        made, seen[scenario.name] = _played(scenario, playing[scenario.name], verbose=verbose)
        results += [made] if made.good else []
    doubtful = [each for each in scenarios if each.name not in {made.scenario for made in results}]
    playing = {each.name: _begin(pool, each) for each in doubtful}
    return results + [
        _played(each, playing[each.name], verbose=verbose, before=seen[each.name])[0] for each in doubtful
    ]


def _played(
    scenario: Scenario, playing: Playing, *, verbose: bool, before: Sequence[Difference] | None = None
) -> tuple[Result, list[Difference]]:
    """The result and all differences; `before`: those of the first time."""
    try:
        played = [each.result() for each in playing.values()]
    except LabError as error:
        print(told(failed := Result(scenario.name, scenario.pairs, error=str(error)), ()), flush=True)
        return failed, []
    seen = found(scenario, played)
    either = [*(before or ()), *seen, *found(scenario, played, patient=False)]
    made = result(scenario, seen if before is None else confirmed(before, seen), either=either)
    print(told(made, played if verbose else ()), flush=True)
    return made, seen


def _begin(pool: ProcessPoolExecutor, scenario: Scenario) -> Playing:
    return {makes: pool.submit(play_named, scenario.name, makes) for makes in scenario.pairs}


def play_named(name: str, makes: str) -> Observation:
    """What a process of the pool does: a scenario itself cannot be sent to it."""
    return play(SCENARIOS[name], makes)
