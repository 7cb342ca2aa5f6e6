"""The reconciler on a kernel of paper, under virtual time: what it asks for, announces and tells, and when."""

import asyncio
import errno
import itertools
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_address
from typing import cast

import pytest

from tests.linux.paper import ETH0, ONE, Kernel, Scene, never, play
from tests.linux.rows import A, B, held, instance
from tests.virtual_time import run_virtual
from vrrpd.config.model import Instance
from vrrpd.engine.journal import AddressFailed, Announced, NetlinkOverrun, SendFailed
from vrrpd.engine.lease import MANY
from vrrpd.linux import changes
from vrrpd.linux.addresses import LEAVE_PATIENCE, SETTLE_MOST, SETTLE_TIMEOUT, Addresses
from vrrpd.linux.announcer import Announcer
from vrrpd.linux.kernel import Kernel as Netlink
from vrrpd.linux.netlink import ANSWER_TIMEOUT
from vrrpd.linux.news import Event
from vrrpd.linux.pace import LOOK_PAUSE, RETRY_FIRST, RETRY_LAST, SWEEP_SECONDS
from vrrpd.protocol.messages import Address, Seconds


def test_hold_then_announce_adds_first() -> None:
    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        scene.addresses.announce(ONE, 5)
        assert scene.take() == []
        await scene.rest()
        assert scene.take() == [f"+{A}/32", f"{A} x5"]
        assert scene.words() == ["VI_1 added"]
        assert [each for each in scene.entries if isinstance(each, Announced)] == [
            Announced(Seconds(1000), "VI_1", ip_address(A), 5)
        ]
        scene.addresses.announce(ONE, 1)
        assert scene.take() == [f"{A} x1"]

    play(act)


def test_release() -> None:
    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        await scene.rest()
        scene.addresses.hold(ONE, False)
        await scene.addresses.settle()
        assert scene.kernel.held == []
        assert scene.words() == ["VI_1 added", "VI_1 removed"]
        scene.addresses.announce(ONE, 1)
        await scene.rest()
        assert scene.take()[-1] == f"-{A}/32"

    play(act)


def test_settle_waits() -> None:
    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        await scene.rest()
        scene.kernel.slow = 0.2
        scene.addresses.hold(ONE, False)
        await scene.addresses.settle()
        assert scene.kernel.held == []

    play(act)


def test_settle_waits_while_addresses_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds take a busy machine longer than a second; what an owner leaves there would stay for ever."""
    monkeypatch.setattr(changes, "AT_ONCE", 2)
    many = [f"192.0.2.{number}" for number in range(101, 107)]

    async def act(scene: Scene) -> None:
        everything = instance(*many)
        scene.addresses.manage((everything,))
        scene.addresses.hold(everything, True)
        await scene.rest()
        scene.kernel.slow = 0.4
        scene.addresses.hold(everything, False)
        await scene.addresses.settle()
        assert scene.kernel.held == []
        assert scene.take()[-1] == f"-{many[-1]}/32"

    play(act)


def test_settle_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are: the rest is for their leases."""
    monkeypatch.setattr(changes, "AT_ONCE", 2)
    many = [f"192.0.2.{number}" for number in range(101, 131)]

    async def act(scene: Scene) -> None:
        loop = asyncio.get_running_loop()
        everything = instance(*many)
        scene.addresses.manage((everything,))
        scene.addresses.hold(everything, True)
        await scene.rest()
        scene.kernel.slow = 0.5
        scene.addresses.hold(everything, False)
        begun = loop.time()
        await scene.addresses.settle()
        assert SETTLE_MOST <= loop.time() - begun <= SETTLE_MOST + SETTLE_TIMEOUT

    play(act)


