"""Hands each journal entry to all readers. A reader that breaks is cut off and never hurts the election."""

import asyncio
import traceback
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from vrrpd.daemon.output import ERRORS
from vrrpd.engine.journal import AdvertReceived, AdvertSent, Entry
from vrrpd.engine.journal_daemon import Lagged

Reader = Callable[[Entry], None]
ROUTINE = (AdvertSent, AdvertReceived, Lagged)
"""Hundreds a second with many instances; most readers have no use for them."""
PATIENCE = 0.005
"""Seconds until those who can wait are told: a new Master's gratuitous ARP goes first, and takes two to three
milliseconds; the log line takes half a millisecond to make and to write."""


class Readers:
    """In the order in which they were added, each with the kinds of entries that it does not want."""

    def __init__(self) -> None:
        """Nobody reads yet."""
        self._rows: list[tuple[Reader, frozenset[type[Entry]]]] = []
        self._of: dict[type[Entry], tuple[Reader, ...]] = {}

    def add(self, reader: Reader, passes_over: Collection[type[Entry]] = ()) -> None:
        """From now on."""
        self._rows.append((reader, frozenset(passes_over)))
        self._of.clear()

    def drop(self, reader: Reader) -> None:
        """If it still reads."""
        self._rows = [row for row in self._rows if row[0] != reader]
        self._of.clear()

    def of(self, kind: type[Entry]) -> tuple[Reader, ...]:
        """Those that want entries of this kind."""
        found = self._of.get(kind)
        if found is None:
            found = self._of[kind] = tuple(reader for reader, passed in self._rows if kind not in passed)
        return found

    def tell(self, entry: Entry) -> None:
        """A reader that raises has a defect: its traceback goes to stderr and it is dropped."""
        for reader in self.of(type(entry)):
            try:
                reader(entry)
            except Exception:  # noqa: BLE001 - whatever is wrong with an observer, the election goes on
                self.drop(reader)
                ERRORS.write(traceback.format_exc().rstrip())


class Journal:
    """The one stream. Readers are called at once, in the order in which they were added, patient ones soon after.

    All get every entry that they do not pass over, and in order.
    """

    def __init__(self) -> None:
        """Nobody reads yet."""
        self._readers = Readers()
        self._patient = Readers()
        self._waiting: deque[Entry] = deque()

    def add(self, reader: Reader, passes_over: Collection[type[Entry]] = ()) -> None:
        """`reader` gets every entry from now on, but those of these kinds. It must not block."""
        self._readers.add(reader, passes_over)

    def add_patient(self, reader: Reader, passes_over: Collection[type[Entry]] = ()) -> None:
        """As `add`, but `PATIENCE` later, from the event loop, or with `flush`."""
        self._patient.add(reader, passes_over)

    @contextmanager
    def reading(self, reader: Reader) -> Iterator[None]:
        """`reader` gets every entry within the block."""
        self._readers.add(reader)
        try:
            yield
        finally:
            self._readers.drop(reader)

    def publish(self, entry: Entry) -> None:
        """Tell all readers."""
        self._readers.tell(entry)
        if self._patient.of(type(entry)):
            if not self._waiting:
                asyncio.get_running_loop().call_later(PATIENCE, self.flush)
            self._waiting.append(entry)

    def flush(self) -> None:
        """Tell the patient ones what waits, now: before the end."""
        while self._waiting:
            self._patient.tell(self._waiting.popleft())
