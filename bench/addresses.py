"""The virtual address itself: vrrpd beside keepalived, same configuration, in one run.

    python -m bench.addresses [--repeats 30] [--json FILE]

A Backup takes over after a priority 0 that we send: from its first advertisement, how long until its kernel has the
address, and until the first gratuitous ARP is on the wire? Then an operator deletes the address of the Master: how
long until it is back, and announced? Frames carry the kernel's time stamps; addresses are netlink events. Needs root.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from bench.takeover import MAKES, PATIENCE, Samples, spread
from bench.witness import Witness
from tests.lab import junk
from tests.lab.net import Host, Lan
from tests.lab.routers import VIP, Setting, router
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture, Injector

PRIORITY, HIGHER = 100, 200
TAKEN, ANNOUNCED = "first advert to address held", "first advert to gratuitous ARP"
BACK, BACK_ANNOUNCED = "deleted by hand to held again", "deleted by hand to gratuitous ARP"
FIGURES = TAKEN, ANNOUNCED, BACK, BACK_ANNOUNCED
QUIET_SECONDS = 0.1
"""Between two deletions: an operator does not make them a hundred a second."""


class Scene:
    """A router under test, a peer that speaks for a Master, and everything that sees."""

    def __init__(self, make: str) -> None:
        """`make` is vrrpd or keepalived."""
        self._make = make

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            lan = stack.enter_context(Lan(["dut", "peer"]))
            self.dut, self._peer = lan["dut"], lan["peer"]
            self.wire = stack.enter_context(Capture(lan))
            self._witness = stack.enter_context(Witness([self.dut], self._peer, VIP))
            self._injector = stack.enter_context(Injector(self._peer))
            stack.enter_context(router(self._make, self.dut, PRIORITY, Setting()))
            self.wait_held(since=0.0)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def advertise(self, priority: int) -> float:
        """As the peer; returns the instant before."""
        at = now()
        self._injector.send(_advertisement(self._peer, priority))
        return at

    def wait_held(self, since: float, *, held: bool = True) -> float:
        """The instant at which the kernel got (or lost) the address."""
        found: list[float] = []

        def look() -> bool:
            found[:] = [each.at for each in self._witness.changes if each.at >= since and each.held is held]
            return bool(found)

        wait_until(look, PATIENCE, f"{self._make}: address {'held' if held else 'gone'}")
        return found[0]


def _advertisement(host: Host, priority: int) -> bytes:
    return junk.frame(host, junk.advertisement(host, VIP, "", priority))


def take_over(scene: Scene, samples: Samples) -> None:
    """Give way to a better router, which resigns."""
    scene.wait_held(scene.advertise(HIGHER), held=False)
    resigned = scene.advertise(0)
    taken = scene.wire.wait_advert("dut", PRIORITY, since=resigned, timeout=PATIENCE).at
    arp = scene.wire.wait_gratuitous_arp("dut", VIP, since=taken, timeout=PATIENCE).at
    samples[TAKEN].append((scene.wait_held(since=taken) - taken) * 1000)
    samples[ANNOUNCED].append((arp - taken) * 1000)


def delete(scene: Scene, samples: Samples) -> None:
    """An operator deletes the address."""
    time.sleep(QUIET_SECONDS)
    begun = now()
    scene.dut.delete_address(f"{VIP}/32")
    gone = scene.wait_held(since=begun, held=False)
    back = scene.wait_held(since=gone)
    samples[BACK].append((back - gone) * 1000)
    # since the start: the witness may be told of the deletion when the frame is out already
    arp = scene.wire.wait_gratuitous_arp("dut", VIP, since=begun, timeout=PATIENCE).at
    samples[BACK_ANNOUNCED].append((arp - gone) * 1000)


def table(results: dict[str, Samples], repeats: int) -> str:
    """Markdown: a row for each figure."""
    lines = [
        f"{repeats} repeats each; milliseconds, min / median / max.",
        "",
        f"| figure | {' | '.join(MAKES)} |",
        "| --- |" + " --- |" * len(MAKES),
    ]
    rows = ((figure, [spread(results[make][figure]) for make in MAKES]) for figure in FIGURES)
    return "\n".join([*lines, *(f"| {figure} | {' | '.join(cells)} |" for figure, cells in rows)])


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--json", type=Path, help="write all samples to this file")
    options = parser.parse_args()
    results: dict[str, Samples] = {make: defaultdict(list) for make in MAKES}
    for make in MAKES:
        print(make, file=sys.stderr, flush=True)
        with Scene(make) as scene:
            for _ in range(options.repeats):
                take_over(scene, results[make])
            for _ in range(options.repeats):
                delete(scene, results[make])
    print(table(results, options.repeats))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
