"""The notification protocol of systemd: READY, STATUS, WATCHDOG (sd_notify(3), sd_watchdog_enabled(3))."""

import socket
from collections.abc import Mapping

from vrrpd.protocol.messages import Seconds

RESTART_PATIENCE = Seconds(15.0)
"""Of the watchdog with a restart in place, in which nobody feeds it: the imports take half a second, and several on a
host that is overloaded. A peer has taken over long before that in any case."""


class Notifier:
    """Sends assignments to the service manager; silent when there is none. Never blocks, never raises."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """`environment`: where NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID are looked up."""
        self._address = environment.get("NOTIFY_SOCKET", "")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if self._address else None
        if self._socket is not None:
            self._socket.setblocking(False)
        microseconds = environment.get("WATCHDOG_USEC", "")
        self.watchdog_interval: Seconds | None = None
        """How often the service manager wants a sign of life; None: never."""
        if self._address and microseconds.isdigit() and int(microseconds) > 0:
            self.watchdog_interval = Seconds(int(microseconds) / 1_000_000)

    def send(self, *assignments: str) -> None:
        """One datagram, e.g. `send("READY=1", "STATUS=...")`. A lost one is lost: the next will come."""
        if self._socket is None:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            self._socket.sendto("\n".join(assignments).encode(), address)
        except OSError:
            return

    def begin_restart(self) -> None:
        """The watchdog, if there is one, waits for longer until `end_restart`: nothing feeds it meanwhile."""
        self._set_watchdog(RESTART_PATIENCE)

    def end_restart(self) -> None:
        """The watchdog waits no longer than the unit says; after a plain start it did so before."""
        self._set_watchdog(Seconds(0.0))

    def _set_watchdog(self, at_least: Seconds) -> None:
        if self.watchdog_interval is not None:
            seconds = max(at_least, self.watchdog_interval)
            self.send(f"WATCHDOG_USEC={round(seconds * 1_000_000)}")

    def close(self) -> None:
        """Give the socket up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
