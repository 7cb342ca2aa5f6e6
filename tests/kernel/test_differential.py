"""A few scenarios of `make differential`: what happens on keepalived and on vrrpd, and in the mixed pairs, is the same.

When it happens is judged there: here the machine may be busy.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pytest

from tests.differential.catalogue import SCENARIOS
from tests.differential.judge import judge
from tests.differential.scenario import Aspect

pytestmark = pytest.mark.kernel

CHOSEN = ["vector-03", "vector-04", "vector-18", "group-script", "weight-negative-reverse"]
"""An owner, a resignation, rise and fall, a fault of a sync group, a weight: none lasts over 16 s."""
AT_ONCE = 8


def test_the_same_happens() -> None:
    """Nothing but times may differ, and what is wanted was seen."""
    with ProcessPoolExecutor(AT_ONCE, mp_context=multiprocessing.get_context("spawn")) as pool:
        results = judge(pool, [SCENARIOS[name] for name in CHOSEN])
    assert [each.error for each in results] == [""] * len(CHOSEN)
    assert [str(each) for made in results for each in made.unwanted if each.aspect is not Aspect.TIMES] == []
