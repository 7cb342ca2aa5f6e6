"""What is known of the remedy of one probe: folded from the journal, read by `state` and `metrics`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from vrrpd.config.model import Remedy
from vrrpd.engine.journal_health import ProbeChanged, RemedyEnded, RemedyExhausted, RemedyStarted
from vrrpd.observe.shape import RemedyShape
from vrrpd.protocol.messages import Seconds

OfRemedy = RemedyStarted | RemedyEnded | RemedyExhausted


@dataclass(slots=True)
class RemedyRecord:
    """The last attempt, and whether there will be another; None: none yet."""

    started: RemedyStarted | None = None
    ended: RemedyEnded | None = None
    exhausted: RemedyExhausted | None = None

    def record(self, entry: OfRemedy | ProbeChanged) -> None:
        """Take one entry of the journal in."""
        match entry:
            case RemedyStarted():
                self.started, self.ended, self.exhausted = entry, None, None
            case RemedyEnded():
                self.ended = entry
            case RemedyExhausted():
                self.exhausted = entry
            case ProbeChanged():
                self.exhausted = None
            case _:
                assert_never(entry)

    @property
    def running(self) -> bool:
        """An attempt has begun and its end is not known yet."""
        return self.started is not None and self.ended is None

    def shape(self, remedy: Remedy, text: Callable[[Seconds], str]) -> RemedyShape:
        """For JSON; `text` writes an instant."""
        last = self.ended.result if self.ended else None
        return {
            "remedy": remedy.told,
            "running": self.running,
            "attempt": self.started.attempt if self.started else 0,
            "attempts": remedy.attempts,
            "last_started": text(self.started.at) if self.started else None,
            "last_result": last.outcome.value if last else None,
            "detail": last.detail if last else "",
            "output": last.output if last else "",
            "exhausted_until": text(Seconds(self.exhausted.at + self.exhausted.rest)) if self.exhausted else None,
        }
