"""VRRPv3 of both families beside keepalived and FRR: the interval that is learned, announcements, a link that goes.

Lower bounds and order only, as a busy machine may delay anything. Pairs run beside each other, for time is what each of
them waits for.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

import pytest
from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6NDOptDstLLAddr, IPv6
from scapy.layers.l2 import Ether
from scapy.layers.vrrp import VRRPv3

from tests.lab import stall
from tests.lab.decode import Advert
from tests.lab.frr import MACVLAN
from tests.lab.net import PROGRAM_POLL_SECONDS, Host, Lan
from tests.lab.part import Part
from tests.lab.parts import Vrrpd
from tests.lab.routers import LINK_LOCAL_VIP, VIP, VIP6, Setting, router, skew_seconds
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture

pytestmark = pytest.mark.kernel

HIGH, LOW = 150, 100
SLOW, FAST, SLOWER = 0.5, 0.1, 2.0
"""Seconds of advert_int: of who is Master first, of the other, and more than Master_Down_Interval of that one."""
DOWN = SLOW * (3 + skew_seconds(LOW))
"""Master_Down_Interval of the lower one, by the interval of the higher one (RFC 9568 6.1)."""
EARLY = 0.012
"""Seconds by which a peer may be early: FRR cuts Skew_Time to 10 ms."""
PATIENCE = 30.0
V4 = Setting(version=3)
V6 = Setting(version=3, vips=(LINK_LOCAL_VIP, VIP6))
V6_GLOBAL = Setting(version=3, vips=(VIP6,))
"""FRR wants no link-local address among the virtual ones."""
BESIDE = {"keepalived": (V4, V6), "frr": (V4, V6_GLOBAL)}


@dataclass(frozen=True)
class Pair:
    """Two routers with a network of their own."""

    lan: Lan
    wire: Capture
    setting: Setting
    high: Part
    low: Part

    def wait_holder(self, holder: Part) -> None:
        """By the kernels' truth; FRR's addresses are always on its macvlan, which answers while it is up."""
        for part in (self.high, self.low):
            if not str(part).startswith("frr"):
                for vip in self.setting.vips:
                    part.host.wait_holds(vip, held=part is holder, timeout=PATIENCE)
            elif part is not holder:
                silent = partial(is_silent, part.host)
                wait_until(silent, PATIENCE, f"{part} takes {MACVLAN} down", PROGRAM_POLL_SECONDS)

    def wait_advert(self, part: Part, since: float = 0.0) -> Advert:
        """Of a Master, not its last word."""
        priority = HIGH if part is self.high else LOW
        return self.wire.wait_advert(part.host.name, priority, since=since, timeout=PATIENCE)


def is_silent(host: Host) -> bool:
    """FRR's macvlan is down or gone; the kernel says so a moment after FRR has wished it."""
    links = json.loads(host.run(["ip", "-j", "link"]))
    return not any(each["ifname"] == MACVLAN and each["operstate"] == "UP" for each in links)


@contextmanager
def pairs(makes: Sequence[tuple[str, str, Setting]], slow: float = SLOW, fast: float = FAST) -> Iterator[list[Pair]]:
    """All started, the higher one is Master."""
    with ExitStack() as stack:
        made = []
        for high, low, setting in makes:
            lan = stack.enter_context(Lan(["high", "low", "asks"], ipv6=setting.ipv6))
            wire = stack.enter_context(Capture(lan))
            first = router(high, lan["high"], HIGH, setting, slow)
            second = router(low, lan["low"], LOW, setting, fast)
            made.append(Pair(lan, wire, setting, first, second))
        for each in made:
            for part in (each.high, each.low):
                stack.enter_context(part)
        started = now()
        for each in made:
            # until it has heard one, the lower one goes by its own interval, and may be Master for a moment
            each.wait_advert(each.high, since=started + slow)
            each.wait_holder(each.high)
        yield made


def both_ways(peer: str, settings: Sequence[Setting]) -> list[tuple[str, str, Setting]]:
    """vrrpd is Master first, and the peer is."""
    return [(*ends, each) for each in settings for ends in (("vrrpd", peer), (peer, "vrrpd"))]


@pytest.mark.parametrize("peer", ["keepalived", "frr"])
def test_a_backup_goes_by_the_interval_of_its_master(peer: str) -> None:
    """Three of its own would be 0.3 s, and too early; as Master it sends ten a second, and IPv6 as RFC 4861 says."""
    with pairs(both_ways(peer, BESIDE[peer])) as made:
        settled = now()
        for each in made:
            each.wait_advert(each.high, since=settled + 3 * SLOW)
            each.high.kill()
        for each in made:
            assert_in_time(each, settled)
            taken = each.wait_advert(each.low, since=each.wire.adverts("high")[-1].at)
            assert (taken.interval, taken.version) == (FAST, 3)
            for vip in each.setting.vips:
                each.wire.wait_announced("low", vip, since=settled, timeout=PATIENCE)
            assert_right_on_the_wire(each, settled)
            each.low.host.wait_holds(each.setting.vips[-1], timeout=PATIENCE)


