"""What can be said without a kernel; the rest is in tests/kernel/test_sockets.py."""

import asyncio
import errno
import os
import socket
import struct
from ipaddress import IPv6Address, ip_address
from typing import cast

import pytest

from vrrpd.linux import sockets
from vrrpd.linux.netlink import Interface
from vrrpd.linux.sockets import ERRORS_LIMIT, Wire, _from_ipv6, _source_of
from vrrpd.protocol.messages import Datagram, Family, Rejection
from vrrpd.protocol.packet import PacketError

KEY = ("eth0", Family.IPV4)
SOURCE = IPv6Address("fe80::2")
GROUP = ip_address("ff02::12")
HOPS = (socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT, struct.pack("=i", 255))
INFO = (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, GROUP.packed + struct.pack("=i", 2))
OTHER = (socket.SOL_SOCKET, 29, bytes(16))


@pytest.mark.parametrize("ancillary", [[HOPS, INFO], [INFO, HOPS], [OTHER, INFO, OTHER, HOPS]])
def test_control_messages_come_in_any_order(ancillary: list[tuple[int, int, bytes]]) -> None:
    expected = Datagram("eth0", Family.IPV6, SOURCE, GROUP, 255, b"payload")
    assert _from_ipv6("eth0", b"payload", ancillary, SOURCE) == expected


@pytest.mark.parametrize("ancillary", [[], [HOPS], [INFO], [HOPS, (*INFO[:2], b"short")]])
def test_control_messages_may_be_missing(ancillary: list[tuple[int, int, bytes]]) -> None:
    with pytest.raises(PacketError) as caught:
        _from_ipv6("eth0", b"payload", ancillary, SOURCE)
    assert caught.value.rejection is Rejection.RUNT


def test_source_is_a_control_message() -> None:
    """struct in_pktinfo: index, source, destination; struct in6_pktinfo: source, index."""
    index = struct.pack("=i", 7)
    own = ip_address("192.0.2.1")
    assert _source_of(own, 7) == (socket.IPPROTO_IP, 8, index + own.packed + bytes(4))
    assert _source_of(SOURCE, 7) == (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, SOURCE.packed + index)


class Line:
    """Stands in for a raw socket that is always readable. `script`: errors of the next reads; then nothing is there."""

    def __init__(self) -> None:
        self.descriptor, self._other_end = os.pipe()
        self.script: list[OSError] = []
        self.is_open = True

    def fileno(self) -> int:
        return self.descriptor

    def recvmsg(self, *_: int) -> tuple[bytes, list[tuple[int, int, bytes]], int, tuple[str, int]]:
        if self.script:
            raise self.script.pop(0)
        raise BlockingIOError

    def getsockopt(self, *_: int) -> bytes:
        raise OSError(errno.ENOPROTOOPT, "a kernel without SO_MEMINFO")

    def close(self) -> None:
        self.is_open = False
        os.close(self.descriptor)
        os.close(self._other_end)


def errors(count: int) -> list[OSError]:
    return [OSError(errno.ENETDOWN, "down")] * count


@pytest.mark.parametrize(("count", "closed"), [(1, False), (ERRORS_LIMIT - 1, False), (ERRORS_LIMIT, True)])
def test_an_error_that_stays_does_not_wake_us_for_ever(
    monkeypatch: pytest.MonkeyPatch, count: int, closed: bool
) -> None:
    """It is closed, and opened anew by the next look; fewer errors are events like others."""
    lines: list[Line] = []

    def open_line(*_: object) -> Line:
        lines.append(Line())
        return lines[-1]

    async def main() -> None:
        wire = Wire(lambda _: None, lambda *_: None, lambda *_: None)
        interfaces = {"eth0": Interface("eth0", 2, up=True, mac=bytes(6))}
        wire.open_for([KEY], interfaces)
        lines[0].script = errors(count)
        for _ in range(count):
            wire._drain(KEY, cast(socket.socket, lines[0]), 1)
        assert lines[0].is_open is not closed
        assert wire.follow([KEY], interfaces) == {}
        assert len(lines) == 1 + closed
        wire.close()

    monkeypatch.setattr(sockets, "_open", open_line)
    asyncio.run(main())
