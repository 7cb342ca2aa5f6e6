"""Out of service by an operator's hand: at once, named, and for no longer than asked."""

from dataclasses import replace

import pytest

from tests.engine.scene import ALONE, DOWN, INSTANCE, Scene, master, probe, tracking
from vrrpd.config.model import Configuration
from vrrpd.engine.drain import HOST, Drain, Drains
from vrrpd.engine.inputs import Outcome
from vrrpd.engine.instance import Past, identity
from vrrpd.engine.journal import FaultsChanged, PriorityChanged, Role, StateChanged
from vrrpd.engine.journal_daemon import Drained, Restored, Undrained
from vrrpd.protocol.messages import Reason, Seconds

UPGRADE = Drain("kernel upgrade", Seconds(100.0), "2026-11-21T12:00:00Z")
SECOND = replace(INSTANCE, name="VI_2", virtual_router_id=52)
BOTH = Configuration(instances=(INSTANCE, SECOND))


@pytest.mark.parametrize(
    ("drain", "told"),
    [
        (Drain(), "drained"),
        (Drain("kernel upgrade"), "drained: kernel upgrade"),
        (Drain("", Seconds(9.0), "2026-11-21T12:00:00Z"), "drained: until 2026-11-21T12:00:00Z"),
        (UPGRADE, "drained: kernel upgrade, until 2026-11-21T12:00:00Z"),
    ],
    ids=["for ever", "reason", "time", "both"],
)
def test_the_fault_names_the_reason_and_the_end(drain: Drain, told: str) -> None:
    assert drain.told == told


def test_the_host_covers_every_instance() -> None:
    """Also beside a drain of its own; the same words are not said twice."""
    drains = Drains()
    drains.begin({HOST: Drain("a"), "VI_1": Drain("b"), "VI_2": Drain("a")})
    assert drains.faults("VI_1") == ("drained: a", "drained: b")
    assert (drains.faults("VI_2"), drains.faults("VI_3")) == (("drained: a",), ("drained: a",))
    assert drains.end("VI_1") == ("VI_1",)
    assert (drains.end("VI_1"), drains.end(HOST)) == ((), (HOST, "VI_2"))
    assert drains.faults("VI_1") == ()


def test_the_first_end_is_the_next_instant() -> None:
    drains = Drains()
    drains.begin({"a": Drain("", Seconds(9.0)), "b": Drain("", Seconds(5.0)), "c": Drain()})
    assert drains.instant() == 5.0
    assert (drains.over(Seconds(4.9)), drains.over(Seconds(5.0)), drains.over(Seconds(5.0))) == ((), ("b",), ())
    assert drains.instant() == 9.0


def test_a_master_that_is_drained_resigns_and_stays_out() -> None:
    """Priority 0, then the addresses; a fault with the operator's words, whatever is heard or not."""
    scene = master()
    scene.sent.clear()
    scene.engine.drain({"VI_1": UPGRADE}, Seconds(5.0))
    assert (scene.sent, scene.held) == ([("VI_1", 0)], {"VI_1": False})
    assert scene.entries(Drained) == [Drained(Seconds(5.0), "VI_1", "kernel upgrade", "2026-11-21T12:00:00Z")]
    moved = scene.entries(StateChanged)[-1]
    assert (moved.new, moved.reason, moved.blocked) == (Role.FAULT, Reason.FAULT, (UPGRADE.told,))
    scene.run(99.9)
    assert scene.roles()[-1] is Role.FAULT


def test_a_drain_ends_by_itself() -> None:
    """At its deadline: Backup, and Master again in silence."""
    scene = master()
    scene.engine.drain({HOST: UPGRADE}, Seconds(5.0))
    assert scene.engine.deadline() == 100.0
    scene.run(100.0)
    assert scene.entries(Undrained) == [Undrained(Seconds(100.0), HOST, Restored.TIME)]
    assert scene.entries(FaultsChanged)[-1].blocked == ()
    assert scene.roles()[-1] is Role.BACKUP
    scene.run(100 + DOWN)
    assert scene.roles()[-1] is Role.MASTER


def test_an_operator_ends_it_sooner() -> None:
    scene = master()
    scene.engine.drain({"VI_1": UPGRADE}, Seconds(5.0))
    assert scene.engine.undrain("VI_1", Seconds(6.0)) == ("VI_1",)
    assert scene.roles()[-1] is Role.BACKUP
    assert scene.engine.undrain("VI_1", Seconds(7.0)) == ()
    assert [each.why for each in scene.entries(Undrained)] == [Restored.OPERATOR]


def test_another_time_and_reason_replace_the_first() -> None:
    """The instance stays out all the while."""
    scene = master()
    scene.engine.drain({"VI_1": UPGRADE}, Seconds(5.0))
    scene.engine.drain({"VI_1": Drain("longer")}, Seconds(6.0))
    assert scene.entries(FaultsChanged)[-1].blocked == ("drained: longer",)
    scene.run(200.0)
    assert scene.roles()[-1] is Role.FAULT


def test_one_instance_only() -> None:
    """The other one goes on."""
    scene = master(BOTH)
    scene.engine.drain({"VI_2": Drain()}, Seconds(5.0))
    assert scene.held == {"VI_1": True, "VI_2": False}


def test_an_instance_that_a_reload_adds_is_drained_with_its_host() -> None:
    """And a reload brings nothing back."""
    scene = master()
    scene.engine.drain({HOST: Drain()}, Seconds(5.0))
    scene.engine.configure(BOTH, "test", Seconds(6.0))
    scene.run(60.0)
    assert {each.instance: each.new for each in scene.entries(StateChanged)} == {"VI_1": Role.FAULT, "VI_2": Role.FAULT}


def test_drained_before_the_first_configuration_it_never_takes_part() -> None:
    """As after a boot; not even what an earlier daemon could resume."""
    scene = Scene()
    scene.engine.drain({HOST: UPGRADE}, Seconds(0.0))
    past = Past({identity(INSTANCE): Seconds(0.0)})
    scene.start(ALONE, past=past)
    scene.run(60.0)
    assert (scene.roles(), scene.sent) == ([Role.FAULT], [])


def test_probes_are_looked_at_all_the_while() -> None:
    """The priority is the right one when the drain is over."""
    scene = master(tracking(probe("haproxy", weight=-60)))
    scene.result("haproxy", 4.0)
    scene.engine.drain({HOST: UPGRADE}, Seconds(5.0))
    scene.result("haproxy", 6.0, Outcome.FAIL)
    assert scene.entries(PriorityChanged)[-1].new == 90


def test_served_in_spite_of_a_fault_but_not_of_a_drain() -> None:
    """`when_all_failed` is for probes; an operator's word counts."""
    scene = Scene().start(tracking(probe("haproxy"), instance=replace(INSTANCE, when_all_failed="serve")))
    scene.result("haproxy", 4.0, Outcome.FAIL)
    scene.run(20.0)
    assert scene.roles()[-1] is Role.MASTER
    scene.engine.drain({HOST: Drain()}, Seconds(20.0))
    assert scene.roles()[-1] is Role.FAULT
