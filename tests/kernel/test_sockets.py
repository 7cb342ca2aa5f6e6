"""Raw sockets on a real kernel: what is on the wire, what comes in, what a flood does."""

import asyncio
import select
import socket
import struct
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_address

import pytest

from tests.kernel.reconciler import PATIENCE, run, until
from tests.lab.decode import Frame
from tests.lab.net import Host, Lan
from tests.lab.waiting import wait_until
from tests.lab.wire import Capture, Injector
from vrrpd.linux import sockets
from vrrpd.linux.netlink import Interface, Netlink
from vrrpd.linux.sockets import DRAIN_LIMIT, Key, Wire
from vrrpd.protocol.messages import Address, Datagram, Family, Rejection
from vrrpd.protocol.packet import MULTICAST, PacketError

pytestmark = pytest.mark.kernel

KEY4, KEY6 = ("eth0", Family.IPV4), ("eth0", Family.IPV6)
GROUP4, GROUP6 = MULTICAST[Family.IPV4], MULTICAST[Family.IPV6]
PAYLOAD = bytes.fromhex("2133640100010000c00002640000000000000000")
GROUP_MAC = bytes.fromhex("01005e000012")


@dataclass
class Heard:
    """What a wire told."""

    datagrams: list[Datagram] = field(default_factory=list)
    bad: list[tuple[Address, Rejection]] = field(default_factory=list)
    lost: dict[Key, int] = field(default_factory=lambda: defaultdict(int))

    def on_bad(self, interface: str, source: Address, error: PacketError) -> None:
        assert interface == "eth0"
        self.bad.append((source, error.rejection))

    def on_overrun(self, key: Key, lost: int) -> None:
        self.lost[key] += lost


Act = Callable[[Wire, Heard], Awaitable[None]]


def play(host: Host, keys: list[Key], act: Act, unicast: Collection[Key] = ()) -> None:
    async def main() -> None:
        heard = Heard()
        wire = Wire(heard.datagrams.append, heard.on_bad, heard.on_overrun)
        try:
            wire.open_for(keys, await interfaces(), unicast)
            await act(wire, heard)
        finally:
            wire.close()

    run(host, main)


async def interfaces() -> dict[str, Interface]:
    netlink = Netlink()
    await netlink.open()
    try:
        return dict((await netlink.snapshot()).interfaces)
    finally:
        await netlink.close()


@pytest.fixture
def pair() -> Iterator[Lan]:
    with Lan(2, ipv6=True) as lan:
        yield lan


def link_local(host: Host) -> str:
    """The kernel makes it a moment after the link is up."""
    wait_until(lambda: any(each.address.startswith("fe80") for each in host.addresses()), PATIENCE, "link-local")
    return next(each.address for each in host.addresses() if each.address.startswith("fe80"))


def ipv4(
    payload: bytes,
    *,
    source: str = "192.0.2.2",
    to: str = "224.0.0.18",
    ttl: int = 255,
    options: bytes = b"",
    more: int = 0,
) -> bytes:
    """A frame from host b to the group. `more`: added to the total length of the IP header."""
    words = 5 + len(options) // 4
    total = 4 * words + len(payload) + more
    head = struct.pack("!BBHHHBBH", 0x40 | words, 0xC0, total, 7, 0, ttl, 112, 0)
    head += IPv4Address(source).packed + IPv4Address(to).packed + options
    check = sum(struct.unpack(f"!{len(head) // 2}H", head))
    check = 0xFFFF - ((check & 0xFFFF) + (check >> 16))
    ip = head[:10] + struct.pack("!H", check) + head[12:] + payload
    return GROUP_MAC + bytes.fromhex("02000000000b0800") + ip.ljust(46, b"\0")


def ipv6(payload: bytes, source: str) -> bytes:
    """A frame from host b to the group."""
    head = bytes.fromhex("333300000012" + "02000000000b" + "86dd" + "60000000") + struct.pack(
        "!HBB", len(payload), 112, 255
    )
    return head + ip_address(source).packed + ip_address("ff02::12").packed + payload


def test_ipv4_on_the_wire(pair: Lan) -> None:
    """vrrp-wire a.6: TTL 255, TOS 0xc0, group and its MAC, the source that was given; never looped back."""

    async def act(wire: Wire, heard: Heard) -> None:
        assert wire.send(KEY4, ip_address("192.0.2.1"), GROUP4, PAYLOAD) == ""
        await asyncio.to_thread(capture.wait_advert, "a")
        assert heard == Heard()

    with Capture(pair) as capture:
        # neither a VIP that was there first nor one of a wider network may become the source
        pair["a"].add_address("192.0.2.100/32")
        play(pair["a"], [KEY4], act)
        frame = only(capture)
        advert = capture.adverts("a")[0]
    assert (advert.source, advert.destination, advert.ttl) == ("192.0.2.1", "224.0.0.18", 255)
    assert (frame.data[:6], frame.data[15], advert.payload) == (GROUP_MAC, 0xC0, PAYLOAD)
    assert advert.source_mac == pair["a"].mac


