"""What is told, and how messages are read; real connections are in tests/kernel/test_connections.py."""

import asyncio
import errno
import struct
import threading
from collections import Counter
from collections.abc import Iterable
from ipaddress import ip_address

import pytest

from tests.virtual_time import run_virtual
from vrrpd.engine.journal import ConnectionsEnded, Entry
from vrrpd.linux import connections
from vrrpd.linux.connections import HARD_LIMIT, STATES, Connections
from vrrpd.protocol.messages import Address, Seconds

VIP, OTHER = ip_address("192.0.2.100"), ip_address("192.0.2.101")
LISTEN, ESTABLISHED = 1 << 10, 1 << 1


def told(monkeypatch: pytest.MonkeyPatch, outcome: Counter[Address] | OSError, *addresses: Address) -> list[Entry]:
    """Entries after these addresses were given up."""
    entries: list[Entry] = []

    def pretend(_addresses: Iterable[Address], _patience: float) -> Counter[Address]:
        if isinstance(outcome, OSError):
            raise outcome
        return outcome

    monkeypatch.setattr(connections, "end_connections", pretend)
    asyncio.run(Connections(entries.append, lambda: Seconds(7.0)).end(addresses))
    return entries


def test_each_address_is_told_with_its_count(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, Counter({VIP: 3, OTHER: 1}), VIP, OTHER) == [
        ConnectionsEnded(Seconds(7.0), VIP, 3),
        ConnectionsEnded(Seconds(7.0), OTHER, 1),
    ]


def test_nothing_is_told_where_nothing_was(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, Counter(), VIP) == []


def test_a_refusal_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without CAP_NET_ADMIN, or a kernel without INET_DIAG_DESTROY; the address goes all the same."""
    error = OSError(errno.EOPNOTSUPP, "no")
    assert told(monkeypatch, error, VIP) == [ConnectionsEnded(Seconds(7.0), VIP, 0, errno.errorcode[errno.EOPNOTSUPP])]


def test_no_address_needs_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, OSError(errno.EPERM, "never asked")) == []


def test_a_kernel_that_hangs_keeps_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told, and so is what was done after all; meanwhile there is no second thread. Then all is as before."""
    entries: list[Entry] = []
    hangs, all_told = threading.Event(), asyncio.Event()

    def publish(entry: Entry) -> None:
        entries.append(entry)
        if len(entries) == 3:
            all_told.set()

    def pretend(_addresses: Iterable[Address], _patience: float) -> Counter[Address]:
        hangs.wait()
        return Counter({VIP: 3})

    def stand(loop: asyncio.AbstractEventLoop) -> None:
        """Virtual time stands still as long as anything runs: a thread that begins takes some of the real one."""
        if len(entries) < 4:
            loop.call_soon(stand, loop)

    async def main() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        ending = Connections(publish, lambda: Seconds(7.0))
        begun = loop.time()
        await ending.end([VIP])
        first = loop.time()
        await ending.end([OTHER])
        second = loop.time()
        hangs.set()
        await all_told.wait()
        stand(loop)
        await ending.end([VIP])
        return first - begun, second - first

    monkeypatch.setattr(connections, "end_connections", pretend)
    assert list(run_virtual(main())) == pytest.approx([HARD_LIMIT, HARD_LIMIT])
    assert entries == [
        ConnectionsEnded(Seconds(7.0), VIP, 0, "ETIMEDOUT"),
        ConnectionsEnded(Seconds(7.0), OTHER, 0, "EAGAIN"),
        ConnectionsEnded(Seconds(7.0), VIP, 3),
        ConnectionsEnded(Seconds(7.0), VIP, 3),
    ]


def test_listeners_are_never_asked_for() -> None:
    assert not STATES & LISTEN
    assert STATES & ESTABLISHED


def test_messages_are_read_to_the_last_whole_one() -> None:
    """Padded to four octets; a cut or senseless length ends it."""
    first = struct.pack("=IHHII", 18, 20, 0, 0, 0) + b"ab" + bytes(2)
    second = struct.pack("=IHHII", 16, 3, 0, 0, 0)
    senseless = struct.pack("=IHHII", 3, 3, 0, 0, 0)
    assert list(connections._messages(first + second + senseless + second)) == [(20, b"ab"), (3, b"")]
    assert list(connections._messages(first[:12])) == []


@pytest.mark.parametrize(("number", "ended"), [(0, True), (errno.ENOENT, False), (errno.ESTALE, False)])
def test_a_connection_that_is_gone_is_no_error(number: int, ended: bool) -> None:
    assert connections._acknowledged(struct.pack("=i", -number)) is ended


def test_any_other_answer_is_an_error() -> None:
    with pytest.raises(PermissionError):
        connections._acknowledged(struct.pack("=i", -errno.EPERM))
