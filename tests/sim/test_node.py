"""A host: power, freezing, links."""

import pytest

from tests.sim.worlds import at, holders, node, world
from vrrpd.protocol.messages import Datagram
from vrrpd.sim import node as module
from vrrpd.sim.plan import Network, Verb


def test_what_comes_while_frozen_waits() -> None:
    made = world(at(10.0, Verb.FREEZE, "r2"), at(12.5, Verb.THAW, "r2"))
    made.run_to(12.4)
    before = len(made.journal)
    assert not node(made, "r2").running
    made.run_to(12.51)
    heard = [entry for _, name, entry in made.journal[before:] if name == "r2"]
    assert len(heard) >= 2
    assert holders(made) == ("r1",)


def test_a_full_queue_loses_what_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing of another interface."""
    monkeypatch.setattr(module, "QUEUE", 2)
    made = world(network=Network(segments=2, faults_end=30.0))
    made.run_to(10.0)
    two, taken = node(made, "r2"), list[tuple[int, int]]()
    two.freeze()
    monkeypatch.setattr(two, "_take", lambda segment, datagram: taken.append((segment, datagram.hop_limit)))
    source, destination = node(made, "r1").own[0], two.own[0]
    for segment, number in ((0, 1), (0, 2), (0, 3), (1, 4)):
        family = two.instances[0].family
        two.deliver(segment, Datagram("eth0", family, source, destination, number, b""))
    two.thaw()
    assert taken == [(0, 1), (0, 2), (1, 4)]


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
