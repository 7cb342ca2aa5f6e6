"""Against a socket of paper; frames on the wire are in tests/kernel/test_addresses.py."""

import errno
import socket
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from vrrpd.linux.announcer import Announcer
from vrrpd.linux.netlink import Interface
from vrrpd.protocol.frames import gratuitous_arp, unsolicited_na

MAC = bytes.fromhex("020000000001")
ETH0 = Interface("eth0", 2, up=True, mac=MAC)
A, B, V6 = ip_address("192.0.2.100"), ip_address("192.0.2.101"), ip_address("fe80::100")


class Paper:
    """Stands in for the packet socket; `refuse` are errors of the next frames."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, tuple[str, int]]] = []
        self.refuse: list[OSError] = []

    def setblocking(self, flag: bool) -> None:
        assert not flag

    def sendto(self, frame: bytes, address: tuple[str, int]) -> None:
        if self.refuse:
            raise self.refuse.pop(0)
        self.sent.append((frame, address))

    def close(self) -> None:
        """As a socket."""


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> Iterator[Paper]:
    made = Paper()
    with monkeypatch.context() as patch:
        patch.setattr(socket, "socket", lambda *_: made)
        yield made


def test_rounds_over_all_addresses(paper: Paper) -> None:
    announcer = Announcer()
    assert announcer.announce(ETH0, [A, B], 2) == {A: "", B: ""}
    frames = [(gratuitous_arp(MAC, each), ("eth0", 0x0806)) for each in (A, B) if each.version == 4]
    assert paper.sent == frames * 2
    announcer.close()


def test_ipv6(paper: Paper) -> None:
    nowhere = Interface("no-such-interface", 9, up=True, mac=MAC)
    assert V6.version == 6
    assert Announcer().announce(nowhere, [V6], 1) == {V6: ""}
    assert paper.sent == [(unsolicited_na(MAC, V6, router=False), ("no-such-interface", 0x86DD))]


def test_one_refusal_is_told_and_the_rest_is_sent(paper: Paper) -> None:
    paper.refuse = [OSError(errno.ENOBUFS, "full")]
    assert Announcer().announce(ETH0, [A, B], 2) == {A: "ENOBUFS", B: ""}
    assert len(paper.sent) == 3


def test_an_interface_without_a_mac_has_nobody_to_tell(paper: Paper) -> None:
    assert Announcer().announce(Interface("tun0", 3, up=True, mac=b""), [A], 5) == {}
    assert paper.sent == []
