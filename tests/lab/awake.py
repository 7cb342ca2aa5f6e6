"""Processors that do not sleep.

The kernel's look for IPv4 addresses that are over may wait until a sleeping processor wakes: since Linux 6.14 its work
is a deferrable one (`INIT_DEFERRABLE_WORK` in net/ipv4/devinet.c). Measured: 0.85 and 1.03 s, where 0.52 s was the most
of 94 on processors that were kept awake.
"""

import os
import subprocess
import sys
from types import TracebackType
from typing import Self

SECONDS = 30
"""After which they sleep, should nobody end them."""
SPIN = """
import os, sys, time
os.nice(19)
os.sched_setaffinity(0, {int(sys.argv[1])})
end = time.monotonic() + int(sys.argv[2])
while time.monotonic() < end:
    pass
"""


class Awake:
    """A context manager: on each processor that we may use something runs that gives way to everything else."""

    def __enter__(self) -> Self:
        self._spinning = [
            subprocess.Popen([sys.executable, "-c", SPIN, str(each), str(SECONDS)])
            for each in sorted(os.sched_getaffinity(0))
        ]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._spinning:
            each.kill()
            each.wait()
