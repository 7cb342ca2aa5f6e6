"""What a probe says, and how it is made: the contract between a kind of probe and whoever runs it."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number that a kind of probe measures; the metric is `vrrpd_<name>`, its labels `probe` and these."""

    name: str
    text: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """A gauge read: `labels` are the values of the gauge's labels, in order."""

    gauge: Gauge
    value: float
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A check that found the service well.

    `alarms`: what needs an operator although the service counts as well, one line each, without varying numbers.
    `value`: a number that is multiplied by the weight in place of being up (keepalived.conf(5), vrrp_track_file).
    """

    detail: str
    alarms: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    value: int | None = None


class ProbeFailed(Exception):
    """The service is not well; the text says what was seen, for an operator, in one line."""

    def __init__(
        self,
        detail: str,
        *,
        certain: bool = False,
        output: str = "",
        alarms: tuple[str, ...] = (),
        measures: tuple[Measure, ...] = (),
    ) -> None:
        """`certain`: no further failure is needed, as for a process that is gone; `output`: of a program, its end."""
        super().__init__(detail)
        self.certain = certain
        self.output = output
        self.alarms = alarms
        self.measures = measures


class ProbeUnknown(Exception):
    """It cannot be told whether the service is well, as when a program cannot be run. Always an alarm."""

    def __init__(self, detail: str, *, output: str = "") -> None:
        """`detail` and `output` as in `ProbeFailed`."""
        super().__init__(detail)
        self.output = output


class Probe(Protocol):
    """One configured probe. Made once, asked again and again, never twice at a time."""

    async def check(self) -> Seen:
        """Look once. Raise `ProbeFailed` when not well, `ProbeUnknown` when that cannot be told.

        The caller bounds the time and cancels; a cancelled check leaves nothing behind.
        """
        ...

    async def close(self) -> None:
        """Give up what is kept between checks (connections, processes)."""
        ...


@runtime_checkable
class Watching(Protocol):
    """A probe that notices changes between two checks, such as the end of a process."""

    async def changed(self) -> None:
        """Return as soon as another look is worth while. Cancelled at will, never while a check runs."""
        ...


@runtime_checkable
class Writing(Protocol):
    """A probe that runs a program."""

    def written(self) -> str:
        """The end of what the last run has written until now: why did it not answer in time?"""
        ...


@runtime_checkable
class Bounded(Protocol):
    """A probe that asks several, and must tell of those that answered although another one does not."""

    def bound(self, seconds: float) -> None:
        """How long a check may take. Called once, before the first check."""
        ...


@runtime_checkable
class Late(Protocol):
    """A probe that knows what a check of its own waits for."""

    def late(self) -> str:
        """What the check that is late has found so far, in one line; empty: nothing."""
        ...
