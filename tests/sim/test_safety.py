"""Promises by kernel truth."""

from functools import partial
from ipaddress import ip_address

import pytest

from tests.sim.test_lan import Host
from tests.sim.worlds import stage
from vrrpd.sim.bounds import LET_GO
from vrrpd.sim.kernel import LATE
from vrrpd.sim.node import Stage
from vrrpd.sim.plan import Network
from vrrpd.sim.safety import ASSERTIONS, Violation

PLACE = (0, ip_address("198.51.100.1"))


def two(network: Network | None = None, *, leased: bool = True) -> Stage:
    made = stage(network)
    for number, name in enumerate(("r1", "r2")):
        made.lan.plug(Host(name, (ip_address(f"192.0.2.{number + 1}"),)))
        made.safety.know(name, leased=leased)
        made.safety.runs(name, runs=True)
    return made


def both_have(made: Stage) -> None:
    made.safety.held("r1", PLACE, there=True)
    made.safety.held("r2", PLACE, there=True)


def test_two_that_run_yield_within_an_interval() -> None:
    made = two()
    both_have(made)
    made.timeline.run(1.0)
    with pytest.raises(Violation, match="two holders"):
        made.timeline.run(1.1)


def test_an_address_added_by_hand_gives_two_that_run_no_more_time() -> None:
    made = two()
    both_have(made)
    made.timeline.run(0.9)
    made.safety.by_hand("r1")
    with pytest.raises(Violation, match="two holders"):
        made.timeline.run(1.1)


def test_one_that_lets_go_in_time_is_noted() -> None:
    made = two()
    both_have(made)
    made.timeline.run(0.5)
    made.safety.held("r1", PLACE, there=False)
    made.timeline.run(10.0)
    assert made.safety.holders(PLACE) == ("r2",)
    assert made.safety.overlapped == pytest.approx(0.5)
    assert [(each.router, each.there) for each in made.safety.holdings] == [("r1", True), ("r2", True), ("r1", False)]


def test_those_who_do_not_hear_each_other_may_both_have_it() -> None:
    made = two()
    made.lan.split(["r1"])
    both_have(made)
    made.timeline.run(100.0)
    made.lan.heal()
    made.safety.changed()
    with pytest.raises(Violation, match="two holders"):
        made.timeline.run(102.0)


def test_a_dead_one_has_its_lease_and_without_one_for_ever() -> None:
    for leased in (True, False):
        made = two(leased=leased)
        made.safety.held("r1", PLACE, there=True)
        made.safety.runs("r1", runs=False)
        made.safety.held("r2", PLACE, there=True)
        made.timeline.run(3.2)
        if leased:
            with pytest.raises(Violation, match="two holders"):
                made.timeline.run(4.0)
        else:
            made.timeline.run(100.0)


def test_what_changes_twice_in_one_instant_is_judged_by_how_it_is_then() -> None:
    """Both meet when the lease of a dead one is over soon, and it runs again: it has an interval to yield."""
    made = two()
    made.safety.runs("r1", runs=False)
    made.timeline.run(3.0)
    both_have(made)
    made.safety.runs("r1", runs=True)
    made.timeline.run(4.0)
    with pytest.raises(Violation, match=r"two holders.* for more than 1\.0"):
        made.timeline.run(4.1)


def test_all_of_an_overlap_is_noted_whatever_changes_meanwhile() -> None:
    made = two()
    both_have(made)
    made.timeline.run(0.5)
    made.safety.runs("r1", runs=False)
    made.timeline.run(0.8)
    made.safety.held("r1", PLACE, there=False)
    assert made.safety.overlapped == pytest.approx(0.8)


@pytest.mark.parametrize("meet", [1.0, 2.5])
@pytest.mark.parametrize(("added", "awake", "ends"), [("r1", False, 4.32), ("r2", False, 3.32), ("r1", True, 3.32)])
def test_an_address_added_by_hand_puts_off_the_lease_of_a_dead_one_only(
    added: str, awake: bool, ends: float, meet: float
) -> None:
    """Who runs and cannot be heard lets go by itself. Whether they meet before or after that."""
    made = two()
    made.safety.runs("r1", runs=False, awake=awake)
    made.timeline.at(2.0, made.safety.by_hand, added)
    made.timeline.run(meet)
    both_have(made)
    made.timeline.run(ends - 0.01)
    with pytest.raises(Violation, match="two holders"):
        made.timeline.run(ends + 0.01)