def only(capture: Capture) -> Frame:
    """The one VRRP frame; joining a group sends others."""
    found = [each for each in capture.frames() if each.data[23] == 112 or each.data[20] == 112]
    assert len(found) == 1
    return found[0]


def test_ipv4_source_is_the_one_given(pair: Lan) -> None:
    pair["a"].add_address("192.0.2.50/24")

    async def act(wire: Wire, heard: Heard) -> None:
        assert wire.send(KEY4, ip_address("192.0.2.50"), GROUP4, PAYLOAD) == ""
        assert wire.send(KEY4, ip_address("203.0.113.9"), GROUP4, PAYLOAD) in {"EINVAL", "ENETUNREACH"}
        await asyncio.to_thread(capture.wait_advert, "a")

    with Capture(pair) as capture:
        play(pair["a"], [KEY4], act)
        assert [each.source for each in capture.adverts("a")] == ["192.0.2.50"]


def test_ipv6_on_the_wire(pair: Lan) -> None:
    source = link_local(pair["a"])

    async def act(wire: Wire, heard: Heard) -> None:
        assert wire.send(KEY6, ip_address(source), GROUP6, PAYLOAD) == ""
        await asyncio.to_thread(capture.wait_advert, "a")
        assert heard == Heard()

    with Capture(pair) as capture:
        play(pair["a"], [KEY6], act)
        frame = only(capture)
        advert = capture.adverts("a")[0]
    traffic_class = int.from_bytes(frame.data[14:16]) >> 4 & 0xFF
    assert (advert.source, advert.destination, advert.ttl, traffic_class) == (source, "ff02::12", 255, 0xC0)
    assert frame.data[54:] == PAYLOAD  # the checksum is ours, right or wrong


def test_ipv6_received(pair: Lan) -> None:
    """Source, destination and hop limit come with it; a wrong checksum, too, so that it can be counted."""
    source = ip_address(link_local(pair["b"]))

    async def send(wire: Wire, heard: Heard) -> None:
        assert wire.send(KEY6, source, GROUP6, PAYLOAD) == ""

    async def act(wire: Wire, heard: Heard) -> None:
        await asyncio.to_thread(play, pair["b"], [KEY6], send)
        await until(lambda: bool(heard.datagrams), "datagram")
        assert heard.datagrams == [Datagram("eth0", Family.IPV6, source, ip_address("ff02::12"), 255, PAYLOAD)]

    play(pair["a"], [KEY6], act)


def test_ipv4_received(pair: Lan) -> None:
    """The header is taken off, options and padding too; any TTL comes in and is judged later."""

    async def act(wire: Wire, heard: Heard) -> None:
        with Injector(pair["b"]) as injector:
            injector.send(ipv4(PAYLOAD))
            injector.send(ipv4(PAYLOAD, ttl=254, options=b"\x94\x04\x00\x00"))
        await until(lambda: len(heard.datagrams) == 2, "datagrams")
        assert [(each.hop_limit, each.payload, each.source) for each in heard.datagrams] == [
            (255, PAYLOAD, ip_address("192.0.2.2")),
            (254, PAYLOAD, ip_address("192.0.2.2")),
        ]
        assert heard.bad == []

    play(pair["a"], [KEY4], act)


def test_other_groups_and_interfaces_are_not_heard(pair: Lan) -> None:
    """A second interface on the same wire joins the group; its socket hears its own copy only."""
    pair["a"].run(["ip", "link", "add", "link", "eth0", "name", "mac0", "up", "type", "macvlan", "mode", "bridge"])

    async def act(wire: Wire, heard: Heard) -> None:
        with Injector(pair["b"]) as injector:
            injector.send(ipv4(PAYLOAD))
            injector.send(ipv4(PAYLOAD, to="224.0.0.1"))
        await until(lambda: len(heard.datagrams) == 2, "datagrams")
        assert sorted(each.interface for each in heard.datagrams) == ["eth0", "mac0"]

    play(pair["a"], [KEY4, ("mac0", Family.IPV4)], act)


