"""The notification protocol of systemd: READY, STATUS, WATCHDOG (sd_notify(3), sd_watchdog_enabled(3))."""

import asyncio
import contextlib
import socket
from collections.abc import Mapping

from vrrpd.protocol.messages import Seconds

RESTART_PATIENCE = Seconds(15.0)
"""Of the watchdog with a restart in place, in which nobody feeds it: the imports take half a second, and several on a
host that is overloaded. A peer has taken over long before that in any case."""

RETRY_FIRST, RETRY_LAST = 0.02, 1.0
"""Seconds until what found the queue full is sent again; the kernel's default is a queue of ten (net.unix). Doubled
each time: a manager that has stopped reading must not cost fifty wake-ups a second."""
WAITING_LIMIT = 32
"""Datagrams that wait for room in the queue: a manager that has stopped reading must not cost memory."""


class Notifier:
    """Sends assignments to the service manager; silent when there is none. Never blocks, never raises.

    What finds the queue full waits and is sent in order: READY=1 comes once, and a start without it is ended.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        """`environment`: where NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID are looked up."""
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if self._address else None
        if self._socket is not None:
            self._socket.setblocking(False)
        self._waiting: list[bytes] = []
        self._retry: asyncio.TimerHandle | None = None
        self._pause = RETRY_FIRST
        self._is_watched = False
        """The watchdog waits for `watchdog_interval`: not before the end of the start."""
        microseconds = environment.get("WATCHDOG_USEC", "")
        self._of_unit: Seconds | None = None
        if self._address and microseconds.isdigit() and int(microseconds) > 0:
            self._of_unit = Seconds(int(microseconds) / 1_000_000)
        self.watchdog_interval = self._of_unit
        """How often the service manager wants a sign of life; None: never."""

    def send(self, *assignments: str) -> None:
        """One datagram, e.g. `send("READY=1", "STATUS=...")`. Lost only where nobody listens, or does so no more."""
        if self._socket is None:
            return
        sent = "\n".join(assignments).encode()
        if self._waiting and sent.startswith((b"STATUS=", b"WATCHDOG=1")):  # the last of these says it all
            self._waiting = [each for each in self._waiting if _word(each) != _word(sent)]
        self._waiting.append(sent)
        del self._waiting[:-WAITING_LIMIT]
        self._flush()

    def _flush(self) -> None:
        """As much as there is room for; the rest a moment later."""
        while self._waiting and self._socket is not None:
            try:
                self._socket.sendto(self._waiting[0], self._where())
            except BlockingIOError:
                self._flush_later()
                return
            except OSError:
                pass  # nobody listens
            del self._waiting[0]
            self._pause = RETRY_FIRST

    def _flush_later(self) -> None:
        if self._retry is not None:
            return
        with contextlib.suppress(RuntimeError):  # without a loop, with the next one
            self._retry = asyncio.get_running_loop().call_later(self._pause, self._flush_again)
            self._pause = min(2 * self._pause, RETRY_LAST)

    def _flush_again(self) -> None:
        self._retry = None
        self._flush()

    def _where(self) -> str:
        return "\0" + self._address[1:] if self._address.startswith("@") else self._address

    def limit_watchdog(self, seconds: Seconds | None) -> None:
        """The watchdog, if there is one, waits no longer than this, nor than the unit says; None: as the unit says."""
        if self._of_unit is None:
            return
        before, self.watchdog_interval = self.watchdog_interval, min(self._of_unit, seconds or self._of_unit)
        if self._is_watched and self.watchdog_interval != before:
            self._set_watchdog(self.watchdog_interval)

    def begin_restart(self) -> None:
        """The watchdog, if there is one, waits for longer until `end_restart`: nothing feeds it meanwhile."""
        self._is_watched = False
        if self._of_unit is not None:
            self._set_watchdog(max(RESTART_PATIENCE, self._of_unit))

    def end_restart(self) -> None:
        """The watchdog waits as long as it should. Also after a plain start, during which the unit's word holds."""
        self._is_watched = True
        if self.watchdog_interval is not None:
            self._set_watchdog(self.watchdog_interval)

    def _set_watchdog(self, seconds: Seconds) -> None:
        self.send(f"WATCHDOG_USEC={round(seconds * 1_000_000)}")

    def close(self) -> None:
        """Give the socket up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _word(datagram: bytes) -> bytes:
    """The name of its first assignment."""
    return datagram.partition(b"=")[0]
