"""The engine: events in, three verbs and one journal out."""

from dataclasses import replace
from ipaddress import IPv4Interface

import pytest

from tests.engine.scene import ALONE, DOWN, INSTANCE, OTHER, OWN, SKEW, UP, Scene, master, probe, tracking
from vrrpd.config.model import Configuration, Track
from vrrpd.engine.health import GRACE
from vrrpd.engine.inputs import Outcome
from vrrpd.engine.instance import Past, identity
from vrrpd.engine.journal import AdvertReceived, AdvertRejected, FaultsChanged, PriorityChanged, Role, StateChanged
from vrrpd.engine.journal_daemon import Configured
from vrrpd.engine.journal_health import ProbeChanged, ProbeChecked
from vrrpd.protocol.messages import Discard, Peer, Reason, Rejection, Seconds


def test_becomes_master_in_silence_and_advertises() -> None:
    """Backup for Master_Down_Interval, then advertise, hold, announce; then every advert_int."""
    scene = Scene().start(ALONE)
    scene.run(DOWN - 0.001)
    assert (scene.roles(), scene.sent) == ([Role.BACKUP], [])
    scene.run(DOWN + 2.5)
    assert scene.roles() == [Role.BACKUP, Role.MASTER]
    assert scene.sent == [("VI_1", 150)] * 3
    assert scene.held == {"VI_1": True}


def test_a_demotion_is_advertised_at_once() -> None:
    """A probe that goes down lowers the priority on the wire at that moment."""
    scene = master(tracking(probe("haproxy", weight=-60, fall=2)))
    scene.result("haproxy", 4.0)
    scene.result("haproxy", 5.0, Outcome.FAIL)
    scene.sent.clear()
    scene.result("haproxy", 5.3, Outcome.TIMEOUT)
    assert scene.sent == [("VI_1", 90)]
    assert scene.entries(PriorityChanged)[-1] == PriorityChanged(Seconds(5.3), "VI_1", 150, 90, (("haproxy", -60),))
    assert [entry.up for entry in scene.entries(ProbeChanged)] == [True, False]
    assert len(scene.entries(ProbeChecked)) == 3


def test_an_error_of_the_probe_is_never_a_success() -> None:
    """A probe that breaks counts as a failure."""
    scene = Scene().start(tracking(probe("script", weight=-60)))
    scene.result("script", 0.1, Outcome.ERROR)
    assert scene.entries(PriorityChanged)[-1].new == 90


def test_weight_zero_is_a_fault_until_it_is_well() -> None:
    """Fault resigns with priority 0; recovery is Backup for Master_Down_Interval."""
    scene = Scene().start(tracking(probe("haproxy")))
    assert scene.entries(FaultsChanged)[-1].blocked == ("probe haproxy has no result yet",)
    assert (scene.roles(), scene.engine.deadline()) == ([], GRACE)
    scene.result("haproxy", 1.0)
    scene.run(1 + DOWN)
    scene.result("haproxy", 6.0, Outcome.FAIL)
    assert scene.sent[-1] == ("VI_1", 0)
    assert scene.held == {"VI_1": False}
    scene.result("haproxy", 7.0)
    assert scene.roles() == [Role.BACKUP, Role.MASTER, Role.FAULT, Role.BACKUP]
    assert scene.engine.deadline() == pytest.approx(7 + DOWN)


def test_two_faults_need_two_recoveries_in_any_order() -> None:
    """Faults are recomputed, not counted: keepalived's start-up race cannot happen."""
    scene = Scene().start(tracking(probe("a"), probe("b")))
    scene.result("a", 0.1, Outcome.FAIL)
    assert scene.roles() == [Role.FAULT]
    scene.result("a", 0.2)
    assert scene.roles() == [Role.FAULT, Role.INIT]
    scene.result("b", 0.3)
    assert scene.roles() == [Role.FAULT, Role.INIT, Role.BACKUP]


def test_a_probe_added_by_reload_does_not_stop_a_master() -> None:
    """Without a result yet it blocks a start, never a running router; its failure is a fault."""
    scene = master()
    scene.engine.configure(tracking(probe("new")), "test", Seconds(5.0))
    assert scene.roles()[-1] is Role.MASTER
    scene.result("new", 5.1, Outcome.FAIL)
    assert scene.roles()[-1] is Role.FAULT


