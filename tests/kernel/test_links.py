"""The daemon and its interface: down and up, gone and made again, and what leaves it (vrrp-wire a.6)."""

import pytest
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.layers.vrrp import VRRP, VRRPv3

from tests.lab import junk, namespaces
from tests.lab.net import Host, Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import skew_seconds
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture, Injector

pytestmark = pytest.mark.kernel

PRIORITY = 150
VIP, LINK_LOCAL_VIP, GLOBAL_VIP = "192.0.2.100", "fe80::100", "2001:db8::100"
V4 = instance_text(priority=PRIORITY, vips=[f"{VIP}/32"])
V6 = instance_text(priority=PRIORITY, version=3, vips=[f"{LINK_LOCAL_VIP}/128", f"{GLOBAL_VIP}/128"])
MASTER_DOWN_SECONDS = 3 + skew_seconds(PRIORITY)
TAKEOVER_TIMEOUT = 10.0


def row(daemon: Vrrpd) -> tuple[str, dict[str, bool]]:
    """State and which addresses are there, as `vrrpctl` shows them."""
    instance = daemon.state()["instances"][0]
    return instance["state"], {each["address"]: each["present"] for each in instance["virtual_addresses"]}


def wait_row(daemon: Vrrpd, state: str, *, present: bool) -> None:
    def shown() -> bool:
        now_in, addresses = row(daemon)
        return now_in == state and set(addresses.values()) == {present}

    wait_until(shown, TAKEOVER_TIMEOUT, f"{state}, addresses {'there' if present else 'gone'}")


def test_link_down_and_up_with_ipv6() -> None:
    """The kernel drops IPv6 addresses for good, our own link-local one comes anew: fault, Backup, then all again."""
    with Lan(2, ipv6=True) as lan, Capture(lan) as wire, Vrrpd(lan["a"], V6) as daemon:
        host = lan["a"]
        wire.wait_advert("a", PRIORITY, timeout=TAKEOVER_TIMEOUT)
        host.wait_holds(GLOBAL_VIP)
        host.link_down()
        wait_row(daemon, "fault", present=False)
        assert not host.holds(GLOBAL_VIP)

        up = now()
        host.link_up()
        advert = wire.wait_advert("a", PRIORITY, since=up, timeout=TAKEOVER_TIMEOUT)
        assert advert.at - up > MASTER_DOWN_SECONDS
        wait_row(daemon, "master", present=True)
        assert host.holds(LINK_LOCAL_VIP)
        assert host.holds(GLOBAL_VIP)
        wait_until(lambda: {LINK_LOCAL_VIP, GLOBAL_VIP} <= told(wire, advert.at), TAKEOVER_TIMEOUT, "both are told")


def told(wire: Capture, since: float) -> set[str]:
    """Addresses that `a` has announced since then."""
    return {each.target for each in wire.neighbour_advertisements("a", since=since)}


def plug_in_again(host: Host) -> None:
    """Another interface of the same name: another index, and no membership of any group."""
    pair = f"link add name {host.name} type veth peer name {host.interface} address {host.mac} netns {host.namespace}"
    for command in (pair, f"link set dev {host.name} master br0 addrgenmode none up"):
        namespaces.call(["ip", "-n", host.lan.switch, *command.split()])
    for command in (f"addr add {host.ip}/24 dev {host.interface}", f"link set dev {host.interface} up"):
        host.run(["ip", *command.split()])


def test_interface_deleted_and_made_again() -> None:
    """Speaks on the new one, holds the address there, and hears the group there."""
    with Lan(2) as lan, Vrrpd(lan["a"], V4) as daemon:
        host = lan["a"]
        with Capture(lan) as wire:
            wire.wait_advert("a", PRIORITY, timeout=TAKEOVER_TIMEOUT)
            host.wait_holds(VIP)
        host.run(["ip", "link", "delete", host.interface])
        wait_row(daemon, "fault", present=False)
        plug_in_again(host)
        with Capture(lan) as wire, Injector(lan["b"]) as injector:
            wire.wait_advert("a", PRIORITY, timeout=TAKEOVER_TIMEOUT)
            wire.wait_gratuitous_arp("a", VIP)
            wait_row(daemon, "master", present=True)
            injector.send(junk.frame(lan["b"], junk.advertisement(lan["b"], VIP, "", 200)))
            wait_row(daemon, "backup", present=False)


def test_an_address_taken_away_is_told_when_it_goes_and_when_it_is_back() -> None:
    """Present is what the kernel has."""
    with Lan(1) as lan, Capture(lan) as wire, Vrrpd(lan["a"], V4) as daemon:
        wire.wait_advert("a", PRIORITY, timeout=TAKEOVER_TIMEOUT)
        wait_row(daemon, "master", present=True)
        before = now()
        lan["a"].delete_address(f"{VIP}/32")
        wire.wait_gratuitous_arp("a", VIP, since=before)
        wait_row(daemon, "master", present=True)
        daemon.wait_log("address.restored")
        log = daemon.log()
        assert log.index("address.lost") < log.index("address.restored")


