"""Messages through the virtual address while it moves: is one lost, and how long does a client stop?

    python -m bench.messages [--rounds 2] [--json FILE]

Two proxies with vrrpd and HAProxy, a RabbitMQ cluster of three (one disc and two ram nodes, mirrored queues), a
publisher that waits for each confirm and a consumer that acknowledges, both through the address, both beginning anew
after a second without an answer. Each round is one failover, and back, for each kind of fault. Needs root.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.lab.courier import Courier
from tests.lab.site import VIP, Proxy, Site
from tests.lab.waiting import now

KINDS = {"mq1": "disc", "mq2": "ram", "mq3": "ram"}
PATIENCE = 60.0
QUIET_SECONDS = 1.5
"""Between two faults, so that the stop of one is not taken for that of the next."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to the Master's host, and how it is taken back."""

    name: str
    strike: Callable[[Proxy], object]
    mend: Callable[[Proxy], object]


FAULTS = (
    Fault("daemon stopped (SIGTERM)", lambda it: it.vrrpd.stop(), lambda it: it.vrrpd.start()),
    Fault("daemon killed (kill -9)", lambda it: it.vrrpd.kill(), lambda it: it.vrrpd.start()),
    Fault("daemon frozen (SIGSTOP)", lambda it: it.vrrpd.freeze(), lambda it: it.vrrpd.thaw()),
    Fault("drained", lambda it: it.vrrpd.ctl("drain", "--force"), lambda it: it.vrrpd.ctl("undrain")),
    Fault("HAProxy killed (kill -9)", lambda it: it.haproxy.kill(), lambda it: it.haproxy.start()),
    Fault("HAProxy frozen (SIGSTOP)", lambda it: it.haproxy.freeze(), lambda it: it.haproxy.thaw()),
    Fault("no broker behind HAProxy", Proxy.cut_broker, Proxy.heal_broker),
    Fault("interface down", lambda it: it.host.link_down(), lambda it: it.host.link_up()),
    Fault("network cut, carrier lost", lambda it: it.host.cut(), lambda it: it.host.heal()),
    Fault("virtual IP moved by priority", lambda it: lower(it, 90), lambda it: lower(it, 150)),
)


def lower(proxy: Proxy, priority: int) -> None:
    """Another priority by a reload, as an operator would."""
    file = proxy.vrrpd.configuration_file
    text = "\n".join(
        f"priority = {priority}" if line.startswith("priority = ") else line for line in file.read_text().split("\n")
    )
    file.write_text(text)
    proxy.vrrpd.reload()


Stops = dict[str, list[tuple[float, float]]]
"""Seconds that publisher and consumer stopped, by fault; a failover and the way back are two."""


def strike(site: Site, courier: Courier, fault: Fault, stops: Stops) -> None:
    """One failover and the way back."""
    first = site.proxies["proxy1"]
    for act, holder in ((fault.strike, "proxy2"), (fault.mend, "proxy1")):
        begun = now()
        act(first)
        site.wait_holder(holder, PATIENCE)
        courier.wait_flowing(now(), PATIENCE)
        time.sleep(QUIET_SECONDS)
        ended = now()
        stops[fault.name].append(
            (courier.publisher.longest_stop(begun, ended), courier.consumer.longest_stop(begun, ended))
        )
    site.wait_well("proxy1")


def spread(values: list[float]) -> str:
    """min / median / max."""
    return f"{min(values):.2f} / {median(values):.2f} / {max(values):.2f}"


def table(stops: Stops) -> list[str]:
    """Markdown."""
    lines = [
        "| fault | moves | publisher stopped, s | consumer stopped, s |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, each in stops.items():
        publisher, consumer = [one[0] for one in each], [one[1] for one in each]
        lines.append(f"| {name}, and back | {len(each)} | {spread(publisher)} | {spread(consumer)} |")
    return lines


def measure(rounds: int) -> tuple[Stops, list[str]]:
    """The stops, and lines that say what became of the messages."""
    stops: Stops = defaultdict(list)
    with Site(KINDS) as site:
        courier = Courier(site.lan["client"], VIP)
        with courier.publisher, courier.consumer:
            time.sleep(QUIET_SECONDS)
            for number in range(rounds):
                for fault in FAULTS:
                    print(f"round {number + 1} of {rounds}: {fault.name}", file=sys.stderr, flush=True)
                    strike(site, courier, fault, stops)
            courier.publisher.stop()
            courier.wait_delivered(PATIENCE)
            confirmed, delivered = courier.confirmed(), courier.delivered()
            twice = len(courier.consumer.told()) - len(delivered)
    lost = len(confirmed - delivered)
    moves = sum(map(len, stops.values()))
    told = (
        f"{len(confirmed)} messages confirmed in {moves} moves of the address; lost: {lost}; delivered twice: {twice}."
    )
    return stops, [told, "", *table(stops)]


def main() -> int:
    """Run and print. A confirmed message that does not arrive within a minute ends the run with an error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write all samples to this file")
    options = parser.parse_args()
    stops, lines = measure(options.rounds)
    print("\n".join(lines))
    if options.json:
        options.json.write_text(json.dumps(stops, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
