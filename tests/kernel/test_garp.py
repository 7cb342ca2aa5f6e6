"""How many announcements leave, and when: vrrpd and keepalived on the same keepalived.conf."""

from functools import partial
from itertools import pairwise

import pytest

from tests.lab.converted import VrrpdOnKeepalived
from tests.lab.decode import Arp
from tests.lab.net import Lan
from tests.lab.parts import Keepalived
from tests.lab.waiting import wait_until
from tests.lab.wire import Capture

pytestmark = pytest.mark.kernel

PATIENCE = 30.0
REPEAT, DELAY = 3, 1.0
REFRESH, REFRESH_REPEAT = 2.0, 2
EARLIEST = {REPEAT: DELAY, 2 * REPEAT: DELAY + REFRESH, 2 * REPEAT + REFRESH_REPEAT: DELAY + 2 * REFRESH}
"""By how many announcements come before a round, the seconds from the first advertisement, sent as Master, to it."""
HOSTS = {"ours": 101, "theirs": 102}
"""And the VRID of each."""
AFTER = 1.0
"""Seconds behind the last announcement that is expected, in which no other may come; then an advertisement.

They are owners, who need not wait to be Master; a Master that is late by an interval announces again, so it is long."""


def text(vrid: int, more: str = "") -> str:
    return f"""\
vrrp_instance VI_{vrid} {{
 interface eth0
 state MASTER
 virtual_router_id {vrid}
 priority 255
 advert_int 4
 garp_master_repeat {REPEAT}
 garp_master_delay {DELAY:g}
 {more}
 virtual_ipaddress {{
  {vip(vrid)}
 }}
}}
"""


def vip(vrid: int) -> str:
    return f"192.0.2.{vrid}"


def test_so_many_as_keepalived() -> None:
    """`garp_master_repeat` at once, and again after `garp_master_delay`; the next round is a minute away."""
    with (
        Lan(["ours", "theirs"]) as lan,
        Capture(lan) as wire,
        VrrpdOnKeepalived(lan["ours"], text(101)),
        Keepalived(lan["theirs"], text(102)),
    ):
        for host, vrid in HOSTS.items():
            wait_until(partial(all_told, wire, host, vrid), PATIENCE, f"{host} announces")
        for host, vrid in HOSTS.items():
            wire.wait_advert(host, 255, since=told(wire, host, vrid)[-1].at + AFTER, timeout=PATIENCE)
    for host, vrid in HOSTS.items():
        instants = [each.at for each in told(wire, host, vrid)]
        assert len(instants) == 2 * REPEAT, host
        assert instants[REPEAT] - wire.adverts(host)[0].at >= DELAY - 0.1, host


def test_so_many_each_time_as_keepalived() -> None:
    """`garp_master_refresh_repeat` each `garp_master_refresh`, the first that long after the second round."""
    more = f"garp_master_refresh {REFRESH:g}\n garp_master_refresh_repeat {REFRESH_REPEAT}"
    with (
        Lan(["ours", "theirs"]) as lan,
        Capture(lan) as wire,
        VrrpdOnKeepalived(lan["ours"], text(101, more)),
        Keepalived(lan["theirs"], text(102, more)),
    ):
        for host, vrid in HOSTS.items():
            enough = partial(all_told, wire, host, vrid, 2 * (REPEAT + REFRESH_REPEAT))
            wait_until(enough, PATIENCE, f"{host} announces again and again")
    for host, vrid in HOSTS.items():
        instants = [each.at for each in told(wire, host, vrid)]
        pauses = [after - before for before, after in pairwise(instants[: 2 * (REPEAT + REFRESH_REPEAT)])]
        long = [number for number, pause in enumerate(pauses, 1) if pause > DELAY / 2]
        # of a round that leaves late the pause to the next one may be short, but none comes before its time
        assert set(long) <= EARLIEST.keys(), (host, pauses)
        first = wire.adverts(host)[0].at
        assert all(instants[number] - first >= after - 0.1 for number, after in EARLIEST.items()), (host, instants)


def all_told(wire: Capture, host: str, vrid: int, count: int = 2 * REPEAT) -> bool:
    return len(told(wire, host, vrid)) >= count


def told(wire: Capture, host: str, vrid: int) -> list[Arp]:
    return wire.gratuitous_arps(host, address=vip(vrid))
