"""What is listened for and when; sockets on a wire are in tests/kernel/test_disagreement.py and test_rival_ipv6.py."""

import asyncio
import os
import socket
import threading
from dataclasses import replace
from ipaddress import IPv4Address, ip_address, ip_interface
from typing import Any, cast

import pytest

from tests.linux.rows import instance
from vrrpd.config.entries import DetailedAddress
from vrrpd.linux.claimants import ClaimWatch
from vrrpd.linux.netlink import Interface
from vrrpd.linux.resolution import ARP, NEIGHBOR_DISCOVERY
from vrrpd.protocol.messages import Address

MAC = bytes.fromhex("02000000000b")
FIRST, SECOND, OTHER = IPv4Address("192.0.2.100"), IPv4Address("192.0.2.101"), IPv4Address("192.0.2.102")
OWN = IPv4Address("192.0.2.1")
SIX = ip_address("fe80::1")


class Ear:
    """Stands in for a socket; its close takes place in a thread that it remembers."""

    def __init__(self) -> None:
        self.descriptor, self._other_end = os.pipe()
        self.closed_in = 0

    def fileno(self) -> int:
        return self.descriptor

    def close(self) -> None:
        self.closed_in = threading.get_ident()
        os.close(self.descriptor)
        os.close(self._other_end)


def test_neither_opening_nor_closing_delays_the_election(monkeypatch: pytest.MonkeyPatch) -> None:
    """To close a packet socket takes the kernel 5 to 25 ms, to open one with its filter a third of a millisecond."""
    ears: list[Ear] = []
    opened = asyncio.Event()

    def listen(watch: ClaimWatch[Any], *_: object) -> socket.socket:
        ears.append(Ear())
        made = cast(socket.socket, ears[-1])
        asyncio.get_running_loop().add_reader(made, lambda: None)
        opened.set()
        return made

    async def main() -> None:
        vi = instance(str(FIRST))
        watch = ClaimWatch(ARP, lambda *_: None)
        watch.follow({"eth0": Interface("eth0", 2, up=True, mac=MAC)})
        watch.hold(vi, True)
        assert ears == []
        async with asyncio.timeout(10):
            await opened.wait()
        assert len(ears) == 1
        watch.hold(vi, False)
        assert not ears[0].closed_in
        watch.close()
        await asyncio.get_running_loop().shutdown_default_executor()
        assert ears[0].closed_in not in {0, threading.get_ident()}

    monkeypatch.setattr(ClaimWatch, "_listen", listen)
    asyncio.run(main())


def test_many_that_take_over_at_once_need_one_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its filter is for all that may ask; a reload that changes nothing leaves it alone, and so does a holder."""
    opened: list[frozenset[IPv4Address]] = []

    def listen(_watch: ClaimWatch[Any], _interface: Interface, addresses: frozenset[IPv4Address]) -> socket.socket:
        opened.append(addresses)
        return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    async def main() -> None:
        many = [instance(str(each), name=str(each)) for each in (FIRST, SECOND, OTHER)]
        watch = ClaimWatch(ARP, lambda *_: None)
        watch.follow({"eth0": Interface("eth0", 2, up=True, mac=MAC)})
        watch.configure(many)
        assert opened == []
        for each in many:
            watch.ask(each, OWN, each.addresses)
            watch.hold(each, True)
            watch.ask(each, OWN, each.addresses)
        watch.configure(many)
        assert opened == [{FIRST, SECOND, OTHER}]
        watch.configure([*many, instance("192.0.2.103")])
        assert len(opened[1]) == 4
        watch.close()
        await asyncio.get_running_loop().shutdown_default_executor()

    monkeypatch.setattr(ClaimWatch, "_listen", listen)
    monkeypatch.setattr(asyncio.SelectorEventLoop, "remove_reader", lambda *_: True)
    asyncio.run(main())


@pytest.mark.parametrize(
    ("resolution", "source", "segments"),
    [
        (ARP, OWN, {"eth0": {FIRST, OTHER}, "eth1": {SECOND}}),
        (NEIGHBOR_DISCOVERY, SIX, {"eth0": {SIX + 1, SIX + 2}}),
    ],
)
def test_each_listens_where_the_addresses_of_its_family_are(
    monkeypatch: pytest.MonkeyPatch, resolution: Any, source: Address, segments: dict[str, set[Address]]
) -> None:
    """Some are on another interface, some are not advertised; of another family's addresses nobody is asked."""
    opened: dict[str, frozenset[Address]] = {}

    def listen(_watch: ClaimWatch[Any], interface: Interface, addresses: frozenset[Address]) -> socket.socket:
        opened[interface.name] = addresses
        return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    async def main() -> None:
        elsewhere = DetailedAddress(address=ip_interface(SECOND), dev="eth1")
        four = replace(
            instance(str(FIRST), name="four"),
            virtual_ipaddress_excluded=(elsewhere, *map(ip_interface, (OTHER, SIX + 1))),
        )
        six = instance(str(SIX + 2), name="six")
        asked, other = (four, six) if resolution is ARP else (six, four)
        watch = ClaimWatch(resolution, lambda *_: None)
        watch.configure([four, six])
        watch.follow({name: Interface(name, at, up=True, mac=MAC) for at, name in enumerate(("eth0", "eth1"), 2)})
        assert watch.ask(other, source, other.addresses) == ""
        assert opened == {}
        watch.ask(asked, source, asked.addresses)
        assert opened == segments
        watch.close()
        await asyncio.get_running_loop().shutdown_default_executor()

    monkeypatch.setattr(ClaimWatch, "_listen", listen)
    monkeypatch.setattr(asyncio.SelectorEventLoop, "remove_reader", lambda *_: True)
    asyncio.run(main())
