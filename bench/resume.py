"""A death or a restart of the Master that nobody notices: how often, and how long is it silent?

    python -m bench.resume [--kills 100] [--restarts 20] [--seed 1] [--rounds 200] [--json FILE]

Two vrrpd, advertisements each second. First kill -9 at random moments, started again 0.2 s later as systemd does. Then
restarts in place (SIGUSR2) at random moments. No failover: the peer has not advertised and the address never left the
kernel. Also the cost of a renewal of leases, as `bench.renewals`. Needs root; everything happens in network namespaces.

The exit status is 1 if fewer than 95 of 100 deaths were no failover, if one restart was a failover, or if between two
advertisements round a restart there were 2 s or more. Not judged, but told: where the machine ran others for more than
half a second while the new daemon was ready to run.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from signal import SIGUSR2

from bench import renewals
from bench.witness import Witness
from tests.lab.net import Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture

HIGH, LOW = 150, 100
PATIENCE = 20.0
RESTART_SECONDS = 0.2
"""RestartSec of the unit."""
WATCH_SECONDS = 4.0
"""After each kill: longer than the peer's Master_Down_Interval, 3.6 s."""
UNNOTICED_SHARE = 0.95
GAP_SECONDS = 2.0
"""Two intervals."""
UNFAIR_SECONDS = 0.5
EARLY_SECONDS = 0.005
"""What was sent just before a signal may carry a later time stamp."""


@dataclass(frozen=True, slots=True)
class Event:
    """A kill or a restart. `phase`: seconds after an advertisement; `gap`: from the last one before to the next after.

    `waited`: seconds that threads of the new daemon were ready to run and had no processor, all together. `start`:
    until READY=1; of kills only.
    """

    phase: float
    gap: float
    peer_advertised: bool
    address_left: bool
    waited: float
    start: float = 0.0

    @property
    def unnoticed(self) -> bool:
        """It was no failover."""
        return not self.peer_advertised and not self.address_left

    @property
    def fair(self) -> bool:
        """It tells of vrrpd, not of a machine that was too busy."""
        return self.waited < UNFAIR_SECONDS


class Scene:
    """A pair, and one event after the other."""

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

    def kill(self, phase: float) -> Event:
        """Kill and start again; watch until the peer would have taken over."""
        before, begun = self._phase(phase)
        self.high.kill()
        time.sleep(RESTART_SECONDS)
        self.high.start()
        waited = self.high.kept_waiting()
        self.wire.wait_advert("high", HIGH, since=begun + EARLY_SECONDS, timeout=PATIENCE)
        time.sleep(max(0.0, begun + WATCH_SECONDS - now()))
        return self._seen(phase, before, begun, waited, start=self.high.started_in)

    def restart(self, phase: float) -> Event:
        """In place; watch until it advertises as ever."""
        before, begun = self._phase(phase)
        ready, waited = self._ready(), self.high.kept_waiting()
        self.high.process.send_signal(SIGUSR2)
        wait_until(lambda: self._ready() > ready, PATIENCE, "ready again")
        waited = self.high.kept_waiting() - waited  # the same process id, so the same account
        back = now()
        for _ in range(2):
            back = self.wire.wait_advert("high", HIGH, since=back + EARLY_SECONDS, timeout=PATIENCE).at
        return self._seen(phase, before, begun, waited)

    def _ready(self) -> int:
        return self.high.receive_notices().count("READY=1")

    def _phase(self, phase: float) -> tuple[float, float]:
        """The instants of an advertisement and of the moment so long after it."""
        self.settle()
        advert = self.wire.wait_advert("high", HIGH, since=now(), timeout=PATIENCE)
        time.sleep(max(0.0, advert.at + phase - now()))
        return advert.at - 0.001, now()

    def _seen(self, phase: float, before: float, begun: float, waited: float, start: float = 0.0) -> Event:
        sent = [each.at for each in self.wire.adverts("high", since=before)]
        return Event(
            phase=phase,
            gap=max(late - early for early, late in pairwise(sent)),
            peer_advertised=bool(self.wire.adverts("low", since=begun)),
            address_left=any(each.at >= begun for each in self.witness.changes),
            waited=waited,
            start=start,
        )


def play(kills: int, restarts: int, seed: int) -> tuple[list[Event], list[Event]]:
    """So many, at moments spread evenly at random over the interval."""
    phases = random.Random(seed)
    killed, restarted = list[Event](), list[Event]()
    with ExitStack() as stack:
        scene = Scene(stack)
        for count, act, events in ((kills, scene.kill, killed), (restarts, scene.restart, restarted)):
            for number in range(count):
                events.append(act(phases.random()))
                print(f"{act.__name__} {number + 1} of {count}: {events[-1]}", file=sys.stderr, flush=True)
    return killed, restarted


def judged(killed: Sequence[Event], restarted: Sequence[Event]) -> list[str]:
    """What is worse than promised, one text each."""
    found = []
    deaths, restarts = ([each for each in events if each.fair] for events in (killed, restarted))
    if (killed and not deaths) or (restarted and not restarts):
        found.append("the machine was too busy for a judgement")
    unnoticed = sum(each.unnoticed for each in deaths)
    if unnoticed < UNNOTICED_SHARE * len(deaths):
        found.append(f"{len(deaths) - unnoticed} of {len(deaths)} deaths were a failover")
    if noticed := sum(not each.unnoticed for each in restarts):
        found.append(f"{noticed} of {len(restarts)} restarts were a failover")
    if late := sum(each.gap >= GAP_SECONDS for each in restarts):
        found.append(f"{late} of {len(restarts)} restarts were silent for {GAP_SECONDS:g} s or more")
    return found


def table(killed: Sequence[Event], restarted: Sequence[Event], costs: Sequence[renewals.Cost]) -> str:
    """In Markdown."""
    rows = []
    for events, name in ((killed, "kill -9, started again 0.2 s later"), (restarted, "restart in place")):
        if not events:
            continue
        rows += [
            (name, str(len(events))),
            ("... no failover", str(sum(each.unnoticed for each in events))),
            ("... peer advertised", str(sum(each.peer_advertised for each in events))),
            ("... address left the kernel", str(sum(each.address_left for each in events))),
            ("... not judged, the machine was too busy", str(sum(not each.fair for each in events))),
            ("... gap between advertisements, min / median / max", spread([each.gap for each in events])),
        ]
    if killed:
        rows.append(("start until READY=1, min / median / max", spread([each.start for each in killed])))
    rows += renewals.rows(costs)
    return "\n".join(["| what | result |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def spread(seconds: Sequence[float]) -> str:
    """Three figures."""
    return f"{min(seconds):.2f} / {statistics.median(seconds):.2f} / {max(seconds):.2f} s"


def main() -> int:
    """Run, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--restarts", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=renewals.ROUNDS, help="of renewals")
    parser.add_argument("--json", type=Path, help="write all samples to this file")
    options = parser.parse_args()
    costs = [renewals.measure(each, options.rounds) for each in renewals.COUNTS]
    killed, restarted = play(options.kills, options.restarts, options.seed)
    print(table(killed, restarted, costs))
    if options.json:
        samples = {
            "kills": list(map(asdict, killed)),
            "restarts": list(map(asdict, restarted)),
            "renewals": list(map(asdict, costs)),
        }
        options.json.write_text(json.dumps(samples))
    worse = judged(killed, restarted)
    for each in worse:
        print(f"FAILED: {each}", file=sys.stderr)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