def test_release_while_being_added() -> None:
    """What was given up in the meantime is neither added after that, nor announced."""
    both = instance(A, B)

    async def act(scene: Scene) -> None:
        scene.kernel.slow = 0.1
        scene.addresses.hold(both, True)
        scene.addresses.announce(both, 5)
        await scene.rest()
        scene.addresses.hold(both, False)
        await scene.addresses.settle()
        assert scene.take() == [f"+{A}/32", f"-{A}/32"]

    play(act)


def test_a_new_address_of_a_master_is_announced_unasked() -> None:
    """After a reload the engine only holds."""

    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        await scene.rest()
        scene.take()
        scene.addresses.hold(instance(A, B), True)
        await scene.rest()
        assert scene.take() == [f"+{B}/32", f"{B} x2"]

    play(act)


def test_what_somebody_deletes_is_put_back_and_announced() -> None:
    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        await scene.rest()
        scene.take()
        scene.kernel.held.clear()
        scene.addresses.changed(Event(ETH0.index))
        await asyncio.sleep(LOOK_PAUSE)
        await scene.rest()
        assert scene.take() == [f"+{A}/32", f"{A} x2"]
        assert scene.words() == ["VI_1 added", "VI_1 lost", "VI_1 restored"]

    play(act)


def test_a_loss_that_a_look_came_too_early_for_is_made_good_once() -> None:
    """The look has the address, the event that came meanwhile does not: nothing is restored until it is added."""

    async def act(scene: Scene) -> None:
        def once() -> None:
            scene.kernel.after_look = lambda: None
            scene.kernel.held.clear()
            scene.addresses.changed(Event(ETH0.index, gone=(ip_address(A), 32)))

        scene.addresses.hold(ONE, True)
        await scene.rest()
        scene.addresses.changed(Event(ETH0.index, renewed=ip_address(A)))
        scene.take()
        scene.kernel.after_look = once
        scene.addresses.look()
        await asyncio.sleep(1)
        assert scene.take() == [f"+{A}/32", f"{A} x2"]
        assert scene.words() == ["VI_1 added", "VI_1 lost", "VI_1 restored"]
        assert [each.address for each in scene.kernel.held] == [ip_address(A)]

    play(act)


def test_what_somebody_puts_back_before_us_is_announced_too() -> None:
    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        await scene.rest()
        scene.take()
        scene.kernel.held.clear()
        scene.kernel.refuse = [errno.ENOBUFS]
        scene.addresses.changed(Event(ETH0.index))
        await asyncio.sleep(LOOK_PAUSE)
        await scene.rest()
        scene.kernel.held.append(held(A))
        await asyncio.sleep(1)
        assert scene.take() == [f"+{A}/32", f"{A} x2"]
        assert scene.words()[-1] == "VI_1 restored"

    play(act)


def test_without_an_event_the_sweep_finds_it() -> None:
    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        await scene.rest()
        scene.kernel.held.clear()
        await asyncio.sleep(SWEEP_SECONDS + LOOK_PAUSE)
        assert scene.words()[-1] == "VI_1 restored"

    play(act)


def test_events_of_other_interfaces_cost_nothing() -> None:
    async def act(scene: Scene) -> None:
        looks = scene.kernel.looks
        scene.addresses.changed(Event(99))
        scene.addresses.changed(Event(98, "docker0"))
        await asyncio.sleep(1)
        assert scene.kernel.looks == looks
        scene.addresses.changed(Event(97, "eth0"))
        await asyncio.sleep(1)
        assert scene.kernel.looks == looks + 1

    play(act)


def test_an_event_during_a_look_is_never_lost() -> None:
    """Its interface may be one that the look has not told of yet."""

    async def act(scene: Scene) -> None:
        def once() -> None:
            scene.kernel.during_look = lambda: None
            scene.addresses.changed(Event(99))

        scene.kernel.during_look = once
        looks = scene.kernel.looks
        scene.addresses.look()
        await asyncio.sleep(1)
        assert scene.kernel.looks == looks + 2

    play(act)


