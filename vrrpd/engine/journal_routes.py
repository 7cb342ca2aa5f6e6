"""Journal entries about virtual routes and rules."""

from dataclasses import dataclass
from enum import Enum

from vrrpd.protocol.messages import Seconds


class RouteChange(Enum):
    """What became of a route or rule in the kernel."""

    ADDED = "added"
    REMOVED = "removed"
    LOST = "lost"
    """Somebody else, or the kernel with an interface or address, has taken it away from a Master."""
    RESTORED = "restored"
    """It is back after that."""
    LEFTOVER_REMOVED = "leftover_removed"
    """Marked as ours, and nobody wants it."""


@dataclass(frozen=True, slots=True)
class RouteChanged:
    """The kernel's truth about one route or rule, in the words of ip-route(8) or ip-rule(8). `instance` as there."""

    at: Seconds
    instance: str
    route: str
    change: RouteChange


@dataclass(frozen=True, slots=True)
class RouteFailed:
    """The kernel refused to add or remove it; it is tried again, and told again when it is refused otherwise."""

    at: Seconds
    instance: str
    route: str
    adding: bool
    error: str
