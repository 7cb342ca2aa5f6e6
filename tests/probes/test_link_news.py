"""News of interfaces; what really wakes it is in tests/kernel/test_probe_interface.py."""

import asyncio
import errno
import socket

import pytest

from vrrpd.probes.link_news import MAX_DRAINED, LinkNews


class Queue:
    """A socket with these messages or errors in it, and nothing behind them."""

    def __init__(self, *rows: bytes | OSError) -> None:
        self.rows = list(rows)

    def recv(self, size: int) -> bytes:
        """One of them."""
        row = self.rows.pop(0) if self.rows else BlockingIOError()
        if isinstance(row, OSError):
            raise row
        return row[:size]


@pytest.mark.parametrize(
    ("queue", "left"),
    [
        (Queue(b"a", b"b"), 0),
        (Queue(OSError(errno.ENOBUFS, "lost"), b"a"), 0),
        (Queue(*[b"a"] * (MAX_DRAINED + 2)), 2),
    ],
    ids=["all", "some were lost", "bounded"],
)
async def test_queue_is_drained_and_loss_is_news(queue: Queue, left: int) -> None:
    news = LinkNews()
    news._drain(queue)  # type: ignore[arg-type] # all it needs of a socket
    assert len(queue.rows) == left
    async with asyncio.timeout(20):
        await news.wait()
    assert not news._event.is_set()


async def test_nothing_happens_nobody_wakes() -> None:
    news = LinkNews()
    news.open()
    opened = news._socket
    news.open()
    assert news._socket is opened
    assert not news._event.is_set()
    news.close()
    news.close()


async def test_refused_socket_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    news = LinkNews()
    with pytest.raises(PermissionError):
        news.open()
    assert news._socket is None
