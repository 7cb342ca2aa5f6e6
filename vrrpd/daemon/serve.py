"""Composition: the host, its observers, the API and the signals, from start to stop."""

import asyncio
import gc
import os
import signal
import sys
import traceback
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from vrrpd import __version__
from vrrpd.api.acts import Act, Order, Reply
from vrrpd.api.app import Services
from vrrpd.api.lock import AlreadyRunningError
from vrrpd.api.server import Api, ApiError
from vrrpd.config.model import Configuration
from vrrpd.config.problems import ConfigError
from vrrpd.config.source import Source
from vrrpd.daemon.delay import not_before, since_boot
from vrrpd.daemon.hand import Hand
from vrrpd.daemon.host import Host
from vrrpd.daemon.journal import ROUTINE, Journal
from vrrpd.daemon.loop import BootTimeLoop
from vrrpd.daemon.memory import Memory, boot_id
from vrrpd.daemon.output import ERRORS, LineWriter
from vrrpd.daemon.remedies import Remedies
from vrrpd.daemon.signals import SIGNALS
from vrrpd.daemon.status import StatusLine
from vrrpd.daemon.telling import Telling
from vrrpd.daemon.wall import WallClock
from vrrpd.daemon.watchdog import watchdog
from vrrpd.engine.instance import NO_PAST, Past
from vrrpd.engine.journal import AdvertReceived, AdvertSent
from vrrpd.engine.journal_daemon import Configured, Lagged, ReloadRejected, Scheduled, Started, Stopping
from vrrpd.linux.capabilities import give_ambient, take_ambient
from vrrpd.linux.scheduling import Scheduling
from vrrpd.linux.systemd import Notifier
from vrrpd.observe.log import Log
from vrrpd.observe.metrics import Metrics
from vrrpd.observe.state import StateView, Wall

STDOUT = 1
SWITCH_INTERVAL = 0.0005
"""Seconds until a thread that computes lets the election run (sys.setswitchinterval): one tells the kernel of hundreds
of leases. Python's 5 ms would be 5 ms for an advertisement."""
RESTART_DELAY = 0.05
"""Seconds between the answer to a restart and the restart, so that the answer gets out."""


