"""Ends TCP connections of an address that this host gives up (sock_diag(7), SOCK_DESTROY). Needs CAP_NET_ADMIN.

Nothing reaches such a connection any more: the client talks to the new owner of the address. Left alone, the server
here would wait for minutes, and what it has sent would be lost until then. Listening sockets are never touched.
"""

import asyncio
import errno
import os
import socket
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from time import monotonic

from vrrpd.engine.journal import ConnectionsEnded, Publish
from vrrpd.linux.netlink import error_name
from vrrpd.protocol.messages import Address, Seconds
from vrrpd.threads import Threads

NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY, SOCK_DESTROY = 20, 21
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 0x1, 0x4, 0x300
TCP_LISTEN, TCP_TIME_WAIT, TCP_CLOSE = 10, 6, 7
STATES = 0xFFF & ~(1 << TCP_LISTEN | 1 << TCP_TIME_WAIT | 1 << TCP_CLOSE)
"""All that can carry data; a listener must stay, the others are over."""
READ_OCTETS = 64 * 1024
"""Of one read of a dump; the kernel fills at most 32 KiB."""
PATIENCE = 0.1
"""Seconds, before an address is removed: the new owner has it by now, or in Skew_Time. A thousand take 22 ms."""
HARD_LIMIT = 0.2
"""Seconds after which the address goes all the same, whatever the kernel does with us: `PATIENCE` is looked at between
two calls only, and a thread has to get a processor first."""

_HEADER = struct.Struct("=IHHII")
"""nlmsghdr: length, type, flags, sequence, port."""
_REQUEST = struct.Struct("=BBBxI")
"""inet_diag_req_v2 up to its id: family, protocol, extensions, states."""
_MESSAGE = struct.Struct("=BBBB")
"""inet_diag_msg up to its id: family, state, timer, retransmissions."""
_ID_OCTETS, _SOURCE = 48, slice(4, 20)
"""inet_diag_sockid: two ports, source and destination of 16 octets, interface, cookie."""
_MAPPED = bytes(10) + b"\xff\xff"


class Connections:
    """`end` ends them in a thread of its own, so that the election goes on."""

    def __init__(self, publish: Publish, now: Callable[[], Seconds]) -> None:
        """Every end is told with its count, and every refusal."""
        self._publish = publish
        self._now = now
        self._threads = Threads("connections", 1)
        self._late: set[asyncio.Future[Counter[Address]]] = set()

    async def end(self, addresses: Sequence[Address]) -> None:
        """All connections of these addresses, as far as there is time. Never raises; takes `HARD_LIMIT` at most, and as
        much again where the time before was not enough.
        """
        if not addresses:
            return
        if self._late:
            _, self._late = await asyncio.wait(self._late, timeout=HARD_LIMIT)
        ending = self._threads.start(asyncio.get_running_loop(), partial(end_connections, addresses, PATIENCE))
        ending.add_done_callback(partial(self._tell, addresses[0]))
        _, late = await asyncio.wait({ending}, timeout=HARD_LIMIT)
        if late:  # it goes on, and tells what it has done if it ever ends
            self._late = late
            self._refused(addresses[0], OSError(errno.ETIMEDOUT, ""))

    def _tell(self, first: Address, ending: "asyncio.Future[Counter[Address]]") -> None:
        try:
            ended = ending.result()
        except OSError as error:
            self._refused(first, error)
        else:
            for address, count in ended.items():
                self._publish(ConnectionsEnded(self._now(), address, count))

    def _refused(self, first: Address, error: OSError) -> None:
        self._publish(ConnectionsEnded(self._now(), first, 0, error_name(error)))


def end_connections(addresses: Iterable[Address], patience: float) -> Counter[Address]:
    """End all TCP connections with these local addresses; returns how many. Blocks, for `patience` seconds at most.

    Their owners here read ECONNABORTED. While the address is still on an interface their peers get an RST, too.
    Raises OSError: EPERM without CAP_NET_ADMIN, EOPNOTSUPP if the kernel was built without INET_DIAG_DESTROY.
    """
    end = monotonic() + patience
    ended: Counter[Address] = Counter()
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, NETLINK_SOCK_DIAG) as diag:
        diag.settimeout(patience)
        for family in (socket.AF_INET, socket.AF_INET6):
            local = {packed: each for each in addresses if (packed := _local(each, family))}
            for identity in _connections(diag, family) if local else ():
                address = local.get(identity[_SOURCE])
                if address is None or monotonic() > end:
                    continue
                ended[address] += _destroy(diag, family, identity)
    return ended


def _local(address: Address, family: int) -> bytes:
    """As inet_diag writes it; empty if no socket of the family has it. A server on [::] has mapped IPv4 addresses."""
    if address.version == 4:
        return _MAPPED + address.packed if family == socket.AF_INET6 else address.packed.ljust(16, b"\0")
    return address.packed if family == socket.AF_INET6 else b""


def _connections(diag: socket.socket, family: int) -> list[bytes]:
    """The identities of all connections of the host."""
    request = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, STATES) + bytes(_ID_OCTETS)
    diag.send(_message(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, request))
    found: list[bytes] = []
    while True:
        for kind, body in _messages(diag.recv(READ_OCTETS)):
            if kind == NLMSG_DONE:
                return found
            if kind == NLMSG_ERROR:
                _acknowledged(body)
                return found
            found.append(body[_MESSAGE.size : _MESSAGE.size + _ID_OCTETS])


def _destroy(diag: socket.socket, family: int, identity: bytes) -> bool:
    """False if it was gone already."""
    request = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, STATES) + identity
    diag.send(_message(SOCK_DESTROY, NLM_F_REQUEST | NLM_F_ACK, request))
    for kind, body in _messages(diag.recv(READ_OCTETS)):
        if kind == NLMSG_ERROR:
            return _acknowledged(body)
    return False


def _acknowledged(body: bytes) -> bool:
    """True for an acknowledgement, False for what is not there any more. Raises OSError for anything else."""
    number = -struct.unpack_from("=i", body)[0]
    if number in (errno.ENOENT, errno.ESTALE):
        return False
    if number:
        raise OSError(number, os.strerror(number))
    return True


def _message(kind: int, flags: int, body: bytes) -> bytes:
    return _HEADER.pack(_HEADER.size + len(body), kind, flags, 0, 0) + body


def _messages(read: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _HEADER.size <= len(read):
        length, kind, *_ = _HEADER.unpack_from(read, at)
        if length < _HEADER.size:
            return
        yield kind, read[at + _HEADER.size : at + length]
        at += (length + 3) & ~3
