"""A daemon on a simulated host: the production engine starts, dies and comes back."""

import pytest

from tests.sim.worlds import at, holders, moves, node, world
from vrrpd.engine.journal import Role
from vrrpd.protocol.messages import Reason
from vrrpd.sim.daemon_node import BOOT
from vrrpd.sim.plan import Network, Verb
from vrrpd.sim.safety import Violation


def test_starts_listens_and_takes_over() -> None:
    made = world()
    made.run_to(10.0)
    assert moves(made, "r1") == [(Role.BACKUP, Reason.STARTUP), (Role.MASTER, Reason.TIMEOUT)]
    assert holders(made) == ("r1",)
    assert node(made, "r1").is_master("VI_0")


def test_a_crash_is_no_failover() -> None:
    made = world(at(10.0, Verb.CRASH), at(10.2, Verb.START))
    made.run_to(10.3 + BOOT[1])
    assert moves(made, "r1")[2:] == [(Role.MASTER, Reason.RESUMED)]
    made.run_to(30.0)
    assert moves(made, "r2") == [(Role.BACKUP, Reason.STARTUP)]


def test_without_its_state_file_it_starts_as_backup() -> None:
    made = world(at(10.0, Verb.CRASH), at(10.2, Verb.START, argument="forgetful"))
    made.run_to(10.3 + BOOT[1])
    assert moves(made, "r1")[2:] == [(Role.BACKUP, Reason.STARTUP)]
    assert holders(made) == ()


def test_a_dead_daemon_loses_its_addresses_before_another_takes_them() -> None:
    made = world(at(10.0, Verb.CRASH))
    made.run_to(20.0)
    assert holders(made) == ("r2",)
    assert made.safety.overlapped == 0.0


def test_a_stop_resigns_and_leaves_nothing() -> None:
    made = world(at(10.0, Verb.STOP))
    made.run_to(10.001)
    assert holders(made) == ()
    made.run_to(11.0)
    assert holders(made) == ("r2",)


def test_a_drain_outlives_the_daemon_and_ends_in_time() -> None:
    made = world(at(10.0, Verb.DRAIN, argument="20"), at(12.0, Verb.CRASH), at(12.1, Verb.START))
    made.run_to(29.0)
    assert holders(made) == ("r2",)
    made.run_to(35.0)
    assert holders(made) == ("r1",)


def test_two_masters_yield_by_address_on_ipv6_as_well() -> None:
    network = Network(version=3, ipv6=True, faults_end=60.0)
    made = world(at(10.0, Verb.SPLIT), at(20.0, Verb.HEAL), network=network)
    made.run_to(19.0)
    assert holders(made) == ("r1", "r2")
    made.run_to(22.0)
    assert holders(made) == ("r1",)


def test_an_address_that_is_not_there_is_never_announced() -> None:
    made = world()
    made.run_to(10.0)
    one = node(made, "r1")
    place = made.safety.holdings[0].place
    one.kernel.remove(place)
    with pytest.raises(Violation, match="not there"):
        one._announce(place)
