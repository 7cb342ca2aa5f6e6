"""Heals of a cut between two routers, and junk on the wire: black holes, spacing of advertisements.

    python -m bench.heal [--heals 20] [--junk 30]

Each heal parts the two for another time, so that their advertisements meet in every order. Seconds. Needs root.
"""

import argparse
import sys
import time
from collections.abc import Iterable
from itertools import cycle, islice, pairwise

from tests.lab.heals import CUTS, parted
from tests.lab.junk import Flooder, junk
from tests.lab.net import Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.waiting import LabTimeoutError, now
from tests.lab.wire import Capture

PAIRS = (("vrrpd", "vrrpd"), ("vrrpd", "keepalived"), ("keepalived", "vrrpd"), ("keepalived", "keepalived"))
BLACK_HOLE_SECONDS = 1.5
RATES = (10, 10_000)
PASSWORD = "1111"
PHASE_SECONDS = 0.37
"""Added from heal to heal; no divisor of the interval."""


def heals(high: str, low: str, count: int) -> list[float]:
    """Longest pause of the client after each heal."""
    found: list[float] = []
    with parted(high, low) as pair:
        for number, cut in enumerate(islice(cycle(CUTS.values()), count)):
            healed = pair.heal(cut, 1.0 + number * PHASE_SECONDS % 1.0)
            found.append(healed.outage)
            say(f"  {high}/{low} {cut.name}: settled {healed.settled:.2f}, longest pause {healed.outage:.2f}")
    return found


def flood(rate: int, seconds: float) -> tuple[list[float], int, set[str]]:
    """Gaps between the Master's advertisements, how many the Backup sent, and the states after it."""
    with Lan(["a", "b", "c"]) as lan, Capture(lan, ports=["a", "b"]) as wire:
        one, two = (
            Vrrpd(lan[name], instance_text(priority=priority, vips=[f"{VIP}/32"], password=PASSWORD))
            for name, priority in (("a", 150), ("b", 100))
        )
        with one, two:
            wire.wait_advert("a", 150)
            with Flooder(lan["c"], list(junk(lan["c"], VIP, PASSWORD).values()), rate):
                begun = now()
                time.sleep(seconds)
                ended = now()
            adverts = [each.at for each in wire.adverts("a", since=begun) if each.at < ended]
            states = {each.state()["instances"][0]["state"] for each in (one, two)}
            return [second - first for first, second in pairwise(adverts)], len(wire.adverts("b")), states


def report(high: str, low: str, pauses: Iterable[float]) -> str:
    """One row."""
    found = sorted(pauses)
    holes = sum(each > BLACK_HOLE_SECONDS for each in found)
    return f"| {high} | {low} | {len(found)} | {holes} | {found[len(found) // 2]:.2f} | {found[-1]:.2f} |"


def say(text: str) -> None:
    """At once, as this takes minutes."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Read the arguments, measure, print Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--heals", type=int, default=20)
    parser.add_argument("--junk", type=float, default=30.0)
    given = parser.parse_args()
    rows = []
    for high, low in PAIRS if given.heals else ():
        try:
            rows.append(report(high, low, heals(high, low, given.heals)))
        except LabTimeoutError as error:
            rows.append(f"| {high} | {low} | {error} | | | |")
    say(
        "| winner | loser | heals | black holes | median pause, s | longest, s |\n| --- | --- | --- | --- | --- | --- |"
    )
    say("\n".join(rows))
    for rate in RATES if given.junk else ():
        gaps, strays, states = flood(rate, given.junk)
        say(f"junk {rate}/s for {given.junk:g} s: spacing {min(gaps):.3f} to {max(gaps):.3f} s, ")
        say(f"  {strays} advertisements of the Backup, states {', '.join(sorted(states))}")


if __name__ == "__main__":
    main()