def test_link_down_is_a_fault_and_nothing_is_sent() -> None:
    """Nothing can leave through a dead link; the addresses are given up; up again means Backup."""
    scene = master()
    scene.sent.clear()
    scene.engine.link_changed(replace(UP, up=False), Seconds(5.0))
    assert (scene.roles()[-1], scene.sent, scene.held) == (Role.FAULT, [], {"VI_1": False})
    assert scene.entries(StateChanged)[-1].blocked == ("interface eth0 is down",)
    scene.engine.link_changed(UP, Seconds(6.0))
    assert scene.roles()[-1] is Role.BACKUP
    assert scene.engine.deadline() == pytest.approx(6 + DOWN)


def test_the_same_link_again_is_no_news() -> None:
    """Repeated dumps change nothing."""
    scene = master()
    before = list(scene.journal)
    scene.engine.link_changed(UP, Seconds(9.0))
    assert scene.journal == before


@pytest.mark.parametrize("role", [Role.BACKUP, Role.MASTER])
def test_a_bad_packet_changes_no_state_and_no_timer(role: Role) -> None:
    """RFC 3768 7.1, RFC 9568 7.1: discard; keepalived restarts the Master's timer here."""
    scene = Scene().start(ALONE) if role is Role.BACKUP else master()
    due, roles = scene.engine.deadline(), scene.roles()
    scene.hear(200, 3.7, spoil=True)
    assert (scene.engine.deadline(), scene.roles()) == (due, roles)
    rejected = scene.entries(AdvertRejected)
    assert [(each.instance, each.source, each.rejection) for each in rejected] == [("VI_1", OTHER, Rejection.CHECKSUM)]


def test_an_unknown_vrid_is_counted_for_no_instance() -> None:
    """Neighbours may use the same network for other virtual routers."""
    scene = Scene().start(ALONE)
    scene.hear(200, 0.5, vrid=99)
    assert [(each.instance, each.rejection) for each in scene.entries(AdvertRejected)] == [("", Rejection.VRID)]


def test_a_higher_priority_is_followed() -> None:
    """Master yields; the entry names who."""
    scene = master()
    scene.hear(200, 4.0)
    change = scene.entries(StateChanged)[-1]
    assert (change.new, change.reason, change.peer) == (Role.BACKUP, Reason.HIGHER_PRIORITY, Peer(OTHER, 200))
    assert scene.engine.deadline() == pytest.approx(4 + DOWN)


def test_an_advertisement_that_puts_the_deadline_off_arms_no_timer() -> None:
    """Hundreds come in each second; the timer that is armed finds out by itself."""
    scene = Scene().start(ALONE)
    assert not scene.hear(200, 1.0)
    assert scene.engine.deadline() == pytest.approx(1.0 + DOWN)
    assert scene.hear(0, 1.5)
    assert not scene.hear(200, 1.6, spoil=True)


def test_priority_zero_means_skew_time() -> None:
    """A Master that resigns is replaced after Skew_Time."""
    scene = Scene().start(ALONE)
    scene.hear(200, 1.0)
    scene.hear(0, 1.5)
    assert scene.engine.deadline() == pytest.approx(1.5 + SKEW)
    scene.run(3.0)
    assert scene.entries(StateChanged)[-1].reason is Reason.PRIORITY_ZERO


def test_a_flapping_probe_cannot_postpone_a_takeover() -> None:
    """keepalived adds up to a whole Master_Down_Interval at each change of weight."""
    scene = Scene().start(tracking(probe("flaps", weight=-10)))
    scene.result("flaps", 0.1)
    scene.hear(200, 0.2)
    now = 0.2
    while now < 3.9 and scene.roles()[-1] is not Role.MASTER:
        now = scene.run(now + 0.5)
        scene.result("flaps", now, Outcome.FAIL if int(now * 2) % 2 else Outcome.OK)
    assert scene.roles()[-1] is Role.MASTER


def test_reload_without_a_difference_touches_nothing() -> None:
    """No packet, no address, no change of state; one entry that says so."""
    scene = master()
    sent, held = list(scene.sent), dict(scene.held)
    due = scene.engine.deadline()
    scene.engine.configure(ALONE, "test", Seconds(4.0))
    assert (scene.sent, scene.held, scene.engine.deadline()) == (sent, held, due)
    assert scene.entries(Configured)[-1] == Configured(Seconds(4.0), "test")


