"""Another multicast group: what is on the wire, and a keepalived that uses it."""

import pytest

from tests.lab.net import Lan
from tests.lab.parts import Keepalived, Vrrpd, instance_text
from tests.lab.wire import Capture

pytestmark = pytest.mark.kernel

VIP, OTHER = "192.0.2.100", "192.0.2.101"
GROUP, STANDARD = "224.0.0.200", "224.0.0.18"
PATIENCE = 30.0
THEIRS = f"""\
global_defs {{
 vrrp_version 3
 vrrp_mcast_group4 {GROUP}
}}
vrrp_instance VI_1 {{
 interface eth0
 virtual_router_id 51
 priority 100
 advert_int 0.5
 virtual_ipaddress {{
  {VIP}
 }}
}}
"""


def test_beside_keepalived_and_beside_the_group_of_the_rfc() -> None:
    """Each hears the other, and one interface carries both groups."""
    ours = instance_text(
        priority=150, vips=[f"{VIP}/32"], version=3, advert_int="500ms", extra=f'mcast_dst_ip = "{GROUP}"'
    )
    second = instance_text(name="VI_2", vrid=52, priority=90, vips=[f"{OTHER}/32"], version=3, advert_int="500ms")
    rival = instance_text(name="VI_2", vrid=52, priority=150, vips=[f"{OTHER}/32"], version=3, advert_int="500ms")
    with Lan(3) as lan, Capture(lan) as capture, Keepalived(lan["b"], THEIRS), Vrrpd(lan["c"], rival):
        lan["b"].wait_holds(VIP, timeout=PATIENCE)
        lan["c"].wait_holds(OTHER, timeout=PATIENCE)
        with Vrrpd(lan["a"], ours + second) as one:
            lan["a"].wait_holds(VIP, timeout=PATIENCE)
            lan["b"].wait_holds(VIP, held=False, timeout=PATIENCE)
            assert not lan["a"].holds(OTHER)
            one.stop()
            lan["b"].wait_holds(VIP, timeout=PATIENCE)
        sent = {(each.vrid, each.destination) for each in capture.adverts("a")}
    assert sent == {(51, GROUP)}