def test_a_storm_of_events_is_a_few_looks() -> None:
    async def act(scene: Scene) -> None:
        looks = scene.kernel.looks
        for _ in range(1000):
            scene.addresses.changed(Event(ETH0.index))
            await asyncio.sleep(0.001)
        assert scene.kernel.looks - looks < 60

    play(act)


def test_an_overrun_is_told_and_everything_is_looked_at() -> None:
    async def act(scene: Scene) -> None:
        looks = scene.kernel.looks
        scene.addresses.overrun()
        await asyncio.sleep(LOOK_PAUSE)
        await scene.rest()
        assert scene.kernel.looks == looks + 1
        assert [type(each) for each in scene.entries] == [NetlinkOverrun]

    play(act)


def test_what_the_kernel_refuses_is_tried_again_ever_more_slowly() -> None:
    async def act(scene: Scene) -> None:
        scene.kernel.refuse = [errno.ENOBUFS] * 3
        scene.addresses.hold(ONE, True)
        await asyncio.sleep(RETRY_FIRST * 20)
        failures = [each for each in scene.entries if isinstance(each, AddressFailed)]
        assert [(each.adding, each.error) for each in failures] == [(True, "ENOBUFS")] * 3
        gaps = [late.at - early.at for early, late in itertools.pairwise(failures)]
        assert gaps == pytest.approx([RETRY_FIRST * 2, RETRY_FIRST * 4])
        assert scene.words() == ["VI_1 added"]

    play(act)


def test_what_cannot_be_put_back_is_told_to_be_gone() -> None:
    """Observers show the kernel's truth; and what is given up while it is gone, is not told a second time."""

    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        await scene.rest()
        scene.kernel.held.clear()
        scene.kernel.refuse = [errno.EPERM] * 10
        await asyncio.sleep(SWEEP_SECONDS + LOOK_PAUSE)
        assert scene.words() == ["VI_1 added", "VI_1 lost"]
        scene.addresses.hold(ONE, False)
        await asyncio.sleep(SWEEP_SECONDS)
        assert scene.words() == ["VI_1 added", "VI_1 lost"]

    play(act)


def test_what_fails_in_between_does_not_put_off_the_next_look() -> None:
    """Each note fails at once; the kernel is looked at in time nevertheless."""

    async def act(scene: Scene) -> None:
        looks = scene.kernel.looks
        scene.kernel.refuse = [errno.EPERM] * 1000
        for _ in range(100):
            scene.addresses.hold(ONE, True)
            await asyncio.sleep(0.1)
        assert scene.kernel.looks - looks >= 10 / RETRY_LAST

    play(act)


def test_a_kernel_without_an_answer_is_not_asked_for_the_rest() -> None:
    """Each question would take its two seconds; what is noted in the meantime comes next."""
    many = instance(*(f"192.0.2.{i}" for i in range(100, 120)))

    async def act(scene: Scene) -> None:
        scene.kernel.slow, scene.kernel.refuse = ANSWER_TIMEOUT, [errno.ETIMEDOUT]
        scene.addresses.hold(many, True)
        await asyncio.sleep(ANSWER_TIMEOUT + RETRY_FIRST / 2)
        assert scene.take() == ["+192.0.2.100/32"]
        scene.addresses.hold(many, False)
        scene.addresses.hold(ONE, True)
        await asyncio.sleep(ANSWER_TIMEOUT)
        assert scene.take() == [f"+{A}/32", f"{A} x2"]

    play(act)


def test_start_does_not_need_an_answer_to_a_removal() -> None:
    """`run` tries again."""

    async def act(scene: Scene) -> None:
        assert scene.words() == []
        scene.addresses.look()
        await asyncio.sleep(1)
        assert scene.words() == ["VI_1 leftover_removed"]

    play(act, Kernel(held=[held(A, marked=False)], refuse=[errno.ETIMEDOUT]))


