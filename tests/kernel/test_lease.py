"""The address is a lease of the kernel: renewed by advertisements, gone without them, and renewal disturbs nobody."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.kernel.owners import HIGH, LEASE_LATE_SECONDS, LOW, PATIENCE, ROUNDS, TWO_OWNERS_SECONDS, Pair
from tests.lab.net import INTERFACE, Host, Lan
from tests.lab.part import ROOT
from tests.lab.parts import StandInBroker, Vrrpd, instance_text
from tests.lab.routers import VIP, skew_seconds
from tests.lab.session import Session
from tests.lab.waiting import LabError, now, wait_until
from tests.lab.wire import Capture

pytestmark = [pytest.mark.kernel, pytest.mark.spread]

VIP6 = "fe80::100"
FOREVER = 4294967295
QUIET_SECONDS = 60.0
SCHEDULE_SECONDS = 4.5
"""The last announcement follows 5 s after the takeover; there is no refresh in these tests."""


def lifetimes(host: Host, *addresses: str) -> list[int]:
    """Whole seconds that these have left; of an address that is not there: none."""
    return [each.valid_seconds for each in host.addresses() if each.address in addresses]


@contextmanager
def deaf_and_dumb(host: Host) -> Iterator[None]:
    """Drops VRRP on its way out: sendmsg(2) then fails with EPERM."""
    for line in (
        "add table inet mute",
        "add chain inet mute out { type filter hook output priority 0; }",
        "add rule inet mute out meta l4proto 112 drop",
    ):
        host.run(["nft", line])
    try:
        yield
    finally:
        host.run(["nft", "delete", "table", "inet", "mute"])


def metrics(daemon: Vrrpd) -> list[str]:
    """Lines of the metrics page, by the control socket."""
    return daemon.get("/metrics").splitlines()


def refused_sends(daemon: Vrrpd) -> float:
    """Advertisements that the kernel refused with EPERM."""
    found = [each for each in metrics(daemon) if "vrrpd_send_errors_total{" in each and "EPERM" in each]
    return sum(float(each.rpartition(" ")[2]) for each in found)


@contextmanager
def monitor(host: Host) -> Iterator[Callable[[], list[str]]]:
    """Lines of `ip monitor address` so far, for our addresses; those of addresses that go begin with Deleted."""
    path = host.directory / "monitor"
    with path.open("wb") as output:
        watching = host.popen(["ip", "monitor", "address"], output)
    markers = (f"198.51.100.{number}/32" for number in range(1, 255))

    def told(marker: str) -> bool:
        host.add_address(marker, "lo")
        host.delete_address(marker, "lo")
        return marker in path.read_text()

    def lines() -> list[str]:
        marker = next(markers)
        wait_until(lambda: told(marker), PATIENCE, "everything until now in the monitor")
        return [line for line in path.read_text().splitlines() if f" {VIP}/" in line or f" {VIP6}/" in line]

    lines()  # it listens
    try:
        yield lines
    finally:
        watching.kill()


def test_renewals_disturb_nothing_for_a_minute() -> None:
    """Both families: at most 3 s left at any time; no address goes, nobody announces, an AMQP connection lives on."""
    refresh = 'garp_master_refresh = "0s"'
    text = instance_text(priority=HIGH, vips=[f"{VIP}/32"], extra=refresh)
    text += instance_text(name="VI_6", priority=HIGH, vips=[f"{VIP6}/64"], version=3, vrid=52, extra=refresh)
    with Lan(["high", "client"], ipv6=True) as lan, Capture(lan) as wire, StandInBroker(lan["high"]):
        host = lan["high"]
        with Vrrpd(host, text) as daemon:
            host.wait_holds(VIP)
            host.wait_holds(VIP6)
            taken = wire.wait_advert("high").at
            wire.wait_gratuitous_arp("high", VIP, since=taken + SCHEDULE_SECONDS)
            time.sleep(1.0)  # the rounds of both families
            with monitor(host) as lines, Session(lan["client"], VIP) as session:
                begun = now()
                least = most = 3
                while now() < begun + QUIET_SECONDS:
                    left = lifetimes(host, VIP, VIP6)
                    assert len(left) == 2
                    least, most = min(least, *left), max(most, *left)
                    time.sleep(0.25)
                session.wait_round()
                events = lines()
            assert (least >= 1, most) == (True, 3)
            assert len([each for each in events if f" {VIP}/" in each]) >= QUIET_SECONDS / 2, "no renewals seen"
            assert [each for each in events if each.startswith("Deleted")] == []
            assert len(session.rounds) >= QUIET_SECONDS / 2
            assert wire.gratuitous_arps("high", since=begun) == []
            assert [each for each in wire.neighbour_advertisements("high", since=begun) if each.flags & 2 == 0] == []
            assert [
                each for each in wire.neighbour_advertisements("high", begun) if each.destination == "ff02::1"
            ] == []
            assert "change_failed" not in daemon.log()


def test_without_a_lease_it_has_no_lifetime() -> None:
    """`vip_lease = "off"`; and a reload to a lease and back changes the lifetime, not the address."""
    leased = instance_text(priority=HIGH, vips=[f"{VIP}/32"])
    off = instance_text(priority=HIGH, vips=[f"{VIP}/32"], extra='vip_lease = "off"')
    with Lan(["high"]) as lan, Vrrpd(lan["high"], off) as daemon:
        host = lan["high"]
        host.wait_holds(VIP)
        assert lifetimes(host, VIP) == [FOREVER]
        with monitor(host) as lines:
            daemon.configure(leased)
            daemon.reload()
            wait_until(lambda: 0 < lifetimes(host, VIP)[0] <= 3, PATIENCE, "a lease")
            daemon.configure(off)
            daemon.reload()
            wait_until(lambda: lifetimes(host, VIP) == [FOREVER], PATIENCE, "no lease")
            assert [each for each in lines() if each.startswith("Deleted")] == []


def test_below_a_second_the_lease_is_one_second_and_the_overlap_is_told() -> None:
    """Whole seconds are all the kernel counts."""
    with Pair(version=3, advert_int="100ms") as pair:
        wait_until(lambda: lifetimes(pair.lan["high"], VIP) == [1], PATIENCE, "a lease of one second")
        checked = subprocess.run(
            [sys.executable, "-m", "vrrpd", "--check", "--config", str(pair.high.configuration_file)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
        )
        told = "a daemon that dies or hangs leaves its addresses for up to 0.9"
        assert told in checked.stderr or "for up to 1.0 s" in checked.stderr
        begun = pair.phase(0.05)
        pair.high.freeze()
        frozen = now()  # nothing is renewed from here on
        pair.high.kill()
        pair.wire.wait_advert("low", LOW, since=begun, timeout=PATIENCE)
        pair.wait_owner("low")
        lost = pair.lost("high", begun)[0]
        assert pair.took(frozen, lost) < 1 + LEASE_LATE_SECONDS
        # When `low` may take over, not when it did: it may have been held up.
        assert lost - pair.wire.adverts("high")[-1].at > 0.1 * (3 + skew_seconds(LOW)), "there is no overlap"


def test_who_cannot_send_loses_the_address_and_gets_it_back() -> None:
    """The send error is counted, the lease is over in time and told so, the peer takes over, never two owners."""
    with Pair() as pair, Session(pair.lan["client"], VIP):
        begun = pair.phase(0.5)
        with deaf_and_dumb(pair.lan["high"]):
            pair.wait_taken(begun)
            last = pair.wire.adverts("high")[-1].at
            assert pair.took(last, pair.lost("high", begun)[0]) < 3 + LEASE_LATE_SECONDS
            pair.high.wait_log("packet.send_failed")
            pair.high.wait_log("EPERM")
            wait_until(lambda: refused_sends(pair.high) >= 3, PATIENCE, "three attempts are counted")
            pair.high.wait_log("address.lapsed")
            time.sleep(4.0)  # longer than a lease: it must not come back by itself
            assert pair.witness.holders() == {"low"}
            assert pair.two_owners(begun) == 0
            assert pair.two_answered(begun) == 0
        healed = now()
        pair.wire.wait_advert("high", HIGH, since=healed)
        pair.wait_owner("high")
        pair.wire.wait_gratuitous_arp("high", VIP, since=healed)
        assert pair.two_owners(begun) < TWO_OWNERS_SECONDS
        again = "address.added after the last address.lapsed"
        wait_until(lambda: "address.added" in pair.high.log().rpartition("address.lapsed")[2], PATIENCE, again)


def deleted_before_the_end(pair: Pair) -> tuple[float, float, list[float]]:
    """Since when `high` is mute, its last advertisement, and when it lost the address: to us, and with its lease."""
    for _ in range(ROUNDS):
        begun = pair.phase(0.5)
        with deaf_and_dumb(pair.lan["high"]):
            last = pair.wire.adverts("high")[-1].at
            time.sleep(max(0.0, last + 2.6 - now()))
            with suppress(LabError):  # it is gone: we look too late
                pair.lan["high"].delete_address(f"{VIP}/32")
            pair.wait_taken(begun)
        lost = pair.lost("high", begun)
        if len(lost) > 1:
            return begun, last, lost
        pair.wait_owner("high")
    raise LabError("the lease was always over before we could delete the address")


def test_what_is_put_back_in_the_last_second_of_a_lease_goes_with_it() -> None:
    """The kernel counts no less than a second; whoever runs looks at the end of the lease himself."""
    with Pair() as pair:
        begun, last, lost = deleted_before_the_end(pair)
        assert len(lost) == 2
        assert pair.took(last, lost[1]) < 3 + LEASE_LATE_SECONDS
        pair.high.wait_log("address.restored")
        pair.high.wait_log("address.lapsed")
        pair.wait_owner("high")
        assert pair.two_owners(begun) < TWO_OWNERS_SECONDS


def test_who_could_never_send_never_takes_the_address() -> None:
    """Back, it hears a lower priority, but is not heard: nobody would give the address up for it."""
    with Pair() as pair:
        begun = now()
        pair.high.stop()
        pair.wait_owner("low")
        with deaf_and_dumb(pair.lan["high"]):
            pair.high.start()
            pair.high.wait_log("new=master", PATIENCE)
            time.sleep(2.0)
            assert pair.witness.holders() == {"low"}
            assert pair.two_owners(begun) == 0
        pair.wait_owner("high")
        assert pair.two_owners(begun) < TWO_OWNERS_SECONDS


def test_an_interface_that_goes_down_loses_the_address_at_once() -> None:
    """No lease is waited for: the daemon sees it. With carrier lost it is the same."""
    with Pair() as pair:
        for down, up in (
            (pair.lan["high"].link_down, pair.lan["high"].link_up),
            (pair.lan["high"].cut, pair.lan["high"].heal),
        ):
            begun = pair.phase(0.1)
            down()
            pair.wait_owner("low")
            lost = pair.lost("high", begun)[0]
            last = [each.at for each in pair.wire.adverts("high") if each.at < lost][-1]
            assert pair.took(last, lost) < 3, "the lease cannot have been over"
            up()
            pair.wait_owner("high")
            assert pair.two_owners(begun) < TWO_OWNERS_SECONDS


def test_a_queue_that_is_full_is_a_send_that_failed() -> None:
    """ENOBUFS: the kernel tells a raw socket only if it is asked to (ip(7), IP_RECVERR)."""
    with Pair() as pair:
        begun = pair.phase(0.5)
        host = pair.lan["high"]
        host.run(["tc", "qdisc", "add", "dev", INTERFACE, "root", "bfifo", "limit", "1"])
        pair.wait_taken(begun)
        pair.high.wait_log("ENOBUFS")
        assert pair.two_owners(begun) == 0
        host.run(["tc", "qdisc", "del", "dev", INTERFACE, "root"])
        pair.wait_owner("high")
        assert pair.two_owners(begun) < TWO_OWNERS_SECONDS
