"""A daemon that starts waits before it takes part (keepalived: vrrp_startup_delay)."""

from dataclasses import replace

from tests.engine.scene import ALONE, DOWN, INSTANCE, Scene
from vrrpd.config.model import Configuration, SyncGroup
from vrrpd.engine.instance import Past, identity
from vrrpd.engine.journal import FaultsChanged, Role
from vrrpd.protocol.messages import Seconds

DELAY = Seconds(5.0)


def test_it_waits_and_then_listens_for_its_whole_time() -> None:
    """keepalived: Master after the delay and Master_Down_Interval."""
    scene = Scene().start(ALONE, past=Past(not_before=DELAY))
    scene.run(DELAY - 0.01)
    assert scene.roles() == []
    assert scene.entries(FaultsChanged)[0].blocked == ("startup_delay is not over",)
    scene.run(DELAY)
    assert scene.roles() == [Role.BACKUP]
    scene.run(DELAY + DOWN - 0.01)
    assert scene.roles() == [Role.BACKUP]
    scene.run(DELAY + DOWN)
    assert scene.roles() == [Role.BACKUP, Role.MASTER]


def test_an_owner_waits_too() -> None:
    scene = Scene().start(Configuration(instances=(replace(INSTANCE, priority=255),)), past=Past(not_before=DELAY))
    scene.run(DELAY - 0.01)
    assert scene.sent == []
    scene.run(DELAY)
    assert scene.roles() == [Role.MASTER]


def test_a_master_of_a_moment_ago_resumes() -> None:
    """Nobody else has taken over yet: to wait would be the outage."""
    scene = Scene().start(ALONE, now=1.0, past=Past({identity(INSTANCE): Seconds(0.0)}, not_before=DELAY))
    assert scene.roles() == [Role.MASTER]


def test_what_a_reload_adds_does_not_wait() -> None:
    scene = Scene().start(ALONE, past=Past(not_before=DELAY))
    more = replace(INSTANCE, name="VI_2", virtual_router_id=52)
    scene.engine.configure(Configuration(instances=(INSTANCE, more)), "test", Seconds(1.0))
    assert scene.roles() == [Role.BACKUP]


def test_a_sync_group_begins_together() -> None:
    both = (INSTANCE, replace(INSTANCE, name="VI_2", virtual_router_id=52))
    named = tuple(replace(each, sync_group="G") for each in both)
    group = SyncGroup(name="G", instances=("VI_1", "VI_2"))
    scene = Scene().start(Configuration(instances=named, sync_groups=(group,)), past=Past(not_before=DELAY))
    scene.run(DELAY)
    assert scene.roles() == [Role.BACKUP, Role.BACKUP]
