"""Who else has the addresses: questions, answers, and what they lead to."""

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

import pytest

from tests.engine.scene import INSTANCE, OWN, UP, VIP, Scene
from vrrpd.config.model import Configuration, Instance, SyncGroup
from vrrpd.engine import engine
from vrrpd.engine.claims import (
    AHEAD_MOST,
    ANSWER_WINDOW,
    CHECK_FIRST,
    CHECK_LONGEST,
    CHECK_SHORTEST,
    DEFEND_DELAY,
    DEFEND_INTERVAL,
    QUIET_SHORTEST,
    ahead,
    pause_of,
)
from vrrpd.engine.journal import AddressConflict, OwnerAnswered, Role, StateChanged
from vrrpd.protocol.messages import Address, Reason, Seconds

DOWN = 3 + (256 - 150) / 256
QUESTION = -1
"""Among what was sent."""
MAC = "02:00:00:00:00:0b"


def guarded(guard: str, **more: object) -> Scene:
    instance = replace(INSTANCE, takeover_guard=guard, **more)  # type: ignore[arg-type]
    return Scene().start(Configuration(instances=(instance,)))


def master(**more: object) -> Scene:
    """Master since `DOWN`; the guard was off."""
    scene = guarded("off", **more)
    scene.run(DOWN)
    return scene


def claim(scene: Scene, now: float, address: IPv4Address = VIP.ip) -> None:
    scene.engine.answered("eth0", address, MAC, Seconds(now))


def test_asks_before_it_takes_over_and_is_not_late() -> None:
    """The question goes ahead; the takeover is when it always was."""
    scene = guarded("warn")
    scene.run(DOWN - AHEAD_MOST - 0.001)
    assert scene.asked == []
    scene.run(DOWN - 0.001)
    assert scene.asked == [(OWN, (VIP.ip,))]
    scene.run(DOWN)
    assert scene.entries(StateChanged)[-1].at == pytest.approx(DOWN)
    assert scene.roles()[-1] is Role.MASTER


def test_asks_anew_for_each_silence() -> None:
    """A Master that is heard again in the last moment is asked about again in the next silence."""
    scene = guarded("warn")
    scene.run(DOWN - 0.05)
    scene.hear(200, DOWN - 0.05)
    scene.run(2 * DOWN - 0.06)
    assert len(scene.asked) == 2
    assert scene.roles() == [Role.BACKUP]


def pair_of_a_group(guard: str) -> Scene:
    """Of one address, which `Scene.hear` says. A better Master of each is heard once."""
    one = replace(INSTANCE, takeover_guard=guard, sync_group="G")
    other = replace(one, name="VI_2", virtual_router_id=52)
    groups = (SyncGroup(name="G", instances=(one.name, other.name)),)
    scene = Scene().start(Configuration(instances=(one, other), sync_groups=groups))
    for vrid in (51, 52):
        scene.hear(200, 1.0, vrid=vrid)
    return scene


def run_late(scene: Scene, until: float, late: float) -> list[float]:
    """Every tick is late by so much. Returns when it became Master."""
    now = 0.0
    while (due := scene.engine.deadline()) is not None and due < until:
        now = max(now, due) + late
        scene.engine.tick(Seconds(now))
    return [each.at for each in scene.entries(StateChanged) if each.new is Role.MASTER]


@pytest.mark.parametrize("guard", ["warn", "wait"])
def test_late_words_of_masters_that_have_resigned_put_off_no_question(guard: str) -> None:
    """Both would have been asked about in time, and the takeover of a group is when it always was."""
    scene = pair_of_a_group(guard)
    for now, priority, vrid in ((1.5, 0, 51), (1.5, 0, 52), (1.503, 200, 52), (1.509, 200, 51)):
        scene.hear(priority, now, vrid=vrid)
        scene.run(now)
    assert run_late(scene, 30.0, 0.0002) == [pytest.approx(1.509 + DOWN, abs=0.01)] * 2


