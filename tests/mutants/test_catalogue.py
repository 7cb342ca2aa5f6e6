"""The planted defects can still be planted. What notices them: `python -m tests.mutants`."""

import ast
from pathlib import Path

import pytest

from tests.mutants.catalogue import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name.replace(" ", "-"))
def test_each_has_its_place_and_is_python(mutant: Mutant) -> None:
    text = (ROOT / mutant.path).read_text()
    assert text.count(mutant.old) == 1
    assert mutant.old != mutant.new
    ast.parse(text.replace(mutant.old, mutant.new))


def test_there_are_enough_of_them_and_each_once() -> None:
    assert len(MUTANTS) >= 25
    assert len({each.name for each in MUTANTS}) == len(MUTANTS)
