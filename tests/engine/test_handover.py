"""A Master hands over once and leaves the other one alone until it is Master again."""

from dataclasses import replace

import pytest

from tests.engine.scene import ALONE, DOWN, OTHER, SKEW, UP, Scene, master
from vrrpd.config.model import Configuration
from vrrpd.engine.journal import Role, StateChanged
from vrrpd.engine.journal_daemon import Yielding
from vrrpd.protocol.messages import Peer, Reason, Seconds


def handed_over(configuration: Configuration = ALONE) -> Scene:
    """At 5 s; nothing else was sent since."""
    scene = master(configuration)
    scene.sent.clear()
    assert scene.engine.hand_over("VI_1", Seconds(5.0))
    return scene


def peer_advertises(scene: Scene, since: float, until: float) -> None:
    """A Master of priority 100, every second."""
    now = since
    while now < until:
        scene.run(now)
        scene.hear(100, now)
        now += 1.0


def yielding(scene: Scene) -> list[bool]:
    return [each.yielding for each in scene.entries(Yielding)]


def test_it_resigns_and_does_not_come_back_while_the_other_advertises() -> None:
    """Although its priority is higher, and preemption is on and quick."""
    scene = handed_over()
    assert (scene.sent, scene.held) == ([("VI_1", 0)], {"VI_1": False})
    moved = scene.entries(StateChanged)[-1]
    assert (moved.new, moved.reason) == (Role.BACKUP, Reason.HANDOVER)
    peer_advertises(scene, 5.6, 60.0)
    assert scene.sent == [("VI_1", 0)]
    assert scene.roles()[-1] is Role.BACKUP
    assert yielding(scene) == [True]


def test_if_nobody_takes_over_it_is_master_again_and_preempts_as_before() -> None:
    """After Master_Down_Interval; then the handover is over."""
    scene = handed_over()
    scene.run(5 + DOWN - 0.001)
    assert scene.roles()[-1] is Role.BACKUP
    scene.run(5 + DOWN)
    assert scene.roles()[-1] is Role.MASTER
    assert yielding(scene) == [True, False]
    scene.engine.link_changed(replace(UP, up=False), Seconds(20.0))
    scene.engine.link_changed(UP, Seconds(21.0))
    scene.hear(100, 21.5)
    scene.run(21.5 + SKEW)
    assert scene.roles()[-1] is Role.MASTER, "preempted the lower one, quickly"


def test_when_the_other_fails_it_takes_over() -> None:
    """It is a Backup as any other."""
    scene = handed_over()
    peer_advertises(scene, 5.6, 10.0)
    scene.run(9.6 + DOWN)
    assert scene.roles()[-1] is Role.MASTER
    assert scene.entries(StateChanged)[-1].peer == Peer(OTHER, 100)


@pytest.mark.parametrize("how", ["reload", "operator"])
def test_it_preempts_again_after_a_reload_or_when_told(how: str) -> None:
    scene = handed_over()
    peer_advertises(scene, 5.6, 10.0)
    if how == "reload":
        scene.engine.configure(ALONE, "test", Seconds(10.0))
    else:
        assert scene.engine.take_back("VI_1", Seconds(10.0))
    scene.hear(100, 10.1)
    scene.run(10.1 + SKEW)
    assert scene.roles()[-1] is Role.MASTER
    assert yielding(scene) == [True, False]


def test_nobody_else_can_hand_over() -> None:
    """A Backup has nothing to give, and an unknown name is nobody."""
    scene = Scene().start(ALONE)
    assert not scene.engine.hand_over("VI_1", Seconds(1.0))
    assert not scene.engine.hand_over("VI_9", Seconds(1.0))
    assert not scene.engine.take_back("VI_1", Seconds(1.0))
    assert (scene.roles(), yielding(scene)) == ([Role.BACKUP], [])
