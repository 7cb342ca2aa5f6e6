"""The state file of a daemon, as `vrrpd.daemon.memory` writes it: a moment later, and whole or not at all."""

from collections.abc import Callable

from vrrpd.config.model import Configuration
from vrrpd.engine.instance import NO_PAST, Past
from vrrpd.engine.journal import Entry
from vrrpd.engine.recollection import Haste, Recollection
from vrrpd.protocol.messages import Seconds

SAVE_PAUSE = 0.5
"""Seconds between two writes for advertisements at least, as there."""
WRITES = 0.003
"""Seconds until the file is written; a crash in between leaves the one before."""


class Memory:
    """`file`: what would be read now. `now`: the clock of the host."""

    def __init__(self, now: Callable[[], Seconds]) -> None:
        """There is no file."""
        self._now = now
        self._configuration = Configuration()
        self._recollection = Recollection()
        self._file = self._next = NO_PAST
        self._saved_at = -SAVE_PAUSE
        self._soon = False
        """A write for an advertisement waits for its turn."""

    def configure(self, configuration: Configuration) -> None:
        """See `Recollection`."""
        self._configuration = configuration
        self._recollection.configure(configuration)

    def record(self, entry: Entry) -> None:
        """As there."""
        if self._soon:
            self._settle()
        match self._recollection.record(entry):
            case Haste.NOW:
                self._save()
            case Haste.SOON:
                self._save_soon()
            case Haste.NONE:
                pass

    def recall(self) -> Past:
        """What the file tells a new daemon."""
        self._settle()
        return self._file

    def save_now(self) -> None:
        """Before the process is replaced."""
        self._file = self._next = self._recollection.past()

    def lose(self) -> None:
        """Of a daemon that died: what was not written yet is gone, and so is what it knew."""
        self._settle()
        self._next, self._soon = self._file, False
        self._saved_at = -SAVE_PAUSE
        self._recollection = Recollection()
        self._recollection.configure(self._configuration)

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
        self._next = self._recollection.past()
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
