"""Every malformed packet that we know, on the wire, at a running Backup and at a running Master: only counters move."""

import re
import urllib.request
from collections import Counter
from datetime import datetime
from itertools import pairwise

import pytest

from tests.lab import namespaces
from tests.lab.net import Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import skew_seconds
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture, Injector
from tests.protocol.recorded import Recorded, load
from tests.protocol.test_vectors import ACCEPTED, FILTERED_BY_THE_KERNEL, verdict_on
from vrrpd.protocol.messages import Rejection

pytestmark = pytest.mark.kernel

GROUPS = ("v2none", "v2pass", "v3ip4", "v3ip6")
METRICS = "http://127.0.0.1:9811/metrics"
SILENCE_SECONDS = 2.0
"""A Master that misses one advertisement of 1 s is late by this much; what it waited for the processor is added."""
HEARD_SECONDS = 1.0
"""How long a Backup has waited when the packets come: a timer that they restart is late by at least this much, besides
what it waited for the processor."""
MASTER_DOWN_SECONDS = 3 * 1.0 + skew_seconds(100)
PATIENCE = 15.0


def malformed(group: str) -> list[Recorded]:
    """What must be dropped, by the kernel or by us."""
    return [
        each
        for each in load("malformed")
        if each.name.startswith(group + "/")
        and (each.name in FILTERED_BY_THE_KERNEL or verdict_on(each.name) is not ACCEPTED)
    ]


def configuration(packets: list[Recorded]) -> str:
    """An instance for each packet, as the packet's receiver was."""
    texts = []
    for number, each in enumerate(packets):
        if (receiver := each.entry["receiver"]) is None:
            continue
        texts.append(
            instance_text(
                name=f"i{number}",
                priority=receiver["priority"],
                vips=receiver["vips"],
                vrid=receiver["vrid"],
                version=receiver["version"],
                password="1111" if receiver["auth"].startswith("PASS") else None,
                extra='vip_lease = "off"',
            )
        )
    return "\n".join(texts)


def scrape(daemon: Vrrpd) -> str:
    """The page, as Prometheus on that host would get it."""

    def read() -> str:
        with urllib.request.urlopen(METRICS, timeout=5) as answer:
            text: str = answer.read().decode()
            return text

    return namespaces.inside(daemon.host.namespace, read)


def rejections(page: str) -> Counter[str]:
    """Packets by reason, over all instances."""
    found: Counter[str] = Counter()
    series = re.compile(r'^vrrpd_adverts_rejected_total\{.*reason="(\w+)".*\} ([0-9.]+)$', re.MULTILINE)
    for reason, value in series.findall(page):
        found[reason] += int(float(value))
    return +found


def accepted(page: str) -> int:
    """Packets that were taken for advertisements."""
    series = re.compile(r"^vrrpd_adverts_received_total\{.*\} ([0-9.]+)$", re.MULTILINE)
    return sum(int(float(value)) for value in series.findall(page))


def reaches_a_socket(packet: Recorded) -> bool:
    """Linux drops half a datagram, a multicast source, IPv4 from our own address and what is for another group."""
    if packet.name in FILTERED_BY_THE_KERNEL:
        return False
    kind, _, test = packet.name.partition("/")
    verdict = verdict_on(packet.name)
    own = verdict is Rejection.OWN_ADDRESS and kind != "v3ip6"
    return not own and verdict is not Rejection.DESTINATION and test not in ("frag_mf", "src_mcast")


def takeover_expected(since: str) -> float:
    """Unix time at which a Backup of priority 100 ends that heard nobody: Master_Down_Interval (RFC 9568 6.1)."""
    return datetime.fromisoformat(since).timestamp() + MASTER_DOWN_SECONDS


def roles(daemon: Vrrpd) -> dict[str, tuple[str, str]]:
    """State and since when, by instance."""
    return {each["name"]: (each["state"], each["since"]) for each in daemon.state()["instances"]}


def last_sent(wire: Capture, packets: list[Recorded], since: float) -> float:
    """When the last of these packets was on the wire."""
    frames = {each.frame for each in packets}
    return max(each.at for each in wire.frames(since) if each.port == "c" and each.data in frames)


@pytest.mark.parametrize("group", GROUPS)
def test_nothing_changes_but_the_counters(group: str) -> None:
    """RFC 3768 7.1, RFC 9568 7.1: MUST discard. keepalived's Master falls silent under some of these."""
    packets = malformed(group)
    expected = Counter(
        verdict.value for each in packets if reaches_a_socket(each) and (verdict := verdict_on(each.name))
    )
    with Lan(3, ipv6=group == "v3ip6") as lan, Capture(lan) as wire, Injector(lan["c"]) as injector:
        daemon = Vrrpd(lan["a"], configuration(packets))
        with daemon:
            wait_until(lambda: {role for role, _ in roles(daemon).values()} == {"backup"}, PATIENCE, "all are Backup")
            before = roles(daemon)
            expected_at = takeover_expected(min(since for _, since in before.values()))
            wait_until(lambda: now() > expected_at - MASTER_DOWN_SECONDS + HEARD_SECONDS, PATIENCE, "the timers run")
            injected, waited = now(), daemon.kept_waiting()
            for each in packets:
                injector.send(each.frame)
            wait_until(lambda: rejections(scrape(daemon)) == expected, PATIENCE, f"all of {expected} are counted")

            wait_until(lambda: {role for role, _ in roles(daemon).values()} == {"master"}, PATIENCE, "all are Master")
            first = {advert.vrid: advert.at for advert in reversed(wire.adverts("a"))}
            assert last_sent(wire, packets, injected) < min(first.values()), "the packets must meet Backups"
            assert min(first.values()) > expected_at - 0.01, "no timer was shortened by a packet"
            late = max(first.values()) - injected - (daemon.kept_waiting() - waited)
            assert late < MASTER_DOWN_SECONDS, "no timer was restarted by a packet"

            before = roles(daemon)
            for _ in range(3):
                for each in packets:
                    injector.send(each.frame)
            wait_until(lambda: rejections(scrape(daemon)).total() >= 4 * expected.total(), PATIENCE, "all are counted")
            wire.wait_advert("a", since=max(first.values()) + 3.5)
            assert roles(daemon) == before
            page = scrape(daemon)
            assert rejections(page) == Counter({reason: 4 * count for reason, count in expected.items()})
            assert accepted(page) == 0
            waited = daemon.kept_waiting() - waited
            for vrid in first:
                sent = [advert.at for advert in wire.adverts("a", vrid=vrid)]
                assert max(later - earlier for earlier, later in pairwise(sent)) < SILENCE_SECONDS + waited
