"""What many virtual routers cost: processor, memory, and how late advertisements leave. vrrpd beside keepalived.

    python -m bench.scale [--counts 1,50,255,510] [--seconds 10] [--makes vrrpd,keepalived] [--roles master,backup]

Each make in turn, alone on its network as Master of all, or as Backup of a keepalived that is Master of all. advert_int
is 1 s. The first 255 are VRRPv2 on IPv4, the others VRRPv3 on IPv6. Late: what a pause between two advertisements of
one virtual router has more than one second, by the kernel's time stamps, which are read four times a second: a reader
of each frame would take the processor from the sender, 180 times a second where 255 are sent. Stolen: what the
hypervisor took from this machine's processors meanwhile. Stall: the longest that a thread of ours, which has nothing to
do but sleep for 5 ms, woke too late; a pause of the machine makes whole rounds of advertisements late. Needs root.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import quantiles

from tests.lab.net import Host, Lan
from tests.lab.part import Part
from tests.lab.parts import Keepalived, Vrrpd, instance_text
from tests.lab.stall import Stalls
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture

VRIDS = 255
HIGH, LOW = 200, 100
PATIENCE = 60.0
READ_EVERY = 0.25
"""Seconds from one reading of the capture to the next."""
SETTLE = 7.0
"""Seconds from Master to the first figure: the second round of gratuitous ARP comes after five."""
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Router:
    """One virtual router: `number` counts from 0."""

    number: int

    @property
    def vrid(self) -> int:
        """1..255 in each family."""
        return self.number % VRIDS + 1

    @property
    def ipv6(self) -> bool:
        """The second 255."""
        return self.number >= VRIDS

    @property
    def version(self) -> int:
        """What most people have in each family."""
        return 3 if self.ipv6 else 2

    @property
    def vip(self) -> str:
        """With its length, of a network for documentation."""
        return f"2001:db8::{self.vrid:x}/128" if self.ipv6 else f"198.51.100.{self.vrid}/32"


def ours(host: Host, routers: Sequence[Router], priority: int) -> Part:
    """vrrpd as it comes."""
    text = [
        instance_text(
            priority=priority, vips=[each.vip], name=f"VI_{each.number}", vrid=each.vrid, version=each.version
        )
        for each in routers
    ]
    return Vrrpd(host, "\n".join(text))


def theirs(host: Host, routers: Sequence[Router], priority: int) -> Part:
    """keepalived as it comes."""
    blocks = [
        f"vrrp_instance VI_{each.number} {{\n state BACKUP\n interface {host.interface}\n version {each.version}\n"
        f" virtual_router_id {each.vrid}\n priority {priority}\n advert_int 1\n"
        f" virtual_ipaddress {{\n {each.vip}\n }}\n}}\n"
        for each in routers
    ]
    return Keepalived(host, "".join(blocks))


MAKES: dict[str, Callable[[Host, Sequence[Router], int], Part]] = {"vrrpd": ours, "keepalived": theirs}


def on_processor(part: Part) -> float:
    """Seconds that all threads of the process and its children have had the processor (proc(5), schedstat)."""
    tasks = (each for pid in part.tree() for each in Path(f"/proc/{pid}/task").iterdir())
    return sum(int((each / "schedstat").read_text().split()[0]) for each in tasks) / 1e9


def resident(part: Part) -> float:
    """MiB of the process and its children together."""
    return sum(
        int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MIB for pid in part.tree()
    )


def machine() -> tuple[float, float]:
    """Seconds since boot that all processors together were not idle, and that a hypervisor kept from them (proc(5))."""
    fields = [int(each) for each in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    tick = os.sysconf("SC_CLK_TCK")
    return (sum(fields[:7]) - fields[3] - fields[4]) / tick, fields[7] / tick


@dataclass(frozen=True, slots=True)
class Row:
    """Of one make with so many virtual routers.

    `late`: milliseconds, nothing for Backups. `stolen`: ms a second. `stall`: ms.
    """

    make: str
    role: str
    count: int
    busy: float
    others: float
    stolen: float
    stall: float
    rss: float
    started: float
    late: list[float]

    def markdown(self) -> str:
        """One line of the table."""
        late = "- | - | -"
        if len(self.late) > 1:
            cuts = quantiles(self.late, n=100, method="inclusive")
            late = f"{cuts[49]:.2f} | {cuts[98]:.2f} | {max(self.late):.2f}"
        cells = f"{self.count} | {self.role} | {self.make} | {self.busy:.2f} | {self.rss:.0f} | {self.started:.1f}"
        return f"| {cells} | {late} | {self.others:.0f} | {self.stolen:.1f} | {self.stall:.0f} |"


HEAD = """\
| instances | as | | % core | RSS MiB | start s | late p50 ms | p99 ms | max ms | others, % | stolen ms/s | stall ms |
| ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"""


def late(wire: Capture, since: float) -> Iterator[float]:
    """Milliseconds, for each advertisement but the first of each virtual router."""
    sent: dict[tuple[int, int], list[float]] = {}
    for each in wire.adverts("a", since):
        sent.setdefault((each.version, each.vrid), []).append(each.at)
    for instants in sent.values():
        yield from ((after - before - 1.0) * 1000 for before, after in pairwise(instants))


def heard(wire: Capture, port: str, since: float) -> int:
    """How many virtual routers this host is Master of."""
    return len({(each.version, each.vrid) for each in wire.adverts(port, since)})


def measure(make: str, role: str, count: int, seconds: float) -> Row:
    """One row."""
    routers = [Router(number) for number in range(count)]
    with ExitStack() as stack:
        lan = stack.enter_context(Lan(["a", "b"], ipv6=True))
        wire = stack.enter_context(Capture(lan, pause=READ_EVERY))
        stalls = stack.enter_context(Stalls())
        for host in lan:
            host.add_address(f"198.51.0.{1 + (host.name == 'b')}/16")
        master = "a" if role == "master" else "b"
        if role == "backup":
            stack.enter_context(theirs(lan["b"], routers, HIGH))
        part = stack.enter_context(MAKES[make](lan["a"], routers, HIGH if role == "master" else LOW))
        wait_until(lambda: heard(wire, master, now() - 1.5) == count, PATIENCE, "Master of all", poll=0.5)
        time.sleep(SETTLE)
        begun, busy, (all_busy, stolen) = now(), on_processor(part), machine()
        time.sleep(seconds)
        busy = on_processor(part) - busy
        all_busy, stolen = (after - before for after, before in zip(machine(), (all_busy, stolen), strict=True))
        if role == "backup" and heard(wire, "a", begun):
            print(f"{make} became Master", file=sys.stderr)
        share, others = 100 * busy / seconds, 100 * (all_busy - busy) / seconds
        stall = max((last - first for first, last in stalls.within(begun, now())), default=0.0)
        of_machine = others, 1000 * stolen / seconds, 1000 * stall
        return Row(make, role, count, share, *of_machine, resident(part), part.started_in, list(late(wire, begun)))


def words(text: str) -> list[str]:
    """Separated by commas."""
    return text.split(",")


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=words, default=["1", "50", "255", "510"])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--makes", type=words, default=list(MAKES))
    parser.add_argument("--roles", type=words, default=["master", "backup"])
    options = parser.parse_args()
    print(HEAD, flush=True)
    for count in options.counts:
        for role in options.roles:
            for make in options.makes:
                print(measure(make, role, int(count), options.seconds).markdown(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
