"""Probe `process`: does it live? Its death is an event, by pidfd, and needs no second look.

It sees that a process exists, not that it works: a hung HAProxy is well. Prefer `haproxy` and `amqp` where they fit.

Three ways to find it: a pid file, a systemd unit (all processes of its control group), or a name among all processes.
`executable` and `user` narrow what was found.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from vrrpd.probes import unit as units
from vrrpd.probes.account import NoAccountError, account
from vrrpd.probes.aside import Aside
from vrrpd.probes.deaths import Deaths
from vrrpd.probes.outcome import Gauge, Measure, ProbeFailed, Seen
from vrrpd.probes.pidfile import PidFile
from vrrpd.probes.processes import Process, every, goes_on_with, must_see_others, read, runs, runs_as, uid_of
from vrrpd.probes.steps import step
from vrrpd.schema import Doc

PROCESSES = Gauge("processes", "Processes that the last check found alive.")

NO_LIMIT = 65535
"""The default of max_count: more processes than anything has."""
RESCAN = 10.0
"""Seconds between two scans of all of /proc while enough of those found last still live: at a thousand processes a
scan takes some ten milliseconds of the processor."""
MATCHES = ("partial", "initial", "exact")
"""keepalived's param_match, and what it does without."""
MAX_NAMED = 5
"""Pids spelt out in a detail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessOptions:
    """Keywords of `type = "process"`."""

    unit: Annotated[
        str,
        Doc(
            "name of a systemd unit: every process of it counts; give unit, pidfile or executable",
            example='"haproxy.service"',
        ),
    ] = ""
    pidfile: Annotated[str, Doc("path of a file with the pid, of a daemon that no unit starts")] = ""
    executable: Annotated[
        str,
        Doc(
            "only processes that run this: a name as in ps -o comm (the first 15 characters count), or an absolute "
            "path; without pidfile and unit: among all processes",
        ),
    ] = ""
    arguments: Annotated[
        tuple[str, ...],
        Doc("only processes with these words behind the program, see arguments_match", example='["-f", "/etc/x.cfg"]'),
    ] = ()
    arguments_match: Annotated[
        str,
        Doc(
            "partial: arguments are the first of its words; initial: and the last of them may be longer; exact: they "
            "are all of its words, maybe none",
            choices=MATCHES,
        ),
    ] = "partial"
    user: Annotated[str, Doc("only processes of this effective user")] = ""
    min_count: Annotated[int, Doc("up with at least so many processes", low=0, high=NO_LIMIT)] = 1
    max_count: Annotated[
        int, Doc(f"and at most so many; 0: none may run, {NO_LIMIT}: no limit", low=0, high=NO_LIMIT)
    ] = NO_LIMIT

    terminate_delay: Annotated[
        float,
        Doc(
            "fewer than min_count for less than this is well still, as while a service restarts",
            unit="seconds",
            low=0,
            high=3600,
        ),
    ] = 0.0

    def problems(self) -> tuple[str, ...]:
        """What is wrong across keywords, one text each."""
        found = []
        if not (self.pidfile or self.unit or self.executable):
            found.append("give unit, pidfile or executable")
        if self.pidfile and self.unit:
            found.append("give either unit or pidfile")
        if self.pidfile and not self.pidfile.startswith("/"):
            found.append(f"pidfile: {self.pidfile!r} is not an absolute path")
        if self.unit and not units.NAME.fullmatch(self.unit):
            found.append(f"unit: {self.unit!r} is no name of a unit")
        if "/" in self.executable and (not self.executable.startswith("/") or self.executable.endswith("/")):
            found.append(f"executable: {self.executable!r} is neither a name nor an absolute path")
        return (*found, *self._count_problems())

    def setup_problems(self) -> tuple[tuple[str, str], ...]:
        """What is wrong on this host: keyword and text. Asks the name service."""
        try:
            account(self.user)
        except NoAccountError as error:
            return (("user", str(error)),)
        return ()

    def _count_problems(self) -> tuple[str, ...]:
        if self.max_count < self.min_count:
            return (f"max_count: {self.max_count} is less than min_count",)
        if self.min_count == 0 and self.max_count == NO_LIMIT:
            return ("min_count: 0 without max_count is always true",)
        if self.pidfile and self.min_count > 1:
            return ("min_count: a pid file names one process",)
        return ()

    @property
    def place(self) -> str:
        """Where it is looked for, for an operator."""
        return self.pidfile or (f"the control group of {units.full(self.unit)}" if self.unit else "/proc")

    @property
    def name(self) -> str:
        """What is looked for, for an operator."""
        return self.pidfile or (units.full(self.unit) if self.unit else self.executable)


class ProcessProbe:
    """Well while the right number of processes live."""

    def __init__(self, options: ProcessOptions) -> None:
        """Nobody is looked for yet."""
        self._options = options
        self._aside = Aside(options.name)
        self._deaths = Deaths()
        self._known: tuple[Process, ...] = ()
        self._rescan_at = 0.0
        self._well_at: float | None = None
        self._missing = False
        self._pidfile = PidFile(options.pidfile, trust=bool(options.executable))

    async def check(self) -> Seen:
        """Look once. Raises `ProbeFailed`, certain if none is left, and `ProbeUnknown`."""
        self._deaths.clear()
        found = await self._aside.call(self._look())
        step(f"looked into {self._options.place}: {len(found)} found")
        self._known = self._deaths.follow(found)
        step(f"waiting for the end of {len(self._deaths.living)}")
        return self._patient(len(self._known), asyncio.get_running_loop().time())

    async def changed(self) -> None:
        """One of them has ended, or has been missed for too long."""
        if not self._missing or self._well_at is None:
            await self._deaths.wait()
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self._well_at + self._options.terminate_delay):
                await self._deaths.wait()

    async def close(self) -> None:
        """Watch nobody any more."""
        self._deaths.close()

    def _look(self) -> "Callable[[], tuple[Process, ...]]":
        """What to do in a thread; what it needs of ours is taken before."""
        known = self._known
        if self._options.pidfile:
            return lambda: self._named(known)
        if self._options.unit:
            return self._of_unit
        now = asyncio.get_running_loop().time()
        limited = self._options.max_count < NO_LIMIT
        if not limited and now < self._rescan_at:
            return lambda: self._still(known) or self._scanned()
        self._rescan_at = now + RESCAN
        return self._scanned

    def _named(self, known: tuple[Process, ...]) -> tuple[Process, ...]:
        process = self._pidfile.process(alive=bool(self._alive(known)))
        if process is None:
            must_see_others()
            return ()
        if not self._suits(process):
            other = f"{self._options.pidfile} names process {process.pid}, which is another one: {process.comm}"
            raise ProbeFailed(other, certain=True)
        return (process,)

    def _of_unit(self) -> tuple[Process, ...]:
        pids = units.members(self._options.unit)
        found = tuple(filter(None, map(read, pids)))
        if pids and not found:
            must_see_others()
        return self._suitable(found)

    def _scanned(self) -> tuple[Process, ...]:
        found = self._suitable(tuple(every()))
        if not found:
            must_see_others()
        return found

    def _still(self, known: tuple[Process, ...]) -> tuple[Process, ...]:
        """Those of the last scan, while they are enough; else none, and all are looked at."""
        found = self._suitable(self._alive(known))
        return found if len(found) >= self._options.min_count else ()

    @staticmethod
    def _alive(known: tuple[Process, ...]) -> tuple[Process, ...]:
        now = ((before, read(before.pid)) for before in known)
        return tuple(process for before, process in now if process and process.started == before.started)

    def _suitable(self, processes: tuple[Process, ...]) -> tuple[Process, ...]:
        """The user is asked for only of those that run the program: that is another file to read."""
        running = [each for each in processes if self._runs(each)]
        if not self._options.user or not running:
            return tuple(running)
        uid = uid_of(self._options.user)
        return tuple(each for each in running if runs_as(each, uid))

    def _suits(self, process: Process) -> bool:
        return bool(self._suitable((process,)))

    def _runs(self, process: Process) -> bool:
        options = self._options
        named = not options.executable or runs(process, options.executable)
        compared = bool(options.arguments) or options.arguments_match == "exact"
        return named and (not compared or goes_on_with(process, options.arguments, options.arguments_match))

    def _patient(self, count: int, now: float) -> Seen:
        """Raises `ProbeFailed`."""
        missing = count < self._options.min_count
        self._missing = missing and self._well_at is not None and now - self._well_at < self._options.terminate_delay
        if self._missing and self._well_at is not None:
            told = f"{self._options.name}: {self._told()}, for {now - self._well_at:.1f} s"
            return Seen(detail=told, measures=(Measure(PROCESSES, count),))
        seen = self._judged(count)
        self._well_at = now
        return seen

    def _judged(self, count: int) -> Seen:
        """Raises `ProbeFailed`."""
        measures = (Measure(PROCESSES, count),)
        alarms = (self._deaths.blind,) if self._deaths.blind else ()
        low, high = self._options.min_count, self._options.max_count
        if low <= count <= high:
            return Seen(detail=f"{self._options.name}: {self._told()}", alarms=alarms, measures=measures)
        wanted = f"at least {low}" if count < low else f"at most {high}"
        told = f"{self._options.name}: {self._told()}" + (f", wanted {wanted}" if count else "")
        raise ProbeFailed(told, certain=count == 0, alarms=alarms, measures=measures)

    def _told(self) -> str:
        """How many, and which."""
        count = len(self._known)
        if count == 0:
            return "no process"
        pids = ", ".join(str(each.pid) for each in self._known[:MAX_NAMED]) + (", …" if count > MAX_NAMED else "")
        return f"process {pids}" if count == 1 else f"{count} processes ({pids})"
