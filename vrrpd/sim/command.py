"""The command line of the simulator: many seeds, one seed again, or a scenario from a file."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from vrrpd.sim.campaign import Tally, campaign, processors
from vrrpd.sim.draw import draw
from vrrpd.sim.plan import Scenario
from vrrpd.sim.script import ScriptError, read, write
from vrrpd.sim.shrink import Shrinker, breaks_as
from vrrpd.sim.world import World

TELL_EVERY = 0.5
"""Seconds between two states of the progress bar on a terminal."""
TELL_SELDOM = 30.0
"""Seconds between two lines where nobody watches."""


def main(arguments: Sequence[str]) -> int:
    """0: no promise was broken; 1: one was; 2: what was asked for cannot be played."""
    asked = _parser().parse_args(arguments)
    if asked.seed is None and asked.file is None:
        return _many(range(asked.first, asked.first + asked.seeds), asked.jobs, stop=asked.stop)
    try:
        scenario = draw(asked.seed) if asked.file is None else read(asked.file.read_text())
    except (ScriptError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return _one(scenario, journal=asked.journal, shrink=asked.shrink)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m vrrpd.sim", description="Play VRRP routers in a simulated world.")
    parser.add_argument("--seeds", type=int, default=1000, metavar="N", help="play so many (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="and begin with this one")
    parser.add_argument("--jobs", type=int, default=processors(), metavar="N", help="in so many processes")
    parser.add_argument("--stop", action="store_true", help="end with the first that fails")
    parser.add_argument("--seed", type=int, help="play this one, and print its scenario")
    parser.add_argument("--file", type=Path, help="play the scenario in this file")
    parser.add_argument("--journal", action="store_true", help="with --seed or --file: print what all daemons tell")
    parser.add_argument("--shrink", action="store_true", help="with --seed or --file: print the shortest that fails")
    return parser


def _many(seeds: range, jobs: int, *, stop: bool) -> int:
    tally, watched = Tally(len(seeds)), sys.stderr.isatty()
    told = tally.now()
    for played in campaign(seeds, jobs):
        tally.add(played)
        if played.outcome.wrong:
            sys.stdout.write(f"\nseed {played.seed}: {played.outcome.detail}\n")
            sys.stdout.flush()
            if stop:
                break
        if tally.now() - told > (TELL_EVERY if watched else TELL_SELDOM):
            told = tally.now()
            sys.stderr.write(f"\r{tally.line}" if watched else f"{tally.line}\n")
    sys.stderr.write(("\r" if watched else "") + tally.line + "\n")
    if tally.first is not None:
        sys.stdout.write(f"first: python -m vrrpd.sim --seed {tally.first.seed}\n")
        sys.stdout.write(f"short: python -m vrrpd.sim --seed {tally.first.seed} --shrink\n")
    return 1 if tally.failed else 0


def _one(scenario: Scenario, *, journal: bool, shrink: bool) -> int:
    world = World(scenario, journal=journal)
    outcome = world.run()
    if shrink and outcome.wrong:
        shrinker = Shrinker(scenario, breaks_as(outcome.wrong))
        scenario = shrinker.shrink()
        world = World(scenario, journal=journal)
        outcome = world.run()
    for when, name, entry in world.journal:
        sys.stdout.write(f"{when:12.6f} {name} {entry}\n")
    sys.stdout.write(write(scenario, outcome.detail))
    return 1 if outcome.wrong else 0
