"""Real-time priority and locked memory of this process (sched(7), mlockall(2)): nobody else's work delays the election.

All our threads get the priority, and those that they start: only one at a time can run Python, and one that waits for
a processor meanwhile would keep the election waiting, up to 20 ms on a busy host. The programs that we start do not
inherit it, see `vrrpd.probes.program`.
"""

import ctypes
import errno
import os
import resource
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import FrameType

from vrrpd.linux.netlink import error_name

MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT = 1, 2, 4
"""mlockall(2). Only what is used: the stacks of all threads would be tens of MiB otherwise."""
BUSY_LIMIT_US = 3_000_000
"""Microseconds on the processor without a pause (RLIMIT_RTTIME): more than to read the largest configuration takes, so
it is a defect. A host must not suffer from it."""
CAP_IPC_LOCK = 14
_CURE = "allow it in the unit, see systemd/real-time.conf"


class Scheduling:
    """`priority` and `locked` are what is in force; `errors` why what was asked for is not."""

    def __init__(self) -> None:
        """As the process was started."""
        self.priority = 0
        self.locked = False
        self.errors: tuple[str, ...] = ()

    def apply(self, priority: int, *, lock: bool) -> None:
        """`priority` 1..99, or 0 for none; `lock`: nothing that is used is ever swapped out."""
        self.errors = (*self._prioritize(priority), *self._lock(lock))

    def release(self) -> None:
        """As before the first `apply`; a program that follows this one must not inherit anything."""
        self.apply(0, lock=False)

    def _prioritize(self, priority: int) -> Iterable[str]:
        if priority == self.priority:
            return
        try:
            for thread in _threads():
                _schedule(thread, priority)
        except OSError as error:
            yield f"rt_priority: {error_name(error)} for {priority}; {_CURE}"
        else:
            self.priority = priority
        if self.priority:
            with suppress(OSError, ValueError):  # the unit has it, or forbids to change limits
                resource.setrlimit(resource.RLIMIT_RTTIME, (BUSY_LIMIT_US, resource.RLIM_INFINITY))

    def _lock(self, lock: bool) -> Iterable[str]:
        if lock is self.locked:
            return
        refused = _may_not_lock() if lock else ""
        if not refused:
            libc = ctypes.CDLL(None, use_errno=True)
            done = libc.mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) if lock else libc.munlockall()
            refused = errno.errorcode.get(ctypes.get_errno(), "other") if done else ""
        if refused:
            yield f"no_swap: {refused}; {_CURE}"
        else:
            self.locked = lock

    def watch(self, on_runaway: Callable[[], None]) -> None:
        """Give the priority up when a thread has it and never pauses, and call this."""

        def runaway(_number: int, _frame: FrameType | None) -> None:
            if self.priority:
                self.apply(0, lock=self.locked)
                self.errors = ("rt_priority: given up, as a thread did not pause for three seconds; this is a defect",)
                on_runaway()

        # not by the event loop, which is what may not pause
        signal.signal(signal.SIGXCPU, runaway)


def _threads() -> list[int]:
    return [int(each.name) for each in Path("/proc/self/task").iterdir()]


def _schedule(thread: int, priority: int) -> None:
    """Raises OSError. The flag stays where it is set: without CAP_SYS_NICE nobody may take it back."""
    policy = os.SCHED_RR if priority else os.SCHED_OTHER
    with suppress(ProcessLookupError):  # it has ended
        flag = os.sched_getscheduler(thread) & os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(thread, policy | flag, os.sched_param(priority))


def _may_not_lock() -> str:
    """Without the capability each later allocation over the limit would fail, at any time; empty: it may."""
    limit, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if limit == resource.RLIM_INFINITY or _has(CAP_IPC_LOCK):
        return ""
    return f"only {limit // 1024} KiB may be locked"


def _has(capability: int) -> bool:
    """In the effective set (proc_pid_status(5))."""
    lines = Path("/proc/self/status").read_text().splitlines()
    effective = next(line for line in lines if line.startswith("CapEff:"))
    return bool(int(effective.split()[1], 16) >> capability & 1)
