"""What was on the wire, with the kernel's time stamps; and a way to put raw frames there.

One AF_PACKET socket per bridge port, in the switch's namespace; frames towards a host are left out, so each
frame is seen once, on the port of the host that sent it.
"""

import ctypes
import errno
import functools
import os
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable, Collection, Iterable
from types import TracebackType
from typing import Self, TypeVar

from tests.lab import decode, namespaces
from tests.lab.decode import Advert, Arp, Frame, NeighbourAdvertisement
from tests.lab.net import Host, Lan
from tests.lab.waiting import LabTimeoutError, now

T = TypeVar("T")

ETH_P_ALL = 3
SOL_PACKET = 263
PACKET_IGNORE_OUTGOING = 23
SO_RCVBUFFORCE = 33
SO_ATTACH_FILTER = 26
SO_TIMESTAMPNS = 35
RECEIVE_BUFFER_BYTES = 8 << 20
"""Room for some seconds of frames while the reading thread waits for the interpreter."""
MAX_FRAMES = 500_000
"""Longest capture kept; about an hour of control frames, or 200 MB of everything."""
SNAP_BYTES = 2048

_ACCEPT, _REJECT = 0x40000, 0
_CONTROL_FRAMES = [
    # classic BPF, linux/filter.h: (code, jump if true, jump if false, operand)
    (0x28, 0, 0, 12),  # ldh ethertype
    (0x15, 7, 0, decode.ETHERTYPE_ARP),
    (0x15, 0, 2, decode.ETHERTYPE_IPV4),
    (0x30, 0, 0, 23),  # ldb IPv4 protocol
    (0x15, 4, 5, decode.PROTOCOL_VRRP),
    (0x15, 0, 4, decode.ETHERTYPE_IPV6),
    (0x30, 0, 0, 20),  # ldb IPv6 next header
    (0x15, 1, 0, decode.PROTOCOL_VRRP),
    (0x15, 0, 1, decode.PROTOCOL_ICMPV6),
    (0x06, 0, 0, _ACCEPT),
    (0x06, 0, 0, _REJECT),
]
"""ARP, VRRP and ICMPv6 only: the clients' TCP would cost more than it tells."""


