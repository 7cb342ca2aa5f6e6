"""What an operator has taken out of service: the whole host or single instances, for a time or until told otherwise.

Pure; `now` is an argument. The time of day is not known here: whoever drains gives the end in both forms.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vrrpd.protocol.messages import Seconds

HOST = ""
"""In place of the name of an instance: all of them, also those that a reload adds."""


@dataclass(frozen=True, slots=True)
class Drain:
    """`until`: when it ends by itself, None: never; `ends`: the same for people, as text."""

    reason: str = ""
    until: Seconds | None = None
    ends: str = ""

    @property
    def told(self) -> str:
        """As the fault that it is."""
        words = (self.reason, f"until {self.ends}" if self.ends else "")
        said = ", ".join(each for each in words if each)
        return f"drained: {said}" if said else "drained"


class Drains:
    """By the name of an instance, or `HOST`."""

    def __init__(self) -> None:
        """Everything is in service."""
        self._known: dict[str, Drain] = {}

    def begin(self, drains: Mapping[str, Drain]) -> None:
        """Out of service from now on; what was drained already is so for the new reason and time."""
        self._known.update(drains)

    def end(self, name: str) -> tuple[str, ...]:
        """Back in service; `HOST` ends all. Returns what has ended."""
        ended = tuple(self._known) if name == HOST else (name,) if name in self._known else ()
        for each in ended:
            del self._known[each]
        return ended

    def faults(self, instance: str) -> tuple[str, ...]:
        """Why this instance is out of service; empty: it is not. One word about each reason."""
        told = (self._known[name].told for name in (HOST, instance) if name in self._known)
        return tuple(dict.fromkeys(told))

    def instant(self) -> Seconds | None:
        """When the first ends by itself."""
        if not self._known:
            return None  # nearly always; asked with each advertisement
        return min((each.until for each in self._known.values() if each.until is not None), default=None)

    def over(self, now: Seconds) -> tuple[str, ...]:
        """Those whose time is over; they have ended with this."""
        late = tuple(name for name, each in self._known.items() if each.until is not None and each.until <= now)
        for name in late:
            del self._known[name]
        return late
