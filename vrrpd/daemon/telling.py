"""Tells programs and the named pipe of states, as a patient reader of the journal: wire and addresses go first.

Each instance and each group has its own queue: one program at a time, in order. Nothing is left out for being stale, as
keepalived leaves nothing out; only of a queue that is full the oldest ones are skipped, and told.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from vrrpd.config.model import Configuration
from vrrpd.daemon.ended import result
from vrrpd.daemon.fifo import Fifo
from vrrpd.engine.journal import Entry, Publish
from vrrpd.engine.journal_daemon import Stopping
from vrrpd.engine.journal_notify import NotifyEnded, NotifySkipped
from vrrpd.observe.notify import Call, Kind, Notice, Notices
from vrrpd.prober import report_defect
from vrrpd.probes.program import KILL_AFTER, LAST_GRACE, Run
from vrrpd.protocol.messages import Seconds

QUEUE_LIMIT = 20
"""Programs that wait for one instance: ten changes of state. Who is behind that far is helped by the latest only."""
RUNS_LIMIT = 16
"""Programs at a time: hundreds of instances that move at once must not take the processor from the election."""
STOP_TIME = Seconds(2.0)
"""For everything that is still to be told when the daemon ends; keepalived gives a second, systemd us five in all."""


@dataclass(slots=True)
class Lane:
    """Of one instance or group. `work` None: nothing is under way."""

    waiting: deque[Call] = field(default_factory=deque)
    work: asyncio.Task[None] | None = None


class Telling:
    """`configure` before the engine is; `record` every entry; `close` in the end."""

    def __init__(self, publish: Publish, now: Callable[[], Seconds]) -> None:
        """Nobody is told of anything yet."""
        self._publish = publish
        self._now = now
        self._notices = Notices()
        self._fifo = Fifo(publish, now)
        self._lanes: dict[tuple[Kind, str], Lane] = {}
        self._runs: set[Run] = set()
        self._room = asyncio.Semaphore(RUNS_LIMIT)
        self._closed = True

    def configure(self, configuration: Configuration) -> None:
        """Tell these from now on; what waits is still run."""
        self._notices.configure(configuration)
        self._fifo.configure(configuration.daemon.notify_fifo)
        self._closed = False

    def record(self, entry: Entry) -> None:
        """Take one entry of the journal in."""
        notices = self._notices.record(entry)
        if self._closed:
            return
        if notices and isinstance(entry, Stopping):
            self._skip_all()
        for notice in notices:
            self._fifo.write(notice.line)
            for call in self._notices.calls(notice):
                self._queue(call)

    async def close(self) -> None:
        """Begin nothing any more until `configure`; wait `STOP_TIME` for what is under way, then end it."""
        self._closed = True
        working = {lane.work for lane in self._lanes.values() if lane.work is not None}
        if working:
            _, left = await asyncio.wait(working, timeout=STOP_TIME)
            self._skip_all()
            for run in self._runs:
                run.stop(LAST_GRACE)
            if left:
                await asyncio.wait(left, timeout=2 * LAST_GRACE)
        self._fifo.close()

    def _queue(self, call: Call) -> None:
        lane = self._lanes.setdefault((call.notice.kind, call.notice.name), Lane())
        if len(lane.waiting) >= QUEUE_LIMIT:
            self._skip(lane.waiting.popleft())
        lane.waiting.append(call)
        if lane.work is None:
            lane.work = asyncio.get_running_loop().create_task(self._work(lane))
            lane.work.add_done_callback(partial(report_defect, "telling of states"))

    def _skip_all(self) -> None:
        """What waits is overtaken by the end."""
        for lane in self._lanes.values():
            while lane.waiting:
                self._skip(lane.waiting.popleft())

    def _skip(self, call: Call) -> None:
        instance, group = _whose(call.notice)
        self._publish(NotifySkipped(self._now(), instance, group, call.notice.state.value, call.keyword))

    async def _work(self, lane: Lane) -> None:
        while lane.waiting:
            async with self._room:
                if lane.waiting:  # it may have been skipped meanwhile
                    await self._run(lane.waiting.popleft())
        lane.work = None

    async def _run(self, call: Call) -> None:
        """Until the program is gone. Its time over, that is told at once."""
        began, settings = self._now(), call.settings
        run = Run(call.argv, settings.notify_user, settings.notify_group)
        self._runs.add(run)
        done, _ = await asyncio.wait({run.task}, timeout=settings.notify_timeout)
        if not done:
            run.stop(KILL_AFTER)
        told = result(run, Seconds(self._now() - began), settings.notify_timeout)
        instance, group = _whose(call.notice)
        self._publish(NotifyEnded(self._now(), instance, group, call.notice.state.value, call.keyword, told))
        await asyncio.wait({run.task})
        self._runs.discard(run)


def _whose(notice: Notice) -> tuple[str, str]:
    """As the journal has it: instance and group, one of them empty."""
    return (notice.name, "") if notice.kind is Kind.INSTANCE else ("", notice.name)