class Capture:
    """Collects frames of all ports of a LAN from `__enter__` on, in a thread; a context manager.

    With `everything` TCP and the rest are kept too, else only ARP, VRRP and ICMPv6. `ports`: of these hosts only,
    where the others send floods. `pause`: seconds from one reading to the next. A thread that is awakened by each frame
    takes the processor from the daemon that sends them, which matters where milliseconds are measured.
    """

    def __init__(self, lan: Lan, *, everything: bool = False, ports: Collection[str] = (), pause: float = 0.0) -> None:
        self._lan = lan
        self._ports = ports
        self._everything = everything
        self._pause = pause
        self._frames: list[Frame] = []
        self._arrived = threading.Condition()
        self._selector = selectors.DefaultSelector()
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._stop_read, self._stop_write = os.pipe()
        self._selector.register(self._stop_read, selectors.EVENT_READ, None)
        for host in (each for each in self._lan if not self._ports or each.name in self._ports):
            port = namespaces.inside(self._lan.switch, functools.partial(self._listen, host.name))
            self._sockets.append(port)
            self._selector.register(port, selectors.EVENT_READ, host.name)
        self._thread = threading.Thread(target=self._collect, name="capture", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.write(self._stop_write, b"x")
        self._thread.join()
        self._selector.close()
        for port in self._sockets:
            port.close()
        os.close(self._stop_read)
        os.close(self._stop_write)

    def _listen(self, port: str) -> socket.socket:
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)
        made.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        made.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        if not self._everything:
            _attach(made, _CONTROL_FRAMES)
        made.bind((port, ETH_P_ALL))
        made.setblocking(False)
        return made

    def _collect(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                self._drain(key.fileobj, key.data)
            if self._pause:
                time.sleep(self._pause)

    def _drain(self, port: object, name: str) -> None:
        assert isinstance(port, socket.socket)
        while True:
            try:
                data, ancillary, _, _ = port.recvmsg(SNAP_BYTES, 64)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno == errno.ENETDOWN:  # told once when the port goes down; it comes back with the port
                    return
                raise
            with self._arrived:
                if len(self._frames) < MAX_FRAMES:
                    self._frames.append(Frame(_stamp(ancillary), name, data))
                self._arrived.notify_all()

    def frames(self, since: float = 0.0) -> list[Frame]:
        """Frames so far, in the order of their time stamps, from Unix time `since` on."""
        with self._arrived:
            found = [frame for frame in self._frames if frame.at >= since]
        return sorted(found, key=lambda frame: frame.at)

    def adverts(self, port: str | None = None, since: float = 0.0, vrid: int | None = None) -> list[Advert]:
        """Advertisements sent by a host (or by all)."""
        found = _present(map(decode.advert, self.frames(since)))
        return [each for each in found if port in (None, each.port) and vrid in (None, each.vrid)]

    def gratuitous_arps(self, port: str | None = None, since: float = 0.0, address: str | None = None) -> list[Arp]:
        """Gratuitous ARP packets sent by a host (or by all) for an address (or for any)."""
        found = _present(map(decode.arp, self.frames(since)))
        return [
            each for each in found if each.gratuitous and port in (None, each.port) and address in (None, each.target)
        ]

    def neighbour_advertisements(self, port: str | None = None, since: float = 0.0) -> list[NeighbourAdvertisement]:
        """Neighbour advertisements sent by a host (or by all)."""
        found = _present(map(decode.neighbour_advertisement, self.frames(since)))
        return [each for each in found if port in (None, each.port)]

    def wait_for(self, predicate: Callable[[Frame], T | None], timeout: float, since: float = 0.0, what: str = "") -> T:
        """Return the first true answer of `predicate` for a frame since Unix time `since`, waiting for it
        if need be.

        Raises `LabTimeoutError` after `timeout` seconds.
        """
        deadline = now() + timeout
        seen = 0
        with self._arrived:
            while True:
                for frame in self._frames[seen:]:
                    if frame.at >= since and (found := predicate(frame)):
                        return found
                seen = len(self._frames)
                if not self._arrived.wait(max(0.0, deadline - now())) and now() >= deadline:
                    raise LabTimeoutError(f"{what or 'frame'}: not seen within {timeout:g} s")

    def wait_advert(
        self, port: str | None = None, priority: int | None = None, since: float = 0.0, timeout: float = 10.0
    ) -> Advert:
        """Wait for an advertisement of a host with a priority (None: any)."""

        def wanted(frame: Frame) -> Advert | None:
            found = decode.advert(frame)
            fits = found is not None and port in (None, found.port) and priority in (None, found.priority)
            return found if fits else None

        return self.wait_for(wanted, timeout, since, f"advertisement of {port or 'any'}, priority {priority or 'any'}")

    def wait_announced(self, port: str, address: str, since: float = 0.0, timeout: float = 10.0) -> float:
        """Wait for a gratuitous ARP or an unsolicited neighbour advertisement of a host for an address: when."""

        def wanted(frame: Frame) -> float | None:
            arp, advertisement = decode.arp(frame), decode.neighbour_advertisement(frame)
            by_arp = arp is not None and arp.gratuitous and arp.target == address
            by_advertisement = advertisement is not None and advertisement.target == address
            return frame.at if frame.port == port and (by_arp or by_advertisement) else None

        return self.wait_for(wanted, timeout, since, f"announcement of {port} for {address}")

    def wait_gratuitous_arp(
        self, port: str | None = None, address: str | None = None, since: float = 0.0, timeout: float = 10.0
    ) -> Arp:
        """Wait for a gratuitous ARP of a host for an address (None: any)."""

        def wanted(frame: Frame) -> Arp | None:
            found = decode.arp(frame)
            fits = found is not None and found.gratuitous and port in (None, found.port)
            return found if fits and found is not None and address in (None, found.target) else None

        return self.wait_for(wanted, timeout, since, f"gratuitous ARP of {port or 'any'} for {address or 'any'}")


class Injector:
    """Sends raw frames out of a host's interface; a context manager."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def __enter__(self) -> Self:
        self._socket = namespaces.inside(self._host.namespace, self._open)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def _open(self) -> socket.socket:
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)  # protocol 0: receives nothing
        made.bind((self._host.interface, 0))
        return made

    def send(self, frame: bytes) -> None:
        """Put one whole Ethernet frame on the wire as it is."""
        self._socket.send(frame)


def _present(found: Iterable[T | None]) -> list[T]:
    return [each for each in found if each is not None]


def _stamp(ancillary: list[tuple[int, int, bytes]]) -> float:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("@ll", data)
            return float(seconds) + float(nanoseconds) / 1e9
    return now()


def _attach(made: socket.socket, program: list[tuple[int, int, int, int]]) -> None:
    """Attach a classic BPF program; struct sock_fprog holds its length and a pointer."""
    code = b"".join(struct.pack("@HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    made.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("@HP", len(program), ctypes.addressof(buffer)))
