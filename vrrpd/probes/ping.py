"""Probe `ping`: does a gateway answer an ICMP echo?

An answer says that this host reaches the network. A gateway may be busy and answer late or seldom: give `count`,
`timeout` and `fall` accordingly, and remember that all hosts lose a gateway at the same time (`scope = "shared"`).

Each check has a socket of its own, which the kernel lets hear echo replies from that address only. What counts is a
reply with our identifier, number and random payload: what another program's ping gets is none of ours.
"""

import asyncio
import os
import socket
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Annotated

from vrrpd.probes.icmp import ECHO_REPLY, ECHO_REPLY_6, Echo, reply, request
from vrrpd.probes.outcome import Gauge, Measure, ProbeFailed, ProbeUnknown, Seen
from vrrpd.probes.steps import step
from vrrpd.probes.tcp import refusal
from vrrpd.schema import Doc

ROUND_TRIP = Gauge("ping_seconds", "Round trip of the echo that the last good check was answered.")

MAX_COUNT, MAX_SIZE = 10, 1400
"""One check is no flood; and its packets are not in need of fragments."""
MIN_SIZE = 16
"""Octets of chance: nobody guesses them."""
QUEUE = 16 * 1024
"""Octets of replies that may wait for us; of a gateway gone mad we read no more than that at once."""
MAX_PACKET = 65535
"""A longer one does not exist."""
OF_THE_TIMEOUT = 0.9
"""Part of a check's time that all requests together have, so that it can say itself that nobody answered."""
DEFAULT_WAIT = 1.0
"""Seconds for one request, for whoever sets no bound."""

ICMP_FILTER, ICMP6_FILTER = 1, 1
"""Options of the levels IPPROTO_RAW (raw(7), linux/icmp.h) and IPPROTO_ICMPV6 (linux/icmpv6.h): bits of types that are
kept away from the socket."""
_ONLY_REPLIES = struct.pack("=I", 0xFFFFFFFF ^ (1 << ECHO_REPLY))
_ONLY_REPLIES_6 = struct.pack(
    "=8I", *(0xFFFFFFFF ^ ((word == ECHO_REPLY_6 // 32) << ECHO_REPLY_6 % 32) for word in range(8))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PingOptions:
    """Keywords of `type = "ping"`."""

    host: Annotated[
        str, Doc("address of the gateway; a link-local one with its interface, fe80::1%eth0", example='"192.0.2.1"')
    ]
    count: Annotated[
        int,
        Doc("requests of one check, one after the other within timeout; one answer is enough", low=1, high=MAX_COUNT),
    ] = 3
    size: Annotated[int, Doc("payload", unit="octets", low=MIN_SIZE, high=MAX_SIZE)] = 56

    def problems(self) -> tuple[str, ...]:
        """What is wrong across keywords, one text each."""
        try:
            address = ip_address(self.host)
        except ValueError:
            return (f"host: {self.host!r} is not an address; a name would need a resolver that answers",)
        if address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255":
            return (f"host: {self.host} is not the address of one host",)
        if isinstance(address, IPv6Address) and address.is_link_local and not address.scope_id:
            return (f"host: {self.host} needs its interface, as {self.host}%eth0",)
        return ()

    @property
    def address(self) -> IPv4Address | IPv6Address:
        """The host; options without problems only."""
        return ip_address(self.host)


class PingProbe:
    """Well while the host answers."""

    def __init__(self, options: PingOptions) -> None:
        """Nothing is opened yet."""
        self._options = options
        self._identifier = int.from_bytes(os.urandom(2), "big")
        self._sequence = 0
        self._wait = DEFAULT_WAIT

    def bound(self, seconds: float) -> None:
        """Share the time of a check among its requests."""
        self._wait = OF_THE_TIMEOUT * seconds / self._options.count

    async def check(self) -> Seen:
        """Ask until answered, at most `count` times. Raises `ProbeFailed`, and `ProbeUnknown` without a socket."""
        host, count = self._options.host, self._options.count
        with self._opened() as opened:
            said = ""
            for _ in range(count):
                try:
                    async with asyncio.timeout(self._wait):
                        took = await self._ask(opened)
                except TimeoutError:
                    continue
                except OSError as error:
                    said = f": {refusal(error)}"
                    continue
                return Seen(detail=f"{host} answers", measures=(Measure(ROUND_TRIP, took),))
        raise ProbeFailed(f"{host}: no answer to {count} echo request{'s' if count > 1 else ''}{said}")

    async def close(self) -> None:
        """Nothing is kept between checks."""

    def _opened(self) -> socket.socket:
        """A socket that hears nobody but the host."""
        six = isinstance(self._options.address, IPv6Address)
        family, protocol = (socket.AF_INET6, socket.IPPROTO_ICMPV6) if six else (socket.AF_INET, socket.IPPROTO_ICMP)
        try:
            opened = socket.socket(family, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
        except OSError as error:
            raise ProbeUnknown(f"no socket for ICMP, which needs CAP_NET_RAW: {error.strerror}") from error
        try:
            opened.setblocking(False)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, QUEUE)
            if six:
                opened.setsockopt(socket.IPPROTO_ICMPV6, ICMP6_FILTER, _ONLY_REPLIES_6)
            else:
                opened.setsockopt(socket.IPPROTO_RAW, ICMP_FILTER, _ONLY_REPLIES)
            opened.connect(self._destination())
        except OSError as error:
            opened.close()
            raise ProbeFailed(f"{self._options.host}: {refusal(error)}") from error
        return opened

    def _destination(self) -> tuple[str, int] | tuple[str, int, int, int]:
        """As connect(2) wants it. Raises OSError for an interface that is not there."""
        address = self._options.address
        if isinstance(address, IPv4Address):
            return (str(address), 0)
        scope = address.scope_id or ""
        index = 0 if not scope else int(scope) if scope.isdigit() else socket.if_nametoindex(scope)
        return (str(address).partition("%")[0], 0, 0, index)

    async def _ask(self, opened: socket.socket) -> float:
        """Seconds until the answer. Raises OSError, also for what a router on the way says; ends by being cancelled."""
        loop = asyncio.get_running_loop()
        self._sequence = (self._sequence + 1) & 0xFFFF
        wanted = Echo(self._identifier, self._sequence, os.urandom(self._options.size))
        version = self._options.address.version
        began = loop.time()
        await loop.sock_sendall(opened, request(version, wanted))
        step(f"echo request {self._sequence} sent to {self._options.host}")
        while reply(version, await loop.sock_recv(opened, MAX_PACKET)) != wanted:
            pass
        step("echo reply")
        return loop.time() - began
