"""Another multicast group of either family: what is on the wire, and a keepalived that uses it."""

from dataclasses import dataclass

import pytest

from tests.lab.net import Lan
from tests.lab.parts import Keepalived, Vrrpd, instance_text
from tests.lab.waiting import wait_until
from tests.lab.wire import Capture

pytestmark = pytest.mark.kernel

PATIENCE = 30.0


@dataclass(frozen=True)
class Family:
    """`keyword`: keepalived's, for all its instances of this family."""

    keyword: str
    group: str
    vip: str
    other: str
    length: int


FAMILIES = {
    "IPv4": Family("vrrp_mcast_group4", "224.0.0.200", "192.0.2.100", "192.0.2.101", 32),
    "IPv6": Family("vrrp_mcast_group6", "ff02::200", "fe80::100", "fe80::101", 128),
}


def theirs(family: Family) -> str:
    return f"""\
global_defs {{
 vrrp_version 3
 {family.keyword} {family.group}
}}
vrrp_instance VI_1 {{
 interface eth0
 virtual_router_id 51
 priority 100
 advert_int 0.5
 virtual_ipaddress {{
  {family.vip}
 }}
}}
"""


def ours(family: Family, vrid: int, priority: int, extra: str = "") -> str:
    vip = family.vip if vrid == 51 else family.other
    return instance_text(
        name=f"VI_{vrid}",
        vrid=vrid,
        priority=priority,
        vips=[f"{vip}/{family.length}"],
        version=3,
        advert_int="500ms",
        extra=extra,
    )


def hears_c(part: Vrrpd) -> bool:
    """The Master of VRID 52 is the only one with 150."""
    (instance,) = (each for each in part.state()["instances"] if each["name"] == "VI_52")
    return instance["state"] == "backup" and (instance["master"] or {}).get("priority") == 150


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_beside_keepalived_and_beside_the_group_of_the_rfc(family: Family) -> None:
    """Each hears the other, and one interface carries both groups."""
    both = ours(family, 51, 150, f'mcast_dst_ip = "{family.group}"') + ours(family, 52, 90)
    rival = ours(family, 52, 150)
    vip, other = family.vip, family.other
    with Lan(3, ipv6=True) as lan, Capture(lan) as capture:
        with Keepalived(lan["b"], theirs(family)), Vrrpd(lan["c"], rival):
            lan["b"].wait_holds(vip, timeout=PATIENCE)
            lan["c"].wait_holds(other, timeout=PATIENCE)
            with Vrrpd(lan["a"], both) as one:
                lan["a"].wait_holds(vip, timeout=PATIENCE)
                lan["b"].wait_holds(vip, held=False, timeout=PATIENCE)
                wait_until(lambda: hears_c(one), PATIENCE, "c is heard")
                lan["a"].wait_holds(other, held=False, timeout=PATIENCE)
                one.stop()
                lan["b"].wait_holds(vip, timeout=PATIENCE)
        sent = {each.destination for each in capture.adverts("a", vrid=51)}
    assert sent == {family.group}
