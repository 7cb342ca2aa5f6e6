"""Heals of a cut between two routers, and junk on the wire: black holes, spacing of advertisements.

    python -m bench.heal [--heals 20] [--junk 30] [--markdown FILE]

Each heal parts the two for another time, so that their advertisements meet in every order: only a loser that yields
before the winner has heard it can leave a black hole. Seconds. Needs root.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import median

from bench.report import versions
from tests.lab import namespaces
from tests.lab.heals import CUTS, parted
from tests.lab.junk import Flooder, junk
from tests.lab.net import INTERFACE, Host, Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.waiting import LabTimeoutError, now
from tests.lab.wire import Capture

PAIRS = (("vrrpd", "vrrpd"), ("vrrpd", "keepalived"), ("keepalived", "vrrpd"), ("keepalived", "keepalived"))
BLACK_HOLE_SECONDS = 1.5
RATES = (10, 10_000)
PASSWORD = "1111"
PATIENCE = 20.0
CUT = CUTS["silent"]
"""The one that leaves a client with the loser: it has learned that one, and the winner was told nothing."""
APART_SECONDS = 1.0
"""At least, with two Masters."""
INTERVAL_SECONDS = 1.0
TRANSMITTED_PACKETS = 9
"""Column of a row of /proc/net/dev (proc_pid_net(5))."""

PREFACE = """# After a cut, and under junk

Made by `make bench-heal ARGS="{arguments}"` on {date}.

{versions}.

## Heals of a cut

Two routers, priorities 150 and 100, `advert_int` 1 s, are parted until both are Masters, and joined again; neither
loses carrier. The heals are spread evenly over the interval, so that now the one, now the other is heard first. A
client on the loser's side makes a fresh AMQP handshake every 20 ms; nobody but the routers refreshes its ARP cache. The
winner is the host with the higher priority. "Black holes" are pauses of the client of more than {black_hole:g} s that
ended after the loser had given way. Seconds.

A loser that hears the winner first gives way before the winner has heard it, and keepalived does so in silence: the
client is left with the loser's MAC address. vrrpd says a last word when it gives way, and asks just before each
advertisement who else has the address, by ARP or neighbour solicitation, so that as the winner it knows of a rival and
announces itself. `garp_master_refresh` is the last net.

| winner | loser | heals | black holes | median pause | longest pause |
| --- | --- | ---: | ---: | ---: | ---: |
{heals}

## Junk

A third host sends advertisements with a wrong password, a wrong TTL, a wrong checksum and a wrong address list, with
priority 254 and otherwise right, to a Master and a Backup of vrrpd at once. Pairs of counts are the Master's and the
Backup's; "lost" are packets that the kernel dropped because the receive queue was full: the daemon
reads a bounded number at a time, so that its timers are kept.

