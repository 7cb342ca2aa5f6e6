"""Unicast on a real kernel: without multicast, past a peer that cannot be reached, and who is not listened to."""

import asyncio
import json
import socket
import struct
from collections.abc import Iterator
from functools import partial
from ipaddress import ip_address

import pytest

from tests.kernel.reconciler import until
from tests.kernel.test_sockets import KEY4, KEY6, PAYLOAD, Heard, interfaces, ipv4, ipv6, link_local, play
from tests.lab.net import Lan
from tests.lab.parts import Keepalived, KeepalivedInstance, Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.wire import Capture, Injector
from vrrpd.linux.sockets import Wire
from vrrpd.protocol.messages import Address, Family
from vrrpd.protocol.packet import MULTICAST

pytestmark = pytest.mark.kernel

UNREACHABLE = "203.0.113.9"
REFUSED = f"table ip x {{ chain o {{ type filter hook output priority 0; ip daddr {UNREACHABLE} drop; }}; }}"


@pytest.mark.parametrize("family", Family)
def test_to_a_peer_on_the_wire(family: Family) -> None:
    """The destination, the source and the TTL that are given, each time anew, and the MAC of the peer."""
    with Lan(2, ipv6=True) as lan, Capture(lan) as capture:
        key = KEY4 if family is Family.IPV4 else KEY6
        source, peer = ends(lan, family)

        async def act(wire: Wire, _: Heard) -> None:
            for hop_limit in (7, 7, 8):
                assert wire.send(key, source, peer, PAYLOAD, hop_limit=hop_limit) == ""
            await until(lambda: len(capture.adverts("a")) == 3, "three messages")

        play(lan["a"], [key], act, unicast=[key])
        adverts = capture.adverts("a")
    assert [each.ttl for each in adverts] == [7, 7, 8]
    for advert in adverts:
        assert (advert.source, advert.destination) == (str(source), str(peer))
        assert (advert.destination_mac, advert.payload) == (lan["b"].mac, PAYLOAD)


def ends(lan: Lan, family: Family) -> tuple[Address, Address]:
    hosts = lan["a"], lan["b"]
    own, other = (each.ip if family is Family.IPV4 else link_local(each) for each in hosts)
    return ip_address(own), ip_address(other)


@pytest.mark.parametrize("family", Family)
def test_what_is_heard(family: Family) -> None:
    """What is for us, with its hop limit, and the group's; without unicast the kernel keeps the first away."""
    with Lan(2, ipv6=True) as lan:
        key = KEY4 if family is Family.IPV4 else KEY6
        own, other = ends(lan, family)
        group = MULTICAST[family]

        def send(*, unicast: bool) -> list[tuple[Address, int]]:
            async def act(wire: Wire, heard: Heard) -> None:
                def speak() -> None:
                    play(lan["b"], [key], talk)

                async def talk(theirs: Wire, _: Heard) -> None:
                    assert theirs.send(key, other, own, PAYLOAD, hop_limit=9) == ""
                    assert theirs.send(key, other, group, PAYLOAD) == ""

                await asyncio.to_thread(speak)
                await until(lambda: any(each.destination == group for each in heard.datagrams), "the group")
                found.extend((each.destination, each.hop_limit) for each in heard.datagrams)

            found: list[tuple[Address, int]] = []
            play(lan["a"], [key], act, unicast=[key] if unicast else [])
            return found

        assert send(unicast=True) == [(own, 9), (group, 255)]
        assert send(unicast=False) == [(group, 255)]


ANOTHER = {Family.IPV4: ip_address("224.0.0.77"), Family.IPV6: ip_address("ff02::77")}


@pytest.mark.parametrize(
    ("family", "unicast"), [(Family.IPV4, False), (Family.IPV4, True), (Family.IPV6, False)], ids=str
)
def test_groups_that_others_joined_are_not_heard(family: Family, unicast: bool) -> None:
    """IP_MULTICAST_ALL (ip(7)) is on by default, and so is that of IPv6.

    The kernel asks it of IPv4 sockets that are bound to no group, of IPv6 sockets that are bound to one. What an IPv6
    socket for unicast hears, `decode` refuses: Rejection.DESTINATION.
    """
    with Lan(2, ipv6=True) as lan, Injector(lan["b"]) as injector:
        key = KEY4 if family is Family.IPV4 else KEY6
        _, source = ends(lan, family)

        def frame(group: Address) -> bytes:
            if family is Family.IPV4:
                return ipv4(PAYLOAD, to=str(group))
            whole = ipv6(PAYLOAD, str(source))
            return whole[:38] + group.packed + whole[54:]

        async def act(_: Wire, heard: Heard) -> None:
            with joined(family, ANOTHER[family]):
                injector.send(frame(ANOTHER[family]))
                injector.send(frame(MULTICAST[family]))
                await until(lambda: bool(heard.datagrams), "the group")
            assert [each.destination for each in heard.datagrams] == [MULTICAST[family]]

        play(lan["a"], [key], act, unicast=[key] if unicast else [])


