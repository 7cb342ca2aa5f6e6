"""What is asked of the kernel, and what becomes of a refusal; the kernel is in tests/kernel/test_scheduling.py."""

import ctypes
import errno
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vrrpd.linux.scheduling import Scheduling

RESET = os.SCHED_RESET_ON_FORK


class Kernel:
    """Takes what is asked for; `refuse`: with this errno."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int, int]] = []
        self.locks: list[int] = []
        self.refuse = 0
        self.limits: list[tuple[int, tuple[int, int]]] = []

    def schedule(self, thread: int, policy: int, param: os.sched_param) -> None:
        if self.refuse:
            raise OSError(self.refuse, "refused")
        self.asked.append((thread, policy, param.sched_priority))

    def mlockall(self, flags: int) -> int:
        self.locks.append(flags)
        ctypes.set_errno(self.refuse)
        return -1 if self.refuse else 0

    def munlockall(self) -> int:
        self.locks.append(0)
        return 0

    def setrlimit(self, which: int, limits: tuple[int, int]) -> None:
        self.limits.append((which, limits))
        if self.refuse:
            raise OSError(self.refuse, "refused")


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    made = Kernel()
    monkeypatch.setattr(os, "sched_setscheduler", made.schedule)
    monkeypatch.setattr(ctypes, "CDLL", lambda *_args, **_more: made)
    monkeypatch.setattr(resource, "setrlimit", made.setrlimit)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return made


def test_all_threads_get_it(kernel: Kernel) -> None:
    """One that holds the interpreter and has no processor would keep the election waiting."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    has = Scheduling()
    has.apply(50, lock=False)
    done.set()
    thread.join()
    assert {(os.getpid(), os.SCHED_RR, 50), (thread.native_id, os.SCHED_RR, 50)} <= set(kernel.asked)
    assert (has.priority, has.errors) == (50, ())
    assert kernel.limits == [(resource.RLIMIT_RTTIME, (3_000_000, resource.RLIM_INFINITY))]


def test_given_back(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without CAP_SYS_NICE the flag cannot be taken back."""
    monkeypatch.setattr(os, "sched_getscheduler", lambda _: os.SCHED_RR | RESET)
    has = Scheduling()
    has.apply(50, lock=True)
    has.release()
    assert kernel.asked[-1][1:] == (os.SCHED_OTHER | RESET, 0)
    assert (has.priority, has.locked, kernel.locks) == (0, False, [7, 0])


def test_what_is_in_force_is_left_alone(kernel: Kernel) -> None:
    Scheduling().apply(0, lock=False)
    assert (kernel.asked, kernel.locks) == ([], [])


def test_refused(kernel: Kernel) -> None:
    kernel.refuse = errno.EPERM
    has = Scheduling()
    has.apply(50, lock=True)
    assert (has.priority, has.locked) == (0, False)
    cure = "allow it in the unit, see systemd/real-time.conf"
    assert has.errors == (f"rt_priority: EPERM for 50; {cure}", f"no_swap: EPERM; {cure}")


@pytest.mark.parametrize(("capabilities", "locked"), [("0000000000003000", False), ("0000000000007000", True)])
def test_a_limit_on_locked_memory_is_no_success(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch, capabilities: str, locked: bool
) -> None:
    """It would be one until the first allocation over it."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (8 << 20, 8 << 20))
    monkeypatch.setattr(Path, "read_text", lambda _: f"Name:\tvrrpd\nCapEff:\t{capabilities}\n")
    has = Scheduling()
    has.apply(0, lock=True)
    assert has.locked is locked
    assert kernel.locks == ([7] if locked else [])
    assert [each.partition(";")[0] for each in has.errors] == (
        [] if locked else ["no_swap: only 8192 KiB may be locked"]
    )


@pytest.fixture
def handler() -> Iterator[Callable[[], None]]:
    before = signal.getsignal(signal.SIGXCPU)
    yield lambda: signal.raise_signal(signal.SIGXCPU)
    signal.signal(signal.SIGXCPU, before)


def test_who_never_pauses_loses_it(kernel: Kernel, handler: Callable[[], None]) -> None:
    told: list[tuple[str, ...]] = []
    has = Scheduling()
    has.watch(lambda: told.append(has.errors))
    handler()
    assert told == []
    has.apply(50, lock=False)
    handler()
    assert (has.priority, kernel.asked[-1][1:]) == (0, (os.SCHED_OTHER, 0))
    assert [each for (each,) in told if "given up" in each]
