"""Who else has the addresses: questions, answers, and what they lead to."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv6Interface

import pytest

from tests.engine.scene import INSTANCE, OWN, UP, VIP, Scene
from vrrpd.config.model import Configuration, Instance
from vrrpd.engine.claims import AHEAD_MOST, ANSWER_WINDOW, CHECK_FIRST, CHECK_INTERVAL, DEFEND_INTERVAL, ahead
from vrrpd.engine.journal import AddressConflict, OwnerAnswered, Role, StateChanged
from vrrpd.protocol.messages import Reason, Seconds

DOWN = 3 + (256 - 150) / 256
MAC = "02:00:00:00:00:0b"


def guarded(guard: str, **more: object) -> Scene:
    instance = replace(INSTANCE, takeover_guard=guard, **more)  # type: ignore[arg-type]
    return Scene().start(Configuration(instances=(instance,)))


def master() -> Scene:
    """Master since `DOWN`; the guard was off."""
    scene = guarded("off")
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
    assert scene.asked == [("VI_1", OWN)]
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


def test_a_master_asks_now_and_then() -> None:
    scene = master()
    scene.run(DOWN + CHECK_FIRST - 0.001)
    assert scene.asked == []
    scene.run(DOWN + CHECK_FIRST + 2 * CHECK_INTERVAL)
    assert scene.asked == [("VI_1", OWN)] * 3


def test_a_conflict_is_told_and_answered() -> None:
    """Announce again at 0, 1, 3 and 10 s."""
    scene = master()
    scene.run(20.0)
    before = len(scene.announced)
    claim(scene, 20.0)
    assert scene.entries(AddressConflict) == [AddressConflict(Seconds(20.0), "VI_1", VIP.ip, MAC)]
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
    scene.run(20 + DEFEND_INTERVAL)
    claim(scene, 20 + DEFEND_INTERVAL)
    assert len(scene.announced) - before == 5


def test_the_last_words_of_the_old_master_are_no_conflict() -> None:
    """They are answered all the same: somebody may have heard them."""
    scene = master()
    claim(scene, DOWN + 0.1)
    assert scene.entries(AddressConflict) == []
    assert len(scene.announced) == 2


def test_claims_of_other_addresses_are_not_ours() -> None:
    scene = master()
    claim(scene, 20.0, OWN)
    scene.engine.answered("eth1", VIP.ip, MAC, Seconds(20.0))
    assert scene.entries(AddressConflict) == []


def test_nothing_is_asked_in_init_or_for_ipv6() -> None:
    down = Scene()
    down.engine.configure(Configuration(instances=(INSTANCE,)), "test", Seconds(0.0))
    down.run(100.0)
    claim(down, 100.0)
    assert (down.asked, down.journal[-1:]) == ([], down.journal[-1:])
    assert down.entries(AddressConflict) == []
    address = IPv6Interface("fe80::100/128").ip
    six = Instance(
        name="VI_6",
        interface="eth0",
        virtual_router_id=51,
        virtual_ipaddress=(IPv6Interface("fe80::100/128"),),
        vrrp_version=3,
        takeover_guard="wait",
    )
    scene = Scene().start(Configuration(instances=(six,)), link=replace(UP, addresses=(address + 1,)))
    scene.run(30.0)
    assert (scene.asked, scene.roles()) == ([], [Role.BACKUP, Role.MASTER])


def test_the_question_goes_ahead_by_half_an_interval_at_most() -> None:
    fast = replace(INSTANCE, vrrp_version=3, advert_int=Seconds(0.02), virtual_ipaddress=(IPv4Interface("192.0.2.9"),))
    assert (ahead(INSTANCE), ahead(fast)) == (AHEAD_MOST, 0.01)