def run(configuration: Configuration, source: Source) -> int:
    """Serve until a signal. Returns the exit code: 0 stopped, 1 could not start or has a defect."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    try:
        with asyncio.Runner(loop_factory=BootTimeLoop) as runner:
            return runner.run(_serve(configuration, source))
    except (ApiError, AlreadyRunningError, OSError) as error:
        _complain((isinstance(error, OSError) and error.strerror) or str(error))
        return 1


async def _serve(configuration: Configuration, source: Source) -> int:
    return await Daemon(configuration, source).serve()


class Daemon:
    """One configuration file being served."""

    def __init__(self, configuration: Configuration, source: Source) -> None:
        """Builds all parts; nothing is opened but a socket for announcements."""
        self._configuration = configuration
        self._source = source
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._worked = False
        self._ready = asyncio.Event()
        self._defects = 0
        self._ambient = take_ambient()  # before there is any thread: what we start must not inherit them
        self._reloading = asyncio.Lock()
        self._tasks: set[asyncio.Task[object]] = set()
        self._journal = Journal()
        self._notifier = Notifier(os.environ)
        self._host = Host(self._journal.publish, self._notifier)
        self._wall = WallClock(self._host.now)
        self._view = StateView(self._host.now, self._wall)
        self._metrics = Metrics(self._view, __version__, self._host.now, self._wall)
        self._log = _log(configuration, self._wall)
        self._journal.add(self._view.record, passes_over=(AdvertSent, Lagged))
        self._journal.add(self._metrics.record)
        self._hand = Hand(Path(configuration.daemon.state_dir), self._host, self._view, self._journal, self._wall)
        self._log.follow(self._hand.history.tell)
        self._api = Api(configuration.daemon.run_dir, configuration.daemon.http, self._services())
        self._scheduling = Scheduling()
        self._remedies = Remedies(self._journal.publish, self._host.now)
        self._telling = Telling(self._journal.publish, self._host.now)
        self._memory = Memory(Path(configuration.daemon.run_dir), boot_id())
        self._journal.add_patient(self._memory.record, passes_over=(AdvertReceived, Lagged))
        self._journal.add_patient(self._log.record, passes_over=(AdvertSent,))
        status = StatusLine(self._view, self._notifier)
        for reader in (status.record, self._remedies.record, self._telling.record):
            self._journal.add_patient(reader, passes_over=ROUTINE)

    async def serve(self) -> int:
        """From start to stop. Raises OSError, ApiError, AlreadyRunningError if it cannot start."""
        self._loop.set_exception_handler(self._on_defect)
        self._scheduling.watch(self._run_away)
        self._handle_signals()
        await self._api.start()
        try:
            await self._host.open(self._configuration)
            return await self._work()
        finally:
            await self._host.close()
            await self._end_programs()
            await self._api.close()
            self._journal.flush()
            await self._memory.close()
            if self._worked:
                self._memory.forget()  # resigned; a start that failed leaves it to the next one
            self._hand.settle()
            self._notifier.close()

    def _name(self) -> str:
        return self._configuration.daemon.router_id or os.uname().nodename

    async def _work(self) -> int:
        """Until a signal. A defect resigns, too, and is raised: the service manager starts us anew."""
        self._worked = True
        self._hand.recall()
        start = not_before(self._configuration.daemon, self._host.now(), since_boot())
        self._put_in_force(self._configuration, replace(self._memory.recall(), not_before=start))
        await self._host.tidy()
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(self._host.serve())
            try:
                self._say_ready()
                await self._stop.wait()
                self._host.resign()  # done already for a signal, but not for one during the start, nor for a defect
                await self._host.released()
            finally:
                self._host.resign()
                working.cancel()
        return 1 if self._defects else 0

    async def _end_programs(self) -> None:
        """Those who are to know of the end hear of it first."""
        self._journal.flush()
        await asyncio.gather(self._remedies.close(), self._telling.close())

    def _say_ready(self) -> None:
        """Everything is open, and what was left behind is gone."""
        self._journal.publish(Started(self._host.now(), __version__, self._name()))
        self._notifier.send("READY=1", f"MAINPID={os.getpid()}")
        self._notifier.end_restart()
        self._ready.set()
        gc.collect()
        gc.freeze()  # what lives for ever is not looked at again: a full collection takes 20 ms otherwise

    def _on_defect(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A callback of ours has raised: what it should have done is undone, so end; the service manager starts anew.

        An OSError is some connection's end that nobody waited for, and no defect.
        """
        error = context.get("exception")
        _complain(f"{context['message']}: {error!r}")
        if isinstance(error, Exception) and not isinstance(error, OSError):
            ERRORS.write("".join(traceback.format_exception(error)).rstrip())
            self._defects += 1
            self._stop.set()

    # --- signals ------------------------------------------------------------------------------------------------

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop_for, number.name)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._spawn(self._reload()))
        loop.add_signal_handler(signal.SIGUSR2, lambda: self._spawn(self._restart()))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # blocked since our start, and kept until now

    def _stop_for(self, cause: str) -> None:
        """Resign before anything else, even before it is told."""
        if self._stop.is_set():
            return
        self._stop.set()
        self._host.resign()
        self._journal.publish(Stopping(self._host.now(), cause))
        self._notifier.send("STOPPING=1")

    def _spawn(self, work: Coroutine[object, object, object]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- configuration ------------------------------------------------------------------------------------------

    def _put_in_force(self, configuration: Configuration, past: Past = NO_PAST) -> None:
        self._view.configure(configuration)
        self._metrics.configure(configuration)
        self._telling.configure(configuration)
        self._notifier.limit_watchdog(watchdog(configuration.instances))
        self._host.configure(configuration, str(self._source), past)
        self._memory.configure(configuration)  # forgets, so only what the host has not refused
        self._schedule(configuration)
        self._remedies.configure(configuration.probes, past.remedies)

    def _schedule(self, configuration: Configuration) -> None:
        """After the addresses: what is asked for may be refused, and is told then."""
        wanted, has = configuration.daemon, self._scheduling
        if (wanted.rt_priority, wanted.no_swap) != (has.priority, has.locked) or has.errors:
            has.apply(wanted.rt_priority, lock=wanted.no_swap)
            self._tell_scheduling()

    def _run_away(self) -> None:
        """From a signal handler, in the midst of anything."""
        self._loop.call_soon_threadsafe(self._tell_scheduling)

    def _tell_scheduling(self) -> None:
        has = self._scheduling
        self._journal.publish(Scheduled(self._host.now(), has.priority, has.locked, has.errors))

    async def _reload(self) -> Configured | ReloadRejected:
        """Read the file again; put it in force as a difference, or refuse it with all its errors."""
        await self._ready.wait()  # a configuration in force before the first one would leave nothing to resume
        async with self._reloading:
            self._notifier.send("RELOADING=1", f"MONOTONIC_USEC={int(self._host.now() * 1_000_000)}")
            verdict = await self._reload_file()
            self._notifier.send("READY=1")
            return verdict

    async def _reload_file(self) -> Configured | ReloadRejected:
        told: list[Configured] = []
        try:
            configuration = await asyncio.to_thread(self._source.read)
            with self._journal.reading(lambda entry: told.append(entry) if isinstance(entry, Configured) else None):
                self._put_in_force(configuration)
        except (ConfigError, OSError) as error:
            return self._refuse(error)
        self._configuration = configuration
        return told[0]

    async def _restart(self) -> ReloadRejected | None:
        """Replace the process by a new one, giving nothing up. None: it follows; else the file would not start."""
        await self._ready.wait()
        await self._reloading.acquire()  # a reload now would start probes that nobody would end
        try:
            await asyncio.to_thread(self._source.read)
        except (ConfigError, OSError) as error:
            self._reloading.release()
            return self._refuse(error)
        await self._host.end_probes()
        await self._end_programs()
        asyncio.get_running_loop().call_later(RESTART_DELAY, self._replace_process_or_go_on)
        return None

    def _replace_process_or_go_on(self) -> None:
        if self._stop.is_set():
            return
        try:
            self._replace_process()
        except OSError as error:  # no interpreter, no space in the runtime directory
            take_ambient()
            self._schedule(self._configuration)
            self._notifier.end_restart()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            self._refuse(error)
            self._host.resume_probes(self._configuration)
            self._remedies.configure(self._configuration.probes)
            self._telling.configure(self._configuration)
            self._reloading.release()

    def _replace_process(self) -> None:
        """A last advertisement, so that peers wait their full time from now on; then the new process resumes."""
        self._journal.publish(Stopping(self._host.now(), "restart"))
        self._host.advertise()
        self._journal.flush()
        self._memory.save_now()
        self._notifier.begin_restart()
        self._hand.settle()
        # the new process must not die of a signal that comes before it can handle one: it would leave no word
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        give_ambient(self._ambient)
        self._scheduling.release()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - no shell: it is ourselves

    def _refuse(self, error: ConfigError | OSError) -> ReloadRejected:
        """Nothing that runs has changed; the observers go back to what runs."""
        self._view.configure(self._configuration)
        self._metrics.configure(self._configuration)
        self._telling.configure(self._configuration)
        self._notifier.limit_watchdog(watchdog(self._configuration.instances))
        problems = tuple(map(str, error.problems)) if isinstance(error, ConfigError) else (str(error),)
        entry = ReloadRejected(self._host.now(), str(self._source), problems)
        self._journal.publish(entry)
        return entry

    # --- observers ----------------------------------------------------------------------------------------------

    def _services(self) -> Services:
        return Services(
            state=self._view.snapshot,
            metrics=self._metrics.render,
            reload=self._reload,
            restart=self._restart,
            explain=self._hand.explain,
            events=self._hand.history,
            acts={name: self._once_ready(act) for name, act in self._hand.acts().items()},
            overdue=self._host.overdue,
            report=lambda page, error: _complain(f"defect in {page}: {error!r}"),
        )

    def _once_ready(self, act: Act) -> Act:
        """Before a configuration is in force nothing can be said of an instance."""

        async def ready(order: Order) -> Reply:
            await self._ready.wait()
            return await act(order)

        return ready


def _complain(text: str) -> None:
    ERRORS.write(f"vrrpd: {text}")


def _log(configuration: Configuration, wall: Wall) -> Log:
    writer = LineWriter(STDOUT)
    return Log(
        writer.write,
        wall,
        log_format=configuration.daemon.log_format,
        terminal=os.isatty(STDOUT),
        journal=_is_journal(STDOUT),
    )


def _is_journal(descriptor: int) -> bool:
    """systemd.exec(5): JOURNAL_STREAM names device and inode of the stream that ends in the journal."""
    status = os.fstat(descriptor)
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"
