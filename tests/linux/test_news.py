"""What the kernel tells as it happens, from octets; the kernel itself is in tests/kernel/test_netlink.py."""

import asyncio
import errno
import socket
import struct
from ipaddress import ip_address, ip_interface

import pytest

from vrrpd.linux import news
from vrrpd.linux.news import Event, events, watch
from vrrpd.linux.request import put
from vrrpd.linux.rtnetlink import HEADER

VIP, SIX = ip_interface("192.0.2.100/24"), ip_interface("2001:db8::64/64")
NEWLINK = struct.pack("=BxHiII", 0, 1, 7, 0, 0) + struct.pack("=HH", 9, 3) + b"eth0\0" + bytes(3)


def message(kind: int, body: bytes) -> bytes:
    return HEADER.pack(HEADER.size + len(body), kind, 0, 0, 0) + body


ROWS = {
    "link": (message(16, NEWLINK), Event(7, "eth0")),
    "link gone": (message(17, NEWLINK), Event(7, "eth0")),
    "address of ours": (message(20, put(7, VIP).body), Event(7, renewed=VIP.ip)),
    "another's": (message(20, put(7, VIP).body[:24]), Event(7)),  # without our mark
    "gone": (message(21, put(7, SIX).body), Event(7, gone=(SIX.ip, 64))),
}


@pytest.mark.parametrize(("read", "event"), ROWS.values(), ids=ROWS.keys())
def test_events(read: bytes, event: Event) -> None:
    assert list(events(read + message(99, b"") + read)) == [event, event]


@pytest.mark.parametrize("number", [errno.ENOBUFS, errno.EBADF])
def test_watch_goes_on_until_it_ends(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Overrun: whoever watches is told and watches anew; other errors are raised."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    monkeypatch.setattr(news, "listen", lambda _groups, _program: ours)
    seen: list[str | Event] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        reads = [message(16, NEWLINK), message(21, put(7, VIP).body)]

        async def read(_socket: socket.socket, _octets: int) -> bytes:
            if reads:
                return reads.pop(0)
            raise OSError(number, "over")

        monkeypatch.setattr(loop, "sock_recv", read)
        await watch(lambda: seen.append("ready"), seen.append, lambda: seen.append("overrun"), 0)

    told = ["ready", Event(7, "eth0"), Event(7, gone=(ip_address("192.0.2.100"), 24))]
    if number == errno.ENOBUFS:
        asyncio.run(main())
        assert seen == [*told, "overrun"]
    else:
        with pytest.raises(OSError, match="over"):
            asyncio.run(main())
        assert seen == told
    assert ours.fileno() == -1
    theirs.close()