@pytest.mark.parametrize("guard", ["warn", "wait"])
def test_two_of_a_group_do_not_put_off_each_other_by_turns(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many routers that are due at once those of a group may be asked about in ticks that are apart."""
    monkeypatch.setattr(engine, "TICK_LIMIT", 1)
    assert run_late(pair_of_a_group(guard), 30.0, 0.005) == [pytest.approx(1.0 + DOWN, abs=AHEAD_MOST)] * 2


@pytest.mark.parametrize("guard", ["off", "warn"])
def test_takes_over_though_somebody_answers(guard: str) -> None:
    scene = guarded(guard)
    scene.run(DOWN - 0.05)
    claim(scene, DOWN - 0.04)
    scene.run(DOWN)
    assert scene.roles()[-1] is Role.MASTER
    told = [] if guard == "off" else [OwnerAnswered(Seconds(DOWN - 0.04), "VI_1", VIP.ip, MAC, waiting=False)]
    assert scene.entries(OwnerAnswered) == told


def test_waits_while_somebody_answers() -> None:
    """Asks again each advert_int, and takes over when nobody answers any more."""
    scene = guarded("wait")
    for again in range(3):
        scene.run(DOWN - 0.05 + again)
        assert len(scene.asked) == again + 1
        claim(scene, DOWN - 0.05 + again)
        scene.run(DOWN + again)
        assert scene.roles() == [Role.BACKUP]
    scene.run(DOWN + 2.999)
    assert scene.roles() == [Role.BACKUP]
    scene.run(DOWN + 3)
    assert scene.roles() == [Role.BACKUP, Role.MASTER]
    assert all(entry.waiting for entry in scene.entries(OwnerAnswered))


def test_an_answer_needs_time_even_if_the_question_was_late() -> None:
    """The daemon did not run when it should have asked."""
    scene = guarded("wait")
    scene.engine.tick(Seconds(DOWN + 5))
    assert (len(scene.asked), scene.roles()) == (1, [Role.BACKUP])
    scene.run(DOWN + 5 + AHEAD_MOST)
    assert scene.roles()[-1] is Role.MASTER


@pytest.mark.parametrize("guard", ["warn", "wait"])
def test_a_resignation_is_believed(guard: str) -> None:
    """Priority 0: Skew_Time, without a question, whoever still answers."""
    scene = guarded(guard)
    scene.hear(200, 1.0)
    scene.hear(0, 1.5)
    claim(scene, 1.6)
    scene.run(1.5 + DOWN - 3)
    assert scene.entries(StateChanged)[-1].reason is Reason.PRIORITY_ZERO
    assert scene.asked == []


def test_a_resignation_ends_the_wait() -> None:
    scene = guarded("wait")
    scene.run(DOWN - 0.05)
    claim(scene, DOWN - 0.05)
    scene.run(DOWN)
    scene.hear(0, DOWN + 0.1)
    scene.run(DOWN + 0.1 + DOWN - 3)
    assert scene.entries(StateChanged)[-1].reason is Reason.PRIORITY_ZERO


def test_the_masters_own_claims_mean_nothing_to_a_backup() -> None:
    """Its gratuitous ARP while it advertises; an answer that comes too late."""
    scene = guarded("warn")
    claim(scene, 1.0)
    scene.run(DOWN - 0.05)
    scene.hear(200, DOWN - 0.04)
    claim(scene, DOWN - 0.03)
    assert scene.entries(OwnerAnswered) == []
    late = guarded("wait", advert_int=Seconds(100.0))
    late.run(341.4 - AHEAD_MOST)
    claim(late, 341.4 + ANSWER_WINDOW)
    assert late.entries(OwnerAnswered) == []


def test_a_master_asks_just_before_each_advertisement() -> None:
    """Its advertisement makes a rival yield, maybe in silence; asked before, that one has said that it was there."""
    scene = master()
    scene.run(DOWN + CHECK_FIRST - 0.001)
    assert scene.asked == []
    for each in range(1, 5):
        sent = len(scene.sent)
        scene.engine.tick(Seconds(scene.run(DOWN + each - 0.001) + 0.001))
        assert (len(scene.asked), len(scene.sent)) == (each, sent + 1)
    assert set(scene.asked) == {(OWN, (VIP.ip,))}


def test_the_question_leaves_first() -> None:
    class Ordered(Scene):
        def ask(self, instance: Instance, source: Address, addresses: Sequence[Address]) -> None:
            super().ask(instance, source, addresses)
            self.sent.append((instance.name, QUESTION))

    scene = Ordered().start(Configuration(instances=(INSTANCE,)))
    scene.run(DOWN + CHECK_FIRST + 2.001)
    assert [octet for _, octet in scene.sent[1:]] == [QUESTION, 150] * 3


def test_a_master_asks_for_one_address_at_a_time() -> None:
    """However many they are, an advertisement is not kept waiting; each has its turn."""
    several = tuple(IPv4Interface(f"192.0.2.{each}/32") for each in (100, 101, 102))
    scene = master(virtual_ipaddress=several)
    scene.run(DOWN + CHECK_FIRST + 5.001)
    asked = [addresses for _, addresses in scene.asked]
    assert {len(addresses) for addresses in asked} == {1}
    assert set(asked[:3]) == set(asked[3:]) == {(each.ip,) for each in several}


@pytest.mark.parametrize(("interval", "fewest", "most"), [(0.02, 80, 100), (30.0, 2, 3)])
def test_a_master_asks_neither_too_often_nor_too_seldom(interval: float, fewest: int, most: int) -> None:
    """In so many intervals of the shortest, of the longest kind."""
    scene = guarded("off", vrrp_version=3, advert_int=Seconds(interval))
    begun = scene.run(4 * interval)
    span = 100 * CHECK_SHORTEST if interval < CHECK_SHORTEST else 3 * CHECK_LONGEST
    scene.run(begun + max(CHECK_FIRST, CHECK_LONGEST))
    before = len(scene.asked)
    scene.run(begun + max(CHECK_FIRST, CHECK_LONGEST) + span)
    assert fewest <= len(scene.asked) - before <= most


def test_another_dispute_is_answered_at_once() -> None:
    """A split that heals twice in ten seconds leaves its black hole twice."""
    scene = master()
    scene.run(20.0)
    claim(scene, 20.0)
    second = 20.0 + QUIET_SHORTEST + 0.1
    scene.run(second)
    before = len(scene.announced)
    claim(scene, second)
    scene.run(second + DEFEND_DELAY)
    assert len(scene.announced) == before + 1


def test_a_conflict_is_told_and_answered() -> None:
    """Announce again at 0, 1, 3 and 10 s, after a moment."""
    scene = master()
    scene.run(20.0)
    before = len(scene.announced)
    claim(scene, 20.0)
    assert scene.entries(AddressConflict) == [AddressConflict(Seconds(20.0), "VI_1", VIP.ip, MAC)]
    assert len(scene.announced) == before
    scene.run(20.0 + DEFEND_DELAY)
    assert len(scene.announced) - before == 1
    scene.run(31.0)
    assert len(scene.announced) - before == 4


def test_a_flood_of_claims_is_bounded() -> None:
    """One entry a second; the rounds are not begun anew until they are over (RFC 5227 2.4)."""
    scene = master()
    scene.run(20.0)
    before = len(scene.announced)
    for each in range(900):
        scene.run(20 + each / 100)
        claim(scene, 20 + each / 100)
    assert len(scene.entries(AddressConflict)) == 9
    assert len(scene.announced) - before == 3
    over = scene.run(20 + DEFEND_DELAY + DEFEND_INTERVAL)
    claim(scene, over)
    scene.run(over + DEFEND_DELAY)
    assert len(scene.announced) - before == 5


def test_who_yields_does_not_defend() -> None:
    """Both have heard the other claim; the last word in the caches of the neighbours must be the winner's."""
    scene = master()
    scene.run(20.2)
    before = len(scene.announced)
    claim(scene, 20.2)
    scene.hear(200, 20.2 + DEFEND_DELAY / 2)
    scene.run(23.0)
    assert scene.roles()[-1] is Role.BACKUP
    assert len(scene.announced) == before


def test_the_last_words_of_the_old_master_are_no_conflict() -> None:
    """They are answered all the same: somebody may have heard them."""
    scene = master()
    claim(scene, DOWN + 0.1)
    assert scene.entries(AddressConflict) == []
    scene.run(DOWN + 0.1 + DEFEND_DELAY)
    assert len(scene.announced) == 2


def test_claims_of_other_addresses_are_not_ours() -> None:
    scene = master()
    claim(scene, 20.0, OWN)
    scene.engine.answered("eth1", VIP.ip, MAC, Seconds(20.0))
    assert scene.entries(AddressConflict) == []


def test_nothing_is_asked_in_init() -> None:
    down = Scene()
    down.engine.configure(Configuration(instances=(INSTANCE,)), "test", Seconds(0.0))
    down.run(100.0)
    claim(down, 100.0)
    assert (down.asked, down.journal[-1:]) == ([], down.journal[-1:])
    assert down.entries(AddressConflict) == []


def test_ipv6_asks_and_waits_as_ipv4_does() -> None:
    """From the link-local address of the interface: before the takeover, then before each advertisement."""
    vip = IPv6Interface("2001:db8::100/128")
    own = IPv6Address("fe80::1")
    six = replace(INSTANCE, virtual_ipaddress=(vip,), vrrp_version=3, takeover_guard="wait")
    scene = Scene().start(Configuration(instances=(six,)), link=replace(UP, addresses=(own,)))
    scene.run(DOWN - 0.05)
    assert scene.asked == [(own, (vip.ip,))]
    scene.engine.answered("eth0", vip.ip, MAC, Seconds(DOWN - 0.04))
    scene.run(DOWN + 0.9)
    assert scene.roles() == [Role.BACKUP]
    scene.run(DOWN + 4)
    assert scene.roles()[-1] is Role.MASTER
    scene.engine.answered("eth0", vip.ip, MAC, Seconds(DOWN + 4))
    assert scene.entries(AddressConflict)[-1].address == vip.ip
    assert len(scene.asked) > 3


def test_the_question_goes_ahead_by_half_an_interval_at_most() -> None:
    fast = replace(INSTANCE, vrrp_version=3, advert_int=Seconds(0.02), virtual_ipaddress=(IPv4Interface("192.0.2.9"),))
    assert (ahead(INSTANCE), ahead(fast)) == (AHEAD_MOST, 0.01)


@pytest.mark.parametrize("guard", ["warn", "wait"])
def test_a_living_master_is_preempted_without_a_question(guard: str) -> None:
    """It is no silent one: it answers for its addresses because it has them, until it hears its better."""
    scene = guarded(guard, fast_preempt=False)
    for instant in (1.0, 2.0, 3.0):
        scene.run(instant)
        scene.hear(100, instant)
        claim(scene, instant)
    scene.run(DOWN)
    assert (scene.asked, scene.roles()[-1]) == ([], Role.MASTER)


def test_a_master_that_falls_silent_while_it_is_being_preempted_is_asked_about() -> None:
    scene = guarded("wait", fast_preempt=False)
    scene.hear(100, 0.1)
    scene.run(DOWN - 0.05)
    claim(scene, DOWN - 0.05)
    scene.run(DOWN + 0.9)
    assert (len(scene.asked), scene.roles()[-1]) == (2, Role.BACKUP)


def test_silence_is_as_long_as_master_down_interval_says() -> None:
    """With down_timer_adverts = 2 it is asked before that, not before three intervals."""
    scene = guarded("warn", down_timer_adverts=2)
    scene.run(DOWN - 1 - 0.001)
    assert scene.asked == [(OWN, (VIP.ip,))]


@pytest.mark.parametrize(("count", "pause"), [(1, CHECK_SHORTEST), (64, 0.5), (96, 1.0), (255, 3.484375), (9999, 10.0)])
def test_hundreds_of_masters_ask_less_often(count: int, pause: float) -> None:
    """About `QUESTIONS_A_SECOND` of a host, up to 96 with each advertisement; none more seldom than `CHECK_LONGEST`."""
    assert pause_of(count) == pause


def test_a_master_among_hundreds_asks_with_each_fourth_advertisement() -> None:
    instances = [replace(INSTANCE, name=f"VI_{vrid}", virtual_router_id=vrid) for vrid in range(1, 256)]
    scene = Scene().start(Configuration(instances=tuple(instances)))
    scene.run(DOWN + 1.5)
    scene.asked.clear()
    scene.run(DOWN + 1.5 + 40.0)
    assert len(scene.asked) == pytest.approx(255 * 10, abs=255)
