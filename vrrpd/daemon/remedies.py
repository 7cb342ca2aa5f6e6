"""Runs remedies, as a patient reader of the journal: a demotion is done and on the wire before one begins."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from vrrpd.config.model import Probe, Remedy
from vrrpd.daemon.ended import result
from vrrpd.engine.drain import HOST
from vrrpd.engine.journal import Entry, Publish
from vrrpd.engine.journal_daemon import Drained, Stopping, Undrained
from vrrpd.engine.journal_health import ProbeChanged, ProbeChecked, RemedyEnded, RemedyStarted
from vrrpd.engine.remedy import Course
from vrrpd.prober import report_defect
from vrrpd.probes.program import KILL_AFTER, Run
from vrrpd.protocol.messages import Seconds

CLOSING = KILL_AFTER + 0.5
"""Seconds for what runs to end when the daemon ends: half a second for a kill that the kernel is slow to do."""
NONE_BEFORE: Mapping[str, tuple[Seconds, ...]] = {}


class Remedies:
    """All remedies of a configuration. One at a time for each probe, over reloads as well."""

    def __init__(self, publish: Publish, now: Callable[[], Seconds]) -> None:
        """Nothing is done before `configure`."""
        self._publish = publish
        self._now = now
        self._courses: dict[str, Course] = {}
        self._runs: dict[str, Run] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = True
        self._maintenance = False

    def configure(self, probes: Iterable[Probe], before: Mapping[str, tuple[Seconds, ...]] = NONE_BEFORE) -> None:
        """Know these from now on. What runs goes on; what was done counts on, also for a probe that comes back.

        `before`: when attempts of an earlier daemon began.
        """
        wanted = {each.name: each for each in probes}
        kept = {name: each for name, each in self._courses.items() if name in wanted or each.running or each.begun}
        self._courses = kept
        for name, course in self._courses.items():
            if name not in wanted:
                course.leave()
        for name, probe in wanted.items():
            self._courses.setdefault(name, Course.new(probe, before.get(name, ()))).configure(probe)
        self._closed = False
        self._act()

    def record(self, entry: Entry) -> None:
        """Follow the probes."""
        match entry:
            case ProbeChecked() | ProbeChanged() if (course := self._courses.get(entry.probe)) is not None:
                if isinstance(entry, ProbeChecked):
                    course.checked(entry.result)
                else:
                    course.changed(entry.up)
                self._act()
            case Drained(instance=name) | Undrained(instance=name) if name == HOST:
                self._maintenance = isinstance(entry, Drained)
                self._act()
            case Stopping():
                self._rest()
            case _:
                pass

    async def close(self) -> None:
        """Begin nothing any more until `configure`; end what runs, within about `CLOSING`."""
        self._rest()
        for run in self._runs.values():
            run.stop(KILL_AFTER)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSING)

    def _rest(self) -> None:
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()

    def _act(self) -> None:
        """Do what is due, and be back when the next thing is.

        Not while the host is drained: what an operator stops for maintenance must stay stopped.
        """
        if self._closed or self._maintenance:
            return
        for course in self._courses.values():
            if (decided := course.decide(self._now())) is not None:
                self._publish(decided)
            if isinstance(decided, RemedyStarted) and course.probe.remedy is not None:
                self._begin(course, course.probe.remedy)
        if self._timer is not None:
            self._timer.cancel()
        instants = [at for each in self._courses.values() if (at := each.instant()) is not None]
        self._timer = asyncio.get_running_loop().call_at(min(instants), self._act) if instants else None

    def _begin(self, course: Course, remedy: Remedy) -> None:
        name = course.probe.name
        run = self._runs[name] = Run(remedy.argv, remedy.user, remedy.group)
        task = asyncio.get_running_loop().create_task(self._follow(name, course, remedy, run))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(partial(report_defect, "remedies"))

    async def _follow(self, name: str, course: Course, remedy: Remedy, run: Run) -> None:
        """Until the program is gone. Its time over, that is told at once, and killing it goes on behind."""
        began = self._now()
        done, _ = await asyncio.wait({run.task}, timeout=remedy.timeout)
        if not done:
            run.stop(KILL_AFTER)
        took = Seconds(self._now() - began)
        self._publish(
            RemedyEnded(self._now(), name, remedy.told, result(run, took, remedy.timeout, first=bool(remedy.restart)))
        )
        await asyncio.wait({run.task})
        del self._runs[name]
        course.ended(self._now())
        self._act()
