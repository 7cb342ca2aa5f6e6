"""What the engine is told besides datagrams: the state of links, results of probes."""

from dataclasses import dataclass
from enum import Enum

from vrrpd.probes.outcome import Measure
from vrrpd.protocol.messages import Address, Seconds


@dataclass(frozen=True, slots=True)
class Link:
    """An interface as the kernel has it. `up`: administratively up and with carrier.

    `addresses`: its own usable addresses in the kernel's order, without virtual addresses marked as ours;
    an IPv6 router needs a link-local one. An interface that does not exist has `exists` False.
    `lacks`: interfaces with a virtual MAC that could not be made on it.
    """

    name: str
    exists: bool = False
    up: bool = False
    addresses: tuple[Address, ...] = ()
    lacks: tuple[str, ...] = ()


class Outcome(Enum):
    """How one run of a probe ended."""

    OK = "ok"
    FAIL = "fail"
    TIMEOUT = "timeout"
    UNKNOWN = "unknown"
    """It could not be told, as when a program cannot be run. Never a success."""
    ERROR = "error"
    """The probe itself broke: a defect of ours. Never a success."""


UNTOLD = (Outcome.UNKNOWN, Outcome.ERROR)
"""Nothing was learned of the service."""


@dataclass(frozen=True, slots=True)
class Result:
    """One run of a probe that ended, as `vrrpd.probes.outcome` describes it."""

    outcome: Outcome
    duration: Seconds
    detail: str
    certain: bool = False
    value: int | None = None
    alarms: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    output: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts of a probe: its verdict, None before the first result, and its value if it is of that kind.

    `before`: the verdict of an earlier daemon, or of the probe as it was configured before: it weighs until the first
    result, so that neither a restart nor a reload moves a priority for a moment.
    """

    up: bool | None = None
    value: int | None = None
    before: bool | None = None
