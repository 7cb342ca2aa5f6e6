"""vrrpd on one wire with keepalived 2.2.7, FRR 8.4.4 and itself: who is Master after each loss.

Times have lower bounds only, as a busy machine may delay anything; `bench/` measures how long it takes.
"""

from contextlib import ExitStack

import pytest

from tests.lab.net import PROGRAM_POLL_SECONDS, Lan
from tests.lab.part import Part
from tests.lab.parts import Frr
from tests.lab.routers import LINK_LOCAL_VIP, VIP, VIP6, Setting, give_address, router, skew_seconds
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture

pytestmark = [pytest.mark.kernel, pytest.mark.spread]

HIGH, LOW = 150, 100
EARLY = 0.012
"""Seconds by which a peer may be early: FRR cuts Skew_Time to 10 ms."""
PATIENCE = 15.0

PLAIN, PASS, V3 = Setting(), Setting(password="1111"), Setting(version=3)
IPV6 = Setting(version=3, vips=(LINK_LOCAL_VIP, VIP6))
IPV6_GLOBAL = Setting(version=3, vips=(VIP6,))
"""FRR wants no link-local address among the virtual ones: its macvlan has one of its own."""
UNICAST = [Setting(unicast=True), Setting(version=3, unicast=True), Setting(version=3, vips=IPV6.vips, unicast=True)]
PAIRS = [
    ("vrrpd", "vrrpd", PLAIN),
    ("vrrpd", "vrrpd", PASS),
    ("vrrpd", "vrrpd", V3),
    ("vrrpd", "vrrpd", IPV6),
    ("vrrpd", "vrrpd", UNICAST[0]),
    *[
        (high, low, setting)
        for peer, settings in (
            ("keepalived", (PLAIN, PASS, V3, IPV6, *UNICAST)),
            ("frr", (PLAIN, V3, IPV6_GLOBAL)),
        )
        for setting in settings
        for high, low in (("vrrpd", peer), (peer, "vrrpd"))
    ],
]


def assert_only_holder(holder: Part, other: Part, vips: tuple[str, ...] = (VIP,)) -> None:
    """By the kernels' truth, for makes that have one: FRR leaves its addresses on a dead macvlan.

    The other one has said its last word by then.
    """
    for vip in vips:
        if str(holder).startswith(("vrrpd", "keepalived")):
            holder.host.wait_holds(vip)
        if str(other).startswith(("vrrpd", "keepalived")):
            other.host.wait_holds(vip, held=False)
    if isinstance(other, Frr):
        wait_until(lambda: other.state() == "Backup", PATIENCE, "FRR's own word", PROGRAM_POLL_SECONDS)


@pytest.mark.parametrize(("high", "low", "setting"), PAIRS, ids=lambda each: str(each))
def test_takeover_by_resignation_preemption_and_death(high: str, low: str, setting: Setting) -> None:
    """Each loss of the Master ends with the other one Master, and its return with one Master again."""
    vips = setting.vips
    with Lan(["high", "low"], ipv6=setting.ipv6) as lan, Capture(lan) as wire:
        for host in lan:
            give_address(host, setting)
        first, second = router(high, lan["high"], HIGH, setting), router(low, lan["low"], LOW, setting)
        with first, second:
            wire.wait_advert("high", HIGH, timeout=PATIENCE)
            assert_only_holder(first, second, vips)

            first.stop()  # priority 0, then Skew_Time
            resigned = wire.wait_advert("high", 0)
            taken = wire.wait_advert("low", LOW, since=resigned.at, timeout=PATIENCE)
            assert taken.at - resigned.at >= skew_seconds(LOW) - EARLY
            for vip in vips:
                wire.wait_announced("low", vip, since=resigned.at)  # FRR's IPv6 announces a second before it advertises

            begun = now()
            first.start()  # the higher priority comes back and preempts
            wire.wait_advert("high", HIGH, since=begun, timeout=PATIENCE)
            for vip in vips:
                wire.wait_announced("high", vip, since=begun)
            assert_only_holder(first, second, vips)

            wire.wait_advert("high", HIGH, since=now())
            first.kill()  # silence, then Master_Down_Interval
            last = wire.adverts("high")[-1]
            taken = wire.wait_advert("low", LOW, since=last.at, timeout=PATIENCE)
            assert taken.at - last.at >= 3 + skew_seconds(LOW) - EARLY

            begun = now()
            first.start()  # and back once more, over whatever the death has left behind
            wire.wait_advert("high", HIGH, since=begun, timeout=PATIENCE)
            assert_only_holder(first, second, vips)
            quiet = now()
            wire.wait_advert("high", HIGH, since=quiet)
            assert wire.adverts("low", since=quiet) == []


def test_three_routers_and_two_losses_in_a_row() -> None:
    """The next best takes over each time, in the order of priorities, and nobody else speaks."""
    priorities = {"a": 255, "b": 200, "c": 1}  # an owner is Master at once, so the interval may be long
    with Lan(list(priorities)) as lan, Capture(lan) as wire, ExitStack() as stack:
        # in v3 Skew_Time is a share of the interval: 3.1 s between those of b and c, also on a busy machine
        routers = {name: router("vrrpd", lan[name], each, V3, interval=4) for name, each in priorities.items()}
        for part in routers.values():
            stack.enter_context(part)
        wire.wait_advert("a", priorities["a"], timeout=PATIENCE)

        routers["a"].stop()
        wire.wait_advert("b", priorities["b"], timeout=PATIENCE)
        lan["b"].wait_holds(VIP)
        wire.wait_advert("b", priorities["b"], since=now())
        assert wire.adverts("c") == []

        routers["b"].stop()
        wire.wait_advert("c", priorities["c"], timeout=PATIENCE)
        lan["c"].wait_holds(VIP)
        assert [lan[name].holds(VIP) for name in priorities] == [False, False, True]
