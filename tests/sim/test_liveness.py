"""What must come about in the end."""

from ipaddress import ip_address

import pytest

from tests.sim.worlds import BOTH
from vrrpd.sim.liveness import Claimant, claimant, judge, rightful, settles
from vrrpd.sim.plan import End, Network, ProbePlan, RouterPlan

PLACE = (0, ip_address("198.51.100.1"))
PROBES = (ProbePlan(weight=-40), ProbePlan(weight=30))


@pytest.mark.parametrize(
    ("plan", "claim"),
    [
        (RouterPlan(name="a", priority=(150, 90)), Claimant("a", 150, True)),
        (RouterPlan(name="a", nopreempt=True), Claimant("a", 100, False)),
        (RouterPlan(name="a", end=End.DRAINED), Claimant("a", None, False)),
        (RouterPlan(name="a", end=End.STOPPED), Claimant("a", None, False)),
        (RouterPlan(name="a", probes=PROBES), Claimant("a", 130, True)),
        (RouterPlan(name="a", probes=PROBES, end=End.ILL), Claimant("a", 90, True)),
        (RouterPlan(name="a", probes=(ProbePlan(weight=0),), end=End.ILL), Claimant("a", None, False)),
        (
            RouterPlan(name="a", probes=(ProbePlan(weight=0),), end=End.ILL, when_all_failed="serve"),
            Claimant("a", 1, False),
        ),
    ],
)
def test_what_a_router_is_entitled_to(plan: RouterPlan, claim: Claimant) -> None:
    assert claimant(plan, (0,), yields=False) == claim


def test_in_a_sync_group_the_least_counts() -> None:
    assert claimant(RouterPlan(name="a", priority=(150, 90)), (0, 1), yields=True) == Claimant("a", 90, False)


def test_who_preempts_makes_all_below_it_wrong() -> None:
    assert rightful([Claimant("a", 150, True), Claimant("b", 150, True), Claimant("c", 100, True)]) == {"a", "b"}
    assert rightful([Claimant("a", 150, False), Claimant("b", 100, True)]) == {"a", "b"}
    assert rightful([Claimant("a", None, True), Claimant("b", 100, True)]) == {"b"}


def test_delays_and_probes_take_their_time() -> None:
    network = Network()
    slow = RouterPlan(name="r1", preempt_delay=7.0, probes=(ProbePlan(interval=5.0, rise=3),))
    assert settles(network, [slow]) - settles(network, BOTH) == pytest.approx(7.0 + 25.0)


@pytest.mark.parametrize(
    ("holders", "masters", "right", "rule"),
    [
        (("a",), ("a",), {"a"}, None),
        ((), (), set[str](), None),
        (("a",), ("a",), set[str](), "nobody may"),
        ((), (), {"a"}, "one holder"),
        (("a", "b"), ("a",), {"a"}, "one holder"),
        (("b",), ("b",), {"a"}, "the best"),
        (("a",), ("a", "b"), {"a"}, "one Master"),
    ],
)
def test_judged(holders: tuple[str, ...], masters: tuple[str, ...], right: set[str], rule: str | None) -> None:
    finding = judge(PLACE, holders, masters, frozenset(right))
    assert (finding.rule if finding else None) == rule
