"""All scenarios by name."""

from tests.differential.configurations import CONFIGURATIONS
from tests.differential.scenario import Scenario
from tests.differential.vectors import VECTORS

SCENARIOS: dict[str, Scenario] = {each.name: each for each in (*VECTORS, *CONFIGURATIONS)}
