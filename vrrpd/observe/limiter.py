"""A bound on lines that repeat: the first few are told, then only how many more there were."""

import math
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from vrrpd.protocol.messages import Seconds

BURST = 5
"""Lines of one kind that are told before it gets quiet: enough to see what it is about."""
FIRST_WINDOW = Seconds(10.0)
"""After this long the first summary is told, and a kind that had none held back may burst again."""
LONGEST_WINDOW = Seconds(600.0)
"""Windows double while lines are held back, up to this: a lasting fault is told 144 times a day."""
NEVER = Seconds(math.inf)
KINDS_LIMIT = 1024
"""Kinds watched at once; what is over it is held back. Keys hold no data of a peer, so this is far above
what a configuration makes."""


Kind = TypeVar("Kind", bound=Hashable)


@dataclass(slots=True)
class _Window:
    """`left`: lines that may still be told in it. `held`: lines that were not."""

    ends: Seconds
    length: Seconds
    left: int
    held: int = 0


class Limiter(Generic[Kind]):
    """Ask `admit` for each line; ask `due` now and then for what was held back."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self._windows: dict[Kind, _Window] = {}
        self._ends_first = NEVER
        """Not later than the end of any window."""

    def admit(self, kind: Kind, at: Seconds) -> bool:
        """True if this line may be told."""
        window = self._windows.get(kind)
        if window is None:
            if len(self._windows) >= KINDS_LIMIT:
                return False
            window = self._open(kind, at, FIRST_WINDOW, BURST)
        if window.left > 0:
            window.left -= 1
            return True
        window.held += 1
        return False

    def due(self, at: Seconds) -> Iterator[tuple[Kind, int]]:
        """Kinds whose window ended, with the lines held back in it, if any. Cheap when nothing is due."""
        if at < self._ends_first:
            return
        ended = [kind for kind, window in self._windows.items() if window.ends <= at]
        over = [(kind, self._windows.pop(kind)) for kind in ended]
        self._ends_first = min((each.ends for each in self._windows.values()), default=NEVER)
        for kind, window in over:
            if window.held:
                self._open(kind, at, Seconds(min(window.length * 2, LONGEST_WINDOW)), 0)
                yield kind, window.held

    def _open(self, kind: Kind, at: Seconds, length: Seconds, left: int) -> _Window:
        window = self._windows[kind] = _Window(Seconds(at + length), length, left)
        self._ends_first = min(self._ends_first, window.ends)
        return window
