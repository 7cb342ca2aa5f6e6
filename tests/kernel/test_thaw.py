"""Daemons that stood still: what came in meanwhile is read before any of their timers counts."""

import time
from ipaddress import IPv4Address

import pytest

from tests.kernel.owners import EARLY_SECONDS, PATIENCE, TWO_OWNERS_SECONDS, Pair
from tests.lab.junk import GROUP, Flooder, frame
from tests.lab.net import Host, Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import VIP, skew_seconds
from tests.lab.waiting import now
from tests.lab.wire import Capture
from vrrpd.protocol.messages import Advertisement, Seconds, Version
from vrrpd.protocol.packet import encode

pytestmark = pytest.mark.kernel

FROZEN, PEER = 100, 200
"""The peer's Master_Down_Interval is 3.22 s, that of the frozen one 3.61 s: by its clock alone it is Master still."""
OTHERS = 60
"""Virtual routers of others on the same network, each with an advertisement a second."""


def test_who_thaws_hears_its_peer_before_it_speaks() -> None:
    """What came in meanwhile is read before a timer counts: no lease is renewed, nothing is announced.

    One last advertisement is what each Master says that yields.
    """
    with Pair(priorities=(FROZEN, PEER), low_extra="nopreempt = true") as pair:
        pair.phase(0.05)
        pair.high.freeze()
        last = pair.wire.adverts("high")[-1].at
        taken = pair.wire.wait_advert("low", PEER, since=last, timeout=PATIENCE).at
        assert taken - last >= 3 + skew_seconds(PEER) - EARLY_SECONDS
        pair.high.thaw()
        pair.high.wait_log("old=master new=backup", PATIENCE)
        known = now()
        pair.wait_owner("low")
        pair.wire.wait_advert("low", PEER, since=known + 1.0, timeout=PATIENCE)
        in_time = known - last < 3 + skew_seconds(FROZEN)
        if in_time:
            assert "old=master new=backup reason=higher_priority" in pair.high.log()
        assert len(pair.wire.adverts("high", since=taken)) <= 1
        assert pair.wire.gratuitous_arps("high", since=taken, address=VIP) == []
        assert (pair.got("high", taken), len(pair.lost("high", last))) == ([], 1)
        assert max(pair.two_owners(last, known), pair.two_answered(last, known)) < TWO_OWNERS_SECONDS


def others(host: Host) -> list[bytes]:
    """What their Masters say, and what is none of our business."""
    told = (
        Advertisement(Version.V2, 100 + each, 254, Seconds(1.0), (IPv4Address(f"198.51.100.{each + 1}"),))
        for each in range(OTHERS)
    )
    return [frame(host, encode(each, IPv4Address(host.ip), GROUP)) for each in told]


def test_a_thawed_backup_hears_its_master_among_many() -> None:
    """Its Master_Down_Interval is over by the clock, and sixty messages of others stand before that of its Master."""
    with Lan(3) as lan, Capture(lan, ports=["a", "b"]) as wire:
        texts = (instance_text(priority=priority, vips=[f"{VIP}/32"]) for priority in (PEER, FROZEN))
        with Vrrpd(lan["a"], next(texts)), Vrrpd(lan["b"], next(texts)) as backup:
            wire.wait_advert("a", PEER)
            backup.wait_log("event=master.heard", PATIENCE)
            with Flooder(lan["c"], others(lan["c"]), OTHERS):
                wire.wait_advert("a", PEER, since=now(), timeout=PATIENCE)
                backup.freeze()
                time.sleep(3 + skew_seconds(FROZEN) + 0.5)
                backup.thaw()
                thawed = now()
                for _ in range(2):
                    wire.wait_advert("a", PEER, since=now(), timeout=PATIENCE)
            assert backup.state()["instances"][0]["state"] == "backup"
            assert wire.adverts("b", since=thawed) == []
