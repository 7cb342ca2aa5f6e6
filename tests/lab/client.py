"""A client of the service on the virtual address: how long was it out?"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.lab.net import Host
from tests.lab.part import ROOT, Part
from tests.lab.waiting import now, wait_until

NORMAL_GAP_SECONDS = 0.1
"""A pause between two successes that is no outage: ten attempts, which a busy machine may delay."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One handshake; times are Unix time in seconds."""

    begun: float
    ended: float
    ok: bool
    verdict: str
    """`ok` or the name of the error."""


@dataclass(frozen=True, slots=True)
class Outage:
    """From one success to the next one, by the time they ended."""

    begun: float
    ended: float

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.ended - self.begun


class Client(Part):
    """A process on a host that makes a fresh AMQP handshake every `every` seconds from its start on."""

    kind = "client"

    def __init__(
        self,
        host: Host,
        address: str,
        port: int = 5672,
        *,
        every: float = 0.01,
        timeout: float = 0.5,
        login: bool = False,
    ) -> None:
        super().__init__(host)
        self.target = (address, port)
        self._attempts: list[Attempt] = []
        self._offset = 0
        self._options = ["--every", str(every), "--timeout", str(timeout), *(["--login"] if login else [])]

    def argv(self) -> Sequence[str]:
        """`tests.lab.knocker` in the namespace."""
        address, port = self.target
        return [sys.executable, "-m", "tests.lab.knocker", address, str(port), *self._options]

    def environment(self) -> Mapping[str, str]:
        """So that the module is found from any working directory."""
        return {"PYTHONPATH": str(ROOT)}

    def is_ready(self) -> bool:
        """The first attempt has ended, well or not."""
        return self.log_file.stat().st_size > 0

    def attempts(self) -> list[Attempt]:
        """All attempts that have ended, in that order."""
        self._read()
        return list(self._attempts)

    def _read(self) -> None:
        """Parse what is new only: this is asked often, while the machine is busy with what is measured."""
        with self.log_file.open("rb") as record:
            record.seek(self._offset)
            new = record.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._offset += len(whole)
        rows = [line.split() for line in whole.decode().splitlines()]
        self._attempts += [
            Attempt(float(row[0]), float(row[1]), row[2] == "ok", row[2]) for row in rows if len(row) == 3
        ]

    def successes(self) -> list[float]:
        """Ends of the successful attempts."""
        return [each.ended for each in self.attempts() if each.ok]

    def wait_success(self, since: float | None = None, timeout: float = 15.0) -> float:
        """Wait for a success that began after `since` (default: now); returns the seconds waited."""
        start = now() if since is None else since
        return wait_until(
            lambda: any(each.ok and each.begun > start for each in self.attempts()),
            timeout,
            f"success of {self} at {self.target[0]}:{self.target[1]}",
        )

    def outages(self, since: float = 0.0) -> list[Outage]:
        """Pauses between successes that are longer than normal and ended after `since`; a pause that lasts
        is last."""
        ends = [*self.successes(), now()]
        found = [Outage(first, second) for first, second in pairwise(ends)]
        return [each for each in found if each.seconds > NORMAL_GAP_SECONDS and each.ended > since]

    def longest_outage(self, since: float = 0.0) -> float:
        """Seconds of the longest pause between two successes that ended after `since`, however short; 0
        without any.

        This is the figure for a fault at `since`; wait for a success first.
        """
        return max((second - first for first, second in pairwise(self.successes()) if second > since), default=0.0)
