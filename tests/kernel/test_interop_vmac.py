"""The virtual MAC beside keepalived and FRR, in both directions: one host answers for the addresses, with that MAC."""

import pytest

from tests.kernel.test_interop_v3 import Pair, both_ways, pairs
from tests.lab.decode import mac
from tests.lab.part import Part
from tests.lab.parts import Vrrpd
from tests.lab.questions import answers
from tests.lab.routers import LINK_LOCAL_VIP, VIP6, Setting
from tests.lab.waiting import now
from vrrpd.protocol.messages import Family
from vrrpd.protocol.virtual_mac import virtual_mac

pytestmark = pytest.mark.kernel

VRID = 51
SETTINGS = {
    "keepalived": [
        Setting(version=3, vmac=True),
        Setting(version=3, vips=(LINK_LOCAL_VIP, VIP6), vmac=True),
    ],
    "frr": [Setting(version=3, vmac=True)],
}


def assert_only(pair: Pair, part: Part) -> None:
    """Of all its addresses on the wire, and by what the other kernel has."""
    pair.wait_holder(part)
    expected = mac(virtual_mac(Family.IPV6 if pair.setting.ipv6 else Family.IPV4, VRID))
    for vip in pair.setting.vips:
        assert answers(pair.lan["asks"], pair.wire, vip) == {(part.host.name, expected)}


@pytest.mark.parametrize("peer", ["keepalived", "frr"])
def test_one_host_answers_with_the_virtual_mac(peer: str) -> None:
    """As Master, after a resignation, and of ours: after the return of the better one, and after its death."""
    with pairs(both_ways(peer, SETTINGS[peer])) as made:
        for each in made:
            assert_only(each, each.high)
            each.high.stop()
        for each in made:
            each.wait_advert(each.low)
            assert_only(each, each.low)
        ours = [each for each in made if isinstance(each.high, Vrrpd)]  # FRR takes ten seconds to start anew
        begun = now()
        for each in ours:
            each.high.start()
        for each in ours:
            each.wait_advert(each.high, since=begun)
            assert_only(each, each.high)
            each.high.kill()
        for each in ours:
            each.wait_advert(each.low, since=now())
            assert_only(each, each.low)
