"""`when_all_failed = "serve"`: a router in fault that hears no Master holds the addresses as the least of all."""

from dataclasses import replace

import pytest

from tests.engine.scene import INSTANCE, UP, Scene, probe, tracking
from vrrpd.engine.inputs import Outcome
from vrrpd.engine.journal import PriorityChanged, Role
from vrrpd.engine.journal_health import Degraded
from vrrpd.protocol.messages import Seconds

SERVING = replace(INSTANCE, when_all_failed="serve")
DOWN_OF_THE_LEAST = 3 + 255 / 256
FAULT = ("probe haproxy is down",)


def degraded_master() -> Scene:
    """Down from the start, and nobody else there."""
    scene = Scene().start(tracking(probe("haproxy"), instance=SERVING))
    scene.result("haproxy", 0.0, Outcome.FAIL)
    scene.run(5.0)
    return scene


def test_alone_it_serves_at_priority_1_after_the_silence() -> None:
    """Flagged as degraded."""
    scene = degraded_master()
    assert scene.roles() == [Role.BACKUP, Role.MASTER]
    assert {priority for _, priority in scene.sent} == {1}
    assert scene.held == {"VI_1": True}
    assert scene.entries(Degraded) == [Degraded(Seconds(0.0), "VI_1", FAULT)]


def test_release_is_the_default() -> None:
    """Nothing is held, whatever the others do."""
    scene = Scene().start(tracking(probe("haproxy")))
    scene.result("haproxy", 0.0, Outcome.FAIL)
    scene.run(60.0)
    assert (scene.roles(), scene.sent) == ([Role.FAULT], [])


def test_it_yields_to_anyone_better_and_leaves_them_alone() -> None:
    """Even to priority 2; and does not come back while that one advertises."""
    scene = degraded_master()
    scene.hear(2, 5.0)
    assert scene.roles()[-1] is Role.BACKUP
    assert scene.held == {"VI_1": False}
    now = 5.0
    while now < 60:
        scene.hear(2, now)
        now = scene.run(now + 1)
    assert scene.roles()[-1] is Role.BACKUP


def test_a_master_that_falls_ill_resigns_first() -> None:
    """Priority 0, so that whoever is well takes over within Skew_Time, whatever its preempt mode."""
    scene = Scene().start(tracking(probe("haproxy"), instance=SERVING))
    scene.result("haproxy", 0.0)
    scene.run(5.0)
    scene.sent.clear()
    scene.result("haproxy", 5.0, Outcome.FAIL)
    assert scene.sent == [("VI_1", 0)]
    assert scene.held == {"VI_1": False}
    assert scene.roles() == [Role.BACKUP, Role.MASTER, Role.FAULT, Role.BACKUP]
    assert scene.engine.deadline() == pytest.approx(5 + DOWN_OF_THE_LEAST)
    scene.run(10.0)
    assert scene.roles()[-1] is Role.MASTER
    assert scene.entries(PriorityChanged)[-1].new == 1


def test_well_again_it_is_what_it_was() -> None:
    """The priority is advertised at once, and the flag is gone."""
    scene = degraded_master()
    scene.sent.clear()
    scene.result("haproxy", 5.0)
    assert scene.sent == [("VI_1", 150)]
    assert scene.entries(Degraded)[-1] == Degraded(Seconds(5.0), "VI_1", ())
    assert scene.roles()[-1] is Role.MASTER


def test_a_second_fault_changes_nothing_but_the_reasons() -> None:
    """No second resignation."""
    scene = Scene().start(tracking(probe("haproxy"), probe("amqp"), instance=SERVING))
    scene.result("haproxy", 0.0, Outcome.FAIL)
    scene.result("amqp", 0.0)
    scene.run(5.0)
    scene.sent.clear()
    scene.result("amqp", 5.0, Outcome.FAIL)
    assert scene.sent == []
    assert scene.entries(Degraded)[-1].faults == (*FAULT, "probe amqp is down")


def test_a_link_that_is_down_is_a_fault_all_the_same() -> None:
    """There is nothing to serve on."""
    scene = degraded_master()
    scene.engine.link_changed(replace(UP, up=False), Seconds(5.0))
    assert scene.roles()[-1] is Role.FAULT
    scene.run(60.0)
    assert scene.held == {"VI_1": False}


def test_well_again_it_preempts_as_ever() -> None:
    """What it left alone while it limped it does not leave alone any more, without another word of anybody."""
    scene = degraded_master()
    scene.hear(100, 5.0)
    scene.result("haproxy", 6.0)
    for now in (6.0, 7.0):
        scene.hear(100, now)
        scene.run(now + 0.9)
    assert scene.roles()[-1] is Role.MASTER
