import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from tests.virtual_time import run_virtual
from vrrpd.linux.systemd import WAITING_LIMIT, Notifier
from vrrpd.protocol.messages import Seconds


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(tmp_path / "notify"))
        made.settimeout(5)
        yield made


def environment(manager: socket.socket, **more: str) -> dict[str, str]:
    return {"NOTIFY_SOCKET": manager.getsockname(), **more}


def test_assignments_are_one_datagram(manager: socket.socket) -> None:
    notifier = Notifier(environment(manager))
    notifier.send("READY=1", "STATUS=VI_1 BACKUP 100")
    assert manager.recv(100) == b"READY=1\nSTATUS=VI_1 BACKUP 100"
    notifier.close()
    notifier.send("WATCHDOG=1")
    notifier.close()


def test_what_finds_the_queue_full_comes_later(manager: socket.socket) -> None:
    """READY=1 comes once, and a start without it is ended. Of STATUS= the last one is enough."""
    manager.setblocking(False)

    async def main() -> list[bytes]:
        notifier = Notifier(environment(manager))
        for number in range(600):  # more than any kernel's queue (net.unix.max_dgram_qlen)
            notifier.send(f"STATUS={number}")
        notifier.send("READY=1", "MAINPID=7")
        notifier.send("STATUS=last")
        read: list[bytes] = []
        async with asyncio.timeout(5):
            while not read or read[-1] != b"STATUS=last":
                with contextlib.suppress(BlockingIOError):
                    read.append(manager.recv(100))
                await asyncio.sleep(0)
        notifier.close()
        return read

    read = asyncio.run(main())
    assert read.count(b"READY=1\nMAINPID=7") == 1
    assert read.index(b"STATUS=0") == 0


def test_a_manager_that_reads_nothing_costs_no_memory(manager: socket.socket) -> None:
    notifier = Notifier(environment(manager))
    for number in range(2000):
        notifier.send(f"RELOADING={number}")
    assert len(notifier._waiting) == WAITING_LIMIT
    notifier.close()


class Full:
    """Stands in for a socket whose queue is full; `tried`: when, in seconds."""

    def __init__(self) -> None:
        self.tried: list[float] = []

    def sendto(self, _: bytes, _address: str) -> None:
        self.tried.append(round(asyncio.get_running_loop().time() - 1000, 2))
        raise BlockingIOError

    def close(self) -> None:
        """Nothing was opened."""


def test_a_manager_that_reads_nothing_is_asked_ever_less_often(manager: socket.socket) -> None:
    """At first soon, as it may only be busy; and with each new word."""

    async def main() -> list[float]:
        notifier, full = Notifier(environment(manager)), Full()
        with notifier._socket or manager:
            notifier._socket = cast(socket.socket, full)
            notifier.send("STATUS=1")
            await asyncio.sleep(3.0)
            notifier.send("STATUS=2")
            await asyncio.sleep(7.05)
            notifier.close()
            return full.tried

    tried = run_virtual(main())
    assert tried == [0, 0.02, 0.06, 0.14, 0.3, 0.62, 1.26, 2.26, 3.0, 3.26, 4.26, 5.26, 6.26, 7.26, 8.26, 9.26]


def test_abstract_address() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind("\0vrrpd-test-notify")
        notifier = Notifier({"NOTIFY_SOCKET": "@vrrpd-test-notify"})
        notifier.send("READY=1")
        assert made.recv(100) == b"READY=1"
        notifier.close()


def test_nobody_listens() -> None:
    notifier = Notifier({"NOTIFY_SOCKET": "/nonexistent/notify"})
    notifier.send("READY=1")
    notifier.close()


def test_without_a_service_manager() -> None:
    notifier = Notifier({"WATCHDOG_USEC": "2000000"})
    notifier.send("READY=1")
    assert notifier.watchdog_interval is None
    notifier.close()


@pytest.mark.parametrize(("text", "expected"), [("2000000", 2.0), ("0", None), ("", None), ("soon", None)])
def test_watchdog_interval(manager: socket.socket, text: str, expected: float | None) -> None:
    notifier = Notifier(environment(manager, WATCHDOG_USEC=text))
    assert notifier.watchdog_interval == expected
    notifier.close()


@pytest.mark.parametrize(("text", "longer"), [("2000000", b"15000000"), ("30000000", b"30000000")])
def test_the_watchdog_is_patient_with_a_restart_in_place(manager: socket.socket, text: str, longer: bytes) -> None:
    """Never less than the unit says, and that again when it is over."""
    notifier = Notifier(environment(manager, WATCHDOG_USEC=text))
    notifier.begin_restart()
    notifier.end_restart()
    assert manager.recv(100) == b"WATCHDOG_USEC=" + longer
    assert manager.recv(100) == b"WATCHDOG_USEC=" + text.encode()
    notifier.close()


def test_the_watchdog_is_limited_by_what_the_instances_need(manager: socket.socket) -> None:
    """Told when the start is over, and when it changes; never more than the unit says."""
    manager.settimeout(0)
    notifier = Notifier(environment(manager, WATCHDOG_USEC="2000000"))
    notifier.limit_watchdog(Seconds(1.5))
    assert notifier.watchdog_interval == 1.5
    with pytest.raises(BlockingIOError):  # a start may take longer
        manager.recv(100)
    notifier.end_restart()
    assert manager.recv(100) == b"WATCHDOG_USEC=1500000"
    notifier.limit_watchdog(Seconds(1.5))
    notifier.limit_watchdog(Seconds(30.0))
    assert manager.recv(100) == b"WATCHDOG_USEC=2000000"
    notifier.limit_watchdog(None)
    notifier.limit_watchdog(Seconds(1.75))
    assert manager.recv(100) == b"WATCHDOG_USEC=1750000"
    notifier.begin_restart()
    assert manager.recv(100) == b"WATCHDOG_USEC=15000000"
    notifier.limit_watchdog(Seconds(1.5))
    with pytest.raises(BlockingIOError):
        manager.recv(100)
    notifier.close()


def test_without_a_watchdog_there_is_nothing_to_change(manager: socket.socket) -> None:
    notifier = Notifier(environment(manager))
    notifier.begin_restart()
    notifier.end_restart()
    notifier.limit_watchdog(Seconds(1.5))
    assert notifier.watchdog_interval is None
    notifier.send("READY=1")
    assert manager.recv(100) == b"READY=1"
    notifier.close()
