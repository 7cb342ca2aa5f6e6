"""A Master that stood still for longer than its peer waits, and for less than it would wait itself."""

import pytest

from tests.kernel.owners import EARLY_SECONDS, PATIENCE, TWO_OWNERS_SECONDS, Pair
from tests.lab.routers import VIP, skew_seconds
from tests.lab.waiting import now

pytestmark = pytest.mark.kernel

FROZEN, PEER = 100, 200
"""The peer's Master_Down_Interval is 3.22 s, that of the frozen one 3.61 s: by its clock alone it is Master still."""


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
