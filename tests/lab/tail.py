"""Lines that are written to files, each with the time at which it was seen."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab.waiting import now

POLL_SECONDS = 0.01
"""Between two looks; a line is seen that much too late at most, unless the machine is busy."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A whole line of the file that was named `source`. `at`: Unix time."""

    at: float
    source: str
    text: str


class Tail:
    """Follows files, also those that are not there yet; a context manager."""

    def __init__(self) -> None:
        self._files: dict[str, Path] = {}
        self._read: dict[str, int] = {}
        self._seen: list[Seen] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="tail", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def follow(self, source: str, path: Path) -> None:
        """From its beginning."""
        self._files = {**self._files, source: path}

    def seen(self, source: str | None = None) -> list[Seen]:
        """Lines so far, of one file or of all."""
        return [each for each in list(self._seen) if source in (None, each.source)]

    def _follow(self) -> None:
        while not self._stop.is_set():
            for source, path in self._files.items():
                self._look(source, path)
            time.sleep(POLL_SECONDS)

    def _look(self, source: str, path: Path) -> None:
        begun = self._read.get(source, 0)
        if not path.exists() or path.stat().st_size <= begun:
            return
        with path.open("rb") as file:
            file.seek(begun)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._read[source] = begun + len(whole) + len(newline)
        at = now()
        self._seen += [Seen(at, source, line) for line in whole.decode(errors="replace").splitlines()]
