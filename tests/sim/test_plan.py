"""Plain values."""

from vrrpd.sim.plan import RouterPlan, Weather


def test_the_last_priority_is_that_of_all_further_virtual_routers() -> None:
    plan = RouterPlan(name="r1", priority=(150, 100))
    assert [plan.priority_of(number) for number in range(3)] == [150, 100, 100]


def test_the_slowest_packet_is_a_straggler() -> None:
    assert Weather(slow=0.25, straggle=0.1, straggler=1.0).slowest == 1.25
