"""A host: power, freezing, links."""

from tests.sim.worlds import at, holders, node, world
from vrrpd.sim.plan import Verb


def test_what_comes_while_frozen_waits() -> None:
    made = world(at(10.0, Verb.FREEZE, "r2"), at(12.5, Verb.THAW, "r2"))
    made.run_to(12.4)
    before = len(made.journal)
    assert not node(made, "r2").running
    made.run_to(12.51)
    heard = [entry for _, name, entry in made.journal[before:] if name == "r2"]
    assert len(heard) >= 2
    assert holders(made) == ("r1",)


def test_a_dead_daemon_hears_nothing_and_starts_once() -> None:
    made = world(at(10.0, Verb.CRASH), at(10.1, Verb.CRASH))
    made.run_to(11.0)
    one = node(made, "r1")
    assert not one.alive
    one.start()
    one.start()
    made.run_to(12.0)
    assert one.running


def test_power_off_takes_the_addresses_and_resets_the_clock() -> None:
    made = world()
    made.run_to(10.0)
    assert holders(made) == ("r1",)
    one = node(made, "r1")
    shown = one.clock.now()
    one.power_off()
    assert (holders(made), one.alive) == ((), False)
    assert one.clock.now() < shown


def test_without_carrier_the_addresses_go() -> None:
    made = world(at(10.0, Verb.DOWN))
    made.run_to(10.1)
    assert holders(made) == ()
    made.run_to(20.0)
    assert holders(made) == ("r2",)


def test_who_owns_an_address_answers_for_it() -> None:
    made = world()
    made.run_to(10.0)
    place = made.safety.holdings[0].place
    assert (node(made, "r1").owns(*place), node(made, "r2").owns(*place)) == (True, False)
