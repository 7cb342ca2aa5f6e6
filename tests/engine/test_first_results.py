"""A router that starts beside a living Master: until its probes have told something it leaves that one alone."""

from dataclasses import replace

import pytest

from tests.engine.scene import DOWN, INSTANCE, SKEW, Scene, probe, tracking
from vrrpd.engine.health import GRACE
from vrrpd.engine.inputs import Outcome
from vrrpd.engine.journal import FaultsChanged, PriorityChanged, Role
from vrrpd.protocol.messages import Seconds

LOWER = 100
"""Of the living Master; ours is 150."""
HAPROXY = probe("haproxy", weight=-60)


def beside(scene: Scene, since: float, until: float) -> float:
    """The other one advertises each second from `since` on; returns `until`."""
    now = since
    while now < until:
        scene.hear(LOWER, now)
        now = scene.run(min(now + 1.0, until))
    return now


def test_a_better_router_waits_for_its_first_results() -> None:
    """However often it hears the lower priority; and not for one of two."""
    scene = Scene().start(tracking(HAPROXY, probe("amqp", weight=-20)))
    now = beside(scene, 0.5, 10.5)
    scene.result("amqp", now)
    now = beside(scene, 11.5, 20.5)
    assert (scene.roles(), scene.sent) == ([Role.BACKUP], [])
    scene.result("haproxy", now + 0.1)
    scene.hear(LOWER, now + 1)
    scene.run(now + 1 + SKEW - 0.001)
    assert scene.roles() == [Role.BACKUP]
    scene.run(now + 1 + SKEW)
    assert scene.roles() == [Role.BACKUP, Role.MASTER]
    assert scene.sent == [("VI_1", 150)]


def test_a_host_that_boots_with_its_proxy_down_does_not_take_the_address() -> None:
    """Its first result is a failure: 90 is less. It comes when the proxy is there, and never with less than 150."""
    scene = Scene().start(tracking(HAPROXY))
    now = beside(scene, 0.5, 2.5)
    scene.result("haproxy", now, Outcome.FAIL)
    now = beside(scene, 3.5, 40.5)
    assert (scene.roles(), scene.sent) == ([Role.BACKUP], [])
    assert [(each.old, each.new) for each in scene.entries(PriorityChanged)] == [(150, 90)]
    scene.result("haproxy", now)
    beside(scene, now + 1, now + 3)
    assert scene.roles() == [Role.BACKUP, Role.MASTER]
    assert {priority for _, priority in scene.sent} == {150}


@pytest.mark.parametrize(("weight", "priority", "role"), [(-60, 90, Role.BACKUP), (-10, 140, Role.MASTER)])
def test_a_probe_that_tells_nothing_is_down_when_the_grace_is_over(weight: int, priority: int, role: Role) -> None:
    """30 s after the start, not sooner. Then what is left of the priority decides, as with any probe that is down."""
    assert GRACE == 30.0, "as docs/priority.md says"
    scene = Scene().start(tracking(probe("haproxy", weight=weight)))
    beside(scene, 0.5, GRACE - 1)
    assert (scene.roles(), scene.entries(PriorityChanged)) == ([Role.BACKUP], [])
    beside(scene, GRACE - 0.5, GRACE + 5)
    assert [(each.at, each.new) for each in scene.entries(PriorityChanged)] == [(GRACE, priority)]
    assert scene.roles()[-1] is role


def test_without_a_weight_it_takes_no_part_until_then_and_is_in_fault_after_it() -> None:
    """It has not begun, so there is nothing to resign."""
    scene = Scene().start(tracking(probe("haproxy")))
    beside(scene, 0.5, GRACE - 1)
    assert (scene.roles(), scene.sent) == ([], [])
    beside(scene, GRACE - 0.5, GRACE + 5)
    assert (scene.roles(), scene.sent) == ([Role.FAULT], [])
    assert scene.entries(FaultsChanged)[0].blocked == ("probe haproxy has no result yet",)
    scene.result("haproxy", GRACE + 6)
    beside(scene, GRACE + 6.5, GRACE + 9)
    assert scene.roles() == [Role.FAULT, Role.BACKUP, Role.MASTER]


def test_a_probe_that_may_take_longer_has_that_time() -> None:
    """A check with a timeout of a minute has no end before."""
    slow = replace(HAPROXY, interval=Seconds(60.0), timeout=Seconds(60.0))
    scene = Scene().start(tracking(slow))
    beside(scene, 0.5, 59.5)
    assert scene.entries(PriorityChanged) == []
    beside(scene, 60.5, 61.5)
    assert [each.at for each in scene.entries(PriorityChanged)] == [60.0]


def test_a_master_that_falls_silent_is_replaced_though_nothing_is_known_yet() -> None:
    """The grace is for a living Master; nobody may hold the address for 30 s else."""
    scene = Scene().start(tracking(HAPROXY, instance=INSTANCE))
    beside(scene, 0.5, 5.5)
    scene.run(5.5 + DOWN)
    assert scene.roles() == [Role.BACKUP, Role.MASTER]


def test_nor_is_one_waited_for_that_resigns() -> None:
    scene = Scene().start(tracking(HAPROXY))
    now = beside(scene, 0.5, 5.5)
    scene.hear(0, now)
    scene.run(now + SKEW)
    assert scene.roles() == [Role.BACKUP, Role.MASTER]
