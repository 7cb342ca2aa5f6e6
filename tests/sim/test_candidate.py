"""When a Backup is due, by what is known from outside."""

import pytest

from tests.sim.worlds import BOTH
from vrrpd.engine.journal import AdvertReceived, Role, StateChanged
from vrrpd.protocol.messages import Peer, Reason, Seconds
from vrrpd.sim.candidate import Candidate
from vrrpd.sim.plan import Network
from vrrpd.sim.settings import configuration, own_address

PEER = Peer(own_address(Network(), 0, 0), 150)
SKEW = (256 - 100) / 256


def backup(version: int = 2) -> Candidate:
    """With priority 100, from second 5 on."""
    made = Candidate(configuration(BOTH[1], Network(version=version), 2).instances[0], own_address(Network(), 0, 1))
    made.moved(StateChanged(Seconds(5.0), "VI_0", Role.INIT, Role.BACKUP, Reason.STARTUP))
    return made


def test_counts_from_its_start_and_then_from_what_it_followed() -> None:
    made = backup()
    assert made.soonest == pytest.approx(8.0 + SKEW)
    made.follow(AdvertReceived(Seconds(7.0), "VI_0", PEER, Seconds(1.0)))
    assert made.soonest == pytest.approx(10.0 + SKEW)


@pytest.mark.parametrize(("version", "silence"), [(2, 3.0 + SKEW), (3, 6.0 + 2 * SKEW)])
def test_only_v3_learns_an_interval(version: int, silence: float) -> None:
    made = backup(version)
    made.follow(AdvertReceived(Seconds(7.0), "VI_0", PEER, Seconds(2.0)))
    assert made.soonest == pytest.approx(7.0 + silence)


def test_a_lower_priority_for_a_while_makes_it_later_not_sooner() -> None:
    made = backup()
    latest = made.latest
    made.is_worth(50)
    made.is_worth(100)
    assert made.soonest == pytest.approx(8.0 + SKEW)
    assert made.latest - latest == pytest.approx(50 / 256)


def test_who_yields_keeps_what_made_it_yield() -> None:
    made = backup()
    made.moved(StateChanged(Seconds(9.0), "VI_0", Role.BACKUP, Role.MASTER, Reason.TIMEOUT))
    made.heard = AdvertReceived(Seconds(20.0), "VI_0", PEER, Seconds(1.0))
    made.moved(StateChanged(Seconds(20.0), "VI_0", Role.MASTER, Role.BACKUP, Reason.HIGHER_PRIORITY, PEER))
    assert made.heard is not None
    made.moved(StateChanged(Seconds(30.0), "VI_0", Role.MASTER, Role.BACKUP, Reason.HANDOVER))
    assert made.soonest == pytest.approx(33.0 + SKEW)


def test_who_begins_anew_has_heard_nobody_yet() -> None:
    """Not even in the instant in which it gave up: a daemon that was frozen does all at once."""
    made = backup(3)
    made.follow(AdvertReceived(Seconds(20.0), "VI_0", PEER, Seconds(2.0)))
    made.moved(StateChanged(Seconds(20.0), "VI_0", Role.BACKUP, Role.FAULT, Reason.FAULT))
    made.moved(StateChanged(Seconds(20.0), "VI_0", Role.FAULT, Role.BACKUP, Reason.STARTUP))
    assert made.soonest == pytest.approx(23.0 + SKEW)
