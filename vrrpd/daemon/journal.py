"""Hands each journal entry to all readers. A reader that breaks is cut off and never hurts the election."""

import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vrrpd.engine.journal import Entry


class Journal:
    """The one stream. Readers are called in the order in which they were added, at once."""

    def __init__(self) -> None:
        """Nobody reads yet."""
        self._readers: list[Callable[[Entry], None]] = []

    def add(self, reader: Callable[[Entry], None]) -> None:
        """`reader` gets every entry from now on. It must not block."""
        self._readers.append(reader)

    @contextmanager
    def reading(self, reader: Callable[[Entry], None]) -> Iterator[None]:
        """`reader` gets every entry within the block."""
        self._readers.append(reader)
        try:
            yield
        finally:
            if reader in self._readers:
                self._readers.remove(reader)

    def publish(self, entry: Entry) -> None:
        """Tell all readers. A reader that raises has a defect: its traceback goes to stderr and it is dropped."""
        for reader in tuple(self._readers):
            try:
                reader(entry)
            except Exception:  # noqa: BLE001 - whatever is wrong with an observer, the election goes on
                self._readers.remove(reader)
                traceback.print_exc(file=sys.stderr)