def test_of_two_announcements_that_wait_the_larger_is_kept() -> None:
    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        scene.addresses.announce(ONE, 5)
        scene.addresses.announce(ONE, 1)
        await scene.rest()
        assert scene.take() == [f"+{A}/32", f"{A} x5"]

    play(act)


def test_nothing_is_announced_while_it_is_being_removed() -> None:
    """Taken again in that moment, it is added again first."""

    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        await scene.rest()
        scene.take()
        scene.kernel.slow = 0.1
        scene.addresses.hold(ONE, False)
        await scene.rest()
        scene.addresses.hold(ONE, True)
        scene.addresses.announce(ONE, 5)
        await asyncio.sleep(1)
        assert scene.take() == [f"-{A}/32", f"+{A}/32", f"{A} x5"]
        assert scene.words() == ["VI_1 added", "VI_1 removed", "VI_1 added"]

    play(act)


def test_a_reload_that_renames_an_instance_renames_what_is_told() -> None:
    async def act(scene: Scene) -> None:
        renamed = instance(A, name="VI_2")
        scene.addresses.hold(ONE, True)
        await scene.rest()
        scene.addresses.hold(renamed, True)
        scene.addresses.hold(ONE, False)
        await scene.rest()
        scene.addresses.hold(renamed, False)
        await scene.rest()
        assert scene.words() == ["VI_1 added", "VI_2 removed"]

    play(act)


def test_a_watch_that_is_lost_is_opened_anew_ever_more_slowly() -> None:
    """At first at once: events are what heals in milliseconds."""
    opened: list[float] = []

    async def lost(*_: object) -> None:
        opened.append(asyncio.get_running_loop().time())
        raise OSError(errno.ECONNRESET, "lost")

    async def act(scene: Scene) -> None:
        scene.kernel.watch = lost
        looks = scene.kernel.looks
        watching = asyncio.get_running_loop().create_task(scene.addresses.watch())
        await asyncio.sleep(0.5)
        assert len(opened) == 3
        assert scene.kernel.looks - looks == 3
        await asyncio.sleep(60)
        assert not watching.done()
        assert opened[-1] - opened[-2] == pytest.approx(RETRY_LAST)

    play(act)


def test_a_removal_that_fails_is_tried_again() -> None:
    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        await scene.rest()
        scene.kernel.refuse = [errno.EPERM]
        scene.addresses.hold(ONE, False)
        await asyncio.sleep(1)
        assert scene.kernel.held == []
        assert scene.words() == ["VI_1 added", "VI_1 removed"]

    play(act)


def test_leftovers_go_at_start() -> None:
    async def act(scene: Scene) -> None:
        assert scene.take() == [f"-{A}/24", "-198.51.100.1/32"]
        assert scene.words() == ["VI_1 leftover_removed", " leftover_removed"]
        assert [str(each.address) for each in scene.kernel.held] == ["192.0.2.1"]

    there = [held(f"{A}/24", marked=False), held("198.51.100.1"), held("192.0.2.1/24", marked=False)]
    play(act, Kernel(held=there))


def test_what_somebody_adds_to_a_backup_goes() -> None:
    async def act(scene: Scene) -> None:
        scene.kernel.held.append(held(A, marked=False))
        scene.addresses.changed(Event(ETH0.index))
        await asyncio.sleep(LOOK_PAUSE)
        await scene.rest()
        assert scene.words() == ["VI_1 leftover_removed"]

    play(act)


def test_an_address_added_by_hand_counts_and_is_marked() -> None:
    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        scene.kernel.held.append(held(A, marked=False))
        scene.addresses.announce(ONE, 5)
        await scene.rest()
        assert scene.take() == [f"+{A}/32", f"{A} x5"]
        assert scene.kernel.held == [held(A)]
        assert scene.words() == ["VI_1 added"]

    play(act)


