"""Disagreement on a real wire: it is seen, told and survived."""

import time
from contextlib import ExitStack
from ipaddress import IPv4Address
from itertools import pairwise
from typing import Any

import pytest

from tests.lab.heals import CUTS, parted
from tests.lab.junk import Flooder, junk
from tests.lab.net import Host, Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture, Injector
from vrrpd.protocol.frames import gratuitous_arp

pytestmark = pytest.mark.kernel

PATIENCE = 15.0
RIVALRY = {"rival", "address_conflict", "silent_owner"}
"""What both may have to say once the Backup has lost so much that it speaks up."""
PASSWORD = "1111"
BLACK_HOLE_SECONDS = 1.5
"""A client that is without service for longer than this after a heal talks to the wrong host."""
FLOOD_SECONDS = 5.0
SPACING = {10: 0.05, 10_000: 0.5}
"""Junk packets a second, and by how much the spacing of advertisements may differ from 1 s meanwhile, if the daemon
gets the processor: what it had to wait for it is added."""
LOST_SHARE = 0.1
"""Of all packets may be lost in a full queue, and three advertisements in a row are still lost only once in a thousand
times."""
READ_SHARE = 0.05
"""Of the junk must have been read and counted; the rest may be lost in a full queue, if others have the processor."""


def daemon(host: Host, priority: int, **more: Any) -> Vrrpd:
    """One instance with the usual virtual address."""
    return Vrrpd(host, instance_text(priority=priority, vips=[f"{VIP}/32"], **more))


def warnings(part: Vrrpd) -> dict[str, dict[str, Any]]:
    """By kind, as `vrrpctl state --json` has them."""
    return {each["kind"]: each for each in part.state()["instances"][0]["warnings"]}


def test_a_leftover_owner_is_found_by_asking(lan: Lan) -> None:
    """It never speaks by itself. The question goes ahead of the takeover, then every ten seconds."""
    lan["b"].add_address(f"{VIP}/32")
    with Capture(lan) as wire, daemon(lan["a"], 150) as first:
        advert = wire.wait_advert("a")
        question = next(
            each for each in wire.frames() if each.port == "a" and each.ethertype == 0x0806 and each.at < advert.at
        )
        assert advert.at - question.at < 1, "shortly before the end of Master_Down_Interval"
        wait_until(lambda: "address_conflict" in warnings(first), PATIENCE, "warning of the conflict", poll=0.2)
        seen = warnings(first)
        assert seen["silent_owner"]["peer"] == seen["address_conflict"]["peer"] == lan["b"].mac
        first.wait_log("owner.answered")
        first.wait_log("address.contested")
        table = first.ctl("state").stdout
        assert f"warning: {lan['b'].mac}: {VIP} answers from" in table


def test_wait_takes_over_when_nobody_answers_any_more(lan: Lan) -> None:
    """takeover_guard = "wait"."""
    lan["b"].add_address(f"{VIP}/32")
    with Capture(lan) as wire, daemon(lan["a"], 150, extra='takeover_guard = "wait"') as first:
        first.wait_log("owner.answered")
        wait_until(lambda: warnings(first)["silent_owner"]["count"] >= 3, PATIENCE, "three answers", poll=0.2)
        assert wire.adverts() == []
        waiting = first.kept_waiting()
        lan["b"].delete_address(f"{VIP}/32")
        gone = now()
        assert wire.wait_advert("a").at - gone < 2.5 + first.kept_waiting() - waiting


def test_a_rival_that_announces_itself_is_answered(lan: Lan) -> None:
    """At once, so that no cache keeps the rival for long."""
    with Capture(lan) as wire, daemon(lan["a"], 150) as first, Injector(lan["b"]) as rival:
        wire.wait_gratuitous_arp("a", VIP)
        wait_until(lambda: now() - wire.adverts("a")[0].at > 1.2, PATIENCE, "Master for a second")
        waiting = first.kept_waiting()
        rival.send(gratuitous_arp(bytes.fromhex(lan["b"].mac.replace(":", "")), IPv4Address(VIP)))
        sent = wire.wait_gratuitous_arp("b", VIP).at
        answered = wire.wait_gratuitous_arp("a", VIP, since=sent).at
        assert answered - sent < 0.2 + first.kept_waiting() - waiting


def test_peers_with_another_password_say_so(lan: Lan) -> None:
    """Each is Master for itself; both say what differs and what to do."""
    with daemon(lan["a"], 150, password="one") as first, daemon(lan["b"], 100, password="two") as second:
        for part in (first, second):
            part.wait_log("advice=", PATIENCE)
            seen = warnings(part)["authentication"]
            assert "give all routers of this VRID the same password" in seen["text"]
        lan["a"].wait_holds(VIP)
        lan["b"].wait_holds(VIP)
        wait_until(lambda: "address_conflict" in warnings(first), PATIENCE, "conflict", poll=0.2)


FAMILIES = {"VI_4": ("192.0.2.100/32",), "VI_6": ("fe80::100/128", "2001:db8::100/128")}
MORE = {"VI_4": "192.0.2.101/32", "VI_6": "2001:db8::101/128"}


def version_3(priority: int, advert_int: str, **more: str) -> str:
    """An instance of each family; `more`: another address of one."""
    return "".join(
        instance_text(
            name=name,
            priority=priority,
            version=3,
            advert_int=advert_int,
            vips=[*vips, *([more[name]] if name in more else [])],
        )
        for name, vips in FAMILIES.items()
    )


