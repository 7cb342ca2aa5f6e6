"""A demotion on the wire, with real peers: who takes over, in which order, and when nobody should.

Lower bounds and order only; `python -m bench.demotion` measures how long it takes.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.lab.decode import Advert
from tests.lab.demotable import WEIGHT, demotable
from tests.lab.net import Lan
from tests.lab.part import Part
from tests.lab.routers import VIP, Setting, router, skew_seconds
from tests.lab.waiting import now
from tests.lab.wire import Capture

pytestmark = pytest.mark.kernel

HIGH = 150
DEMOTED = HIGH + WEIGHT
MID = HIGH - 1
PRIORITIES = (("mid", MID), ("low", DEMOTED + 1))
"""As far apart as they can be: the second must hear the first within the difference of their Skew_Times, 0.2 s."""
EARLY = 0.012
"""Seconds by which a peer may be early: FRR cuts Skew_Time to 10 ms."""
PATIENCE = 15.0
ATTEMPTS = 5


@contextmanager
def demoting(tmp_path: Path, lan: Lan, wire: Capture, *others: Part, make: str = "vrrpd") -> Iterator[Advert]:
    """A Master with the others started beside it falls ill; gives its first demoted advertisement."""
    fault = tmp_path / "fault"
    with ExitStack() as stack:
        stack.enter_context(demotable(make, lan["high"], HIGH, fault))
        wire.wait_advert("high", HIGH, timeout=PATIENCE)
        for other in others:
            stack.enter_context(other)
        lan["high"].wait_holds(VIP)
        begun = now()
        fault.touch()
        yield wire.wait_advert("high", DEMOTED, since=begun, timeout=PATIENCE)


@pytest.mark.parametrize(
    ("high", "low", "waits"),
    [
        ("vrrpd", "vrrpd", skew_seconds(100)),
        ("keepalived", "vrrpd", skew_seconds(100)),
        ("vrrpd", "keepalived", 3 + skew_seconds(100)),
        ("vrrpd", "frr", 0.0),
    ],
)
def test_a_demoted_master_is_relieved(tmp_path: Path, high: str, low: str, waits: float) -> None:
    """A vrrpd Backup takes over after Skew_Time, whoever was Master.

    A keepalived one discards the lower priority and waits until Master_Down_Interval is over since the last better one.
    """
    with Lan(["high", "low"]) as lan, Capture(lan) as wire:
        peer = router(low, lan["low"], 100, Setting())
        with demoting(tmp_path, lan, wire, peer, make=high) as demoted:
            taken = wire.wait_advert("low", 100, since=demoted.at, timeout=PATIENCE)
            better = [each.at for each in wire.adverts("high") if each.priority == HIGH][-1]
            assert taken.at - (better if low == "keepalived" else demoted.at) >= waits - EARLY
            lan["high"].wait_holds(VIP, held=False)
            wire.wait_gratuitous_arp("low", VIP, since=taken.at)


def test_several_backups_keep_their_order(tmp_path: Path) -> None:
    """The better of two that are both better than the demoted Master; the other never speaks.

    Where the machine is too slow for the better one to be first, it says nothing of this.
    """
    for attempt in range(ATTEMPTS):
        with Lan(["high", "mid", "low"]) as lan, Capture(lan) as wire:
            others = [router("vrrpd", lan[name], priority, Setting()) for name, priority in PRIORITIES]
            with demoting(tmp_path, lan, wire, *others) as demoted:
                taken = wire.wait_advert("mid", MID, since=demoted.at, timeout=PATIENCE)
                assert taken.at - demoted.at >= skew_seconds(MID)
                if taken.at - demoted.at < skew_seconds(DEMOTED + 1) or attempt == ATTEMPTS - 1:
                    wire.wait_advert("mid", MID, since=taken.at + 1.5)
                    assert wire.adverts("low", since=demoted.at) == []
                    return
        (tmp_path / "fault").unlink()


def test_no_flap_when_the_lowered_priority_still_wins(tmp_path: Path) -> None:
    """90 against 80: nobody moves."""
    with Lan(["high", "low"]) as lan, Capture(lan) as wire:
        low = router("vrrpd", lan["low"], 80, Setting())
        with demoting(tmp_path, lan, wire, low) as demoted:
            wire.wait_advert("high", DEMOTED, since=demoted.at + 5)
            assert wire.adverts("low") == []
            assert lan["high"].holds(VIP)


def test_nopreempt_leaves_a_demoted_master_alone(tmp_path: Path) -> None:
    """keepalived.conf(5) nopreempt: only silence or priority 0 counts."""
    with Lan(["high", "low"]) as lan, Capture(lan) as wire:
        low = demotable("vrrpd", lan["low"], 100, tmp_path / "never", extra="nopreempt = true")
        with demoting(tmp_path, lan, wire, low) as demoted:
            wire.wait_advert("high", DEMOTED, since=demoted.at + 5)
            assert wire.adverts("low") == []
