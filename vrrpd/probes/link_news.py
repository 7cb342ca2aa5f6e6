"""A change of any network interface as an event, by rtnetlink(7).

The messages are not read: they only say that another look is worth while. So one that was lost (ENOBUFS) is as good
as one that came.
"""

import asyncio
import socket

RTMGRP_LINK = 1
"""linux/rtnetlink.h: interfaces come, go and change."""
QUEUE = 64 * 1024
"""Octets of messages that may wait; what is more is lost, which counts as a change."""
MAX_DRAINED = 128
"""Messages taken at once; the rest waits for its turn."""


class LinkNews:
    """Tells when something has happened to an interface of this network namespace."""

    def __init__(self) -> None:
        """Nothing is opened yet."""
        self._socket: socket.socket | None = None
        self._event = asyncio.Event()

    def open(self) -> None:
        """Begin, before a look, so that nothing is missed; forget what was until now. Raises OSError."""
        self._event.clear()
        if self._socket is not None:
            return
        opened = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        try:
            opened.setblocking(False)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, QUEUE)
            opened.bind((0, RTMGRP_LINK))
        except OSError:
            opened.close()
            raise
        self._socket = opened
        asyncio.get_running_loop().add_reader(opened, self._drain, opened)

    async def wait(self) -> None:
        """Until something has happened since `open` or the last `wait`."""
        await self._event.wait()
        self._event.clear()

    def close(self) -> None:
        """Listen no more."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def _drain(self, opened: socket.socket) -> None:
        self._event.set()
        for _ in range(MAX_DRAINED):
            try:
                opened.recv(1)
            except BlockingIOError:
                return
            except OSError:  # ENOBUFS: some were lost; the error is told once
                continue
