"""Faults as clients and the network see them: vrrpd beside keepalived, same configuration, interleaved, in one run.

    python -m bench.failover [--repeats 5 | --quick] [--faults NAME,...] [--json FILE] [--markdown FILE]

Needs root. Everything happens in network namespaces of its own, under systemd in containers of its own.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench import report, tally
from bench.faults import FAULTS, Fault, Units
from bench.machines import MachinePair
from bench.pair import Pair
from tests.lab.image import Image
from tests.lab.waiting import LabError, now

LOOK_SECONDS = 0.2
"""Between two looks whether the client is served again."""


def once(pair: Pair, fault: Fault, phase: float) -> report.Sample:
    """One fault on a fresh pair; `phase` is its moment in seconds after an advertisement."""
    with pair:
        pair.wait_phase(phase)
        begun = now()
        fault.strike(pair)
        if fault.mend is not None:
            sleep_until(begun + fault.mend_after)
            fault.mend(pair)
        sleep_until(begun + fault.watch)
        while tally.is_out(pair.client.successes(), now()) and now() < begun + fault.patience:
            time.sleep(LOOK_SECONDS)
        return sample(pair, tally.Window(begun, now()))


def sleep_until(at: float) -> None:
    """Sleep until this Unix time."""
    time.sleep(max(0.0, at - now()))


def sample(pair: Pair, window: tally.Window) -> report.Sample:
    """All figures of one run; those named `at_end` are 0 or 1, the rest seconds."""
    successes, changes = pair.client.successes(), list(pair.witness.changes)
    last = tally.Window(window.ended - tally.AT_THE_END_SECONDS, window.ended)
    return {
        "client_outage": tally.outage(successes, window),
        "client_out_at_end": tally.is_out(successes, window.ended),
        "two_owners": tally.owned(changes, window, {2}),
        "two_owners_at_end": tally.owned(changes, last, {2}) == last.ended - last.begun,
        "two_answer": tally.answered_twice(pair.witness.requests, pair.witness.answers, window),
        "no_owner": tally.owned(changes, window, {0}),
        "watched": window.ended - window.begun,
    }


class Pairs:
    """Makes them; those under systemd share one installation, which is made when the first of them is asked for."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._image: Image | None = None

    def of(self, make: str, fault: Fault) -> Pair:
        """A fresh one."""
        if fault.units is Units.NONE:
            return Pair(make)
        if self._image is None:
            self._image = self._stack.enter_context(Image())
        return MachinePair(make, fault.units, self._image, fault.check)


def measure(pairs: Pairs, faults: Sequence[Fault], repeats: int) -> tuple[report.Samples, list[str]]:
    """All samples, and what could not be measured and why. The makes take turns within each fault."""
    samples: report.Samples = {fault.name: {make: [] for make in report.MAKES} for fault in faults}
    failures = []
    for number in range(repeats):
        for fault in faults:
            for make in report.MAKES:
                run = f"repeat {number + 1} of {repeats}, {fault.name}, {make}"
                try:
                    found = once(pairs.of(make, fault), fault, (number + 0.5) / repeats)
                except LabError as error:
                    failures.append(f"{run}: {error}")
                    say(failures[-1])
                    continue
                samples[fault.name][make].append(found)
                say(f"{run}: " + ", ".join(f"{figure.name} {found[figure.name]:.2f}" for figure in report.FIGURES))
    return samples, failures


def say(text: str) -> None:
    """Progress, beside the tables."""
    print(text, file=sys.stderr, flush=True)


def chosen(names: str) -> list[Fault]:
    """Faults by their names in the order of the table; raises `ArgumentTypeError` for a name that is none."""
    wanted = names.split(",")
    known = [fault.name for fault in FAULTS]
    if unknown := set(wanted) - set(known):
        raise argparse.ArgumentTypeError(f"no fault {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return [fault for fault in FAULTS if fault.name in wanted]


def main() -> int:
    """Run and print; exit status 1 if a run could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quick", action="store_const", const=1, dest="repeats", help="one repeat")
    parser.add_argument("--faults", type=chosen, default=list(FAULTS), metavar="NAME,...")
    parser.add_argument("--json", type=Path, help="write all samples to this file")
    parser.add_argument("--markdown", type=Path, help="write the tables to this file")
    options = parser.parse_args()
    with ExitStack() as stack:
        samples, failures = measure(Pairs(stack), options.faults, options.repeats)
    text = report.document(options.faults, samples, options.repeats)
    print(text)
    if options.markdown:
        options.markdown.write_text(text)
    if options.json:
        options.json.write_text(json.dumps({"samples": samples, "failures": failures}, indent=1))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
