"""Who has the address: the kernels of both hosts by netlink events, and who answers ARP or neighbour solicitations."""

import os
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address
from types import TracebackType
from typing import Self

from bench.tally import Change
from tests.lab import decode, namespaces
from tests.lab.net import Host
from tests.lab.waiting import now
from vrrpd.protocol.frames import arp_probe, neighbor_solicitation

ASK_SECONDS = 0.1
"""Between two questions: fine enough for seconds, and ten frames a second disturb nobody."""
RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR = 0x10, 0x100
"""rtnetlink(7)."""
RTM_NEWADDR, RTM_DELADDR = 20, 21
IFA_ADDRESS, IFA_LOCAL = 1, 2
READ_BYTES = 65536
ARP_REPLY = 2

_MESSAGE = struct.Struct("=IHHII")
"""struct nlmsghdr: length, type, flags, sequence, port."""
_ATTRIBUTE = struct.Struct("=HH")
"""struct rtattr: length, type; each begins at a multiple of four."""
_IFADDRMSG_BYTES = 8


class Witness:
    """Watches one address of either family from `__enter__` to `__exit__`, in a thread; both hosts begin without it.

    `asker` must be a host nobody else uses: an answer refreshes the ARP cache of whoever asked, and the client's is
    part of what is measured. With IPv6 it needs a link-local address.
    """

    def __init__(self, hosts: Sequence[Host], asker: Host, address: str) -> None:
        self.changes: list[Change] = []
        self.requests: list[float] = []
        self.answers: list[tuple[float, str]] = []
        self._hosts = hosts
        self._asker = asker
        self._address = address
        self._selector = selectors.DefaultSelector()
        self._holders: set[str] = set()
        self._error: Exception | None = None
        self._woken_at = 0.0

    def __enter__(self) -> Self:
        self._stop_read, self._stop_write = os.pipe()
        self._selector.register(self._stop_read, selectors.EVENT_READ, None)
        for host in self._hosts:
            events = namespaces.inside(host.namespace, _address_events)
            self._selector.register(events, selectors.EVENT_READ, self._reader(events, host.name))
        self._wire = namespaces.inside(self._asker.namespace, self._open_wire)
        self._question = _question(self._asker, self._address)
        self._selector.register(self._wire, selectors.EVENT_READ, self._read_answer)
        self._thread = threading.Thread(target=self._watch, name="witness", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.write(self._stop_write, b"x")
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            (key.fileobj.close if isinstance(key.fileobj, socket.socket) else lambda: None)()
        self._selector.close()
        os.close(self._stop_read)
        os.close(self._stop_write)
        if self._error is not None and error is None:
            raise self._error

    def holders(self) -> frozenset[str]:
        """Names of the hosts that hold the address now."""
        return frozenset(self._holders)

    def _open_wire(self) -> socket.socket:
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        ipv6 = ":" in self._address
        made.bind((self._asker.interface, decode.ETHERTYPE_IPV6 if ipv6 else decode.ETHERTYPE_ARP))
        return made

    def _watch(self) -> None:
        try:
            self._loop()
        except OSError as error:  # also ENOBUFS: an event that was lost makes the figures worthless
            self._error = error

    def _loop(self) -> None:
        due = time.monotonic()
        while True:
            ready = self._selector.select(max(0.0, due - time.monotonic()))
            # Of what waits in two sockets nobody can say which came first: let it be at once.
            self._woken_at = now()
            for key, _ in ready:
                if key.data is None:
                    return
                key.data()
            if time.monotonic() >= due:
                due += ASK_SECONDS
                self.requests.append(now())
                self._wire.send(self._question)

    def _reader(self, events: socket.socket, name: str) -> Callable[[], None]:
        def read() -> None:
            for held, address in _addresses(events.recv(READ_BYTES)):
                # A renewed lifetime is told as a new address.
                if address == self._address and held is not (name in self._holders):
                    (self._holders.add if held else self._holders.discard)(name)
                    self.changes.append(Change(self._woken_at, name, held))

        return read

    def _read_answer(self) -> None:
        frame = decode.Frame(now(), self._asker.name, self._wire.recv(READ_BYTES))
        if decode.mac(frame.data[:6]) == self._asker.mac and _answered(frame) == self._address:
            self.answers.append((frame.at, decode.mac(frame.data[6:12])))


def _answered(frame: decode.Frame) -> str | None:
    """Of which address this is an answer."""
    arp, advertisement = decode.arp(frame), decode.neighbour_advertisement(frame)
    if arp is not None and arp.operation == ARP_REPLY:
        return arp.sender
    return advertisement.target if advertisement is not None else None


def _address_events() -> socket.socket:
    made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    made.bind((0, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR))
    return made


def _addresses(data: bytes) -> Iterator[tuple[bool, str]]:
    """(held, address) of each RTM_NEWADDR and RTM_DELADDR, rtnetlink(7)."""
    start = 0
    while start + _MESSAGE.size <= len(data):
        length, kind = _MESSAGE.unpack_from(data, start)[:2]
        if kind in (RTM_NEWADDR, RTM_DELADDR):
            body = start + _MESSAGE.size
            family = data[body]
            told = _told(data[body + _IFADDRMSG_BYTES : start + length], family)
            yield from ((kind == RTM_NEWADDR, socket.inet_ntop(family, each)) for each in told)
        start += _aligned(length)


def _told(attributes: bytes, family: int) -> Iterator[bytes]:
    """The address itself: IPv6 has none that is local beside it, unless it has a peer."""
    wanted = IFA_LOCAL if family == socket.AF_INET else IFA_ADDRESS
    start = 0
    while start + _ATTRIBUTE.size <= len(attributes):
        length, kind = _ATTRIBUTE.unpack_from(attributes, start)
        if kind == wanted:
            yield attributes[start + _ATTRIBUTE.size : start + length]
        start += _aligned(length)


def _aligned(length: int) -> int:
    return max(4, (length + 3) & ~3)  # never stand still, whatever comes


def _question(asker: Host, address: str) -> bytes:
    """As any host asks that knows nobody's MAC (RFC 826, RFC 4861 7.2.2)."""
    mac = bytes.fromhex(asker.mac.replace(":", ""))
    if ":" not in address:
        return arp_probe(mac, IPv4Address(asker.ip), IPv4Address(address))
    own = next(each.address for each in asker.addresses() if each.address.startswith("fe80"))
    return neighbor_solicitation(mac, IPv6Address(own), IPv6Address(address))
