"""Who has spoken once, and what that is worth."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from tests.observe.samples import OTHER, THIRD, heard
from vrrpd.engine.journal import Role
from vrrpd.engine.journal_daemon import Configured, Started
from vrrpd.observe.peers import PEERS_LIMIT, Answer, Known, Peers, outlook
from vrrpd.protocol.messages import Address, Discard, Seconds

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
HERE = "VI_1 is master here; "
KNOWN_TOLD = "10.0.0.12 (priority 100) was last heard 1m 40s ago"
RESIGNED_TOLD = "10.0.0.13 (priority 90) resigned 1m 30s ago"
LISTED_TOLD = "10.0.0.12 is in unicast_peer and was never heard; its host"
ABSENT, SHY = "does not answer ARP now", "does not answer a ping, which a firewall may keep away"
OUTLOOKS: dict[str, tuple[Role, tuple[Known, ...], tuple[Address, ...], dict[Address, Answer], bool, str]] = {
    "backup": (Role.BACKUP, (), (), {}, True, "VI_1 is backup here, so nothing moves"),
    "fault, known": (Role.FAULT, (KNOWN,), (), {}, True, f"VI_1 is fault here, so nothing moves: {KNOWN_TOLD}"),
    "nobody": (Role.MASTER, (), (), {}, False, "VI_1 is master here and no other router of it was ever heard"),
    "answers": (Role.MASTER, (KNOWN,), (), {OTHER: Answer.ARP}, True, f"{KNOWN_TOLD}; its host answers ARP"),
    "gone": (Role.MASTER, (KNOWN,), (), {OTHER: Answer.NO_ARP}, False, f"{KNOWN_TOLD}; its host {ABSENT}"),
    "cannot be asked": (Role.MASTER, (RESIGNED,), (), {}, True, RESIGNED_TOLD),
    "one of two": (
        Role.MASTER,
        (RESIGNED, KNOWN),
        (),
        {OTHER: Answer.ARP, THIRD: Answer.NO_ARP},
        True,
        f"{RESIGNED_TOLD}; its host {ABSENT}; {KNOWN_TOLD}; its host answers ARP",
    ),
    "behind a router": (
        Role.MASTER,
        (KNOWN,),
        (OTHER,),
        {OTHER: Answer.NO_PING},
        True,
        f"{KNOWN_TOLD}; its host {SHY}",
    ),
    "listed": (Role.MASTER, (), (OTHER,), {OTHER: Answer.ARP}, True, f"{LISTED_TOLD} answers ARP"),
    "listed behind a router": (Role.MASTER, (), (OTHER,), {OTHER: Answer.PING}, True, f"{LISTED_TOLD} answers a ping"),
    "listed, silent": (Role.MASTER, (), (OTHER,), {OTHER: Answer.NO_PING}, False, f"{LISTED_TOLD} {SHY}"),
    "listed, gone": (Role.MASTER, (), (OTHER,), {OTHER: Answer.NO_ARP}, False, f"{LISTED_TOLD} {ABSENT}"),
    "listed, not asked": (Role.MASTER, (), (OTHER,), {}, False, f"{LISTED_TOLD} could not be asked"),
    "one gone, one listed": (
        Role.MASTER,
        (RESIGNED,),
        (OTHER, THIRD),
        {OTHER: Answer.PING, THIRD: Answer.NO_ARP},
        True,
        f"{RESIGNED_TOLD}; its host {ABSENT}; {LISTED_TOLD} answers a ping",
    ),
}


@pytest.mark.parametrize(("role", "known", "listed", "answers", "good", "told"), OUTLOOKS.values(), ids=OUTLOOKS)
def test_outlook(
    role: Role,
    known: tuple[Known, ...],
    listed: tuple[Address, ...],
    answers: dict[Address, Answer],
    good: bool,
    told: str,
) -> None:
    """A Master needs a router that was heard once or is in unicast_peer, and whose host is there, as far as it can be
    asked; that a Backup may not run at all is always said.
    """
    found = outlook("VI_1", role, known, listed, answers, Seconds(110.0))
    assert found.good is good
    if role is not Role.MASTER or not (known or listed):
        assert found.told.removesuffix(f" ({SILENT})") == told
    else:
        assert found.told == f"{HERE}{told} ({SILENT})"
