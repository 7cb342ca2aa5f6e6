"""How long two holders may be two."""

import pytest

from tests.sim.worlds import BOTH, at, scenario
from vrrpd.sim.bounds import LET_GO, bounds, put_off
from vrrpd.sim.kernel import LATE, LOOKS_APART, PLANTED
from vrrpd.sim.plan import Network, Verb, Weather


def test_each_packet_that_may_be_lost_is_one_interval_more() -> None:
    still = bounds(scenario())
    lossy = bounds(scenario(network=Network(weather=Weather(loss=0.1, burst=2))))
    assert lossy.both_live - still.both_live == pytest.approx(2 * (1.0 + BOTH[0].lag))
    assert still.both_live == pytest.approx(1.0 + BOTH[0].lag + 2 * 0.001 + LET_GO)


def test_a_dead_one_keeps_its_lease() -> None:
    assert bounds(scenario()).dead == pytest.approx(3.0 + LATE[1] + LET_GO)


def test_an_address_added_by_hand_puts_off_the_end_of_a_lease_for_a_while() -> None:
    """Its own lifetime has the kernel look once more, and not again for a second."""
    disturbs = PLANTED + LATE[1] + LOOKS_APART
    assert [put_off(each) for each in (0.0, disturbs - 0.01, disturbs)] == [LOOKS_APART, LOOKS_APART, 0.0]


def test_a_lease_of_a_whole_second_outlasts_short_intervals() -> None:
    quick = bounds(scenario(network=Network(version=3, advert_int=0.1)))
    assert quick.silent - bounds(scenario()).silent == pytest.approx(1.0 - 0.3)


@pytest.mark.parametrize(
    ("advert_int", "down_adverts", "segments", "groups", "apart"),
    [
        (0.5, 2, 2, 1, 0.5),
        (0.5, 2, 1, 2, 0.5),
        (0.5, 2, 1, 1, 0.0),
        (0.9, 2, 2, 1, 0.9),
        (1.0, 2, 2, 1, 0.0),
        (0.5, 3, 2, 1, 0.5),
        (0.7, 3, 2, 1, 0.0),
    ],
)
def test_one_of_several_leases_of_a_second_ends_an_interval_later(
    advert_int: float, down_adverts: int, segments: int, groups: int, apart: float
) -> None:
    given = Network(version=3, advert_int=advert_int, down_adverts=down_adverts, segments=segments, groups=groups)
    assert bounds(scenario(network=given)).apart == (pytest.approx(apart + BOTH[0].lag) if apart else 0.0)


def test_a_reload_counts_as_well() -> None:
    longer = bounds(scenario(at(3.0, Verb.RELOAD, argument="advert_int=4"), network=Network(version=3)))
    assert (longer.interval, longer.down, longer.lease) == (4.0, 3.0, 12.0)
