"""`make demo`: two proxy hosts with real HAProxy and RabbitMQ pass a virtual IP to each other, narrated.

Everything runs in network namespaces of its own and is gone afterwards. Exit 0 only if every handover happened.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.lab import namespaces
from tests.lab.site import PRIORITIES, VIP, Site
from tests.lab.waiting import LabError, now

PAUSE_SECONDS = 0.5
"""Between two acts, so that a reader can follow."""

_started = time.monotonic()


def say(text: str) -> None:
    """One line of narration with the seconds since the start."""
    print(f"{time.monotonic() - _started:5.1f} s  {text}", flush=True)


@dataclass(frozen=True, slots=True)
class Act:
    """One fault: what is broken, how it is mended, and who must hold the address in between."""

    title: str
    broken: str
    mended: str
    holder: str
    breaks: Callable[[Site], object]
    mends: Callable[[Site], object]


@dataclass(frozen=True, slots=True)
class Result:
    """What an act showed; outages in seconds as a client with a fresh handshake every 10 ms saw them."""

    title: str
    holder: str
    moved_in: float
    outage: float
    outage_back: float


ACTS = (
    Act(
        "HAProxy killed",
        "kill -9 to HAProxy on proxy1",
        "HAProxy on proxy1 starts again",
        "proxy2",
        lambda site: site.proxies["proxy1"].haproxy.kill(),
        lambda site: site.proxies["proxy1"].haproxy.start(),
    ),
    Act(
        "HAProxy hung",
        "HAProxy on proxy1 is frozen (SIGSTOP): it accepts and never answers",
        "HAProxy on proxy1 goes on",
        "proxy2",
        lambda site: site.proxies["proxy1"].haproxy.freeze(),
        lambda site: site.proxies["proxy1"].haproxy.thaw(),
    ),
    Act(
        "no broker behind HAProxy",
        "proxy1 cannot reach RabbitMQ any more; HAProxy itself is well",
        "proxy1 reaches RabbitMQ again",
        "proxy2",
        lambda site: site.proxies["proxy1"].cut_broker(),
        lambda site: site.proxies["proxy1"].heal_broker(),
    ),
    Act(
        "virtual IP deleted by hand",
        f"somebody types: ip addr del {VIP}/32 on proxy1",
        "nothing to mend",
        "proxy1",
        lambda site: site.proxies["proxy1"].host.delete_address(f"{VIP}/32"),
        lambda site: None,
    ),
    Act(
        "link down",
        "the interface of proxy1 goes down",
        "the interface of proxy1 comes up",
        "proxy2",
        lambda site: site.proxies["proxy1"].host.link_down(),
        lambda site: site.proxies["proxy1"].host.link_up(),
    ),
    Act(
        "daemon stopped",
        "SIGTERM to vrrpd on proxy1",
        "vrrpd on proxy1 starts again",
        "proxy2",
        lambda site: site.proxies["proxy1"].vrrpd.stop(),
        lambda site: site.proxies["proxy1"].vrrpd.start(),
    ),
)


def play(site: Site, act: Act) -> Result:
    """Break, wait for the right holder and for the client, mend, wait for proxy1 again."""
    say(f"BREAK  {act.broken}")
    moved_in, outage = _until(site, act.breaks, act.holder)
    say(f"       {VIP} is on {act.holder} after {moved_in:.2f} s; clients were out for {outage:.2f} s")
    time.sleep(PAUSE_SECONDS)
    outage_back = 0.0
    if act.holder != "proxy1":
        say(f"MEND   {act.mended}")
        back_in, outage_back = _until(site, act.mends, "proxy1")
        say(f"       {VIP} is back on proxy1 after {back_in:.2f} s; clients were out for {outage_back:.2f} s")
        time.sleep(PAUSE_SECONDS)
    site.wait_well("proxy1")
    return Result(act.title, act.holder, moved_in, outage, outage_back)


def _until(site: Site, act: Callable[[Site], object], holder: str) -> tuple[float, float]:
    """Seconds until `holder` alone holds the address and a client succeeds, and the longest time clients were out."""
    begun = now()
    act(site)
    site.wait_holder(holder)
    settled = now()
    site.client.wait_success(since=settled)
    return settled - begun, site.client.longest_outage(begun)


def table(results: list[Result]) -> str:
    """What to remember."""
    lines = [f"{'fault':<28} {'VIP on':<8} {'moved in':>9} {'clients out':>12} {'out on return':>14}"]
    lines += [
        f"{each.title:<28} {each.holder:<8} {each.moved_in:>7.2f} s {each.outage:>10.2f} s {each.outage_back:>12.2f} s"
        for each in results
    ]
    return "\n".join(lines)


def main() -> int:
    """Play every act; 1 if one of them did not end as it should."""
    namespaces.sweep()
    say("Two proxy hosts with HAProxy, one RabbitMQ, one client, each in a network namespace. Starting ...")
    try:
        with Site() as site:
            priorities = " and ".join(f"{name} {priority}" for name, priority in PRIORITIES.items())
            say(f"{VIP} is on proxy1 (priorities: {priorities}); a client logs on to it every 10 ms")
            print(site.proxies["proxy1"].vrrpd.ctl("state").stdout, flush=True)
            results = [play(site, act) for act in ACTS]
            print(f"\n{table(results)}\n", flush=True)
    except LabError as error:
        say(f"FAILED: {error}")
        return 1
    say("Every handover happened. Everything is removed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
