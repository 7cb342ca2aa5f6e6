"""What the renewal of leases costs: the call that the daemon makes after each round of advertisements, `Kernel.renew`.

    python -m bench.renewals [--counts 1,255] [--rounds 200]

One message to the kernel for all leases of a round, handed to the thread of netlink and back, as in the daemon; the
addresses are there. Needs root. Everything happens in a network namespace of its own.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_interface

from tests.lab import namespaces
from tests.lab.net import INTERFACE, Lan
from vrrpd.linux.kernel import Kernel
from vrrpd.linux.netlink import Lifetime

COUNTS = (1, 255)
"""Of the usual pair, and of a host with every VRID of one family."""
ROUNDS = 200
LEASE_SECONDS = 3
FIRST = IPv4Address("198.51.100.1")
"""TEST-NET-2 of RFC 5737."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a round with so many leases, microseconds: of the process, all its threads, and by the clock (median)."""

    leases: int
    cpu: float
    elapsed: float


def measure(leases: int, rounds: int) -> Cost:
    """One round after the other."""

    async def renew() -> Cost:
        kernel = Kernel()
        await kernel.open()
        try:
            index = (await kernel.snapshot()).interfaces[INTERFACE].index
            wanted = [Lifetime(index, ip_interface(f"{FIRST + each}/32"), LEASE_SECONDS) for each in range(leases)]
            for each in wanted:
                await kernel.add(index, each.address, each.seconds)
            return await _timed(kernel, wanted, rounds)
        finally:
            await kernel.close()

    with Lan(["high"]) as lan:
        return namespaces.inside(lan["high"].namespace, lambda: asyncio.run(renew()))


async def _timed(kernel: Kernel, wanted: Sequence[Lifetime], rounds: int) -> Cost:
    elapsed, cpu = list[float](), time.process_time()
    for _ in range(rounds):
        begun = time.monotonic()
        refused = await kernel.renew(wanted)
        elapsed.append(time.monotonic() - begun)
        assert not any(refused), refused
    spent = (time.process_time() - cpu) / rounds
    return Cost(len(wanted), spent * 1e6, statistics.median(elapsed) * 1e6)


def rows(costs: Sequence[Cost]) -> list[tuple[str, str]]:
    """What and its figure, of each."""
    return [
        (
            f"renewal of {each.leases} lease{'s' if each.leases > 1 else ''} at once",
            f"{each.cpu:.0f} µs of CPU ({each.cpu / each.leases:.0f} each), {each.elapsed:.0f} µs by the clock",
        )
        for each in costs
    ]


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", default=",".join(map(str, COUNTS)))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    for name, figure in rows([measure(int(each), options.rounds) for each in options.counts.split(",")]):
        print(f"{name}: {figure}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