| wanted, a second | sent, a second | for | the Master's advertisements apart | state changes | sent by the Backup | \
rejected | lost |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{junk}
"""


@dataclass(frozen=True, slots=True)
class Flooded:
    """What a flood has done. Pairs of counts are the Master's and the Backup's."""

    wanted: int
    sent: float
    seconds: float
    gaps: list[float]
    transitions: int
    backup_adverts: int
    rejected: list[int]
    overruns: list[int]

    def row(self) -> str:
        """Of the table."""
        cells = (
            str(self.wanted),
            f"{self.sent:.0f}",
            f"{self.seconds:g} s",
            f"{min(self.gaps):.3f} to {max(self.gaps):.3f} s",
            str(self.transitions),
            str(self.backup_adverts),
            " / ".join(map(str, self.rejected)),
            " / ".join(map(str, self.overruns)),
        )
        return f"| {' | '.join(cells)} |"


def heals(high: str, low: str, count: int) -> list[float]:
    """Longest pause of the client after each heal."""
    found: list[float] = []
    with parted(high, low) as pair:
        for number in range(count):
            healed = pair.heal(CUT, APART_SECONDS + number / count * INTERVAL_SECONDS)
            found.append(healed.outage)
            say(f"{high}/{low}: settled {healed.settled:.2f}, longest pause {healed.outage:.2f}")
    return found


def heal_row(high: str, low: str, count: int) -> str:
    """Of the table; what went wrong, if it could not be measured."""
    try:
        found = heals(high, low, count)
    except LabTimeoutError as error:
        return f"| {high} | {low} | {error} | | | |"
    holes = sum(each > BLACK_HOLE_SECONDS for each in found)
    return f"| {high} | {low} | {len(found)} | {holes} | {median(found):.2f} | {max(found):.2f} |"


def flood(rate: int, seconds: float) -> Flooded:
    """Junk at this rate at a Master and a Backup."""
    with Lan(["a", "b", "c"]) as lan, Capture(lan, ports=["a", "b"]) as wire:
        routers = [
            Vrrpd(lan[name], instance_text(priority=priority, vips=[f"{VIP}/32"], password=PASSWORD))
            for name, priority in (("a", 150), ("b", 100))
        ]
        with routers[0], routers[1]:
            wire.wait_advert("a", 150)
            before = sum(_counts(routers, "transitions"))
            with Flooder(lan["c"], list(junk(lan["c"], VIP, PASSWORD).values()), rate):
                begun, sent = now(), _transmitted(lan["c"])
                time.sleep(seconds)
                ended, sent = now(), _transmitted(lan["c"]) - sent
            last = wire.wait_advert("a", since=ended, timeout=PATIENCE)
            adverts = [each.at for each in wire.adverts("a", since=begun - 1) if each.at <= last.at]
            return Flooded(
                wanted=rate,
                sent=sent / (ended - begun),
                seconds=seconds,
                gaps=[second - first for first, second in pairwise(adverts)],
                transitions=sum(_counts(routers, "transitions")) - before,
                backup_adverts=len(wire.adverts("b", since=begun)),
                rejected=_counts(routers, "adverts_rejected"),
                overruns=_counts(routers, "receive_overruns"),
            )


def _counts(routers: Sequence[Vrrpd], name: str) -> list[int]:
    """Sum of a counter over all its labels, of each."""
    pages = [each.get("/metrics").splitlines() for each in routers]
    return [
        sum(int(float(line.split()[-1])) for line in page if line.startswith(f"vrrpd_{name}_total")) for page in pages
    ]


def _transmitted(host: Host) -> int:
    """Frames that it has sent."""
    table = Path("/proc/thread-self/net/dev")
    lines = namespaces.inside(host.namespace, lambda: table.read_text().splitlines())
    row = next(line for line in lines if line.strip().startswith(f"{INTERFACE}:"))
    return int(row.partition(":")[2].split()[TRANSMITTED_PACKETS])


def say(text: str) -> None:
    """Progress, beside the tables."""
    print(text, file=sys.stderr, flush=True)


def document(heal_rows: Sequence[str], junk_rows: Sequence[str], arguments: str) -> str:
    """In Markdown."""
    return PREFACE.format(
        arguments=arguments,
        date=datetime.fromtimestamp(now(), UTC).date().isoformat(),
        versions=versions(),
        black_hole=BLACK_HOLE_SECONDS,
        heals="\n".join(heal_rows),
        junk="\n".join(junk_rows),
    )


def main() -> None:
    """Read the arguments, measure, print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heals", type=int, default=20)
    parser.add_argument("--junk", type=float, default=30.0)
    parser.add_argument("--markdown", type=Path, help="write the tables to this file")
    given = parser.parse_args()
    heal_rows = [heal_row(high, low, given.heals) for high, low in PAIRS if given.heals]
    junk_rows = []
    for rate in RATES if given.junk else ():
        junk_rows.append(flood(rate, given.junk).row())
        say(junk_rows[-1])
    text = document(heal_rows, junk_rows, f"--heals {given.heals} --junk {given.junk:g}")
    print(text)
    if given.markdown:
        given.markdown.write_text(text)


if __name__ == "__main__":
    main()
