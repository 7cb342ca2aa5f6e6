"""How many packets a socket lost because its receive queue was full (sock(7); SO_MEMINFO, linux/sock_diag.h).

SO_MEMINFO tells the same count as SO_RXQ_OVFL, but at any time: the latter comes only with a later packet that found
room, and says nothing of what was lost after it.
"""

import contextlib
import socket
import struct

SO_MEMINFO = 55
"""Linux 4.12."""
WORDS = struct.Struct("=9I")
DROPS_AT = 8
"""SK_MEMINFO_DROPS."""
WRAP = 1 << 32


class Overrun:
    """The losses of one socket from now on. Costs a microsecond to ask, so ask at every wake-up."""

    def __init__(self, watched: socket.socket) -> None:
        """What was lost before is nobody's business: a raw socket is open before it is bound to its interface."""
        self._socket = watched
        self._seen = 0
        self.lost()

    def lost(self) -> int:
        """Packets lost since the last time; 0 where the kernel does not say."""
        with contextlib.suppress(OSError):
            told = self._socket.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, WORDS.size)
            if len(told) == WORDS.size:
                before, self._seen = self._seen, int(WORDS.unpack(told)[DROPS_AT])
                return (self._seen - before) % WRAP
        return 0
