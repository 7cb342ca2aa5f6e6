"""Journal entries about interfaces with a virtual MAC."""

from dataclasses import dataclass
from enum import Enum

from vrrpd.protocol.messages import Seconds


class VmacChange(Enum):
    """What became of one."""

    MADE = "made"
    REMOVED = "removed"
    RESTORED = "restored"
    """Somebody else had removed it."""
    FAILED = "failed"
    """It could not be made or set up; the instance is in fault."""


@dataclass(frozen=True, slots=True)
class VmacChanged:
    """An interface with a virtual MAC is otherwise than before. `error`: the name of an errno where it failed."""

    at: Seconds
    interface: str
    change: VmacChange
    error: str = ""
