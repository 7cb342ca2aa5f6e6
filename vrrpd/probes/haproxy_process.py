"""The end of HAProxy as an event: the processes behind the stats socket.

Two may be watched, since either may be out of sight. `Pid` of `show info` is the worker, as HAProxy itself counts:
from another PID namespace it is nobody or somebody else. The peer of the socket is told as we count, but it is the
master. To watch somebody else does no harm: when he ends, HAProxy is asked once more and answers.
"""

import os
from collections.abc import Iterable
from contextlib import suppress

from vrrpd.probes.ends import Ends


class Behind(Ends[int]):
    """The processes that answered last, by pid."""

    def follow(self, pids: Iterable[int]) -> None:
        """Watch these, who have just answered, and no others. Whom we cannot see is left out."""
        wanted = {pid for pid in pids if pid > 0}
        self.keep(wanted)
        for pid in wanted.difference(self.living):
            with suppress(OSError):  # ESRCH: another PID namespace; EPERM, ENOSYS: a sandbox; EMFILE
                self.watch(pid, os.pidfd_open(pid))
