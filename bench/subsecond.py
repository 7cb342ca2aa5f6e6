"""Short intervals on a busy host: false takeovers, and how late the right one is. vrrpd beside keepalived, interleaved.

    python -m bench.subsecond [--intervals 0.01,0.1] [--seconds 60] [--kills 10] [--load 2] [--makes NAME,...]

A Master and a Backup, VRRPv3 on IPv4, while so many programs per processor do nothing but count. Each make and interval
gets the load for that long, in turns of twelve seconds, so that what else the machine does hits all. False: the
Backup has advertised while the Master lived. Then the Master is killed (SIGKILL) again and again, without load;
late is what the first advertisement of the Backup has more than Master_Down_Interval since the last of the Master
by the kernel's time stamps; in brackets how much of the latest the machine stood still, by a thread of ours that has
nothing to do but sleep. `rt`: with rt_priority and no_swap, for keepalived vrrp_rt_priority and vrrp_no_swap.
Needs root.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from tests.lab.net import Host, Lan
from tests.lab.part import Part
from tests.lab.parts import Keepalived, KeepalivedInstance, Vrrpd, instance_text
from tests.lab.stall import Stalls
from tests.lab.waiting import LabError, now, wait_until
from tests.lab.wire import Capture

HIGH, LOW = 200, 100
VIP = "198.51.100.1"
RT_PRIORITY = 50
TURN_SECONDS = 12.0
PATIENCE = 30.0
QUIET_SECONDS = 1.0
"""After a start: imports and first frames are not what is measured."""
PID_FILES = ("pid", "vrrp.pid", "c.pid")
COUNTER = "while True: pass"
LOOK_SECONDS = 0.001
"""From one look at the clock to the next, for pauses of the machine."""


def ours(host: Host, priority: int, interval: float, *, rt: bool) -> Part:
    """vrrpd."""
    text = instance_text(priority=priority, vips=[f"{VIP}/32"], version=3, advert_int=f"{interval * 1000:g}ms")
    return Vrrpd(host, text, daemon_extra=f"rt_priority = {RT_PRIORITY}\nno_swap = true\n" if rt else "")


def theirs(host: Host, priority: int, interval: float, *, rt: bool) -> Part:
    """keepalived."""
    text = KeepalivedInstance(priority=priority, vips=[f"{VIP}/32"], version=3, advert_int=interval).text()
    words = f"global_defs {{\n vrrp_rt_priority {RT_PRIORITY}\n vrrp_no_swap\n"
    return Keepalived(host, text.replace("global_defs {\n", words, 1) if rt else text)


Make = Callable[[Host, int, float], Part]
MAKES: dict[str, Make] = {
    "vrrpd": lambda host, priority, interval: ours(host, priority, interval, rt=False),
    "vrrpd, rt": lambda host, priority, interval: ours(host, priority, interval, rt=True),
    "keepalived": lambda host, priority, interval: theirs(host, priority, interval, rt=False),
    "keepalived, rt": lambda host, priority, interval: theirs(host, priority, interval, rt=True),
}


def master_down(interval: float) -> float:
    """Seconds: Master_Down_Interval of the Backup (RFC 9568 6.1; the wire has centiseconds, skew is no whole one)."""
    return 3 * interval + (256 - LOW) / 256 * interval


@contextmanager
def load(count: int) -> Iterator[None]:
    """So many programs that only count."""
    counting = [subprocess.Popen([sys.executable, "-c", COUNTER]) for _ in range(count)]
    try:
        yield
    finally:
        for each in counting:
            each.kill()
            each.wait()


@dataclass
class Pair:
    """One make with one interval, on a network of its own. `false`: takeovers from a Master that lived.

    `late`: of each right one, with what the machine stood still of it, ms.
    """

    make: str
    interval: float
    lan: Lan
    wire: Capture
    high: Part
    low: Part
    stalls: Stalls
    false: int = 0
    watched: float = 0.0
    adverts: list[float] = field(default_factory=list)
    late: list[tuple[float, float]] = field(default_factory=list)

    def add(self, other: "Pair") -> None:
        """What another turn has found."""
        self.false, self.watched = self.false + other.false, self.watched + other.watched
        self.adverts += other.adverts
        self.late += other.late

    def settle(self) -> None:
        """The Master is Master, and alone."""
        self.wire.wait_advert("high", HIGH, since=now(), timeout=PATIENCE)

        def alone() -> bool:
            since = now() - QUIET_SECONDS
            return not self.wire.adverts("low", since) and bool(self.wire.adverts("high", since))

        wait_until(alone, PATIENCE, f"{self.make}: one Master", poll=0.1)

    def watch(self, seconds: float) -> None:
        """Under load; each silence of the Backup's advertisements that ends is one takeover."""
        begun = now()
        time.sleep(seconds)
        ended = now()
        taken = [each.at for each in self.wire.adverts("low", begun) if each.at <= ended]
        gap = max(0.2, 5 * self.interval)
        self.false += sum(1 for last, at in pairwise([0.0, *taken]) if at - last > gap)
        sent = [each.at for each in self.wire.adverts("high", begun) if each.at <= ended]
        self.adverts += [(second - first - self.interval) * 1000 for first, second in pairwise(sent)]
        self.watched += seconds

    def die(self) -> None:
        """The Master is killed; then it comes back."""
        self.settle()
        self.high.kill()
        for name in PID_FILES:  # keepalived takes whoever has that number now for itself
            (self.high.directory / name).unlink(missing_ok=True)
        last = self.wire.adverts("high")[-1].at
        taken = self.wire.wait_advert("low", LOW, since=last, timeout=PATIENCE)
        due = last + master_down(self.interval)
        self.late.append(((taken.at - due) * 1000, self.stalls.seconds(due, taken.at) * 1000))
        self.high.start()


