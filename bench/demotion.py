"""From a fault to the takeover by a healthy Backup: vrrpd, keepalived and FRR beside one another, in one run.

    python -m bench.demotion [--repeats 5] [--json FILE]

The Master has priority 150 and a check that takes 60 away: vrrpd looks every 0.1 s, keepalived every second, its least.
The Backup has 100. Times are the kernel's time stamps of frames on the bridge. Needs root.
"""

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median

from tests.lab.demotable import WEIGHT, demotable
from tests.lab.net import Lan
from tests.lab.routers import VIP, Setting, router, skew_seconds
from tests.lab.waiting import now
from tests.lab.wire import Capture

HIGH, LOW = 150, 100
PATIENCE = 20.0
PAIRS = (
    ("vrrpd", "vrrpd"),
    ("vrrpd", "keepalived"),
    ("vrrpd", "frr"),
    ("keepalived", "vrrpd"),
    ("keepalived", "keepalived"),
)
"""Master and Backup."""
OF_FIELD = ("keepalived", "keepalived")


def once(high: str, low: str) -> tuple[float, float]:
    """Seconds from the fault to the demoted advertisement, and from there to the takeover."""
    with tempfile.TemporaryDirectory() as directory, Lan(["high", "low"]) as lan, Capture(lan) as wire:
        fault = Path(directory) / "fault"
        with demotable(high, lan["high"], HIGH, fault), router(low, lan["low"], LOW, Setting()):
            wire.wait_advert("high", HIGH, timeout=PATIENCE)
            lan["high"].wait_holds(VIP)
            begun = now()
            fault.touch()
            demoted = wire.wait_advert("high", HIGH + WEIGHT, since=begun, timeout=PATIENCE)
            taken = wire.wait_advert("low", LOW, since=demoted.at, timeout=PATIENCE)
            return demoted.at - begun, taken.at - demoted.at


def spread(values: list[float]) -> str:
    """min / median / max."""
    return f"{min(values):.3f} / {median(values):.3f} / {max(values):.3f}"


def table(results: dict[tuple[str, str], list[tuple[float, float]]], repeats: int) -> str:
    """Markdown, a row for each pair; the ratio is of medians, of the whole time."""
    field = median(first + second for first, second in results[OF_FIELD])
    head = f"{repeats} repeats each, interleaved; seconds, min / median / max."
    lines = [
        f"{head} Skew_Time of the Backup: {skew_seconds(LOW):.3f}.",
        "",
        "| Master | Backup | fault to demoted advertisement | from there to takeover | whole, to keepalived's |",
        "| --- | --- | --- | --- | --- |",
    ]
    for (high, low), samples in results.items():
        told, taken = [each[0] for each in samples], [each[1] for each in samples]
        whole = median(first + second for first, second in samples)
        lines.append(f"| {high} | {low} | {spread(told)} | {spread(taken)} | {whole / field:.2f} |")
    return "\n".join(lines)


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write all samples to this file")
    options = parser.parse_args()
    results: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for number in range(options.repeats):
        for high, low in PAIRS:
            print(f"repeat {number + 1} of {options.repeats}: {high}, {low}", file=sys.stderr, flush=True)
            results[high, low].append(once(high, low))
    print(table(results, options.repeats))
    if options.json:
        options.json.write_text(json.dumps({" ".join(pair): each for pair, each in results.items()}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
