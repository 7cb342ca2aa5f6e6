"""Flap damping: who changes sides too often leaves other Masters alone for a while."""

from dataclasses import replace

from tests.engine.scene import INSTANCE, Scene, probe, tracking
from vrrpd.engine.damping import Damping
from vrrpd.engine.inputs import Outcome
from vrrpd.engine.journal import Role
from vrrpd.engine.journal_health import Damped
from vrrpd.protocol.messages import Seconds

PROBE = probe("haproxy", weight=-60)
LIMITED = replace(INSTANCE, flap_limit=3, flap_window=Seconds(60.0), flap_hold=Seconds(300.0))


def test_only_changes_within_the_window_count() -> None:
    """The fourth within a minute is too many; a slow one is not."""
    slow, quick = Damping(), Damping()
    assert [slow.moved(LIMITED, Seconds(at * 31.0)) for at in range(6)] == [0] * 6
    assert [quick.moved(LIMITED, Seconds(at)) for at in (0.0, 1.0, 2.0, 60.0)] == [0, 0, 0, 4]
    assert quick.until == 360.0
    assert [quick.over(LIMITED, Seconds(each)) for each in (359.9, 360.0, 361.0)] == [False, True, False]


def test_off_by_default() -> None:
    """However often."""
    damping = Damping()
    assert [damping.moved(INSTANCE, Seconds(at / 10)) for at in range(100)] == [0] * 100


def flapping(flaps: int) -> tuple[Scene, float]:
    """A peer of priority 100 advertises all the time; our probe brings us from 150 to 90 and back. The time after."""
    scene = Scene().start(tracking(PROBE, instance=LIMITED))
    now = 0.1
    scene.result("haproxy", now)
    scene.hear(100, now)
    now = scene.run(2.0)
    for _ in range(flaps):
        scene.result("haproxy", now, Outcome.FAIL)
        now = scene.run(now + 0.5)
        scene.hear(100, now)
        scene.result("haproxy", now)
        for _ in range(4):
            if scene.roles()[-1] is Role.BACKUP:
                scene.hear(100, now)
            now = scene.run(now + 0.5)
    return scene, now


def test_a_router_that_flaps_stays_backup_for_flap_hold_and_says_so() -> None:
    """Though its priority is the higher one again; when the time is over it takes the addresses back."""
    scene, now = flapping(3)
    (damped,) = scene.entries(Damped)
    assert (damped.changes, damped.hold) == (4, 300.0)
    assert scene.roles()[-1] is Role.BACKUP
    while now < damped.at + 299.5:
        scene.hear(100, now)
        now = scene.run(now + 0.5)
    assert scene.roles()[-1] is Role.BACKUP
    for _ in range(4):
        scene.hear(100, now)
        now = scene.run(now + 0.5)
    assert scene.roles()[-1] is Role.MASTER
    assert scene.entries(Damped)[-1] == Damped(Seconds(damped.at + 300), "VI_1", 0, Seconds(0.0))


def test_a_reload_without_a_limit_ends_it() -> None:
    """What an operator would try: the better priority is Master at once. Another limit changes nothing."""
    scene, now = flapping(3)
    scene.engine.configure(tracking(PROBE, instance=replace(LIMITED, flap_limit=2)), "test", Seconds(now))
    assert len(scene.entries(Damped)) == 1
    scene.engine.configure(tracking(PROBE, instance=replace(LIMITED, flap_limit=0)), "test", Seconds(now))
    assert scene.entries(Damped)[-1] == Damped(Seconds(now), "VI_1", 0, Seconds(0.0))
    for _ in range(4):
        scene.hear(100, now)
        now = scene.run(now + 0.5)
    assert scene.roles()[-1] is Role.MASTER


def test_damped_it_still_takes_over_when_nobody_else_is_master() -> None:
    """Its peer falls silent."""
    scene, now = flapping(3)
    scene.run(now + 4)
    assert scene.roles()[-1] is Role.MASTER
    assert len(scene.entries(Damped)) == 1