def test_a_kernel_that_knows_no_marks() -> None:
    """Before 5.18: ours is still told from others, and not added anew at each look."""

    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        await asyncio.sleep(10 * SWEEP_SECONDS)
        assert scene.take() == [f"+{A}/32", f"{A} x2"]

    play(act, Kernel(remembers_marks=False))


def test_an_interface_that_is_gone_takes_its_addresses_along() -> None:
    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        await scene.rest()
        scene.kernel.interfaces, scene.kernel.held = {}, []
        scene.addresses.hold(ONE, False)
        scene.addresses.changed(Event(ETH0.index, "eth0"))
        await asyncio.sleep(LOOK_PAUSE)
        await scene.rest()
        assert scene.words() == ["VI_1 added", "VI_1 removed"]

    play(act)


def test_an_interface_that_does_not_exist() -> None:
    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        await scene.rest()
        assert [each.error for each in scene.entries if isinstance(each, AddressFailed)] == ["ENODEV"]

    play(act, Kernel(interfaces={}))


def test_a_frame_that_the_kernel_refuses_is_told() -> None:
    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        await scene.rest()
        assert [each.error for each in scene.entries if isinstance(each, SendFailed)] == ["ENETDOWN"]
        assert not any(isinstance(each, Announced) for each in scene.entries)

    play(act, Kernel(deaf="ENETDOWN"))


def test_netlink_without_an_answer_is_asked_again() -> None:
    async def act(scene: Scene) -> None:
        def fail() -> None:
            raise OSError(errno.ETIMEDOUT, "no answer")

        scene.kernel.during_look = fail
        scene.addresses.look()
        await asyncio.sleep(1)
        scene.kernel.during_look = lambda: None
        scene.addresses.hold(ONE, True)
        await scene.rest()
        assert scene.words() == ["VI_1 added"]

    play(act)


@pytest.mark.parametrize("turns", range(6))
def test_cancelling_is_never_lost(turns: int) -> None:
    """Also when it comes together with something to do."""

    async def main() -> None:
        made = Kernel()
        reconciler = Addresses(
            cast(Netlink, made), cast(Announcer, made), lambda _: None, lambda: Seconds(1000.0), lambda _: None
        )
        running = asyncio.get_running_loop().create_task(reconciler.run())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        reconciler.hold(ONE, True)
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running], timeout=100)
        assert running.cancelled()

    run_virtual(main())


@pytest.mark.parametrize("length", [32, 24], ids=["ours", "another length"])
def test_a_renewal_that_is_quicker_than_a_look_hides_no_loss(length: int) -> None:
    """The operator deletes it, and the renewal on its way puts it back: told and announced all the same."""
    vi = replace(ONE, vip_lease=3)

    async def act(scene: Scene) -> None:
        scene.addresses.renew(vi)
        scene.addresses.hold(vi, True)
        await scene.rest()
        scene.addresses.changed(Event(ETH0.index, renewed=ip_address(A)))
        scene.take()
        scene.addresses.changed(Event(ETH0.index, gone=(ip_address(A), length)))
        await asyncio.sleep(1)
        told = ["VI_1 lost", "VI_1 restored"] if length == 32 else []
        assert scene.words() == ["VI_1 added", *told]
        assert (f"{A} x{vi.garp_master_repeat}" in scene.take()) is bool(told)

    play(act)


def test_a_loss_that_a_look_has_found_is_told_once() -> None:
    """The events of the deletion and of what we added come after all was made good; the next deletion is another."""

    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        await scene.rest()
        scene.addresses.changed(Event(ETH0.index, renewed=ip_address(A)))
        scene.kernel.held.clear()
        await asyncio.sleep(SWEEP_SECONDS + LOOK_PAUSE)
        assert scene.words() == ["VI_1 added", "VI_1 lost", "VI_1 restored"]
        scene.addresses.changed(Event(ETH0.index, gone=(ip_address(A), 32)))
        scene.addresses.changed(Event(ETH0.index, renewed=ip_address(A)))
        await asyncio.sleep(1)
        assert scene.words() == ["VI_1 added", "VI_1 lost", "VI_1 restored"]
        scene.addresses.changed(Event(ETH0.index, gone=(ip_address(A), 32)))
        await asyncio.sleep(1)
        assert scene.words()[3:] == ["VI_1 lost", "VI_1 restored"]

    play(act)