def spread(late: Sequence[tuple[float, float]]) -> str:
    """min / median / max, and in brackets what the machine has of the last."""
    if not late:
        return "-"
    (least, _), (most, stood) = min(late), max(late)
    return f"{least:.1f} / {median(each for each, _ in late):.1f} / {most:.1f} ({stood:.1f})"


HEAD = """\
| advert_int ms | | false takeovers | in s | worst lateness ms | late after kill -9, ms, min / median / max (stall) |
| ---: | --- | ---: | ---: | ---: | --- |"""


def row(pair: Pair) -> str:
    """One line of the table."""
    latest = f"{max(pair.adverts):.1f}" if pair.adverts else "-"
    cells = f"{pair.interval * 1000:g} | {pair.make} | {pair.false} | {pair.watched:.0f} | {latest}"
    return f"| {cells} | {spread(pair.late)} |"


def open_pair(stack: ExitStack, make: str, interval: float) -> Pair:
    """Started, and settled before there is any load."""
    lan = stack.enter_context(Lan(["high", "low"]))
    wire = stack.enter_context(Capture(lan))
    stalls = stack.enter_context(Stalls(LOOK_SECONDS))
    high = stack.enter_context(MAKES[make](lan["high"], HIGH, interval))
    low = stack.enter_context(MAKES[make](lan["low"], LOW, interval))
    pair = Pair(make, interval, lan, wire, high, low, stalls)
    pair.settle()
    return pair


def turn(pair: Pair, seconds: float, kills: int, counting: int) -> None:
    """One turn of a pair that was just started."""
    with load(counting):
        pair.watch(seconds)
    for _ in range(kills):
        pair.die()


def run(makes: Sequence[str], interval: float, seconds: float, kills: int, counting: int) -> list[Pair]:
    """In turns, one pair at a time: the others would be load, too."""
    found: dict[str, Pair] = {}
    turns = max(1, round(seconds / TURN_SECONDS))
    for number in range(turns):
        for make in makes:
            with ExitStack() as stack:
                pair = open_pair(stack, make, interval)
                try:
                    turn(pair, min(TURN_SECONDS, seconds), kills // turns + (number < kills % turns), counting)
                except LabError as error:
                    print(f"turn {number + 1} of {make} ended early: {error}", file=sys.stderr)
                known = found.setdefault(make, pair)
                if known is not pair:
                    known.add(pair)
                print(f"{number + 1}: {row(pair)}", file=sys.stderr, flush=True)
    return list(found.values())


def words(text: str) -> list[str]:
    """Separated by commas."""
    return [each.strip() for each in text.split(",")]


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--intervals", type=words, default=["0.01", "0.1"])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--load", type=int, default=2, help="counting programs per processor")
    parser.add_argument("--makes", type=lambda text: text.split("+"), default=list(MAKES), help="separated by +")
    options = parser.parse_args()
    counting = options.load * (os.cpu_count() or 1)
    print(HEAD, flush=True)
    for interval in map(float, options.intervals):
        for pair in run(options.makes, interval, options.seconds, options.kills, counting):
            print(row(pair), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