@pytest.mark.parametrize(("dies_in", "ends"), [(0.0, 21.32), (0.04, 21.32), (1.0, 20.05)])
def test_what_is_added_as_its_daemon_dies_has_a_lifetime_of_its_own(dies_in: float, ends: float) -> None:
    """The lease was over long ago, as nobody could hear it. Who runs removes at once what is added."""
    made = two()
    made.timeline.run(10.0)
    made.safety.runs("r1", runs=False, awake=True)
    made.timeline.run(20.0)
    made.safety.by_hand("r1")
    both_have(made)
    made.timeline.at(20.0 + dies_in, partial(made.safety.runs, "r1", runs=False))
    made.timeline.run(ends - 0.01)
    with pytest.raises(Violation, match="two holders"):
        made.timeline.run(ends + 0.01)


@pytest.mark.parametrize(("added", "holds"), [("r1", 1.0), ("", 0.0)])
def test_it_puts_off_the_end_where_another_took_over_from_silence_as_well(added: str, holds: float) -> None:
    made = two()
    made.timeline.run(5.0)
    made.safety.held("r1", PLACE, there=True)
    made.timeline.run(10.0)
    made.safety.runs("r1", runs=False)
    made.timeline.run(13.0)
    if added:
        made.safety.by_hand(added)
    made.timeline.run(13.2)
    made.safety.took_over("r2", PLACE, silence=True)
    made.safety.held("r2", PLACE, there=True)
    silent = LATE[1] + 0.001 + LET_GO
    made.timeline.run(13.2 + silent + holds - 0.01)
    with pytest.raises(Violation, match="two holders"):
        made.timeline.run(13.2 + silent + holds + 0.01)


def test_who_runs_gets_no_more_time_for_what_somebody_adds_when_both_have_it() -> None:
    made = two()
    made.timeline.run(10.0)
    made.safety.runs("r1", runs=False, awake=True)
    made.timeline.run(13.2)
    made.safety.took_over("r2", PLACE, silence=True)
    both_have(made)
    made.timeline.at(13.4, made.safety.by_hand, "r1")
    with pytest.raises(Violation, match="two holders"):
        made.timeline.run(13.2 + LATE[1] + 0.001 + LET_GO + 0.01)


@pytest.mark.parametrize(
    ("master_since", "awake", "ends"), [(5.0, False, 13.42), (9.1, False, 12.42), (5.0, True, 12.42)]
)
def test_what_its_daemon_has_put_back_outlasts_the_lease(master_since: float, awake: bool, ends: float) -> None:
    """It has it for a second at least. Who is Master anew has a lease that is new; who runs lets go by itself."""
    made = two()
    made.timeline.at(master_since, partial(made.safety.took_over, "r1", PLACE, silence=False))
    for when, there in ((6.0, True), (9.0, False), (9.1, True)):
        made.timeline.run(when)
        made.safety.held("r1", PLACE, there=there)
    made.safety.runs("r1", runs=False, awake=awake)
    made.safety.held("r2", PLACE, there=True)
    made.timeline.run(ends - 0.01)
    with pytest.raises(Violation, match="two holders"):
        made.timeline.run(ends + 0.01)


def test_who_takes_over_from_silence_finds_the_lease_over() -> None:
    made = two()
    made.safety.held("r1", PLACE, there=True)
    made.safety.runs("r1", runs=False)
    made.timeline.run(3.5)
    made.safety.took_over("r2", PLACE, silence=True)
    made.safety.held("r2", PLACE, there=True)
    with pytest.raises(Violation, match="two holders"):
        made.timeline.run(4.0)


@pytest.mark.parametrize(("awake", "longer"), [(False, 0.5), (True, 0.0)])
def test_one_of_two_short_leases_ends_later_where_no_process_runs(awake: bool, longer: float) -> None:
    made = two(Network(version=3, advert_int=0.5, down_adverts=2, segments=2))
    made.safety.held("r1", PLACE, there=True)
    made.timeline.run(9.0)
    made.safety.runs("r1", runs=False, awake=awake)
    made.timeline.run(10.0)
    made.safety.took_over("r2", PLACE, silence=True)
    made.safety.held("r2", PLACE, there=True)
    ends = 10.0 + LATE[1] + 0.001 + LET_GO + longer
    made.timeline.run(ends - 0.01)
    with pytest.raises(Violation, match="two holders"):
        made.timeline.run(ends + 0.01)


def test_a_storm_is_more_than_assertions_and_what_was_allowed() -> None:
    made = stage(Network())
    made.safety.allow("r1", "VI_0", 2)
    for _ in range(ASSERTIONS + 4):
        made.safety.sent("r1", "VI_0", 1.0)
    with pytest.raises(Violation, match="storm"):
        made.safety.sent("r1", "VI_0", 1.0)


def test_advertisements_in_their_turn_are_none() -> None:
    made = stage(Network())
    for _ in range(100):
        made.timeline.run(made.timeline.now + 0.1)
        made.safety.sent("r1", "VI_0", 1.0)
