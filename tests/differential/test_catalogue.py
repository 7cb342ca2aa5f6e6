"""Scenarios, reasons and documents say the same."""

import pytest

from tests.differential.catalogue import SCENARIOS
from tests.differential.compare import Difference
from tests.differential.configurations import CONFIGURATIONS
from tests.differential.report import reasons, row
from tests.differential.scenario import ALL_PAIRS, Scenario
from tests.differential.vectors import VECTORS
from tests.differential.verdict import Result, unknown_reasons, unused_reasons
from tests.differential.wanted import REASONS, Reason
from tests.lab.part import ROOT

DOCUMENT, MIGRATION = ROOT / "docs" / "differential.md", ROOT / "docs" / "migration.md"


def test_all_vectors_and_enough_configurations() -> None:
    assert {each.vector for each in VECTORS} == set(range(1, 21))
    assert len(CONFIGURATIONS) >= 25
    assert len(SCENARIOS) == len(VECTORS) + len(CONFIGURATIONS)


def test_reasons_are_written_down_and_used() -> None:
    assert unknown_reasons(list(SCENARIOS.values())) == []
    assert unused_reasons(list(SCENARIOS.values())) == []


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_the_migration_guide_has_every_reason(reason: Reason) -> None:
    assert reason.row in MIGRATION.read_text().splitlines()


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_what_is_wanted_has_a_step_and_a_pair(scenario: Scenario) -> None:
    steps = [each.step for each in scenario.wanted] + [each.step for each in scenario.dues]
    pairs = [each.makes for each in scenario.wanted] + [each.makes for each in scenario.dues]
    assert set(steps) <= set(range(len(scenario.steps)))
    assert {makes for each in pairs for makes in each} <= set(ALL_PAIRS)


def test_the_document_has_what_is_played_and_no_difference_that_nobody_wants() -> None:
    lines = DOCUMENT.read_text().splitlines()
    wanted: dict[str, dict[str, tuple[Difference, ...]]] = {
        name: {each.reason: () for each in scenario.wanted} for name, scenario in SCENARIOS.items()
    }
    results = [Result(name, scenario.pairs, wanted=wanted[name]) for name, scenario in SCENARIOS.items()]
    assert [each.scenario for each in results if row(SCENARIOS[each.scenario], each) not in lines] == []
    assert reasons() in DOCUMENT.read_text()