def test_peers_of_version_3_say_what_differs() -> None:
    """RFC 9568 7.1 accepts another list and another interval: told while it is so, and the other stays the Master."""
    with Lan(2, ipv6=True) as lan, Vrrpd(lan["a"], version_3(150, "1s")) as master:
        wait_until(lambda: both_are(master, "master"), PATIENCE, "Master of both", poll=0.2)
        with Vrrpd(lan["b"], version_3(100, "2s", **MORE)) as backup:
            wait_until(lambda: differing(backup) == {"addresses", "interval"}, PATIENCE, "warnings of both", poll=0.2)
            for name, another in MORE.items():
                backup.wait_log(f"event=peer.addresses_differed instance={name}")
                backup.wait_log(f"event=peer.interval_differed instance={name}")
                assert f"only we have {another.partition('/')[0]}: give all routers" in backup.ctl("state", name).stdout
            wait_until(lambda: both_are(backup, "backup"), PATIENCE, "Backup of both", poll=0.2)
            backup.turn(version_3(100, "1s"))
            # Well before silence would be forgiven, see `FORGET_LEAST`.
            wait_until(lambda: differing(backup) == set(), PATIENCE, "no warning is left", poll=0.2)


def both_are(part: Vrrpd, state: str) -> bool:
    """Of both families."""
    return {each["state"] for each in part.state()["instances"]} == {state}


def differing(part: Vrrpd) -> set[str] | None:
    """What of the other's configuration differs; None: the families do not say the same."""
    kinds = [{each["kind"] for each in one["warnings"]} - RIVALRY for one in part.state()["instances"]]
    return kinds[0] if kinds[0] == kinds[1] else None


def test_a_rival_that_does_not_hear_us_is_told(lan: Lan) -> None:
    """Its advertisements arrive; ours do not. Two Masters are seen."""
    with daemon(lan["a"], 150) as first:
        lan["a"].wait_holds(VIP)
        lan["b"].deafen(lan["a"].ip)
        with daemon(lan["b"], 100):
            wait_until(lambda: "rival" in warnings(first), PATIENCE, "warning of the rival", poll=0.2)
            assert warnings(first)["rival"]["peer"] == lan["b"].ip
            first.wait_log("rival.heard")


@pytest.mark.parametrize(
    ("high", "low", "cut"),
    [
        ("vrrpd", "vrrpd", "silent"),
        ("vrrpd", "vrrpd", "carrier"),
        ("vrrpd", "vrrpd", "one way"),
        ("vrrpd", "keepalived", "silent"),
        ("vrrpd", "keepalived", "one way"),
        ("keepalived", "vrrpd", "silent"),
    ],
)
def test_no_black_hole_after_a_heal(high: str, low: str, cut: str) -> None:
    """The client's own ARP cache has the loser; the winner tells it."""
    with parted(high, low) as pair:
        healed = pair.heal(CUTS[cut], apart=1.3)
        assert healed.outage < BLACK_HOLE_SECONDS, healed


def test_a_rival_that_yields_in_silence_leaves_no_black_hole() -> None:
    """The winner's advertisement comes first, so it never hears keepalived; asked by ARP, its kernel has answered."""
    with parted("vrrpd", "keepalived") as pair:
        outages = [pair.heal(CUTS["silent"], apart).outage for apart in (1.1, 1.15, 1.2, 1.25)]
        assert max(outages) < BLACK_HOLE_SECONDS, outages


def lost(part: Vrrpd) -> float:
    """Packets that nobody read in time."""
    lines = part.get("/metrics").splitlines()
    return sum(float(each.split()[-1]) for each in lines if each.startswith("vrrpd_receive_overruns_total{"))


@pytest.mark.parametrize("rate", SPACING)
def test_junk_silences_nobody(lan: Lan, rate: int) -> None:
    """Wrong password, TTL, checksum and address list, with a priority above all: counted, and nothing else.

    A Backup that has not the processor to read it all may lose three advertisements in a row, and must take over.
    """
    with (
        Capture(lan, ports=["a", "b"]) as wire,
        daemon(lan["a"], 150, password=PASSWORD) as master,
        ExitStack() as stack,
    ):
        wire.wait_advert("a", 150)  # a peer that is there before may be the first, if `a` is held up
        backup = stack.enter_context(daemon(lan["b"], 100, password=PASSWORD))
        frames = junk(lan["c"], VIP, PASSWORD)
        with Flooder(lan["c"], list(frames.values()), rate):
            begun, waiting = now(), master.kept_waiting()
            time.sleep(FLOOD_SECONDS)
            ended, waiting = now(), master.kept_waiting() - waiting
        adverts = [each for each in wire.adverts("a", since=begun) if each.at < ended]
        gaps = [second.at - first.at for first, second in pairwise(adverts)]
        assert len(adverts) >= FLOOD_SECONDS - 1
        assert all(abs(gap - 1.0) <= SPACING[rate] + waiting for gap in gaps), (gaps, waiting)
        assert {each.priority for each in adverts} == {150}
        heard = lost(backup) < LOST_SHARE * rate * FLOOD_SECONDS
        assert not heard or wire.adverts("b") == []
        for part, state in ((master, "master"), (backup, "backup")):
            seen = part.state()["instances"][0]
            assert seen["state"] == state or (part is backup and not heard)
            kinds = {each["kind"] for each in seen["warnings"]} - (set() if heard else RIVALRY)
            assert kinds == {"authentication", "ttl", "checksum", "addresses"}
            counts = [each["count"] for each in seen["warnings"]]
            assert sum(counts) > rate * FLOOD_SECONDS * READ_SHARE
