"""Who is asked in which way, and what that is worth. The wire is in tests/kernel/test_operator_unicast.py."""

import asyncio
from collections.abc import Collection
from ipaddress import IPv4Address, ip_address

import pytest

from vrrpd.daemon import asking
from vrrpd.daemon.asking import ASKED_LIMIT
from vrrpd.linux.netlink import Interface
from vrrpd.observe.peers import Answer
from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown, Seen
from vrrpd.probes.ping import PingOptions
from vrrpd.protocol.messages import Address

ETH0 = Interface("eth0", 2, up=True, mac=bytes(6))
SOURCE, NEAR, GONE = (IPv4Address(f"192.0.2.{each}") for each in (1, 2, 3))
FAR, SHY, LOCAL = ip_address("203.0.113.1"), ip_address("2001:db8::1"), ip_address("fe80::2")


class Wire:
    """Who answers; `asked`: how each host was asked."""

    def __init__(self) -> None:
        self.there: set[str] = {str(NEAR), str(FAR), f"{LOCAL}%eth0"}
        self.asked: list[tuple[str, str]] = []
        self.broken = False

    def arp(self, _link: Interface, source: Address, hosts: Collection[IPv4Address]) -> frozenset[IPv4Address]:
        if self.broken:
            raise OSError
        assert source == SOURCE
        self.asked += [("arp", str(each)) for each in hosts]
        return frozenset(each for each in hosts if str(each) in self.there)

    def ping(self, options: PingOptions) -> "Ping":
        return Ping(self, options.host)


class Ping:
    def __init__(self, wire: Wire, host: str) -> None:
        self._wire, self._host = wire, host

    def bound(self, seconds: float) -> None:
        assert seconds == asking.PING_SECONDS

    async def check(self) -> Seen:
        await asyncio.sleep(0)
        self._wire.asked.append(("ping", self._host))
        if self._wire.broken:
            raise ProbeUnknown("no socket")
        if self._host not in self._wire.there:
            raise ProbeFailed("silent")
        return Seen(detail="answers")


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    made = Wire()
    monkeypatch.setattr(asking, "answering", made.arp)
    monkeypatch.setattr(asking, "PingProbe", made.ping)
    return made


def near(host: Address) -> bool:
    return str(host).startswith("192.0.2.")


async def test_by_arp_on_the_link_and_by_a_ping_elsewhere(wire: Wire) -> None:
    """A host behind a router that is silent may be there; one on the link may not. Nobody is asked twice."""
    found = await asking.answers(ETH0, SOURCE, [NEAR, GONE, FAR, SHY, LOCAL, NEAR], near)
    assert found == {
        NEAR: Answer.ARP,
        GONE: Answer.NO_ARP,
        FAR: Answer.PING,
        SHY: Answer.NO_PING,
        LOCAL: Answer.PING,
    }
    pings = [("ping", str(FAR)), ("ping", str(SHY)), ("ping", f"{LOCAL}%eth0")]
    assert sorted(wire.asked) == sorted([("arp", str(NEAR)), ("arp", str(GONE)), *pings])


@pytest.mark.parametrize(("source", "mac"), [(None, bytes(6)), (LOCAL, bytes(6)), (SOURCE, b"")])
async def test_without_a_source_or_a_mac_there_is_no_arp(wire: Wire, source: Address | None, mac: bytes) -> None:
    assert await asking.answers(Interface("eth0", 2, up=True, mac=mac), source, [NEAR], near) == {}
    assert wire.asked == []


async def test_what_cannot_be_asked_is_missing(wire: Wire) -> None:
    """It says nothing of the host."""
    wire.broken = True
    assert await asking.answers(ETH0, SOURCE, [NEAR, FAR], near) == {}


async def test_not_everybody_is_asked(wire: Wire) -> None:
    hosts = [ip_address(f"203.0.113.{each}") for each in range(1, ASKED_LIMIT + 9)]
    await asking.answers(ETH0, SOURCE, hosts, near)
    assert len(wire.asked) == ASKED_LIMIT
