"""Who has an address? Asked on the wire by a host that takes no part, so that more than one answer is seen."""

from scapy.layers.inet6 import ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.layers.l2 import ARP, Ether

from tests.lab import decode
from tests.lab.decode import Frame
from tests.lab.net import Host
from tests.lab.waiting import LabTimeoutError, now, wait_until
from tests.lab.wire import Capture, Injector

PATIENCE = 10.0
AGAIN = 0.5
"""Seconds until the question is repeated, as any host does that gets no answer."""
LINGER = 0.2
"""Seconds for a second answer after the first one; the kernel answers in less than a millisecond."""
SOLICITED = 2
"""Of the flags of a neighbour advertisement."""


def answers(host: Host, wire: Capture, address: str) -> set[tuple[str, str]]:
    """Names of the hosts that answer, and with which MACs. Raises `LabTimeoutError` if nobody does."""
    asked = now()
    question = bytes(_solicitation(host, address) if ":" in address else _request(host, address))
    with Injector(host) as injector:
        while not _found(wire, asked, address):
            if now() > asked + PATIENCE:
                raise LabTimeoutError(f"nobody answers for {address} within {PATIENCE:g} s")
            injector.send(question)
            _wait(wire, asked, address)
    first = now()
    wait_until(lambda: now() > first + LINGER, PATIENCE, "all answers")
    return _found(wire, asked, address)


def _wait(wire: Capture, since: float, address: str) -> None:
    """For an answer, or until it is time to ask again."""
    sent = now()
    wait_until(lambda: bool(_found(wire, since, address)) or now() > sent + AGAIN, PATIENCE, "an answer")


def _found(wire: Capture, since: float, address: str) -> set[tuple[str, str]]:
    return {found for frame in wire.frames(since) if (found := _answer(frame, address))}


def _request(host: Host, address: str) -> Ether:
    return Ether(src=host.mac, dst="ff:ff:ff:ff:ff:ff") / ARP(op=1, hwsrc=host.mac, psrc=host.ip, pdst=address)


def _solicitation(host: Host, address: str) -> Ether:
    """To all nodes, as the solicited-node group is only where somebody has the address."""
    own = next(each.address for each in host.addresses() if each.address.startswith("fe80"))
    ip = IPv6(src=own, dst="ff02::1", hlim=255)
    question = ICMPv6ND_NS(tgt=address) / ICMPv6NDOptSrcLLAddr(lladdr=host.mac)
    return Ether(src=host.mac, dst="33:33:00:00:00:01") / ip / question


def _answer(frame: Frame, address: str) -> tuple[str, str] | None:
    arp, advertisement = decode.arp(frame), decode.neighbour_advertisement(frame)
    if arp is not None and arp.operation == 2 and arp.sender == address:
        return frame.port, arp.sender_mac
    if advertisement is not None and advertisement.target == address and advertisement.flags & SOLICITED:
        return frame.port, advertisement.source_mac
    return None