def test_malformed_packets_leave_the_reader_alive(pair: Lan) -> None:
    """Empty, truncated, too long by its own word, a stranger's source: each one event, and the next is read."""
    frames = [
        ipv4(b""),
        ipv4(b"\x21"),
        ipv4(PAYLOAD, source="0.0.0.0"),
        ipv4(PAYLOAD, more=1400),  # the kernel drops it
        ipv4(bytes(1400)),
        ipv4(PAYLOAD),
    ]
    empty6 = bytes.fromhex("33330000001202000000000b86dd600000000000" + "70ff")
    empty6 += ip_address(link_local(pair["b"])).packed + ip_address("ff02::12").packed

    async def act(wire: Wire, heard: Heard) -> None:
        with Injector(pair["b"]) as injector:
            for frame in [*frames, empty6]:
                injector.send(frame)
        await until(lambda: len(heard.datagrams) == 6, "datagrams")
        lengths = sorted(len(each.payload) for each in heard.datagrams)
        assert lengths == [0, 0, 1, len(PAYLOAD), len(PAYLOAD), 1400]
        assert heard.bad == []

    play(pair["a"], [KEY4, KEY6], act)


def test_a_flood_does_not_keep_timers_waiting(pair: Lan) -> None:
    """Between two bunches of at most DRAIN_LIMIT datagrams the event loop does what is due."""
    bunches: list[int] = []

    async def act(wire: Wire, heard: Heard) -> None:
        loop = asyncio.get_running_loop()
        with Injector(pair["b"]) as injector:
            for _ in range(200):  # all at once: the loop does not run in the meantime
                injector.send(ipv4(PAYLOAD))
        seen = 0

        def note() -> None:
            nonlocal seen
            bunches.append(len(heard.datagrams) - seen)
            seen = len(heard.datagrams)
            if seen < 100:
                loop.call_soon(note)

        note()
        await until(lambda: len(heard.datagrams) >= 100, "half of them: the kernel of a busy machine drops some")

    play(pair["a"], [KEY4], act)
    assert max(bunches) == DRAIN_LIMIT


def test_after_a_standstill_all_that_came_is_read_at_once(pair: Lan) -> None:
    """More than fits into the buffer: what is lost is counted, and what is left is none."""

    async def act(wire: Wire, heard: Heard) -> None:
        with Injector(pair["b"]) as injector:
            for _ in range(sockets.FULL_BUFFER):
                injector.send(ipv4(PAYLOAD))
        wire.catch_up()  # no await before: the loop has read nothing
        assert 10 * DRAIN_LIMIT < len(heard.datagrams) < sockets.FULL_BUFFER
        await until(lambda: len(heard.datagrams) + heard.lost[KEY4] == sockets.FULL_BUFFER, "told of each")

    play(pair["a"], [KEY4], act)


@pytest.mark.parametrize("key", [KEY4, KEY6], ids=["ipv4", "ipv6"])
def test_each_datagram_is_read_or_counted_as_lost(pair: Lan, monkeypatch: pytest.MonkeyPatch, key: Key) -> None:
    """Nobody reads during the burst, and the queue has room for a few. What comes later is heard as ever."""
    monkeypatch.setattr(sockets, "RECEIVE_BUFFER", 1)  # the kernel takes its least, 2304 octets
    frame = ipv4(PAYLOAD) if key == KEY4 else ipv6(PAYLOAD, link_local(pair["b"]))

    async def act(wire: Wire, heard: Heard) -> None:
        with Injector(pair["b"]) as injector:
            for _ in range(200):
                injector.send(frame)
            await until(lambda: len(heard.datagrams) + heard.lost[key] == 200, "datagrams")
            read, lost = len(heard.datagrams), heard.lost[key]
            assert read > 0
            assert lost > 100
            injector.send(frame)
            await until(lambda: len(heard.datagrams) > read, "datagram")
        assert heard.lost == {key: lost}

    play(pair["a"], [key], act)


def test_an_interface_made_anew_gets_a_new_socket(pair: Lan) -> None:
    """Deleted: ENODEV. Made again with another index: heard and sent as before, without asking for it by hand."""
    host = pair["a"]
    key = ("up0", Family.IPV4)
    host.run(["ip", "link", "add", "up0", "up", "type", "veth", "peer", "name", "up1"])
    source = ip_address("198.51.100.1")

    async def remake(*commands: str) -> dict[str, Interface]:
        for command in commands:
            await asyncio.to_thread(host.run, ["ip", *command.split()])
        return await interfaces()

    async def act(wire: Wire, heard: Heard) -> None:
        found = await remake("addr add 198.51.100.1/24 dev up0", "link set up1 up")
        assert wire.send(key, source, GROUP6 if key[1] is Family.IPV6 else GROUP4, PAYLOAD) == ""
        found = await remake("link delete up0")
        assert wire.follow([key], found) == {}
        assert wire.send(key, source, GROUP6 if key[1] is Family.IPV6 else GROUP4, PAYLOAD) == "ENODEV"
        found = await remake(
            "link add up0 up type veth peer name up1", "addr add 198.51.100.1/24 dev up0", "link set up1 up"
        )
        assert wire.follow([key], found) == {}
        assert wire.send(key, source, GROUP6 if key[1] is Family.IPV6 else GROUP4, PAYLOAD) == ""
        found = await remake(  # so quickly that nobody saw it gone
            "link delete up0",
            "link add up0 up type veth peer name up1",
            "addr add 198.51.100.1/24 dev up0",
            "link set up1 up",
        )
        assert wire.follow([key], found) == {}
        assert wire.send(key, source, GROUP6 if key[1] is Family.IPV6 else GROUP4, PAYLOAD) == ""

    play(host, [key], act)


