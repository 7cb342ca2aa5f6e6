"""What operators do to a daemon."""

import pytest

from tests.sim.worlds import at, holders, moves, node, world
from vrrpd.sim.plan import Verb
from vrrpd.sim.safety import Safety


def test_a_restart_in_place_gives_nothing_up() -> None:
    made = world(at(10.0, Verb.RESTART))
    made.run_to(20.0)
    assert holders(made) == ("r1",)
    assert [each.there for each in made.safety.holdings] == [True]


def test_who_cannot_send_loses_the_addresses() -> None:
    made = world(at(10.0, Verb.MUTE), at(20.0, Verb.UNMUTE))
    made.run_to(19.0)
    assert holders(made) == ("r2",)
    made.run_to(25.0)
    assert holders(made) == ("r1",)


def test_a_handover_lasts_until_it_is_taken_back() -> None:
    made = world(at(10.0, Verb.HAND), at(20.0, Verb.TAKE_BACK))
    made.run_to(19.0)
    assert (holders(made), node(made, "r1").yielding) == (("r2",), frozenset({"VI_0"}))
    made.run_to(25.0)
    assert holders(made) == ("r1",)


def test_a_drained_host_is_back_when_told() -> None:
    made = world(at(10.0, Verb.DRAIN), at(20.0, Verb.UNDRAIN))
    made.run_to(19.0)
    assert holders(made) == ("r2",)
    made.run_to(25.0)
    assert holders(made) == ("r1",)


def test_a_reload_changes_who_is_better() -> None:
    made = world(at(10.0, Verb.RELOAD, argument="priority=50"))
    made.run_to(15.0)
    assert holders(made) == ("r2",)


def test_a_reload_is_read_by_a_daemon_that_starts_later() -> None:
    made = world(at(10.0, Verb.STOP), at(11.0, Verb.RELOAD, argument="priority=50"), at(12.0, Verb.START))
    made.run_to(25.0)
    assert holders(made) == ("r2",)


def test_what_somebody_deletes_is_put_back_and_what_he_adds_removed() -> None:
    made = world(at(10.0, Verb.STEAL), at(15.0, Verb.PLANT, "r2"))
    made.run_to(10.01)
    assert holders(made) == ()
    made.run_to(11.0)
    assert holders(made) == ("r1",)
    made.run_to(15.01)
    assert holders(made) == ("r1", "r2")
    made.run_to(16.0)
    assert holders(made) == ("r1",)


def test_the_referee_is_told_of_what_is_really_added(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an address that was there already, or one that is deleted, would put off the end of a lease."""
    told = list[tuple[float, str]]()
    monkeypatch.setattr(Safety, "by_hand", lambda it, name: told.append((it._timeline.now, name)))
    world(at(10.0, Verb.PLANT, "r1"), at(15.0, Verb.STEAL), at(20.0, Verb.PLANT, "r2")).run_to(25.0)
    assert told == [(20.0, "r2")]


def test_what_makes_no_sense_is_left_out() -> None:
    verbs = (Verb.RESTART, Verb.DRAIN, Verb.UNDRAIN, Verb.HAND, Verb.TAKE_BACK, Verb.STEAL)
    made = world(at(10.0, Verb.CRASH), *(at(11.0, verb) for verb in verbs))
    made.run_to(25.0)
    assert holders(made) == ("r2",)
    assert moves(made, "r1", after=10.5) == []
