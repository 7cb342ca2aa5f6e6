"""A publisher with confirms and a consumer on an address: was anything lost, and how long did they stop?"""

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.lab.net import Host
from tests.lab.part import ROOT, Part
from tests.lab.waiting import wait_until

LINE = re.compile(r"^(\d+\.\d+) (\d+)$", re.MULTILINE)
"""What the libraries complain of is on other lines."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message confirmed or delivered, and when (Unix time)."""

    at: float
    number: int


class Carrier(Part):
    """One of the two processes; `role` is publish or consume."""

    kind = "carrier"

    def __init__(self, host: Host, role: str, address: str) -> None:
        super().__init__(host)
        self._arguments = [role, address]

    def argv(self) -> Sequence[str]:
        """`tests.lab.carrier` in the namespace."""
        return [sys.executable, "-m", "tests.lab.carrier", *self._arguments]

    def environment(self) -> Mapping[str, str]:
        """So that the module is found from any working directory."""
        return {"PYTHONPATH": str(ROOT)}

    def is_ready(self) -> bool:
        """The first message."""
        return self.log_file.stat().st_size > 0

    def told(self) -> list[Told]:
        """All so far, in order of time."""
        return [Told(float(at), int(number)) for at, number in LINE.findall(self.log())]

    def longest_stop(self, since: float, until: float) -> float:
        """Seconds of the longest pause between two messages that touches this span."""
        instants = [each.at for each in self.told()]
        pauses = [late - early for early, late in pairwise(instants) if late >= since and early <= until]
        return max(pauses, default=0.0)


class Courier:
    """Both, started; a context manager by its parts."""

    def __init__(self, host: Host, address: str) -> None:
        self.publisher = Carrier(host, "publish", address)
        self.consumer = Carrier(host, "consume", address)

    def confirmed(self) -> set[int]:
        """Numbers of the messages that the broker has confirmed."""
        return {each.number for each in self.publisher.told()}

    def delivered(self) -> set[int]:
        """Numbers of the messages that the consumer has got, some perhaps twice."""
        return {each.number for each in self.consumer.told()}

    def wait_flowing(self, since: float, patience: float) -> None:
        """Wait until both have moved a message after `since`."""
        for part in (self.publisher, self.consumer):
            wait_until(lambda it=part: bool(it.told()) and it.told()[-1].at > since, patience, f"{part} moves", 0.1)  # type: ignore[misc]

    def wait_delivered(self, patience: float) -> None:
        """Wait until everything that is confirmed now has been delivered."""
        confirmed = self.confirmed()
        wait_until(lambda: confirmed <= self.delivered(), patience, "all that was confirmed is delivered", 0.2)