def test_reload_removes_adds_and_changes() -> None:
    """Gone: resigned. New: started. Changed priority: advertised at once."""
    scene = master()
    other = replace(INSTANCE, name="VI_2", virtual_router_id=52)
    scene.engine.configure(Configuration(instances=(other,)), "test", Seconds(4.0))
    assert scene.sent[-1] == ("VI_1", 0)
    assert scene.held["VI_1"] is False
    assert scene.entries(Configured)[-1] == Configured(Seconds(4.0), "test", added=("VI_2",), removed=("VI_1",))
    scene.run(4 + DOWN)
    changed = replace(other, priority=120)
    scene.engine.configure(Configuration(instances=(changed,)), "test", Seconds(8.0))
    assert scene.sent[-1] == ("VI_2", 120)
    assert scene.entries(Configured)[-1].changed == ("VI_2",)


def test_reload_with_other_addresses_holds_and_announces_them() -> None:
    """A Master takes a new virtual address at once, without a change of state."""
    scene = master()
    more = (*INSTANCE.virtual_ipaddress, IPv4Interface("192.0.2.101/32"))
    rounds, roles = len(scene.announced), scene.roles()
    scene.engine.configure(Configuration(instances=(replace(INSTANCE, virtual_ipaddress=more),)), "t", Seconds(4.0))
    assert (len(scene.announced), scene.roles()) == (rounds + 1, roles)


def test_a_renamed_master_stays_master() -> None:
    """The name is no identity: desired under the new name before it is given up under the old one."""
    scene = master()
    scene.engine.configure(Configuration(instances=(replace(INSTANCE, name="new"),)), "test", Seconds(4.0))
    assert scene.held == {"VI_1": False, "new": True}
    assert scene.sent[-1][1] == 150


def test_reload_keeps_the_verdict_of_the_same_question() -> None:
    """A probe asked otherwise has no result, but weighs as before until its first; other limits keep the verdict."""
    scene = Scene().start(tracking(probe("a", weight=-10)))
    scene.result("a", 0.5, Outcome.FAIL)
    scene.engine.configure(tracking(probe("a", weight=-20, rise=3)), "test", Seconds(1.0))
    assert scene.entries(PriorityChanged)[-1].new == 130
    asked_otherwise = replace(probe("a", weight=-20), options="other")
    scene.engine.configure(tracking(asked_otherwise), "test", Seconds(2.0))
    assert scene.entries(PriorityChanged)[-1].new == 130
    scene.result("a", 2.1)
    assert scene.entries(PriorityChanged)[-1].new == 150


def test_a_reload_does_not_take_a_positive_weight_away_for_a_moment() -> None:
    """Else a peer with fast_preempt could take over before the first result."""
    scene = Scene().start(tracking(probe("a", weight=20)))
    scene.result("a", 0.5)
    scene.run(5.0)
    scene.sent.clear()
    asked_otherwise = replace(probe("a", weight=20), options="other")
    scene.engine.configure(tracking(asked_otherwise), "test", Seconds(5.0))
    scene.run(7.0)
    assert set(scene.sent) == {("VI_1", 170)}


def test_results_of_a_probe_that_is_gone_are_dropped() -> None:
    """A late result after a reload means nothing."""
    scene = Scene().start(ALONE)
    scene.result("gone", 1.0)
    assert scene.entries(ProbeChecked) == []


def test_shutdown_resigns_first() -> None:
    """Priority 0, then the addresses, then nothing more."""
    scene = master()
    scene.engine.shutdown(Seconds(5.0))
    assert scene.sent[-1] == ("VI_1", 0)
    assert (scene.held, scene.engine.deadline()) == ({"VI_1": False}, None)
    assert scene.entries(StateChanged)[-1].reason is Reason.SHUTDOWN


def test_a_packet_before_the_first_address_is_ignored() -> None:
    """Without parameters there is nothing to judge it by."""
    scene = Scene().start(ALONE, replace(UP, addresses=()))
    scene.hear(200, 1.0)
    assert scene.entries(AdvertReceived) == []
    assert scene.entries(AdvertRejected) == []


def test_in_fault_the_master_is_still_heard() -> None:
    """An operator sees who is Master although this host takes no part."""
    scene = master()
    scene.engine.link_changed(replace(UP, addresses=()), Seconds(5.0))
    scene.hear(120, 5.5)
    assert scene.entries(AdvertReceived)[-1].discarded is Discard.NOT_TAKING_PART


