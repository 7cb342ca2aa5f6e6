"""How late advertisements leave while the daemon has much to do: fifty probes of all kinds, each every second.

    python -m bench.loop [--probes 50] [--instances 10] [--seconds 60] [--kinds script,tcp]

vrrpd beside keepalived with as many scripts of the field, at the same time on two hosts of one network. Late: what a
pause between two advertisements of one virtual router has more than one second. Times are the kernel's. Needs root.
"""

import argparse
import itertools
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from statistics import quantiles

from tests.lab.haproxy import BACKEND, HaProxy
from tests.lab.net import INTERFACE, Host, Lan
from tests.lab.part import Part
from tests.lab.parts import Keepalived, KeepalivedInstance, StandInBroker, Vrrpd, instance_text
from tests.lab.waiting import now
from tests.lab.wire import Capture
from vrrpd.probes.registry import KINDS

FIRST_VRID = {"vrrpd": 1, "keepalived": 101}
PATIENCE = 20.0


class Web(Part):
    """Something to ask by HTTP."""

    kind = "web"

    def argv(self) -> Sequence[str]:
        """Python's own, on loopback."""
        return [sys.executable, "-m", "http.server", "8080", "--bind", "127.0.0.1", "--directory", str(self.directory)]

    def is_ready(self) -> bool:
        """It listens."""
        return ":8080" in self.host.run(["ss", "-tlnH"])


def options(haproxy: HaProxy, broker: Host, file: Path) -> dict[str, str]:
    """The keywords of each kind, for a service that is well."""
    return {
        "amqp": f'host = "{broker.ip}"\nuser = "guest"\npassword = "guest"',
        "file": f'path = "{file}"',
        "haproxy": f'socket = "{haproxy.stats_socket}"\nbackends = ["{BACKEND}"]',
        "http": "port = 8080",
        "interface": f'interface = "{INTERFACE}"',
        "ping": f'host = "{broker.ip}"',
        "process": f'pidfile = "{haproxy.directory / "pid"}"',
        "script": 'argv = ["/bin/true"]',
        "tcp": f'host = "{broker.ip}"\nport = 5672',
    }


def probes(known: dict[str, str], count: int) -> str:
    """`count` probes, the kinds in turn."""
    kinds = itertools.cycle(sorted(known.keys() & KINDS.keys()))
    tables = (
        f'[probe.{kind}{number}]\ntype = "{kind}"\n{known[kind]}\ninterval = "1s"\nweight = -1\n'
        for number, kind in zip(range(count), kinds, strict=False)
    )
    return "\n".join(tables)


def vip(vrid: int) -> str:
    """Of one virtual router."""
    return f"192.0.2.{50 + vrid % 100}" if vrid < 100 else f"192.0.2.{150 + vrid % 100}"


def ours(host: Host, known: dict[str, str], count: int, instances: int) -> Vrrpd:
    """Each instance tracks them all."""
    text = probes(known, count)
    names = [line[len("[probe.") : -1] for line in text.split("\n") if line.startswith("[probe.")]
    first = FIRST_VRID["vrrpd"]
    for vrid in range(first, first + instances):
        text += "\n" + instance_text(priority=200, vips=[f"{vip(vrid)}/32"], name=f"VI_{vrid}", vrid=vrid, track=names)
    return Vrrpd(host, text)


def theirs(host: Host, pidfile: Path, count: int, instances: int) -> Keepalived:
    """A script of the field for each probe: is there a process?"""
    script = f'script "/bin/kill -0 {pidfile.read_text().strip()}"'
    text = "global_defs {\n script_user root\n}\n" + "".join(
        f"vrrp_script s{number} {{\n {script}\n interval 1\n weight -1\n}}\n" for number in range(count)
    )
    tracked = "track_script {\n " + "\n ".join(f"s{number}" for number in range(count)) + "\n }"
    first = FIRST_VRID["keepalived"]
    for vrid in range(first, first + instances):
        instance = KeepalivedInstance(priority=200, vips=[vip(vrid)], vrid=vrid, extra=tracked).text()
        text += instance.partition("}\n")[2].replace("VI_1", f"VI_{vrid}")
    return Keepalived(host, text)


def late(wire: Capture, make: str, instances: int, since: float) -> Iterator[float]:
    """Milliseconds, for each advertisement but the first of each virtual router."""
    first = FIRST_VRID[make]
    for vrid in range(first, first + instances):
        instants = [each.at for each in wire.adverts(vrid=vrid, since=since)]
        yield from ((after - before - 1.0) * 1000 for before, after in pairwise(instants))


def row(make: str, samples: list[float]) -> str:
    """Percentiles of what was late, and the largest deviation either way."""
    cuts = quantiles(samples, n=100)
    return f"| {make} | {len(samples)} | {cuts[49]:.2f} | {cuts[98]:.2f} | {max(samples):.2f} | {min(samples):.2f} |"


def measure(count: int, instances: int, seconds: float, wanted: set[str]) -> str:
    """A table in Markdown."""
    with ExitStack() as stack:
        lan = stack.enter_context(Lan(["a", "b", "broker"]))
        stack.enter_context(StandInBroker(lan["broker"]))
        haproxy = stack.enter_context(HaProxy(lan["a"], {"rabbit1": f"{lan['broker'].ip}:5672"}))
        (haproxy.directory / "pid").write_text(f"{haproxy.pid}\n")
        stack.enter_context(Web(lan["a"]))
        known = options(haproxy, lan["broker"], haproxy.directory / "drain")
        known = {kind: text for kind, text in known.items() if kind in wanted}
        wire = stack.enter_context(Capture(lan))
        stack.enter_context(ours(lan["a"], known, count, instances))
        stack.enter_context(theirs(lan["b"], haproxy.directory / "pid", count, instances))
        for make, first in FIRST_VRID.items():
            print(f"{make} is Master", file=sys.stderr, flush=True)
            wire.wait_for(lambda _, vrid=first: bool(wire.adverts(vrid=vrid)) or None, PATIENCE)  # type: ignore[misc]
        time.sleep(6)
        begun = now()
        time.sleep(seconds)
        kinds = sorted(known.keys() & KINDS.keys())
        rows = [row(make, list(late(wire, make, instances, begun))) for make in FIRST_VRID]
    return "\n".join(
        [
            f"{count} probes a second: {', '.join(kinds)}. {instances} instances, {seconds:g} s; milliseconds late.",
            "",
            "| | advertisements | median | p99 | most late | most early |",
            "| --- | ---: | ---: | ---: | ---: | ---: |",
            *rows,
        ]
    )


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--probes", type=int, default=50)
    parser.add_argument("--instances", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--kinds", default=",".join(KINDS), help="of the probes, separated by commas")
    options = parser.parse_args()
    print(measure(options.probes, options.instances, options.seconds, set(options.kinds.split(","))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