def joined(family: Family, group: Address) -> socket.socket:
    """Some other program of the host, such as one that resolves names by multicast."""
    index = socket.if_nametoindex("eth0")
    if family is Family.IPV4:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(
            socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("=4s4si", group.packed, bytes(4), index)
        )
    else:
        made = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, struct.pack("=16si", group.packed, index))
    return made


@pytest.fixture
def pair() -> Iterator[Lan]:
    with Lan(2) as lan:
        yield lan


def is_last(heard: Heard, ttl: int) -> bool:
    """What was sent last, to the group, has come."""
    last = heard.datagrams[-1:]
    return [(str(each.destination), each.hop_limit) for each in last] == [("224.0.0.18", ttl)]


def test_from_multicast_to_unicast_and_back(pair: Lan) -> None:
    """The socket is another one, and what was sent to us before is not heard afterwards."""

    async def act(wire: Wire, heard: Heard) -> None:
        with Injector(pair["b"]) as injector:
            for number, unicast in enumerate(([KEY4], [], [KEY4])):
                wire.open_for([KEY4], await interfaces(), unicast)
                for to in ("192.0.2.1", "224.0.0.18"):
                    frame = ipv4(PAYLOAD, to=to, ttl=number + 1)
                    injector.send(bytes.fromhex(pair["a"].mac.replace(":", "")) + frame[6:] if to[0] == "1" else frame)
                await until(partial(is_last, heard, number + 1), "the group")
        heard_at = [each.hop_limit for each in heard.datagrams if not each.destination.is_multicast]
        assert heard_at == [1, 3]

    play(pair["a"], [KEY4], act)


def test_no_multicast_and_a_peer_that_cannot_be_reached() -> None:
    """All is well between the others: one Master, which keeps its lease; the failure names its peer."""
    with Lan(["high", "low"]) as lan, Capture(lan) as wire:
        parts = []
        for host, priority in ((lan["high"], 150), (lan["low"], 100)):
            host.run(["ip", "link", "set", "dev", "eth0", "multicast", "off"])
            host.run(["nft", "-f", "-"], REFUSED)
            peers = json.dumps([UNREACHABLE, lan["high"].ip, lan["low"].ip])
            text = instance_text(priority=priority, vips=[f"{VIP}/32"], extra=f"unicast_peer = {peers}")
            parts.append(Vrrpd(host, text))
        high, low = parts
        with high:
            first = wire.wait_advert("high", 150)
            low.start()
            high.wait_log(f"peer={UNREACHABLE}")
            wire.wait_advert("high", since=first.at + 5)  # longer than the lease
            assert lan.holders(VIP) == ["high"]
            low_spoke = wire.adverts("low", since=first.at + 1)
            assert (low_spoke, {each.destination for each in wire.adverts()}) == ([], {lan["low"].ip})
            assert 'mode="unicast"' in low.get("/metrics")


def test_a_stranger_is_not_listened_to() -> None:
    """check_unicast_src: who is not listed cannot keep us from taking over, nor make us yield."""
    with Lan(["a", "b"]) as lan, Capture(lan) as wire:
        text = instance_text(priority=100, vips=[f"{VIP}/32"], extra='unicast_peer = ["192.0.2.77"]')
        stranger = instance_text(priority=200, vips=[f"{VIP}/32"], extra='unicast_peer = ["192.0.2.1"]')
        with Vrrpd(lan["a"], text) as ours, Vrrpd(lan["b"], stranger):
            wire.wait_advert("b", 200)
            lan["a"].wait_holds(VIP, timeout=20)
            ours.wait_log("192.0.2.2 is not in unicast_peer")


TTL_OF_PEER = 63


def test_the_configured_ttl_beside_keepalived() -> None:
    """What unicast_ttl says is on the wire; with min_ttl above it a peer is not heard, and with less it is."""
    theirs = KeepalivedInstance(
        priority=200,
        vips=[VIP],
        version=3,
        advert_int=0.5,
        extra=f"unicast_src_ip 192.0.2.2\n unicast_ttl {TTL_OF_PEER}\n unicast_peer {{\n 192.0.2.1\n }}",
    )

    def ours(least: int) -> str:
        peers = f'unicast_ttl = 64\nunicast_peer = [{{ address = "192.0.2.2", min_ttl = {least} }}]'
        return instance_text(priority=100, vips=[f"{VIP}/32"], version=3, advert_int="500ms", extra=peers)

    with Lan(["a", "b"]) as lan, Capture(lan) as wire, Keepalived(lan["b"], theirs):
        lan["b"].wait_holds(VIP, timeout=20)
        with Vrrpd(lan["a"], ours(TTL_OF_PEER + 1)) as part:
            lan["a"].wait_holds(VIP, timeout=20)
            part.wait_log(f"TTL {TTL_OF_PEER}, must be {TTL_OF_PEER + 1}..255", timeout=20)
            part.turn(ours(TTL_OF_PEER))
            lan["a"].wait_holds(VIP, held=False, timeout=20)
        assert lan["b"].holds(VIP)
        assert {each.ttl for each in wire.adverts("a")} == {64}
        assert {each.ttl for each in wire.adverts("b")} == {TTL_OF_PEER}
