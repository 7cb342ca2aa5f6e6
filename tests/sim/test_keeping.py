"""A Master has its addresses."""

from ipaddress import ip_address

import pytest

from tests.sim.worlds import at, holders, node, world
from vrrpd.sim.addresses import Addresses
from vrrpd.sim.plan import Verb
from vrrpd.sim.safety import Violation


def test_what_is_taken_away_is_back_in_time() -> None:
    made = world(at(10.0, Verb.STEAL), at(11.0, Verb.STEAL))
    made.run_to(20.0)
    assert holders(made) == ("r1",)


def test_who_does_not_put_it_back_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world(at(10.0, Verb.STEAL))
    made.run_to(9.0)
    monkeypatch.setattr(Addresses, "correct", lambda _: None)
    monkeypatch.setattr(Addresses, "renew", lambda *_: None)
    with pytest.raises(Violation, match="kept"):
        made.run_to(12.0)


def test_a_master_that_never_takes_it_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Addresses, "correct", lambda _: None)
    with pytest.raises(Violation, match="kept"):
        world().run_to(10.0)


def test_who_cannot_be_heard_need_not_have_it() -> None:
    made = world(at(10.0, Verb.MUTE), at(10.0, Verb.CRASH, "r2"), at(25.0, Verb.UNMUTE))
    made.run_to(24.0)
    assert holders(made) == ()
    made.run_to(28.0)
    assert (holders(made), node(made, "r1").owns(0, ip_address("198.51.100.1"))) == (("r1",), True)