def test_what_came_before_the_socket_was_bound_is_thrown_away(pair: Lan, monkeypatch: pytest.MonkeyPatch) -> None:
    """A raw socket hears every packet of its protocol, to any address, from the moment it is made."""
    configure = sockets._configure_ipv4
    early = ipv4(PAYLOAD, to="192.0.2.1")

    def slowly(made: socket.socket, index: int) -> None:
        with Injector(pair["b"]) as injector:
            injector.send(bytes.fromhex(pair["a"].mac.replace(":", "")) + early[6:])
        assert select.select([made], [], [], PATIENCE)[0]
        configure(made, index)

    async def act(wire: Wire, heard: Heard) -> None:
        with Injector(pair["b"]) as injector:
            injector.send(ipv4(PAYLOAD))
        await until(lambda: bool(heard.datagrams), "datagram")
        assert [str(each.destination) for each in heard.datagrams] == ["224.0.0.18"]

    monkeypatch.setattr(sockets, "_configure_ipv4", slowly)
    play(pair["a"], [KEY4], act)


def test_errors_have_names(pair: Lan) -> None:
    host = pair["a"]
    source = ip_address(host.ip)

    async def act(wire: Wire, heard: Heard) -> None:
        assert wire.send(("eth1", Family.IPV4), source, GROUP4, PAYLOAD) == "ENODEV"
        await asyncio.to_thread(host.link_down)
        assert wire.send(KEY4, source, GROUP4, PAYLOAD) in {"ENETDOWN", "ENETUNREACH", "ENODEV"}
        await asyncio.to_thread(host.link_up)
        assert wire.send(KEY4, source, GROUP4, PAYLOAD) == ""

    play(host, [KEY4], act)


def test_down_and_up_again_still_hears(pair: Lan) -> None:
    """The membership of the group outlives the link."""

    async def act(wire: Wire, heard: Heard) -> None:
        await asyncio.to_thread(pair["a"].link_down)
        await asyncio.to_thread(pair["a"].link_up)
        with Injector(pair["b"]) as injector:

            def answered() -> bool:
                injector.send(ipv4(PAYLOAD))  # the first ones may find the link still down
                return bool(heard.datagrams)

            await until(answered, "datagram", poll=0.01)

    play(pair["a"], [KEY4], act)


def test_nothing_changes_when_one_of_many_cannot_be_opened(pair: Lan) -> None:
    """`open_for` takes all back; `follow` opens what it can and says what it could not."""
    nowhere = {"gone0": Interface("gone0", 9999, up=True, mac=bytes(6))}

    async def act(wire: Wire, heard: Heard) -> None:
        known = await interfaces() | nowhere
        both = [("gone0", Family.IPV4), KEY4]
        with pytest.raises(OSError, match="cannot open a raw socket on gone0"):
            wire.open_for(both, known)
        assert wire.send(KEY4, ip_address("192.0.2.1"), GROUP4, PAYLOAD) == "ENODEV"
        assert list(wire.follow(both, known)) == ["gone0"]
        assert wire.send(KEY4, ip_address("192.0.2.1"), GROUP4, PAYLOAD) == ""
        wire.close_except([])
        assert wire.send(KEY4, ip_address("192.0.2.1"), GROUP4, PAYLOAD) == "ENODEV"

    play(pair["a"], [], act)


def test_without_the_capability(pair: Lan) -> None:
    """The text is for people: it says what is missing."""
    code = """
import asyncio
from vrrpd.linux.netlink import Interface
from vrrpd.linux.sockets import Wire
from vrrpd.protocol.messages import Family
async def main():
    wire = Wire(print, print, print)
    try:
        wire.open_for([("eth0", Family.IPV4)], {"eth0": Interface("eth0", 2, True, bytes(6))})
    except OSError as error:
        print(error.errno, error)
asyncio.run(main())
"""
    argv = ["setpriv", "--bounding-set", "-net_raw", sys.executable, "-c", code]
    assert "cannot open a raw socket: CAP_NET_RAW is missing" in pair["a"].run(argv)
