"""The filter that the kernel gets, and what a claim is; sockets on a wire are in tests/kernel/test_disagreement.py."""

import asyncio
import os
import socket
import struct
import threading
from dataclasses import replace
from ipaddress import IPv4Address, ip_interface
from typing import cast

import pytest

from tests.linux.rows import instance
from vrrpd.config.entries import DetailedAddress
from vrrpd.linux.arp import (
    BPF_JUMP_EQUAL,
    BPF_LOAD_WORD,
    BPF_RETURN,
    FILTERED_LIMIT,
    SENDER_AT,
    WHOLE_FRAME,
    ArpWatch,
    claims_of,
)
from vrrpd.linux.netlink import Interface
from vrrpd.protocol.frames import gratuitous_arp

MAC = bytes.fromhex("02000000000b")
FIRST, SECOND, OTHER = IPv4Address("192.0.2.100"), IPv4Address("192.0.2.101"), IPv4Address("192.0.2.102")
BPF_MAXINSNS = 4096


def run(program: bytes, frame: bytes) -> int:
    """Do what the kernel does with the three instructions that are used: octets handed up."""
    steps = list(struct.iter_unpack("@HBBI", program))
    at = accumulator = 0
    while True:
        code, when_true, when_false, operand = steps[at]
        at += 1
        match code:
            case c if c == BPF_LOAD_WORD:
                accumulator = int.from_bytes(frame[operand : operand + 4])
            case c if c == BPF_JUMP_EQUAL:
                at += when_true if accumulator == operand else when_false
            case c if c == BPF_RETURN:
                return int(operand)
            case _:
                pytest.fail(f"unknown instruction {code:#x}")


@pytest.mark.parametrize(("address", "octets"), [(FIRST, WHOLE_FRAME), (SECOND, WHOLE_FRAME), (OTHER, 0)])
def test_only_claims_of_our_addresses_pass(address: IPv4Address, octets: int) -> None:
    assert run(claims_of({FIRST, SECOND}), gratuitous_arp(MAC, address)) == octets


def test_the_senders_address_is_where_the_filter_looks() -> None:
    frame = gratuitous_arp(MAC, FIRST)
    assert frame[SENDER_AT : SENDER_AT + 4] == FIRST.packed


@pytest.mark.parametrize("count", [FILTERED_LIMIT, FILTERED_LIMIT + 1])
def test_the_program_fits_the_kernel(count: int) -> None:
    """With too many addresses everything passes and is sorted out later."""
    program = claims_of(FIRST + each for each in range(count))
    assert len(program) // 8 <= BPF_MAXINSNS
    assert run(program, gratuitous_arp(MAC, FIRST + count - 1)) == WHOLE_FRAME
    assert (run(program, gratuitous_arp(MAC, FIRST - 1)) == 0) is (count <= FILTERED_LIMIT)


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

    def listen(watch: ArpWatch, *_: object) -> socket.socket:
        ears.append(Ear())
        made = cast(socket.socket, ears[-1])
        asyncio.get_running_loop().add_reader(made, lambda: None)
        opened.set()
        return made

    async def main() -> None:
        vi = instance(str(FIRST))
        watch = ArpWatch(lambda *_: None)
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

    monkeypatch.setattr(ArpWatch, "_listen", listen)
    asyncio.run(main())


def test_many_that_take_over_at_once_need_one_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its filter is for all that may ask; a reload that changes nothing leaves it alone, and so does a holder."""
    opened: list[frozenset[IPv4Address]] = []

    def listen(_watch: ArpWatch, _interface: Interface, addresses: frozenset[IPv4Address]) -> socket.socket:
        opened.append(addresses)
        return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    async def main() -> None:
        many = [instance(str(each), name=str(each)) for each in (FIRST, SECOND, OTHER)]
        watch = ArpWatch(lambda *_: None)
        watch.follow({"eth0": Interface("eth0", 2, up=True, mac=MAC)})
        watch.configure(many)
        assert opened == []
        for each in many:
            watch.ask(each, IPv4Address("192.0.2.1"), ())
            watch.hold(each, True)
            watch.ask(each, IPv4Address("192.0.2.1"), ())
        watch.configure(many)
        assert opened == [{FIRST, SECOND, OTHER}]
        watch.configure([*many, instance("192.0.2.103")])
        assert len(opened[1]) == 4
        watch.close()
        await asyncio.get_running_loop().shutdown_default_executor()

    monkeypatch.setattr(ArpWatch, "_listen", listen)
    monkeypatch.setattr(asyncio.SelectorEventLoop, "remove_reader", lambda *_: True)
    asyncio.run(main())


def test_addresses_on_another_interface_are_listened_for_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those that are not advertised as well; an IPv6 address says nothing by ARP."""
    opened: dict[str, frozenset[IPv4Address]] = {}

    def listen(_watch: ArpWatch, interface: Interface, addresses: frozenset[IPv4Address]) -> socket.socket:
        opened[interface.name] = addresses
        return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    async def main() -> None:
        elsewhere = DetailedAddress(address=ip_interface(SECOND), dev="eth1")
        more = (elsewhere, ip_interface(OTHER), ip_interface("fe80::1"))
        one = replace(instance(str(FIRST)), virtual_ipaddress_excluded=more)
        watch = ArpWatch(lambda *_: None)
        watch.configure([one])
        watch.follow({name: Interface(name, at, up=True, mac=MAC) for at, name in enumerate(("eth0", "eth1"), 2)})
        watch.ask(one, IPv4Address("192.0.2.1"), ())
        assert opened == {"eth0": {FIRST, OTHER}, "eth1": {SECOND}}
        watch.close()
        await asyncio.get_running_loop().shutdown_default_executor()

    monkeypatch.setattr(ArpWatch, "_listen", listen)
    monkeypatch.setattr(asyncio.SelectorEventLoop, "remove_reader", lambda *_: True)
    asyncio.run(main())