def test_an_overrun_hides_no_loss() -> None:
    """The event of what we added was dropped; a deletion is told all the same."""

    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        await scene.rest()
        scene.addresses.overrun()
        await asyncio.sleep(1)
        scene.addresses.changed(Event(ETH0.index, gone=(ip_address(A), 32)))
        await asyncio.sleep(1)
        assert scene.words() == ["VI_1 added", "VI_1 lost", "VI_1 restored"]

    play(act)


def test_what_we_remove_ourselves_is_no_loss() -> None:
    async def act(scene: Scene) -> None:
        scene.addresses.hold(ONE, True)
        await scene.rest()
        scene.kernel.slow = 0.1
        scene.addresses.hold(ONE, False)
        await scene.rest()
        scene.addresses.changed(Event(ETH0.index, gone=(ip_address(A), 32)))
        await asyncio.sleep(1)
        assert scene.words() == ["VI_1 added", "VI_1 removed"]

    play(act)


def test_whatever_hangs_before_it_the_address_goes() -> None:
    """While `settle` still waits for it, as at a stop; then it would never go."""
    given_up: list[list[Address]] = []

    async def end_connections(addresses: Sequence[Address]) -> None:
        if addresses:
            given_up.append(list(addresses))
            await never()

    async def act(scene: Scene) -> None:
        loop = asyncio.get_running_loop()
        scene.addresses.hold(ONE, True)
        await scene.rest()
        scene.take()
        begun = loop.time()
        scene.addresses.hold(ONE, False)
        await scene.addresses.settle()
        assert scene.take() == [f"-{A}/32"]
        assert LEAVE_PATIENCE <= loop.time() - begun <= 2 * LEAVE_PATIENCE + 0.1  # it is asked once more afterwards
        assert [str(each) for each in given_up[0]] == [A]

    play(act, end_connections=end_connections)


@pytest.mark.parametrize(("count", "rounds"), [(MANY, 2), (MANY + 1, 1)])
def test_renewals_of_hundreds_wait_for_the_end_of_their_burst(count: int, rounds: int) -> None:
    """To advertise takes so many 30 ms; with a second round the kernel is told of the first one again."""
    many = [instance(f"198.51.100.{each}", name=f"VI_{each}", lease=3) for each in range(1, count + 1)]

    async def act(scene: Scene) -> None:
        def advertise(some: Sequence[Instance]) -> None:
            for each in some:
                scene.addresses.renew(each)

        for each in many:
            scene.addresses.hold(each, True)
        advertise(many)
        await asyncio.sleep(1)
        scene.take()
        advertise(many[: count // 2])
        await asyncio.sleep(0.03)
        advertise(many[count // 2 :])
        await asyncio.sleep(0.5)
        assert sum(each.startswith("+198.51.100.1/") for each in scene.take()) == rounds

    play(act)


def test_what_is_put_back_in_the_last_second_of_a_lease_goes_with_it() -> None:
    """The kernel counts no less than a second, so it would have it for longer; nothing has advertised meanwhile."""
    leased = instance(A, lease=3)

    async def act(scene: Scene) -> None:
        scene.addresses.hold(leased, True)
        scene.addresses.renew(leased)
        await asyncio.sleep(2.5)
        scene.kernel.held.clear()
        scene.take()
        scene.addresses.look()
        await asyncio.sleep(0.4)
        assert scene.take()[0] == f"+{A}/32 for 1 s"
        await asyncio.sleep(0.2)
        assert scene.take() == [f"-{A}/32"]
        assert scene.words()[-1] == "VI_1 lapsed"

    play(act)
