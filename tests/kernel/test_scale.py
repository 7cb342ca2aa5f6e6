"""As many virtual routers as an interface can have, in one process: 255 VRIDs of each family.

What they cost is for bench/scale.py to say.
"""

from pathlib import Path

import pytest

from tests.lab import namespaces
from tests.lab.net import Host, Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.waiting import wait_until
from tests.lab.wire import Capture

pytestmark = pytest.mark.kernel

VRIDS = range(1, 256)
PATIENCE = 60.0
PRIORITY = 200
PROTOCOL = ":0070 "
"""112, where /proc/net/raw has a port."""


def text() -> str:
    """An interval that leaves a slow machine its time."""
    return "\n".join(
        instance_text(name=f"VI_{family}_{vrid}", vrid=vrid, priority=PRIORITY, vips=[vip], version=3, advert_int="2s")
        for vrid in VRIDS
        for family, vip in ((4, f"198.51.100.{vrid}/32"), (6, f"2001:db8::{vrid:x}/128"))
    )


def virtual(host: Host) -> set[str]:
    """The virtual addresses that the kernel has."""
    return {each.address for each in host.addresses() if each.address.startswith(("198.51.100.", "2001:db8:"))}


def raw_sockets(host: Host) -> list[int]:
    """How many of VRRP each family has in the namespace."""
    tables = ("/proc/thread-self/net/raw", "/proc/thread-self/net/raw6")

    def count() -> list[int]:
        return [Path(table).read_text().count(PROTOCOL) for table in tables]

    return namespaces.inside(host.namespace, count)


def test_510_virtual_routers_in_one_process() -> None:
    """All are Master and hold their addresses, by one socket for each family; at the end nothing is left."""
    with Lan(["a"], ipv6=True) as lan, Capture(lan) as wire, Vrrpd(lan["a"], text()) as part:
        host = lan["a"]
        wait_until(lambda: len(virtual(host)) == 2 * len(VRIDS), PATIENCE, "all addresses are there", 0.2)
        assert {each["state"] for each in part.state()["instances"]} == {"master"}
        assert len(part.state()["instances"]) == 2 * len(VRIDS)
        assert raw_sockets(host) == [1, 1]
        wait_until(lambda: len(spoken(wire, PRIORITY)) == 2 * len(VRIDS), PATIENCE, "all have advertised", 0.2)
        assert part.stop() == 0
        # what a busy machine had no time to remove while the daemon ended goes with its lease
        wait_until(lambda: not virtual(host), PATIENCE, "no address is left", 0.2)
        assert spoken(wire, 0)  # the wire may lose some of a burst of hundreds


def spoken(wire: Capture, priority: int) -> set[tuple[str, int]]:
    """Family and VRID of those that have advertised so."""
    return {(each.source[:4], each.vrid) for each in wire.adverts("a") if each.priority == priority}
