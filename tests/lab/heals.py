"""A network that is cut between two routers and healed again, seen by a client whose neighbour cache nobody helps.

After a cut both routers are Masters. The client has learned the one on its own side; when the cut heals and that one
gives way, somebody must tell the client, or it talks to a host that no longer listens.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tests.lab import namespaces
from tests.lab.net import Host, Lan
from tests.lab.parts import Client, Part, StandInBroker
from tests.lab.routers import LINK_LOCAL_VIP, VIP6, Setting, address_of, router
from tests.lab.waiting import now, wait_until

PRIORITIES = {"high": 150, "low": 100}
PATIENCE = 20.0
BLACK_HOLE_PATIENCE = 90.0
"""Seconds until the client is served again, at the latest: keepalived's black holes last up to 50."""
POLL_SECONDS = 0.05
V4 = Setting(password="1111")
V6 = Setting(version=3, vips=(LINK_LOCAL_VIP, VIP6))


def isolate(host: Host) -> None:
    """Take the switch port out of the switch: nothing passes, and carrier stays, so the host is told nothing."""
    namespaces.call(["ip", "-n", host.lan.switch, "link", "set", "dev", host.name, "nomaster"])


def rejoin(host: Host) -> None:
    """Take `isolate` back."""
    namespaces.call(["ip", "-n", host.lan.switch, "link", "set", "dev", host.name, "master", "br0"])


@dataclass(frozen=True, slots=True)
class Cut:
    """How the two are parted, and healed."""

    name: str
    strike: Callable[[Lan], object]
    mend: Callable[[Lan], object]


CUTS = {
    each.name: each
    for each in (
        Cut("silent", lambda lan: isolate(lan["high"]), lambda lan: rejoin(lan["high"])),
        Cut("carrier", lambda lan: lan["high"].cut(), lambda lan: lan["high"].heal()),
        Cut("other side", lambda lan: isolate(lan["low"]), lambda lan: rejoin(lan["low"])),
        Cut("one way", lambda lan: lan["low"].deafen(lan["high"].ip), lambda lan: lan["low"].undeafen()),
    )
}


@dataclass(frozen=True, slots=True)
class Healed:
    """Seconds: from the mending until `low` had given way, and the client's longest pause that ended after that."""

    settled: float
    outage: float


class Parted:
    """Two routers, a service on both, a client; `high` is Master."""

    def __init__(self, lan: Lan, vip: str, high: Part, low: Part, client: Client) -> None:
        self.lan = lan
        self.vip = vip
        self.high = high
        self.low = low
        self.client = client

    def heal(self, cut: Cut, apart: float) -> Healed:
        """Cut until `low` is Master and then for `apart` seconds more; heal; wait until the client is served."""
        cut.strike(self.lan)
        self.low.host.wait_holds(self.vip, timeout=PATIENCE)
        begun = now()
        wait_until(lambda: now() - begun >= apart, PATIENCE, "time apart")
        mended = now()
        cut.mend(self.lan)
        self.high.host.wait_holds(self.vip, timeout=PATIENCE)
        self.low.host.wait_holds(self.vip, held=False, timeout=PATIENCE)
        settled = now()
        self.client.wait_success(settled, timeout=BLACK_HOLE_PATIENCE)
        again = now()
        wait_until(lambda: now() - again >= 1.0, PATIENCE, "a second of service")
        return Healed(settled - mended, self.client.longest_outage(settled))


@contextmanager
def parted(high: str, low: str, setting: Setting = V4) -> Iterator[Parted]:
    """Routers of these makes; the client asks for the last of the virtual addresses."""
    with ExitStack() as stack:
        lan = stack.enter_context(Lan([*PRIORITIES, "client"], ipv6=setting.ipv6))
        for host in lan:
            if setting.ipv6:
                host.add_address(f"{address_of(host, setting)}/64")
        makes, vip = {"high": high, "low": low}, setting.vips[-1]
        for name in PRIORITIES:
            stack.enter_context(StandInBroker(lan[name], address="::" if setting.ipv6 else "0.0.0.0"))
        first, second = (stack.enter_context(router(makes[n], lan[n], PRIORITIES[n], setting)) for n in PRIORITIES)
        lan["high"].wait_holds(vip, timeout=PATIENCE)
        client = stack.enter_context(Client(lan["client"], vip, every=0.02, timeout=0.3))
        client.wait_success()
        yield Parted(lan, vip, first, second, client)
