"""How fast the simulator plays three routers, all promises judged: virtual seconds in one of the clock.

    python -m bench.simulator [--seconds 2000] [--runs 9]

A quiet network: a Master and two Backups, without probes and with one each; on one processor, and on all as a campaign
(`make sim`) has them. The peer is the clock. Needs no root.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from multiprocessing import get_context
from statistics import median

from vrrpd.sim.campaign import collected_after, processors
from vrrpd.sim.script import read
from vrrpd.sim.world import World

HEAD = """\
| three routers | x real time on one processor, min / median / max | on all {count} at once |
| --- | ---: | ---: |"""


def scenario(probe: str, seconds: float) -> str:
    """`probe`: a line for each router, or nothing."""
    routers = (
        f"router {name}{words}\n{probe}" for name, words in (("a", " priority=150"), ("b", " priority=120"), ("c", ""))
    )
    return f"network faults_end={seconds:g}\n" + "".join(routers)


def play(text: str) -> tuple[float, float, float]:
    """Virtual seconds of a run, and when it began and ended (monotonic clock, of all processes)."""
    parsed = read(text)
    begun = time.monotonic()
    outcome = collected_after(World(parsed).run)
    assert not outcome.wrong, outcome
    return outcome.seconds, begun, time.monotonic()


def alone(text: str, runs: int) -> list[float]:
    """One after the other."""
    return [virtual / (ended - begun) for virtual, begun, ended in (play(text) for _ in range(runs))]


def together(text: str, runs: int) -> float:
    """On all processors, from the first beginning to the last end."""
    count = processors()
    with get_context("forkserver").Pool(count) as pool:
        pool.map(play, [text] * count)  # whatever has to be imported is
        played = pool.map(play, [text] * count * runs, chunksize=1)
    return sum(each[0] for each in played) / (max(each[2] for each in played) - min(each[1] for each in played))


def row(name: str, speeds: Sequence[float], all_at_once: float) -> str:
    """One line of the table."""
    one = f"{min(speeds):,.0f} / {median(speeds):,.0f} / {max(speeds):,.0f}"
    return f"| {name} | {one} | {all_at_once:,.0f} |"


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2000)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    print(HEAD.format(count=processors()), flush=True)
    for name, probe in (("without probes", ""), ("a probe each", "probe\n")):
        text = scenario(probe, options.seconds)
        print(row(name, alone(text, options.runs), together(text, options.runs)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
