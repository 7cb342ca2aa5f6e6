"""What must outlive the daemon: who is Master and when it last advertised, the verdicts, when remedies began.

Folded from the journal. Who keeps it, and where, is another's matter: a file, or the simulator's idea of one.
"""

from enum import Enum

from vrrpd.config.model import Configuration
from vrrpd.engine.instance import Identity, Past, identity
from vrrpd.engine.journal import AdvertSent, Entry, Role, StateChanged
from vrrpd.engine.journal_health import ProbeChanged, RemedyStarted
from vrrpd.protocol.messages import PRIORITY_RESIGN, Seconds

ATTEMPTS_KEPT = 100
"""Of the remedy of a probe: no window can have more."""


class Haste(Enum):
    """How soon an entry has to be kept. `SOON`: advertisements, of which hundreds come in a second."""

    NONE = "none"
    SOON = "soon"
    NOW = "now"


class Recollection:
    """A reader of the journal."""

    def __init__(self) -> None:
        """Nothing has happened."""
        self._identities: dict[str, Identity] = {}
        self._sent: dict[str, Seconds] = {}
        self._masters: set[str] = set()
        self._verdicts: dict[str, bool] = {}
        self._remedies: dict[str, tuple[Seconds, ...]] = {}

    def configure(self, configuration: Configuration) -> None:
        """Know the instances by their names from now on; a probe that is no more has no verdict."""
        self._identities = {each.name: identity(each) for each in configuration.instances}
        names = {each.name for each in configuration.probes}
        self._verdicts = {name: up for name, up in self._verdicts.items() if name in names}

    def resume(self, past: Past) -> None:
        """Attempts of remedies go on to be counted."""
        self._remedies = dict(past.remedies)

    def record(self, entry: Entry) -> Haste:
        """Take an entry in."""
        match entry:
            case AdvertSent(at, instance, priority) if priority != PRIORITY_RESIGN:
                self._sent[instance] = at
                return Haste.SOON if instance in self._masters else Haste.NONE
            case StateChanged(instance=instance, new=Role.MASTER):
                self._masters.add(instance)
                return Haste.NOW
            case StateChanged(instance=instance) if instance in self._masters:
                self._masters.discard(instance)
                return Haste.NOW
            case ProbeChanged(probe=probe, up=bool(up)):
                self._verdicts[probe] = up
                return Haste.NOW if self._masters else Haste.NONE
            case RemedyStarted(at, probe):
                self._remedies[probe] = (*self._remedies.get(probe, ()), at)[-ATTEMPTS_KEPT:]
                return Haste.NOW
            case _:
                return Haste.NONE

    @property
    def masters(self) -> int:
        """How many instances are Master."""
        return len(self._masters)

    def past(self) -> Past:
        """What a later daemon is to know."""
        known = (name for name in sorted(self._masters) if name in self._identities and name in self._sent)
        advertised = {self._identities[name]: self._sent[name] for name in known}
        return Past(advertised, dict(self._verdicts), dict(self._remedies))

    def resigned(self) -> None:
        """Nobody is Master any more, and there is nothing to resume."""
        self._masters.clear()
