"""Two vrrpd on a LAN and everything that tells who owns the address: both kernels, ARP answers, the wire."""

import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.tally import Window, answered_twice, owned
from bench.witness import Witness
from tests.lab.cgroups import Starved
from tests.lab.net import Lan
from tests.lab.part import ROOT
from tests.lab.parts import StandInBroker, Vrrpd, instance_text
from tests.lab.routers import VIP, skew_seconds
from tests.lab.stall import Stalls
from tests.lab.waiting import LabError, now, wait_until
from tests.lab.wire import Capture

HIGH, LOW = 150, 100
PATIENCE = 15.0
TWO_OWNERS_SECONDS = 0.3
"""The bound of a handover: the winner's advertisement has to reach the loser. After a death it is never."""
LEASE_LATE_SECONDS = 0.55
"""By which the kernel may be late, where no processor sleeps; stalls of the machine are not counted.

It rounds up by 0.25 s at most. The timer wheel adds, at 250 Hz, 64 ticks to 2 s and more, and 8 to the second look of
two that are a second apart: 0.54 s (measured: 0.52). At 100 and 1000 Hz it is less.
"""
ROUNDS = 10
"""At meeting a moment between two advertisements: on a busy machine we may look too late."""
EARLY_SECONDS = 0.012

HOOK = """
import signal, time
signal.signal(signal.SIGRTMIN, lambda *_: time.sleep({seconds}))
signal.signal(signal.SIGRTMIN + 1, lambda *_: b"x" * {bytes})
"""
"""Run by Python before the daemon (site, `sitecustomize`): blocks the event loop, or takes memory, when told."""
SPARE_BYTES = 16 << 20
"""What a starved daemon may still take: enough for its work of some seconds."""
GREEDY_BYTES = 4 * SPARE_BYTES


class Blockable(Vrrpd):
    """vrrpd that stands still for some seconds after SIGRTMIN, and that the kernel can run out of memory."""

    def block_for(self, seconds: float) -> Self:
        """Before the start."""
        (self.directory / "hook").mkdir(exist_ok=True)
        (self.directory / "hook" / "sitecustomize.py").write_text(HOOK.format(seconds=seconds, bytes=GREEDY_BYTES))
        return self

    def starve(self) -> None:
        """Have it killed by the OOM killer (SIGKILL): in a control group of its own it takes more than it may."""
        group = Starved(f"{self.host.namespace}-oom", SPARE_BYTES)
        try:
            group.enter(self.pid)
            self.process.send_signal(signal.SIGRTMIN + 1)
            self.process.wait(self.stop_timeout)
            killed = group.kills()
        finally:
            group.remove()
        if killed != 1:
            raise LabError(f"{self} did not die of the OOM killer\n{self.log()}")

    def environment(self) -> dict[str, str]:
        """As vrrpd, with the hook before everything else."""
        return {**super().environment(), "PYTHONPATH": f"{self.directory / 'hook'}:{ROOT}"}