FAST_SECONDS = 0.2
BOTH = "".join(
    instance_text(name=name, priority=PRIORITY, version=3, advert_int=f"{FAST_SECONDS}s", vips=vips)
    for name, vips in (("VI_4", [f"{VIP}/32"]), ("VI_6", [f"{LINK_LOCAL_VIP}/128"]))
)
WITHOUT = {
    "VI_4": "interface eth0 has no IPv4 address of its own",
    "VI_6": "interface eth0 has no link-local IPv6 address of its own",
}


def test_an_interface_without_an_address_of_its_own_is_a_fault() -> None:
    """RFC 9568 5.1.1.1, 5.1.2.1: nothing can be sent, and a virtual address is no source. With it, Backup first."""
    with Lan(1, ipv6=True) as lan, Capture(lan) as wire, Vrrpd(lan["a"], BOTH) as daemon:
        host = lan["a"]
        own = [f"{each.address}/{each.prefix_length}" for each in host.addresses() if each.prefix_length in (24, 64)]
        assert len(own) == 2

        def shown() -> dict[str, tuple[str, str]]:
            rows = daemon.state()["instances"]
            return {each["name"]: (each["state"], "".join(each["blocked"])) for each in rows}

        def holds() -> list[bool]:
            return [host.holds(VIP), host.holds(LINK_LOCAL_VIP)]

        wait_until(lambda: holds() == [True, True], TAKEOVER_TIMEOUT, "Master of both")
        for each in own:
            host.delete_address(each)
        fault = {name: ("fault", text) for name, text in WITHOUT.items()}
        wait_until(lambda: shown() == fault, TAKEOVER_TIMEOUT, "fault of both")
        wait_until(lambda: holds() == [False, False], TAKEOVER_TIMEOUT, "both are given up")
        back = now()
        for each in own:
            host.add_address(each)
        wait_until(lambda: holds() == [True, True], TAKEOVER_TIMEOUT, "Master of both again")
        assert wire.adverts("a", since=back)[0].at - back > FAST_SECONDS * MASTER_DOWN_SECONDS
        assert {each.source for each in wire.adverts("a")} == {each.partition("/")[0] for each in own}


def test_ipv4_advertisements_on_the_wire() -> None:
    """vrrp-wire a.6, with `mcast_src_ip`; scapy judges both checksums."""
    text = instance_text(priority=PRIORITY, vips=[f"{VIP}/32"], extra='mcast_src_ip = "192.0.2.50"')
    with Lan(1) as lan, Capture(lan) as wire:
        lan["a"].add_address("192.0.2.50/24")
        with Vrrpd(lan["a"], text):
            at = wire.wait_advert("a", PRIORITY, timeout=TAKEOVER_TIMEOUT).at
        frame = Ether(next(each.data for each in wire.frames(since=at)))
    ip = frame[IP]
    assert (ip.src, ip.dst, ip.ttl, ip.tos, ip.proto, ip.options) == ("192.0.2.50", "224.0.0.18", 255, 0xC0, 112, [])
    assert (frame.src, frame.dst) == (lan["a"].mac, "01:00:5e:00:00:12")
    assert "MF" not in ip.flags
    sums = ip.chksum, frame[VRRP].chksum
    del ip.chksum, frame[VRRP].chksum
    rebuilt = Ether(frame.build())
    assert sums == (rebuilt[IP].chksum, rebuilt[VRRP].chksum)


def test_ipv6_advertisements_on_the_wire() -> None:
    """vrrp-wire a.6: from the link-local address, never from a virtual one; scapy judges the checksum."""
    with Lan(1, ipv6=True) as lan, Capture(lan) as wire:
        own = next(each.address for each in lan["a"].addresses() if each.address.startswith("fe80"))
        with Vrrpd(lan["a"], V6):
            at = wire.wait_advert("a", PRIORITY, timeout=TAKEOVER_TIMEOUT).at
            second = wire.wait_advert("a", PRIORITY, since=at + 0.5)
        frame = Ether(next(each.data for each in wire.frames(since=second.at)))
    ip = frame[IPv6]
    assert (ip.src, ip.dst, ip.hlim, ip.tc, ip.nh) == (own, "ff02::12", 255, 0xC0, 112)
    assert (frame.src, frame.dst) == (lan["a"].mac, "33:33:00:00:00:12")
    message = frame[VRRPv3]
    assert message.addrlist == [LINK_LOCAL_VIP, GLOBAL_VIP]
    checksum = message.chksum
    del message.chksum
    assert checksum == Ether(frame.build())[VRRPv3].chksum
