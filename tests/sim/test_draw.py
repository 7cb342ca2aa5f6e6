"""From a seed to a scenario."""

from vrrpd.sim.draw import draw
from vrrpd.sim.plan import Verb


def test_equal_seeds_draw_equal_scenarios() -> None:
    assert draw(7) == draw(7)
    assert draw(7) != draw(8)


def test_everything_is_drawn_by_somebody() -> None:
    many = [draw(seed) for seed in range(300)]
    assert {action.verb for each in many for action in each.actions} == set(Verb)
    assert {len(each.routers) for each in many} == {2, 3, 4, 5}
    assert {each.network.version for each in many} == {2, 3}
    for keyword in ("sync", "unicast", "ipv6"):
        assert {getattr(each.network, keyword) for each in many} == {False, True}
    for keyword in ("nopreempt", "fast_preempt", "lease"):
        assert {getattr(router, keyword) for each in many for router in each.routers} == {False, True}


def test_nothing_happens_after_the_faults() -> None:
    assert all(action.at < each.network.faults_end for each in map(draw, range(50)) for action in each.actions)
