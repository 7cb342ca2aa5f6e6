"""A daemon's elections against the rules."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from tests.sim.worlds import BOTH, at, node, scenario, world
from vrrpd.engine.journal import (
    AddressConflict,
    AdvertReceived,
    AdvertSent,
    OwnerAnswered,
    PriorityChanged,
    Role,
    StateChanged,
)
from vrrpd.engine.journal_daemon import Yielding
from vrrpd.engine.journal_health import Damped
from vrrpd.protocol.messages import Discard, Peer, Reason, Seconds
from vrrpd.sim.plan import Network, Verb
from vrrpd.sim.referee import Referee
from vrrpd.sim.safety import Violation
from vrrpd.sim.settings import configuration
from vrrpd.sim.world import World

NAME = "VI_0"
OWN = ip_address("192.0.2.2")
LOWER, HIGHER = (Peer(ip_address(f"192.0.2.{each}"), 100) for each in (1, 3))
DOWN = 3.0 + (256 - 100) / 256


def referee(version: int = 2, *, speaks: bool = True) -> Referee:
    """Of a router with priority 100, which follows its better from second 10 on."""
    made = Referee(lambda rule, detail: Violation(0.0, rule, detail), 0.01, lambda _: speaks, lambda: 0.0)
    made.configured(configuration(BOTH[1], Network(version=version), 2), {"eth0": OWN})
    made.read(moved(1.0, Role.BACKUP, Reason.STARTUP, old=Role.INIT))
    made.heard(heard(10.0, Peer(HIGHER.address, 150)))
    return made


def moved(when: float, new: Role, reason: Reason, peer: Peer | None = None, *, old: Role = Role.BACKUP) -> StateChanged:
    return StateChanged(Seconds(when), NAME, old, new, reason, peer)


def heard(when: float, peer: Peer, interval: float = 1.0, discarded: Discard | None = None) -> AdvertReceived:
    return AdvertReceived(Seconds(when), NAME, peer, Seconds(interval), discarded)


def sent(when: float, priority: int = 100) -> AdvertSent:
    return AdvertSent(Seconds(when), NAME, priority, Seconds(0.0))


def master() -> Referee:
    made = referee()
    made.read(sent(10.0 + DOWN))
    made.read(moved(10.0 + DOWN, Role.MASTER, Reason.TIMEOUT))
    return made


def test_silence_has_a_length() -> None:
    referee().read(moved(10.0 + DOWN, Role.MASTER, Reason.TIMEOUT))
    with pytest.raises(Violation, match="too soon"):
        referee().read(moved(9.99 + DOWN, Role.MASTER, Reason.TIMEOUT))
    with pytest.raises(Violation, match="too late"):
        referee().read(moved(10.2 + DOWN, Role.MASTER, Reason.TIMEOUT))


def test_in_v3_the_interval_is_that_of_the_master() -> None:
    made = referee(3)
    made.heard(heard(20.0, Peer(HIGHER.address, 150), 2.0))
    with pytest.raises(Violation, match="too soon"):
        made.read(moved(20.0 + DOWN, Role.MASTER, Reason.TIMEOUT))
    made.read(moved(20.0 + 2 * DOWN, Role.MASTER, Reason.TIMEOUT))


def test_a_lower_priority_meanwhile_excuses_and_an_owner_that_answers() -> None:
    made = referee()
    made.read(PriorityChanged(Seconds(11.0), NAME, 100, 60))
    made.read(PriorityChanged(Seconds(12.0), NAME, 60, 100))
    made.read(moved(10.0 + DOWN + 40 / 256, Role.MASTER, Reason.TIMEOUT))
    for told in (OwnerAnswered(Seconds(13.5), NAME, OWN, "r1", True), AddressConflict(Seconds(13.5), NAME, OWN, "r1")):
        made = referee()
        made.read(told)
        made.read(moved(15.0, Role.MASTER, Reason.TIMEOUT))


@pytest.mark.parametrize(("guard", "late"), [("wait", 15.7), ("warn", 15.0)])
def test_an_owner_that_answered_earlier_counts_when_the_guard_is_to_wait(guard: str, late: float) -> None:
    made = referee()
    made.read(OwnerAnswered(Seconds(13.5), NAME, OWN, "r1", False))
    made.configured(configuration(replace(BOTH[1], takeover_guard=guard), Network(version=2), 2), {"eth0": OWN})
    if guard == "wait":
        made.read(moved(15.0, Role.MASTER, Reason.TIMEOUT))
    with pytest.raises(Violation, match="too late"):
        made.read(moved(late, Role.MASTER, Reason.TIMEOUT))


def test_a_resignation_leaves_skew_time() -> None:
    for when, reason in ((10.7, Reason.PRIORITY_ZERO), (10.0 + DOWN, Reason.TIMEOUT)):
        made = referee()
        made.heard(heard(10.0, Peer(HIGHER.address, 0)))
        with pytest.raises(Violation, match="too late"):
            made.read(moved(when, Role.MASTER, reason))
    made = referee()
    made.heard(heard(10.0, Peer(HIGHER.address, 0)))
    made.read(moved(10.0 + 156 / 256, Role.MASTER, Reason.PRIORITY_ZERO))


@pytest.mark.parametrize(
    ("reason", "peer", "right"),
    [
        (Reason.HIGHER_ADDRESS, HIGHER, True),
        (Reason.HIGHER_ADDRESS, LOWER, False),
        (Reason.HIGHER_ADDRESS, Peer(HIGHER.address, 99), False),
        (Reason.HIGHER_PRIORITY, Peer(LOWER.address, 101), True),
        (Reason.HIGHER_PRIORITY, LOWER, False),
    ],
)
def test_who_yields_has_met_its_better(reason: Reason, peer: Peer, *, right: bool) -> None:
    made = master()
    yields = moved(20.0, Role.BACKUP, reason, peer, old=Role.MASTER)
    if right:
        made.read(yields)
    else:
        with pytest.raises(Violation, match="no reason"):
            made.read(yields)


def test_who_preempts_is_better_and_may() -> None:
    worse = Peer(HIGHER.address, 99)
    preempts = moved(20.0, Role.MASTER, Reason.PREEMPT, worse)
    referee().read(preempts)
    with pytest.raises(Violation, match="no reason"):
        referee().read(moved(20.0, Role.MASTER, Reason.PREEMPT, HIGHER))
    for entry in (Yielding(Seconds(11.0), NAME, True), Damped(Seconds(11.0), NAME, 3, Seconds(60.0))):
        made = referee()
        made.read(entry)
        with pytest.raises(Violation, match="no reason"):
            made.read(preempts)


def test_a_master_leaves_with_a_word_if_it_can() -> None:
    leaves = moved(20.0, Role.INIT, Reason.SHUTDOWN, old=Role.MASTER)
    with pytest.raises(Violation, match="resigned"):
        master().read(leaves)
    made = master()
    made.read(sent(20.0, 0))
    made.read(leaves)
    referee(speaks=False).read(leaves)


def test_a_master_that_slept_does_not_go_on() -> None:
    made = master()
    made.read(sent(10.0 + 2 * DOWN))
    with pytest.raises(Violation, match="slept"):
        made.read(sent(10.1 + 3 * DOWN))
    made.speaks_again(Seconds(50.0))
    made.read(sent(51.0))


def test_answers_to_lower_priorities_are_few() -> None:
    made = master()
    for when, right in ((15.0, True), (15.1, True), (15.15, False)):
        made.read(sent(when))
        if right:
            made.heard(heard(when, LOWER, 1.0, Discard.RIVAL))
        else:
            with pytest.raises(Violation, match="asserted"):
                made.heard(heard(when, LOWER, 1.0, Discard.RIVAL))


def test_what_a_master_is_worth_is_told() -> None:
    made = master()
    made.read(PriorityChanged(Seconds(15.0), NAME, 100, 60))
    assert made.untold(NAME) == 60
    made.read(sent(15.0, 60))
    assert made.untold(NAME) is None


def test_a_demotion_that_waits_for_its_turn_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole chain."""
    made = world()
    made.run_to(10.0)
    monkeypatch.setattr(node(made, "r1").referee, "untold", lambda _: 90)
    made.play(at(10.0, Verb.RELOAD, "r1", "priority=90"))
    with pytest.raises(Violation, match="told late"):
        made.run_to(11.0)
    assert World(scenario(at(10.0, Verb.RELOAD, "r1", "priority=90"))).run().wrong == ""
