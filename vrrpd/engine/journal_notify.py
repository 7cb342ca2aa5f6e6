"""Journal entries about who is told of states: programs and the named pipe; see `vrrpd.engine.journal`.

`instance` or `group` is whose state it is, the other one is empty. `state`: MASTER, BACKUP, FAULT, STOP or DELETED.
"""

from dataclasses import dataclass

from vrrpd.engine.inputs import Result
from vrrpd.protocol.messages import Seconds


@dataclass(frozen=True, slots=True)
class NotifyEnded:
    """A program of this keyword is over, or its time is. `result`: as for a run of a probe."""

    at: Seconds
    instance: str
    group: str
    state: str
    keyword: str
    result: Result


@dataclass(frozen=True, slots=True)
class NotifySkipped:
    """A program was not run: too many waited already, or the daemon ends."""

    at: Seconds
    instance: str
    group: str
    state: str
    keyword: str


@dataclass(frozen=True, slots=True)
class FifoLost:
    """Lines that the named pipe did not take; `error`: an errno name. No lines: it could not be opened."""

    at: Seconds
    path: str
    lines: int
    error: str
