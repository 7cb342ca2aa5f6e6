"""Journal entries about probes and what is done for their sake; see `vrrpd.engine.journal`."""

from dataclasses import dataclass

from vrrpd.engine.inputs import Result
from vrrpd.protocol.messages import Seconds


@dataclass(frozen=True, slots=True)
class ProbeChecked:
    """One run of a probe ended."""

    at: Seconds
    probe: str
    result: Result


@dataclass(frozen=True, slots=True)
class ProbeChanged:
    """The verdict after rise and fall. `up` None: no result yet."""

    at: Seconds
    probe: str
    up: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class Degraded:
    """An instance takes part in spite of these faults, as the least of all; empty: it is well again."""

    at: Seconds
    instance: str
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Damped:
    """An instance changed sides `changes` times and does not preempt for `hold`; 0 and 0: that is over."""

    at: Seconds
    instance: str
    changes: int
    hold: Seconds


@dataclass(frozen=True, slots=True)
class ProbeAlarmed:
    """What of a probe needs an operator, whatever its verdict, is other than before; empty: nothing any more."""

    at: Seconds
    probe: str
    alarms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemedyStarted:
    """What is done about a probe that is down has begun, for the `attempt`th of `attempts` times within the window."""

    at: Seconds
    probe: str
    remedy: str
    attempt: int
    attempts: int


@dataclass(frozen=True, slots=True)
class RemedyEnded:
    """It is over, or its time is. `result`: as for a run of a probe; whether it helped, the probe will tell."""

    at: Seconds
    probe: str
    remedy: str
    result: Result


@dataclass(frozen=True, slots=True)
class RemedyExhausted:
    """All attempts are used up and the probe is down still: nothing is done for so long."""

    at: Seconds
    probe: str
    attempts: int
    rest: Seconds
