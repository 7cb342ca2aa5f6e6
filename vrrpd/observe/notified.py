"""Programs that were told of states, counted: by whose state, which state and how they ended."""

from vrrpd.config.model import Configuration
from vrrpd.config.notify import Notify
from vrrpd.engine.inputs import Outcome
from vrrpd.engine.journal_notify import FifoLost, NotifyEnded, NotifySkipped
from vrrpd.observe.notify import Told

SKIPPED = "skipped"
"""In place of the outcome of a run."""
RESULTS = (*(each.value for each in Outcome), SKIPPED)


class Notified:
    """Give it the configuration, then the entries. Only what is configured is counted, from 0: labels are bounded."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._runs: dict[tuple[str, str, str, str], int] = {}
        self.lost = 0
        """Lines that the named pipe did not take."""

    def configure(self, configuration: Configuration) -> None:
        """Count for these from now on; what is gone vanishes."""
        keys = [
            ("group" if table == "sync_group" else "instance", each.name, state, result)
            for table, each in configuration.followers
            for state in _states(each)
            for result in RESULTS
        ]
        self._runs = {key: self._runs.get(key, 0) for key in keys}

    def record(self, entry: NotifyEnded | NotifySkipped | FifoLost) -> None:
        """Count it."""
        if isinstance(entry, FifoLost):
            self.lost += entry.lines
            return
        whose = ("instance", entry.instance) if entry.instance else ("group", entry.group)
        outcome = entry.result.outcome.value if isinstance(entry, NotifyEnded) else SKIPPED
        key = (*whose, entry.state, outcome)
        if key in self._runs:
            self._runs[key] += 1

    def rows(self) -> list[tuple[tuple[str, ...], int]]:
        """Kind, name, state and outcome, with the count."""
        return list(self._runs.items())


def _states(settings: Notify) -> list[str]:
    """Those of which somebody is told."""
    given = [keyword for keyword, _ in settings.programs]
    return [each.value for each in Told if "notify" in given or f"notify_{each.value.lower()}" in given]
