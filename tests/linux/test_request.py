"""Requests to netlink, octet by octet, and its answers; the kernel itself is in tests/kernel/test_netlink.py."""

import errno
import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address, ip_interface

import pytest

from vrrpd.config import entries
from vrrpd.config.entries import DetailedAddress
from vrrpd.linux import request
from vrrpd.linux.request import BATCH_LIMIT, Request, Requests, put, take
from vrrpd.linux.rtnetlink import HEADER, NLMSG_ERROR, SCOPES, attributes, messages

VIP, SIX = ip_interface("192.0.2.100/24"), ip_interface("2001:db8::64/64")
WORDS = DetailedAddress(address=VIP, label="eth0:1", scope="link", broadcast=IPv4Address("192.0.2.255"))
READ = 65536


def test_put_on_ipv4() -> None:
    """rtnetlink(7): ifaddrmsg, IFA_LOCAL, IFA_ADDRESS, IFA_CACHEINFO (preferred and valid), IFA_PROTO."""
    made = put(7, VIP, 3)
    assert (made.command, made.flags) == (20, 0x500)
    assert made.body[:8] == bytes([2, 24, 0, 0]) + struct.pack("=I", 7)
    local = VIP.ip.packed
    assert attributes(made.body, 8) == {2: local, 1: local, 11: bytes([112]), 6: struct.pack("=IIII", 3, 3, 0, 0)}


def test_put_on_ipv6_asks_nobody_for_duplicates() -> None:
    made = put(7, SIX)
    assert made.body[:8] == bytes([10, 64, 0, 0]) + struct.pack("=I", 7)
    assert attributes(made.body, 8)[8] == struct.pack("=I", 2)
    assert 6 not in attributes(made.body, 8)


@pytest.mark.parametrize(("lifetime", "valid"), [(3, 3), (None, 0xFFFFFFFF)])
def test_an_ipv6_address_of_its_own_is_no_source_of_the_hosts_connections(lifetime: int | None, valid: int) -> None:
    """Not preferred; one with the prefix of a subnet is as any other."""
    alone = ip_interface("2001:db8::64/128")
    for address in (alone, DetailedAddress(address=alone, dev="eth1")):
        assert attributes(put(7, address, lifetime).body, 8)[6] == struct.pack("=IIII", 0, valid, 0, 0)
    assert attributes(put(7, SIX, 3).body, 8)[6] == struct.pack("=IIII", 3, 3, 0, 0)


def test_put_with_words() -> None:
    """IFA_LABEL, IFA_BROADCAST, scope."""
    broadcast = IPv4Address("192.0.2.255")
    made = put(7, DetailedAddress(address=VIP, label="eth0:1", scope="link", broadcast=broadcast))
    assert made.body[:8] == bytes([2, 24, 0, 253]) + struct.pack("=I", 7)
    words = {3: b"eth0:1\0", 4: broadcast.packed}
    assert attributes(made.body, 8) == {**attributes(put(7, VIP).body, 8), **words}


def test_put_with_duplicate_address_detection() -> None:
    assert 8 not in attributes(put(7, DetailedAddress(address=SIX, nodad=False)).body, 8)
    assert 8 in attributes(put(7, DetailedAddress(address=SIX, dev="eth1")).body, 8)


def test_every_scope_has_its_number() -> None:
    assert tuple(SCOPES) == entries.SCOPES


def test_take() -> None:
    assert take(7, VIP.ip, 24) == Request(21, 0, put(7, VIP).body[:24])


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The other end of the next connection."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    monkeypatch.setattr(request, "connect", lambda: ours)
    with ours, theirs:
        theirs.settimeout(5)
        yield theirs


def answer(sequence: int, number: int) -> bytes:
    about = HEADER.pack(HEADER.size, 20, 0, sequence, 0)
    return HEADER.pack(HEADER.size + 4 + len(about), NLMSG_ERROR, 0, sequence, 0) + struct.pack("=i", -number) + about


def test_many_are_one_message_and_the_last_is_acknowledged(kernel: socket.socket) -> None:
    """Those that the kernel refuses are told without being asked for (netlink(7))."""
    asked = Requests(5.0)
    kernel.send(answer(2, errno.EPERM))
    kernel.send(answer(3, 0))
    assert asked.ask([put(7, VIP), put(8, VIP), put(9, VIP)]) == [0, errno.EPERM, 0]
    flags = [flags for _, flags, _ in messages(kernel.recv(READ))]
    assert flags == [0x501, 0x501, 0x505]


def test_very_many_are_several_messages(kernel: socket.socket) -> None:
    asked = Requests(5.0)
    kernel.send(answer(BATCH_LIMIT, 0))
    kernel.send(answer(BATCH_LIMIT + 1, errno.ENODEV))
    assert asked.ask([put(7, VIP)] * (BATCH_LIMIT + 1)) == [0] * BATCH_LIMIT + [errno.ENODEV]
    assert [len(list(messages(kernel.recv(READ)))) for _ in range(2)] == [BATCH_LIMIT, 1]


def test_an_answer_of_before_is_passed_over(kernel: socket.socket) -> None:
    asked = Requests(5.0)
    kernel.send(answer(1, 0))
    assert asked.ask([put(7, VIP)]) == [0]
    kernel.send(answer(1, errno.EPERM) + answer(2, 0))
    assert asked.ask([put(7, VIP)]) == [0]


def test_numbers_begin_anew_before_they_are_used_up(kernel: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    """510 renewals a second use up 31 bits within 49 days; the mark of the quiet ones stands above."""
    monkeypatch.setattr(request, "QUIETLY", 8)
    asked = Requests(5.0)
    for first in (1, 4, 1):
        kernel.send(answer(8 + first, errno.EPERM) + answer(8 + first + 2, 0))
        assert asked.ask([put(7, VIP)] * 3, quietly=True) == [errno.EPERM, 0, 0]


@pytest.mark.usefixtures("kernel")
def test_nothing_is_asked() -> None:
    assert Requests(0.01).ask([]) == []


def test_no_answer(kernel: socket.socket) -> None:
    asked = Requests(0.01)
    with pytest.raises(OSError, match="no answer") as caught:
        asked.ask([put(7, VIP)])
    assert caught.value.errno == errno.ETIMEDOUT
    asked.close()
    assert kernel.recv(READ)
