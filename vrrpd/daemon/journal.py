"""Hands each journal entry to all readers. A reader that breaks is cut off and never hurts the election."""

import asyncio
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vrrpd.daemon.output import ERRORS
from vrrpd.engine.journal import Entry

Reader = Callable[[Entry], None]
PATIENCE = 0.005
"""Seconds until those who can wait are told: a new Master's gratuitous ARP goes first, and takes two to three
milliseconds; the log line takes half a millisecond to make and to write."""


class Journal:
    """The one stream. Readers are called at once, in the order in which they were added, patient ones soon after.

    All get every entry, and in order.
    """

    def __init__(self) -> None:
        """Nobody reads yet."""
        self._readers: list[Reader] = []
        self._patient: list[Reader] = []
        self._waiting: deque[Entry] = deque()

    def add(self, reader: Reader) -> None:
        """`reader` gets every entry from now on. It must not block."""
        self._readers.append(reader)

    def add_patient(self, reader: Reader) -> None:
        """As `add`, but `PATIENCE` later, from the event loop, or with `flush`."""
        self._patient.append(reader)

    @contextmanager
    def reading(self, reader: Reader) -> Iterator[None]:
        """`reader` gets every entry within the block."""
        self._readers.append(reader)
        try:
            yield
        finally:
            if reader in self._readers:
                self._readers.remove(reader)

    def publish(self, entry: Entry) -> None:
        """Tell all readers. A reader that raises has a defect: its traceback goes to stderr and it is dropped."""
        _tell(self._readers, entry)
        if self._patient:
            if not self._waiting:
                asyncio.get_running_loop().call_later(PATIENCE, self.flush)
            self._waiting.append(entry)

    def flush(self) -> None:
        """Tell the patient ones what waits, now: before the end."""
        while self._waiting:
            _tell(self._patient, self._waiting.popleft())


def _tell(readers: list[Reader], entry: Entry) -> None:
    for reader in tuple(readers):
        try:
            reader(entry)
        except Exception:  # noqa: BLE001 - whatever is wrong with an observer, the election goes on
            readers.remove(reader)
            ERRORS.write(traceback.format_exc().rstrip())