def assert_in_time(pair: Pair, settled: float) -> None:
    """Each time the lower one became Master it had not heard the other for its whole Master_Down_Interval."""
    pair.wire.wait_advert("low", LOW, since=settled, timeout=PATIENCE)
    heard, is_master, may_end = 0.0, False, False
    for each in pair.wire.adverts():
        if each.port == "high":
            heard, is_master, may_end = each.at, False, is_master
        elif may_end:  # a Master's last word, sent before it had heard
            may_end = False
        else:
            assert is_master or each.at < settled or each.at - heard >= DOWN - EARLY
            is_master = True


def assert_right_on_the_wire(pair: Pair, since: float) -> None:
    """scapy's judgement of what vrrpd sends as IPv6: the advertisement (RFC 9568 5.1.2), the NA (RFC 4861 7.2.6)."""
    ours = pair.high if isinstance(pair.high, Vrrpd) else pair.low
    frames = [Ether(each.data) for each in pair.wire.frames() if each.port == ours.host.name]
    told = [each for each in frames if ICMPv6ND_NA in each and each[ICMPv6ND_NA].tgt in pair.setting.vips]
    sent = [each for each in frames if VRRPv3 in each and IPv6 in each]
    if not pair.setting.ipv6:
        return
    assert {each[ICMPv6ND_NA].tgt for each in told} == set(pair.setting.vips)
    assert {tuple(each[VRRPv3].addrlist) for each in sent} == {pair.setting.vips}
    assert {each[IPv6].src[:4] for each in sent} == {"fe80"}
    for frame in told:
        body, ip = frame[ICMPv6ND_NA], frame[IPv6]
        assert (ip.src, ip.dst, ip.hlim, frame.dst) == (body.tgt, "ff02::1", 255, "33:33:00:00:00:01")
        assert (body.O, body.S, body.R) == (1, 0, 0)
        assert frame.src == frame[ICMPv6NDOptDstLLAddr].lladdr == ours.host.mac
        given = body.cksum
        del body.cksum
        assert given == Ether(frame.build())[ICMPv6ND_NA].cksum


@pytest.mark.parametrize("third", ["vrrpd", "keepalived"])
def test_a_third_router_follows_the_slower_master_to_whom_we_yield(third: str) -> None:
    """FRR answers nobody, so our last word is what the third hears last; with our interval it would take over."""
    with ExitStack() as stack:
        lan = stack.enter_context(Lan(["high", "low", "third"]))
        wire = stack.enter_context(Capture(lan))
        for make, name, priority in (("vrrpd", "low", LOW), (third, "third", LOW - 10)):
            stack.enter_context(router(make, lan[name], priority, V4, FAST))
        wire.wait_advert("low", LOW, timeout=PATIENCE)
        stack.enter_context(router("frr", lan["high"], HIGH, V4, SLOWER))
        heard = [0.0]
        for _ in range(4):
            heard.append(wire.wait_advert("high", HIGH, since=heard[-1] + SLOWER / 2, timeout=PATIENCE).at)
        assert [each for each in wire.adverts(since=heard[2]) if each.port != "high"] == []


def test_a_link_that_goes_and_comes_with_ipv6() -> None:
    """The kernel drops IPv6 addresses with the link, for good: they go to the other router, and come back."""
    with pairs(both_ways("keepalived", [V6])) as made:
        for each in made:
            each.high.host.link_down()
        for each in made:
            each.wait_holder(each.low)
        up = now()
        for each in made:
            each.high.host.link_up()
        for each in made:
            back = each.wait_advert(each.high, since=up)
            for vip in each.setting.vips:
                each.wire.wait_announced("high", vip, since=back.at - EARLY, timeout=PATIENCE)
            each.wait_holder(each.high)


LEAST = 0.01
"""Seconds: the shortest interval there is."""


@pytest.mark.parametrize("peer", ["keepalived", "frr"])
def test_the_shortest_interval(peer: str) -> None:
    """Both say 10 ms. After a death the other waits for its Master_Down_Interval, less what it had no processor.

    How often one is Master for a moment because the machine had no time for the other is for `bench.subsecond` to say.
    """
    down = LEAST * (3 + skew_seconds(LOW))
    with pairs(both_ways(peer, [V4]), LEAST, LEAST) as made:
        for each in made:
            each.wait_advert(each.high, since=now())
            before = kept_waiting(each.low)
            each.high.kill()
            last = each.wire.adverts("high")[-1].at
            taken = each.wait_advert(each.low, since=last + EARLY).at
            waited = kept_waiting(each.low) - before
            spoke = [advert.at for advert in each.wire.adverts("low", since=last - down) if advert.at < taken]
            assert spoke or taken - last >= down - EARLY - waited  # one that spoke was Master already
            assert {(advert.interval, advert.version) for advert in each.wire.adverts()} == {(LEAST, 3)}
            each.low.host.wait_holds(VIP, timeout=PATIENCE)


def kept_waiting(part: Part) -> float:
    """Of all its processes: the one that elects may be a child."""
    return sum(stall.kept_waiting(pid) for pid in part.tree())
