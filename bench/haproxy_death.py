"""From kill -9 of HAProxy to the demoted advertisement: vrrpd's probe and keepalived's check script, in one run.

    python -m bench.haproxy_death [--repeats 20] [--json FILE]

keepalived's script is the field's: is there a process? Strikes are spread evenly over the interval of the check. Times
are the kernel's time stamps of frames on the bridge. Needs root. Exits with 1 when vrrpd's median is not below `LIMIT`
in any row, whatever the interval of the probe is.
"""

import argparse
import json
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.lab.demotable import WEIGHT
from tests.lab.guarded import Proxied
from tests.lab.net import Lan
from tests.lab.waiting import now
from tests.lab.wire import Capture

HIGH = 150
LIMIT = 0.05
"""Seconds: a death is an event, and waits for no check."""
PATIENCE = 20.0
QUIET_SECONDS = 0.5
"""From the advertisement that says that all is well to the first phase of a strike."""


class Setup(NamedTuple):
    """One row of the table."""

    make: str
    interval: int
    fall: int

    def __str__(self) -> str:
        return f"{self.make} | {self.interval} s | {self.fall}"


SETUPS = (
    Setup("vrrpd", 1, 1),
    Setup("vrrpd", 1, 3),
    Setup("vrrpd", 10, 3),
    Setup("keepalived", 1, 1),
    Setup("keepalived", 2, 1),
    Setup("keepalived", 2, 3),
)
FIELD = Setup("keepalived", 2, 1)
"""What the ratios are to: interval 2 and no `fall`, as in most published configurations."""


class Bed:
    """A lone router of one setup, which stays Master all the time, and its HAProxy; on a stack that ends them."""

    def __init__(self, setup: Setup, stack: ExitStack) -> None:
        self._setup = setup
        lan = stack.enter_context(Lan(["high"]))
        self._wire = stack.enter_context(Capture(lan))
        self._proxied = Proxied(setup.make, lan["high"], HIGH, interval=setup.interval, fall=setup.fall)
        self._proxied.start_haproxy()
        stack.enter_context(self._proxied.router)

    def once(self, phase: float) -> float:
        """Seconds from the strike to the demoted advertisement; `phase` is a part of the interval."""
        self._wire.wait_advert("high", HIGH, since=now(), timeout=PATIENCE + self._setup.interval)
        time.sleep(QUIET_SECONDS + phase * self._setup.interval)
        struck = self._proxied.kill_haproxy()
        limit = PATIENCE + self._setup.interval * (self._setup.fall + 1)
        demoted = self._wire.wait_advert("high", HIGH + WEIGHT, since=struck, timeout=limit)
        self._proxied.start_haproxy()
        self._wire.wait_advert("high", HIGH, since=demoted.at, timeout=limit)
        return demoted.at - struck


def table(results: dict[Setup, list[float]], repeats: int) -> str:
    """Markdown, a row for each setup; the ratio is of medians."""
    field = median(results[FIELD])
    lines = [
        f"{repeats} strikes each, interleaved; milliseconds, min / median / max.",
        "",
        f"| make | interval | fall | kill -9 to demoted advertisement | median, to {FIELD.make}'s {FIELD.interval} s |",
        "| --- | --- | --- | --- | --- |",
    ]
    for setup, samples in results.items():
        spread = " / ".join(f"{1000 * value:.1f}" for value in (min(samples), median(samples), max(samples)))
        lines.append(f"| {setup} | {spread} | {median(samples) / field:.4f} |")
    return "\n".join(lines)


def too_late(results: dict[Setup, list[float]]) -> list[str]:
    """Rows of vrrpd whose median is not below `LIMIT`."""
    return [
        f"{setup.make}, interval {setup.interval} s, fall {setup.fall}: median {1000 * middle:.1f} ms, "
        f"not below {1000 * LIMIT:g} ms"
        for setup, samples in results.items()
        if setup.make == "vrrpd" and (middle := median(samples)) >= LIMIT
    ]


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--json", type=Path, help="write all samples to this file")
    options = parser.parse_args()
    results: dict[Setup, list[float]] = {setup: [] for setup in SETUPS}
    with ExitStack() as stack:
        beds = {setup: Bed(setup, stack) for setup in SETUPS}
        for number in range(options.repeats):
            print(f"strike {number + 1} of {options.repeats}", file=sys.stderr, flush=True)
            for setup, bed in beds.items():
                results[setup].append(bed.once(number / options.repeats))
    print(table(results, options.repeats))
    if options.json:
        options.json.write_text(json.dumps({str(setup): each for setup, each in results.items()}, indent=1))
    found = too_late(results)
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
