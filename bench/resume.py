"""kill -9 at random moments, restarted 0.2 s later as systemd does: how often is it no failover at all?

    python -m bench.resume [--kills 100] [--seed 1] [--renewals 1000] [--json FILE]

Two vrrpd, advertisements each second. No failover: the peer has not advertised and the address never left the kernel.
Also the cost of one renewal of a lease. Needs root. Everything happens in network namespaces of its own.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from ipaddress import ip_interface
from pathlib import Path

from bench.witness import Witness
from tests.lab import namespaces
from tests.lab.net import INTERFACE, Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture
from vrrpd.linux.netlink import Netlink

HIGH, LOW = 150, 100
PATIENCE = 20.0
RESTART_SECONDS = 0.2
"""RestartSec of the unit."""
WATCH_SECONDS = 4.0
"""After each kill: longer than the peer's Master_Down_Interval, 3.6 s."""
LEASE_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Kill:
    """One of them. `phase`: seconds after an advertisement; `gap`: from the last one before to the next after it."""

    phase: float
    gap: float
    start: float
    peer_advertised: bool
    address_left: bool

    @property
    def unnoticed(self) -> bool:
        """It was no failover."""
        return not self.peer_advertised and not self.address_left


@dataclass(frozen=True, slots=True)
class Renewals:
    """Microseconds each, of the process and by the clock."""

    count: int
    cpu: float
    elapsed: float


class Killing:
    """A pair, and one kill after the other."""

    def __init__(self, stack: ExitStack) -> None:
        lan = stack.enter_context(Lan(["high", "low", "asker"]))
        self.wire = stack.enter_context(Capture(lan))
        self.witness = stack.enter_context(Witness([lan["high"], lan["low"]], lan["asker"], VIP))
        self.high = stack.enter_context(Vrrpd(lan["high"], instance_text(priority=HIGH, vips=[f"{VIP}/32"])))
        self.settle()
        stack.enter_context(Vrrpd(lan["low"], instance_text(priority=LOW, vips=[f"{VIP}/32"])))

    def settle(self) -> None:
        """Wait until `high` alone has the address."""
        wait_until(lambda: self.witness.holders() == {"high"}, PATIENCE, "high has the address")

    def once(self, phase: float) -> Kill:
        """Kill and start again; watch until the peer would have taken over."""
        self.settle()
        advert = self.wire.wait_advert("high", HIGH, since=now(), timeout=PATIENCE)
        time.sleep(max(0.0, advert.at + phase - now()))
        killed = now()
        self.high.kill()
        time.sleep(RESTART_SECONDS)
        self.high.start()
        self.wire.wait_advert("high", HIGH, since=killed + 0.005, timeout=PATIENCE)
        time.sleep(max(0.0, killed + WATCH_SECONDS - now()))
        sent = self.wire.adverts("high", since=advert.at - 0.001)
        before = max(index for index, each in enumerate(sent) if each.at <= killed + 0.005)
        changes = [each for each in self.witness.changes if each.at >= killed]
        return Kill(
            phase=phase,
            gap=sent[before + 1].at - sent[before].at,
            start=self.high.started_in,
            peer_advertised=bool(self.wire.adverts("low", since=killed)),
            address_left=bool(changes),
        )


def kills(count: int, seed: int) -> list[Kill]:
    """So many, at moments spread evenly at random over the interval."""
    phases = random.Random(seed)
    found = []
    with ExitStack() as stack:
        killing = Killing(stack)
        for number in range(count):
            found.append(killing.once(phases.random()))
            print(f"{number + 1} of {count}: {found[-1]}", file=sys.stderr, flush=True)
    return found


def renewals(count: int) -> Renewals:
    """What one costs: the same call as in the daemon, one after the other, on an address that is there."""

    async def renew() -> Renewals:
        netlink = Netlink()
        await netlink.open()
        index = (await netlink.snapshot()).interfaces[INTERFACE].index
        address = ip_interface(f"{VIP}/32")
        await netlink.add(index, address, LEASE_SECONDS)
        cpu, begun = time.process_time(), time.monotonic()
        for _ in range(count):
            await netlink.add(index, address, LEASE_SECONDS)
        spent = time.process_time() - cpu, time.monotonic() - begun
        await netlink.close()
        return Renewals(count, *(each / count * 1e6 for each in spent))

    with Lan(["high"]) as lan:
        return namespaces.inside(lan["high"].namespace, lambda: asyncio.run(renew()))


def table(found: Sequence[Kill], cost: Renewals) -> str:
    """In Markdown."""
    rows = [
        ("kill -9, started again 0.2 s later", str(len(found))),
        ("no failover", str(sum(each.unnoticed for each in found))),
        ("peer advertised", str(sum(each.peer_advertised for each in found))),
        ("address left the kernel", str(sum(each.address_left for each in found))),
        ("gap between advertisements, min / median / max", spread([each.gap for each in found])),
        ("start until READY=1, min / median / max", spread([each.start for each in found])),
        ("one renewal of a lease", f"{cost.cpu:.0f} µs of CPU, {cost.elapsed:.0f} µs by the clock"),
    ]
    return "\n".join(["| what | result |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def spread(seconds: Sequence[float]) -> str:
    """Three figures."""
    return f"{min(seconds):.2f} / {statistics.median(seconds):.2f} / {max(seconds):.2f} s"


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--renewals", type=int, default=1000)
    parser.add_argument("--json", type=Path, help="write all samples to this file")
    options = parser.parse_args()
    cost = renewals(options.renewals)
    found = kills(options.kills, options.seed)
    print(table(found, cost))
    if options.json:
        options.json.write_text(json.dumps({"kills": [asdict(each) for each in found], "renewals": asdict(cost)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
