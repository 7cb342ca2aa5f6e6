"""What the engine is told besides datagrams: the state of links, results of probes."""

from dataclasses import dataclass
from enum import Enum

from vrrpd.protocol.messages import Address


@dataclass(frozen=True, slots=True)
class Link:
    """An interface as the kernel has it. `up`: administratively up and with carrier.

    `addresses`: its own usable addresses in the kernel's order, without virtual addresses marked as ours;
    an IPv6 router needs a link-local one. An interface that does not exist has `exists` False.
    """

    name: str
    exists: bool = False
    up: bool = False
    addresses: tuple[Address, ...] = ()


class Outcome(Enum):
    """How one run of a probe ended."""

    OK = "ok"
    FAIL = "fail"
    TIMEOUT = "timeout"
    ERROR = "error"
    """The probe itself broke: a defect, or something it needs is missing. Never a success."""
