"""Who has spoken once, and what that is worth."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from tests.observe.samples import OTHER, THIRD, heard
from vrrpd.engine.journal import Role
from vrrpd.engine.journal_daemon import Configured, Started
from vrrpd.observe.peers import PEERS_LIMIT, Known, Peers, outlook
from vrrpd.protocol.messages import Discard, Seconds

KNOWN = Known(OTHER, 100, Seconds(10.0))
RESIGNED = Known(THIRD, 90, Seconds(20.0), resigned=True)


def test_each_router_with_its_last_words() -> None:
    """The last heard first; a resignation keeps the priority of before."""
    peers = Peers()
    news = [
        peers.record(each) for each in (heard(1.0), heard(2.0), heard(3.0, 110), heard(4.0, 80, source="10.0.0.13"))
    ]
    assert news == [True, False, True, True]
    assert peers.record(heard(5.0, 0))
    assert peers.of("VI_1") == (Known(OTHER, 110, Seconds(5.0), resigned=True), Known(THIRD, 80, Seconds(4.0)))
    assert (peers.of("VI_2"), peers.record(Started(Seconds(6.0), "1"))) == ((), False)


def test_our_own_packets_are_nobody() -> None:
    peers = Peers()
    assert not peers.record(replace(heard(1.0), discarded=Discard.OWN_ADDRESS))
    assert peers.of("VI_1") == ()


def test_forgers_push_out_the_oldest_only() -> None:
    peers = Peers()
    for number in range(PEERS_LIMIT + 1):
        peers.record(heard(float(number), source=f"10.0.1.{number}"))
    assert len(peers.of("VI_1")) == PEERS_LIMIT
    assert peers.of("VI_1")[-1].address == ip_address("10.0.1.1")


def test_what_was_kept_comes_back_within_bounds() -> None:
    peers = Peers()
    peers.recall({"VI_1": [Known(OTHER, each, Seconds(float(each))) for each in range(20)], "VI_2": [RESIGNED]})
    assert peers.of("VI_1") == (Known(OTHER, 19, Seconds(19.0)),)
    peers.record(Configured(Seconds(30.0), "test", removed=("VI_1",)))
    assert peers.everything() == {"VI_2": (RESIGNED,)}


SILENT = "a Backup is silent, so whether it runs and will take over cannot be known"
KNOWN_TOLD = "10.0.0.12 (priority 100) was last heard 1m 40s ago"
RESIGNED_TOLD = "10.0.0.13 (priority 90) resigned 1m 30s ago"
ABSENT = "its host does not answer ARP now"
OUTLOOKS = {
    "backup": (Role.BACKUP, (), {}, True, "VI_1 is backup here, so nothing moves"),
    "fault, known": (
        Role.FAULT,
        (KNOWN,),
        {},
        True,
        "VI_1 is fault here, so nothing moves: 10.0.0.12 (priority 100) was last heard 1m 40s ago",
    ),
    "nobody": (
        Role.MASTER,
        (),
        {},
        False,
        f"VI_1 is master here and no other router of it was ever heard ({SILENT})",
    ),
    "answers": (
        Role.MASTER,
        (KNOWN,),
        {OTHER: True},
        True,
        f"VI_1 is master here; 10.0.0.12 (priority 100) was last heard 1m 40s ago; its host answers ARP ({SILENT})",
    ),
    "gone": (
        Role.MASTER,
        (KNOWN,),
        {OTHER: False},
        False,
        f"VI_1 is master here; {KNOWN_TOLD}; its host does not answer ARP now ({SILENT})",
    ),
    "cannot be asked": (
        Role.MASTER,
        (RESIGNED,),
        {},
        True,
        f"VI_1 is master here; 10.0.0.13 (priority 90) resigned 1m 30s ago ({SILENT})",
    ),
    "one of two": (
        Role.MASTER,
        (RESIGNED, KNOWN),
        {OTHER: True, THIRD: False},
        True,
        f"VI_1 is master here; {RESIGNED_TOLD}; {ABSENT}; {KNOWN_TOLD}; its host answers ARP ({SILENT})",
    ),
}


@pytest.mark.parametrize(("role", "known", "answers", "good", "told"), OUTLOOKS.values(), ids=OUTLOOKS)
def test_outlook(role: Role, known: tuple[Known, ...], answers: dict[object, bool], good: bool, told: str) -> None:
    """A Master needs a router that was heard once and whose host is there, as far as it can be asked."""
    found = outlook("VI_1", role, known, answers, Seconds(110.0))  # type: ignore[arg-type] # a row's keys are addresses
    assert (found.good, found.told) == (good, told)
