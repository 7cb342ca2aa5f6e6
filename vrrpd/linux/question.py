"""Asks by ARP whether hosts of a segment are there (RFC 826). IPv4 only; it takes a moment, so call it in a thread."""

import socket
import time
from collections.abc import Collection
from ipaddress import IPv4Address

from vrrpd.linux.bpf import attach
from vrrpd.linux.netlink import Interface
from vrrpd.linux.resolution import ARP, WHOLE_FRAME
from vrrpd.protocol.frames import arp_probe, parse_arp

TRIES = 3
"""A frame may be lost."""
WAIT = 0.2
"""Seconds for each try: hosts answer within a millisecond, busy virtual machines within some dozen."""


def answering(
    interface: Interface, source: IPv4Address, hosts: Collection[IPv4Address], wait: float = WAIT
) -> frozenset[IPv4Address]:
    """Those of `hosts` that answer a question from `source`, within `TRIES` times `wait` seconds. Raises OSError."""
    found: set[IPv4Address] = set()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as asking:
        attach(asking, ARP.filter(hosts))
        asking.bind((interface.name, ARP.ethertype))
        for _ in range(TRIES):
            for each in set(hosts) - found:
                asking.send(arp_probe(interface.mac, source, each))
            _listen(asking, interface.mac, set(hosts), found, time.monotonic() + wait)
            if found == set(hosts):
                break
    return frozenset(found)


def _listen(
    asking: socket.socket, own: bytes, hosts: set[IPv4Address], found: set[IPv4Address], deadline: float
) -> None:
    """Until all have answered or the time is over."""
    while found != hosts and (left := deadline - time.monotonic()) > 0:
        asking.settimeout(left)
        try:
            claim = parse_arp(asking.recv(WHOLE_FRAME))
        except TimeoutError:
            return
        if claim is not None and claim.mac != own:
            found.update(hosts.intersection(ARP.of((claim.address,))))
