"""The state file of a daemon, as `vrrpd.daemon.memory` writes it: a moment later, and whole or not at all."""

from collections.abc import Callable

from vrrpd.config.model import Configuration
from vrrpd.engine.instance import NO_PAST, Identity, Past, identity
from vrrpd.engine.journal import AdvertSent, Entry, Role, StateChanged
from vrrpd.engine.journal_health import ProbeChanged
from vrrpd.protocol.messages import PRIORITY_RESIGN, Seconds

SAVE_PAUSE = 0.5
"""Seconds between two writes for advertisements at least, as there."""
WRITES = 0.003
"""Seconds until the file is written; a crash in between leaves the one before."""


class Memory:
    """`file`: what would be read now. `now`: the clock of the host."""

    def __init__(self, now: Callable[[], Seconds]) -> None:
        """There is no file."""
        self._now = now
        self._identities: dict[str, Identity] = {}
        self._sent: dict[str, Seconds] = {}
        self._masters: set[str] = set()
        self._verdicts: dict[str, bool] = {}
        self._file = self._next = NO_PAST
        self._saved_at = -SAVE_PAUSE
        self._soon = False
        """A write for an advertisement waits for its turn."""

    def configure(self, configuration: Configuration) -> None:
        """Know the instances by their names from now on."""
        self._identities = {each.name: identity(each) for each in configuration.instances}

    def record(self, entry: Entry) -> None:
        """As there."""
        match entry:
            case AdvertSent(at, instance, priority) if priority != PRIORITY_RESIGN:
                self._settle()
                self._sent[instance] = at
                if instance in self._masters:
                    self._save_soon()
            case StateChanged(instance=instance, new=Role.MASTER):
                self._masters.add(instance)
                self._save()
            case StateChanged(instance=instance) if instance in self._masters:
                self._masters.discard(instance)
                self._save()
            case ProbeChanged(probe=probe, up=bool(up)):
                self._verdicts[probe] = up
                if self._masters:
                    self._save()
            case _:
                pass

    def recall(self) -> Past:
        """What the file tells a new daemon."""
        self._settle()
        return self._file

    def save_now(self) -> None:
        """Before the process is replaced."""
        self._file = self._next = self._past()

    def lose(self) -> None:
        """Of a daemon that died: what was not written yet is gone, and so is what it knew."""
        self._settle()
        self._next, self._soon = self._file, False
        self._saved_at = -SAVE_PAUSE
        self._sent, self._masters, self._verdicts = {}, set(), {}

    def forget(self) -> None:
        """There is nothing to resume: a stop, or another boot."""
        self.lose()
        self._file = self._next = NO_PAST

    def _save_soon(self) -> None:
        if self._now() >= self._saved_at + SAVE_PAUSE:
            self._save()
        else:
            self._soon = True

    def _save(self) -> None:
        self._settle()
        self._write(self._now())

    def _write(self, instant: float) -> None:
        self._soon = False
        self._next = self._past()
        self._saved_at = instant

    def _settle(self) -> None:
        """What has been written by now, with what its turn came for in the meantime."""
        now = self._now()
        if now >= self._saved_at + WRITES:
            self._file = self._next
        if self._soon and now >= self._saved_at + SAVE_PAUSE:
            self._write(self._saved_at + SAVE_PAUSE)
            if now >= self._saved_at + WRITES:
                self._file = self._next

    def _past(self) -> Past:
        known = (name for name in sorted(self._masters) if name in self._identities and name in self._sent)
        advertised = {self._identities[name]: self._sent[name] for name in known}
        return Past(advertised, dict(self._verdicts))
