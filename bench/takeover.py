"""Takeover on the wire: vrrpd beside keepalived, same configuration, interleaved, in one run.

    python -m bench.takeover [--repeats 5] [--json FILE]

Times are the kernel's time stamps of frames on the bridge. "Late" is what comes on top of Skew_Time or
Master_Down_Interval of a Backup with priority 100. Needs root.

Control programs are called beside a running daemon, one after the other, from call to exit. Exit 1 if the median of
`vrrpctl state` is over 60 ms: a quiet machine is needed for that, too.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.lab.daemon import Vrrpd
from tests.lab.net import Lan
from tests.lab.part import Part
from tests.lab.routers import VIP, Setting, router, skew_seconds
from tests.lab.waiting import now
from tests.lab.wire import Capture

HIGH, LOW = 150, 100
PATIENCE = 20.0
MAKES = ("vrrpd", "keepalived")
FIGURES = (
    ("SIGTERM to priority 0", "ms"),
    ("takeover late after priority 0", "ms"),
    ("first advert to gratuitous ARP", "ms"),
    ("takeover late after kill -9", "ms"),
    ("start to ready", "ms"),
    ("resident memory", "MiB"),
)
CONTROL, CONTROL_MS = "vrrpctl state", 60.0
"""An operator must not wait for the answer."""
PLAIN, THEIRS = "python -c pass", "keepalived --signum DATA"
"""The start of the interpreter alone; keepalived's control program, which asks nobody."""
CALLS = 20
"""Of each control program in each repeat."""

Samples = dict[str, list[float]]


def once(make: str, samples: Samples) -> None:
    """One pair of one make: resign, come back, die."""
    with Lan(["high", "low"]) as lan, Capture(lan) as wire:
        setting = Setting(password="1111")
        first, second = router(make, lan["high"], HIGH, setting), router(make, lan["low"], LOW, setting)
        with first, second:
            wire.wait_advert("high", HIGH, timeout=PATIENCE)
            samples["start to ready"].append(first.started_in * 1000)
            samples["resident memory"].append(memory(first))
            if isinstance(first, Vrrpd):
                call_controls(first, samples)
            resign(first, wire, samples)
            begun = now()
            first.start()
            back = wire.wait_advert("high", HIGH, since=begun, timeout=PATIENCE)
            wire.wait_advert("high", HIGH, since=back.at + 0.5, timeout=PATIENCE)
            die(first, wire, samples)


def call_controls(first: Vrrpd, samples: Samples) -> None:
    """The three in turn, so that what else the machine does strikes all alike."""
    programs: dict[str, Callable[[], subprocess.CompletedProcess[str]]] = {
        CONTROL: lambda: first.ctl("state"),
        PLAIN: lambda: _run(sys.executable, "-c", "pass"),
        THEIRS: lambda: _run("keepalived", "--signum", "DATA"),
    }
    for _ in range(CALLS):
        for name, call in programs.items():
            begun = time.perf_counter()
            call().check_returncode()
            samples[name].append((time.perf_counter() - begun) * 1000)


def _run(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def resign(first: Part, wire: Capture, samples: Samples) -> None:
    """SIGTERM: priority 0, then the other after Skew_Time."""
    told = now()
    first.stop()
    zero = wire.wait_advert("high", 0, since=told)
    taken = wire.wait_advert("low", LOW, since=zero.at, timeout=PATIENCE)
    arp = wire.wait_gratuitous_arp("low", VIP, since=taken.at)
    samples["SIGTERM to priority 0"].append((zero.at - told) * 1000)
    samples["takeover late after priority 0"].append((taken.at - zero.at - skew_seconds(LOW)) * 1000)
    samples["first advert to gratuitous ARP"].append((arp.at - taken.at) * 1000)


def die(first: Part, wire: Capture, samples: Samples) -> None:
    """kill -9: the other after Master_Down_Interval of silence."""
    first.kill()
    last = wire.adverts("high")[-1]
    taken = wire.wait_advert("low", LOW, since=last.at, timeout=PATIENCE)
    samples["takeover late after kill -9"].append((taken.at - last.at - 3 - skew_seconds(LOW)) * 1000)


def memory(part: Part) -> float:
    """Resident memory of all processes of a part, in MiB."""
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in part.tree())
    return pages * 4096 / (1 << 20)


def spread(values: list[float]) -> str:
    """min / median / max."""
    return f"{min(values):.2f} / {median(values):.2f} / {max(values):.2f}"


def table(results: dict[str, Samples], repeats: int) -> str:
    """Markdown: a row for each figure, the ratio of medians at the end."""
    lines = [
        f"{repeats} repeats each, interleaved; min / median / max.",
        "",
        "| figure | unit | vrrpd | keepalived | vrrpd : keepalived |",
        "| --- | --- | --- | --- | --- |",
    ]
    for figure, unit in FIGURES:
        ours, theirs = (results[make][figure] for make in MAKES)
        ratio = f"{median(ours) / median(theirs):.2f}" if median(theirs) else "-"
        lines.append(f"| {figure} | {unit} | {spread(ours)} | {spread(theirs)} | {ratio} |")
    return "\n".join(lines)


def controls(samples: Samples) -> str:
    """Markdown: a row for each control program, and the verdict."""
    rows = [f"| `{name}` | {spread(samples[name])} |" for name in (CONTROL, PLAIN, THEIRS)]
    verdict = "slower than" if too_slow(samples) else "within"
    return "\n".join(
        ["| from call to exit | ms |", "| --- | --- |", *rows, "", f"`{CONTROL}` is {verdict} {CONTROL_MS:g} ms."]
    )


def too_slow(samples: Samples) -> bool:
    """Whether an operator waits for `vrrpctl state`."""
    return median(samples[CONTROL]) > CONTROL_MS


def main() -> int:
    """Run and print; 1 if vrrpctl is too slow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write all samples to this file")
    options = parser.parse_args()
    results: dict[str, Samples] = {make: defaultdict(list) for make in MAKES}
    for number in range(options.repeats):
        for make in MAKES:
            print(f"repeat {number + 1} of {options.repeats}: {make}", file=sys.stderr, flush=True)
            once(make, results[make])
    print(f"{table(results, options.repeats)}\n\n{controls(results['vrrpd'])}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))
    return int(too_slow(results["vrrpd"]))


if __name__ == "__main__":
    sys.exit(main())
