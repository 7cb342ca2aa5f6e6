"""Flap damping: a router that changed sides too often leaves other Masters alone for a while."""

from collections import deque
from dataclasses import dataclass, field

from vrrpd.config.model import Instance
from vrrpd.protocol.messages import Seconds

CHANGES_LIMIT = 1000
"""Changes remembered: the largest `flap_limit` and one more fit."""


@dataclass(slots=True)
class Damping:
    """`until`: while damped; the changes that led to it are used up."""

    until: Seconds | None = None
    _changes: deque[Seconds] = field(default_factory=lambda: deque(maxlen=CHANGES_LIMIT + 1))

    def moved(self, config: Instance, now: Seconds) -> int:
        """It became Master, or is Master no more. Returns how many changes were too many; 0: all is well."""
        if not config.flap_limit:
            return 0
        self._changes.append(now)
        while now - self._changes[0] > config.flap_window:
            self._changes.popleft()
        if len(self._changes) <= config.flap_limit:
            return 0
        many = len(self._changes)
        self._changes.clear()
        self.until = Seconds(now + config.flap_hold)
        return many

    def over(self, config: Instance, now: Seconds) -> bool:
        """True once, when its time has come, or a reload has switched damping off."""
        if self.until is None or (config.flap_limit and now < self.until):
            return False
        self.until = None
        return True
