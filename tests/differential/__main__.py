"""`python -m tests.differential [NAME...]`: play scenarios, several at a time, and say what differs. Needs root.

`--report FILE` writes the table of docs/differential.md into that file. Exit status: 0 if every difference is wanted
and every wanted one was seen, else 1.
"""

import argparse
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.differential.catalogue import SCENARIOS
from tests.differential.judge import judge
from tests.differential.report import write
from tests.lab import namespaces

AT_ONCE = 6
"""Laboratories side by side: they wait most of the time."""


def main() -> int:
    """Play them all, those that differ in an unwanted way a second time."""
    options = _options()
    chosen = [each for each in SCENARIOS.values() if not options.names or each.name in options.names]
    namespaces.sweep()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.at_once, mp_context=context) as pool:
        results = judge(pool, sorted(chosen, key=lambda each: -each.seconds), verbose=options.verbose)
    order = list(SCENARIOS)
    results.sort(key=lambda each: order.index(each.scenario))
    if options.report:
        write(options.report, results)
    bad = [each.scenario for each in results if not each.good]
    print(f"{len(results) - len(bad)} of {len(results)} as expected{': not ' if bad else ''}{', '.join(bad)}")
    return 1 if bad else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.differential", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*SCENARIOS, []])
    parser.add_argument("--report", type=Path, metavar="FILE")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, metavar="N")
    parser.add_argument("--verbose", action="store_true", help="say all that was seen")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