class Pair:
    """`high` (150) is Master when `__enter__` returns, `low` (100) its Backup; a broker runs on `high`.

    `priorities`: others for the two. `vip`: another address, of either family. `extra`: more lines for both instances,
    `low_extra`: for `low`. `then`: what advert_int becomes by a reload of both, so that a Master is there soon and has
    long intervals all the same.
    """

    def __init__(
        self,
        *,
        priorities: tuple[int, int] = (HIGH, LOW),
        vip: str = VIP,
        extra: str = "",
        low_extra: str = "",
        version: int = 2,
        advert_int: str = "1s",
        then: str = "",
        block_seconds: float = 6.0,
    ) -> None:
        self.priorities, self.vip = priorities, vip
        vips = [f"{vip}/{128 if ':' in vip else 32}"]
        self._texts, self._then = (
            [
                instance_text(priority=priority, vips=vips, version=version, advert_int=interval, extra=more)
                for priority, more in zip(priorities, (extra, f"{extra}\n{low_extra}"), strict=True)
            ]
            for interval in (advert_int, then or advert_int)
        )
        self._block_seconds = block_seconds

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        with ExitStack() as failed:
            failed.callback(self._stack.close)
            self._start()
            failed.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _start(self) -> None:
        enter = self._stack.enter_context
        self.lan = enter(Lan(["high", "low", "client", "asker"], ipv6=":" in self.vip))
        self.stalls = enter(Stalls())
        self.wire = enter(Capture(self.lan))
        self.witness = enter(Witness([self.lan["high"], self.lan["low"]], self.lan["asker"], self.vip))
        enter(StandInBroker(self.lan["high"]))
        self.high = enter(Blockable(self.lan["high"], self._texts[0]).block_for(self._block_seconds))
        self.wait_owner("high")
        self.low = enter(Vrrpd(self.lan["low"], self._texts[1]))
        self.wire.wait_advert("high", self.priorities[0], since=now())
        if self._then != self._texts:
            self.low.turn(self._then[1])
            self.high.turn(self._then[0])
        self._waited = self.low.kept_waiting()

    def wait_owner(self, name: str) -> float:
        """Wait until this host and no other has the address, by its kernel; returns the seconds waited."""
        return wait_until(lambda: self.witness.holders() == {name}, PATIENCE, f"{name} alone holds {self.vip}")

    def wait_taken(self, since: float) -> float:
        """Wait until `low` is Master after its Master_Down_Interval; returns when it said so, Unix time."""
        low = self.priorities[1]
        taken = self.wire.wait_advert("low", low, since=since, timeout=PATIENCE)
        last = [each for each in self.wire.adverts("high") if each.at < taken.at][-1]
        assert taken.at - last.at >= 3 + skew_seconds(low) - EARLY_SECONDS
        self.wait_owner("low")
        return taken.at

    def two_owners(self, since: float, until: float | None = None) -> float:
        """Seconds in which both kernels have had the address, what this machine took not counted.

        Without `until` there was a preemption at the end: `low` gives the address up once it has the processor.
        """
        seconds = self._unstalled(lambda window: owned(self.witness.changes, window, {2}), since, until)
        return seconds if until is not None else max(0.0, seconds - self._low_waited())

    def two_answered(self, since: float, until: float | None = None) -> float:
        """Seconds in which two MAC addresses have answered ARP requests for the address, as `two_owners`."""
        seconds = self._unstalled(
            lambda window: answered_twice(self.witness.requests, self.witness.answers, window), since, until
        )
        return seconds if until is not None else max(0.0, seconds - self._low_waited())

    def answering(self, since: float) -> set[str]:
        """Names of the hosts that have answered for the address since then."""
        macs = {mac for at, mac in self.witness.answers if at >= since}
        return {host.name for host in self.lan if host.mac in macs}

    def _low_waited(self) -> float:
        return self.low.kept_waiting() - self._waited if self.low.running else 0.0

    def _unstalled(self, judge: Callable[[Window], float], since: float, until: float | None) -> float:
        """What is found, less what is found in stalls: then neither the daemons could act nor the witness look."""
        ended = now() if until is None else until
        stalled = sum(judge(Window(*span)) for span in self.stalls.within(since, ended))
        return max(0.0, round(judge(Window(since, ended)) - stalled, 6))

    def took(self, begun: float, ended: float) -> float:
        """Seconds from what we did to what the witness saw of it, stalls not counted."""
        return ended - begun - self.stalls.seconds(begun, ended)

    def longest_gap(self, since: float) -> float:
        """Seconds of the longest pause between two advertisements of `high`, the one before `since` included."""
        sent = [each.at for each in self.wire.adverts("high")]
        return max(late - early for early, late in pairwise(sent) if late > since)

    def lost(self, name: str, since: float) -> list[float]:
        """When this kernel has lost the address since then (RTM_DELADDR), Unix time."""
        return [each.at for each in self.witness.changes if each.host == name and not each.held and each.at >= since]

    def got(self, name: str, since: float) -> list[float]:
        """When this kernel has got the address since then."""
        return [each.at for each in self.witness.changes if each.host == name and each.held and each.at >= since]

    def phase(self, seconds: float) -> float:
        """Wait for the next advertisement of `high` and so many seconds more; returns the Unix time."""
        advert = self.wire.wait_advert("high", self.priorities[0], since=now())
        time.sleep(max(0.0, advert.at + seconds - now()))
        return now()

    def state_file(self) -> Path:
        """What `high` leaves to its successor."""
        return self.high.run_dir / "state.json"
