"""Signed advertisements between two vrrpd: what is on the wire, and a router with the wrong key that nobody hears."""

from functools import partial

import pytest

from tests.lab.net import Lan
from tests.lab.part import Part
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import LINK_LOCAL_VIP, VIP
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture
from vrrpd.protocol.trailer import TRAILER_OCTETS

pytestmark = pytest.mark.kernel

PATIENCE = 30.0
SECRET, WRONG = "hex:" + "5a" * 32, "hex:" + "a5" * 32
UNICAST_VIP = "192.0.2.101"
LONG = "5s"
"""Interval of a pair that a busy machine may hold up for seconds."""
PEERS = 'unicast_peer = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]'
ROUTERS = {51: (f"{VIP}/32", ""), 52: (f"{LINK_LOCAL_VIP}/128", ""), 53: (f"{UNICAST_VIP}/32", PEERS)}
"""By VRID the address, and what else is said: IPv4, IPv6, unicast."""
OCTETS = {51: 12 + TRAILER_OCTETS, 52: 24 + TRAILER_OCTETS, 53: 12 + TRAILER_OCTETS}
"""Of an advertisement of version 3 with one address, signed."""


def router(vrid: int, priority: int, more: str, interval: str = "500ms") -> str:
    address, extra = ROUTERS[vrid]
    return instance_text(
        name=f"VI_{vrid}",
        vrid=vrid,
        priority=priority,
        vips=[address],
        version=3,
        advert_int=interval,
        extra=f"{extra}\n{more}",
    )


def signed(secret: str = SECRET, more: str = "") -> str:
    return f'auth_hmac = {{ key = ["1 {secret}"], active_key = 1{more} }}'


def all_three(priority: int, secret: str = SECRET, interval: str = "500ms") -> str:
    return "\n".join(router(vrid, priority, signed(secret), interval) for vrid in ROUTERS)


def refuses(part: Part, vrid: int) -> bool:
    """It has said so, in any order of the fields."""
    lines = [each for each in part.log().splitlines() if f"VI_{vrid}" in each]
    return any("packet.rejected" in each and "hmac_wrong" in each for each in lines)


def wait_high(lan: Lan) -> None:
    """All addresses are with `high`, and none with `low`."""
    for vip in (VIP, LINK_LOCAL_VIP, UNICAST_VIP):
        lan["low"].wait_holds(vip, held=False, timeout=PATIENCE)
        lan["high"].wait_holds(vip, timeout=PATIENCE)


def test_a_pair_and_a_router_with_the_wrong_key() -> None:
    """The pair elects, over IPv4, IPv6 and unicast; a third of a higher priority moves neither, and is told of."""
    with Lan(["high", "low", "wrong"], ipv6=True) as lan, Capture(lan) as wire:
        high, low = Vrrpd(lan["high"], all_three(150)), Vrrpd(lan["low"], all_three(100))
        with high, low:
            wait_high(lan)
            low.turn(all_three(100, interval=LONG))
            high.turn(all_three(150, interval=LONG))
            wait_high(lan)
            assert {each.vrid: len(each.payload) for each in wire.adverts("high")} == OCTETS
            told = [high.log().count("new=master"), low.log().count("new=master")]
            with Vrrpd(lan["wrong"], all_three(200, WRONG)) as wrong:
                for part in (high, low, wrong):
                    for vrid in ROUTERS:
                        wait_until(partial(refuses, part, vrid), PATIENCE, f"{part} refuses VI_{vrid}")
                for vip in (VIP, LINK_LOCAL_VIP, UNICAST_VIP):
                    assert lan["high"].holds(vip)
                    assert not lan["low"].holds(vip)
            assert [high.log().count("new=master"), low.log().count("new=master")] == told
            high.turn(all_three(150))  # the other one learns its interval
            high.kill()
            lan["low"].wait_holds(UNICAST_VIP, timeout=PATIENCE)


def test_a_group_takes_it_step_by_step() -> None:
    """One host after the other, in the order of docs/auth-hmac.md: nobody is deaf for its neighbour in between."""
    steps = ["", *(signed(more=f', mode = "{mode}"') for mode in ("receive-only", "permissive")), signed()]
    with Lan(["high", "low"]) as lan, Capture(lan) as wire:
        high, low = Vrrpd(lan["high"], router(51, 150, steps[0])), Vrrpd(lan["low"], router(51, 100, steps[0]))
        with high, low:
            lan["high"].wait_holds(VIP, timeout=PATIENCE)
            for more in steps[1:]:
                for part, priority in ((low, 100), (high, 150)):
                    part.turn(router(51, priority, more))
                    wire.wait_advert("high", 150, since=now())  # heard by the other, as it is now
            lengths = [len(each.payload) for each in wire.adverts("high")]
            assert (lengths[0], lengths[-1]) == (12, OCTETS[51])
            assert "hmac_" not in low.log() + high.log()
