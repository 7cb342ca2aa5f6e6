"""All configurations that are not one of the vectors."""

from tests.differential.elections import ELECTIONS
from tests.differential.scenario import Scenario
from tests.differential.senders import SENDERS
from tests.differential.strictness import STRICT
from tests.differential.tellings import TELLINGS
from tests.differential.trackings import TRACKINGS

CONFIGURATIONS: tuple[Scenario, ...] = (*ELECTIONS, *STRICT, *SENDERS, *TRACKINGS, *TELLINGS)