def test_an_early_tick_is_harmless() -> None:
    """The driver may call too early."""
    scene = master()
    before = list(scene.journal)
    scene.engine.tick(Seconds(DOWN + 0.1))
    assert scene.journal == before


def test_a_new_source_address_is_used_without_a_change_of_state() -> None:
    """The interface got another primary address."""
    scene = master()
    roles = scene.roles()
    scene.engine.link_changed(replace(UP, addresses=(OTHER, OWN)), Seconds(4.2))
    assert scene.roles() == roles


def test_track_weight_overrides_the_probe() -> None:
    """keepalived.conf(5) track_script: the weight given there counts."""
    configuration = tracking(probe("a", weight=-60))
    instance = replace(configuration.instances[0], track=(Track("a", -5),))
    scene = Scene().start(replace(configuration, instances=(instance,)))
    scene.result("a", 0.5, Outcome.FAIL)
    assert scene.entries(PriorityChanged)[-1].new == 145


def test_a_master_that_was_away_gives_up_before_it_sends() -> None:
    """Frozen or asleep for longer than Master_Down_Interval: somebody else is Master by now."""
    scene = master()
    scene.sent.clear()
    scene.engine.tick(Seconds(DOWN + 60))
    assert (scene.sent, scene.held) == ([], {"VI_1": False})
    assert scene.entries(StateChanged)[-1].reason is Reason.PAUSED


def resumed(configuration: Configuration, advertised_at: float, now: float) -> Scene:
    """A daemon that was started anew; the last advertisement of the one before left at `advertised_at`."""
    scene = Scene()
    scene.engine.link_changed(UP, Seconds(now))
    past = Past({identity(configuration.instances[0]): Seconds(advertised_at)})
    scene.engine.configure(configuration, "test", Seconds(now), past)
    return scene


def test_a_daemon_that_was_gone_for_a_moment_goes_on_as_master() -> None:
    """Within Master_Down_Interval of its last advertisement: no failover, no waiting for probes."""
    scene = resumed(tracking(probe("haproxy")), advertised_at=100.0, now=101.5)
    assert (scene.roles(), scene.sent, scene.held) == ([Role.MASTER], [("VI_1", 150)], {"VI_1": True})
    assert scene.entries(StateChanged)[-1].reason is Reason.RESUMED
    scene.result("haproxy", 101.6, Outcome.FAIL)
    assert scene.roles() == [Role.MASTER, Role.FAULT]


def test_a_daemon_that_was_gone_too_long_is_backup() -> None:
    """Somebody else may be Master by now."""
    scene = resumed(ALONE, advertised_at=100.0, now=100.0 + DOWN)
    assert (scene.roles(), scene.sent) == ([Role.BACKUP], [])


def test_resuming_is_for_the_start_only() -> None:
    """A fault that ends later is a start like any other."""
    scene = resumed(ALONE, advertised_at=100.0, now=100.5)
    scene.engine.link_changed(replace(UP, up=False), Seconds(100.6))
    scene.engine.link_changed(UP, Seconds(100.7))
    assert scene.roles() == [Role.MASTER, Role.FAULT, Role.BACKUP]


def test_advertise_out_of_turn() -> None:
    """Masters only; the schedule goes on as before."""
    scene = master(Configuration(instances=(INSTANCE, replace(INSTANCE, name="VI_2", virtual_router_id=52))))
    scene.engine.link_changed(UP, Seconds(DOWN))
    scene.sent.clear()
    due = scene.engine.deadline()
    scene.engine.advertise(Seconds(DOWN + 0.5))
    assert scene.sent == [("VI_1", 150), ("VI_2", 150)]
    assert scene.engine.deadline() == due
    scene.hear(200, DOWN + 0.6)
    scene.sent.clear()
    scene.engine.advertise(Seconds(DOWN + 0.7))
    assert scene.sent == [("VI_2", 150)]


def test_a_restart_does_not_take_a_positive_weight_away_for_a_moment() -> None:
    """The Master that resumes advertises what it advertised before, until its probes have told anew."""
    scene = Scene()
    scene.engine.link_changed(UP, Seconds(100.0))
    past = Past({identity(INSTANCE): Seconds(99.5)}, {"a": True})
    scene.engine.configure(tracking(probe("a", weight=20)), "test", Seconds(100.0), past)
    scene.run(102.0)
    assert set(scene.sent) == {("VI_1", 170)}
    scene.result("a", 102.0, Outcome.FAIL)
    assert scene.sent[-1] == ("VI_1", 150)
