"""Runs a program of the operator's, once: a check script, a remedy.

It runs in a session of its own, in `/`, with standard input from /dev/null and the environment of `ENVIRONMENT` and
nothing else (so no NOTIFY_SOCKET of ours). Its output is read and the end of it kept. What is told to end is ended with
all its children: SIGTERM, then SIGKILL. After a normal exit its children may live on.
"""

import asyncio
import os
import signal
import subprocess
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from vrrpd.probes.account import Account, NoAccountError, account
from vrrpd.probes.steps import step

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/",
    "LANG": "C.UTF-8",
}
"""For another user with HOME, USER and LOGNAME of that user."""
KILL_AFTER = 2.0
"""Seconds between SIGTERM and SIGKILL, as keepalived."""
LAST_GRACE = 0.1
"""The same when the daemon stops."""
KEPT_OUTPUT = 2048
"""Octets of output kept, the last ones: enough for the message of a failure."""
MAX_OUTPUT = 1024 * 1024
"""A program that writes more is broken, and reading it would take the processor from the election."""
OOM_SCORE_ADJUST = "0"
"""The unit's OOMScoreAdjust= is for the election; a program that leaks memory must be killed before its neighbours."""
_READ = 65536


class CannotRunError(Exception):
    """The program has not been started; the text says what and why."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A run is over. `status`: as exit(3), negative: the signal that killed it. `output`: the end of what it wrote."""

    status: int
    output: str
    flooded: bool = False
    """It wrote more than `MAX_OUTPUT` octets and was killed for that."""

    @property
    def told(self) -> str:
        """In one line: how it ended."""
        if self.flooded:
            return f"wrote more than {MAX_OUTPUT} octets and was killed"
        return f"exit status {self.status}" if self.status >= 0 else f"killed by {_signal_name(-self.status)}"


class Run:
    """One run of a program, from its start until it is reaped, in `task`. That raises `CannotRunError`."""

    def __init__(self, command: tuple[str, ...], user: str = "", group: str = "") -> None:
        """Start it as this user, which needs the capabilities for it; empty: as ourselves."""
        self._command = command
        self._user, self._group = user, group
        self._loop = asyncio.get_running_loop()
        self._output = bytearray()
        self._written = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = asyncio.Event()
        self._stopping = False
        self._killer: asyncio.TimerHandle | None = None
        self.task = self._loop.create_task(self._go())
        self.task.add_done_callback(_seen)

    @property
    def output(self) -> str:
        """The end of what it has written until now."""
        return self._output.decode(errors="replace")

    def stop(self, grace: float) -> None:
        """SIGTERM to the whole group now, SIGKILL after `grace` seconds or when said before."""
        self._stopping = True
        self._signal(signal.SIGTERM)
        due = self._loop.time() + grace
        if self._killer is not None:
            due = min(due, self._killer.when())
            self._killer.cancel()
        self._killer = self._loop.call_at(due, self._signal, signal.SIGKILL)

    async def _go(self) -> Ended:
        """Fork and exec can hang on a sick file system, so they happen in a thread, not in the loop."""
        starting = self._loop.run_in_executor(None, self._start)
        try:
            self._process = process = await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(_discard)
            raise
        except NoAccountError as error:
            raise CannotRunError(f"cannot run {self._command[0]}: {error}") from error
        except OSError as error:
            who = f" as {self._user}" if self._user else ""
            raise CannotRunError(f"cannot run {self._command[0]}{who}: {error.strerror or error}") from error
        if self._stopping:
            self._signal(signal.SIGTERM)
        step(f"started {self._command[0]}, process {process.pid}")
        await self._until_exit(process)
        ended = Ended(process.returncode, self.output, flooded=self._written > MAX_OUTPUT)
        step(ended.told)
        return ended

    def _start(self) -> subprocess.Popen[bytes]:
        who = account(self._user, self._group)
        _inherit_no_priority()
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={**ENVIRONMENT, **who.environment},
            start_new_session=True,
            bufsize=0,
            **_switch(who),
        )
        with suppress(OSError):  # gone already, or another user's
            Path(f"/proc/{process.pid}/oom_score_adj").write_text(OOM_SCORE_ADJUST)
        return process

    async def _until_exit(self, process: subprocess.Popen[bytes]) -> None:
        """Until the leader exits; not until the pipe ends, which children left behind may hold open."""
        with ExitStack() as undo:
            undo.callback(self._bury, process)
            stdout = undo.enter_context(cast(IO[bytes], process.stdout))
            os.set_blocking(stdout.fileno(), False)
            self._loop.add_reader(stdout.fileno(), self._read, stdout.fileno())
            undo.callback(self._loop.remove_reader, stdout.fileno())
            watch = os.pidfd_open(process.pid)
            undo.callback(os.close, watch)
            self._loop.add_reader(watch, self._ended.set)
            undo.callback(self._loop.remove_reader, watch)
            await self._ended.wait()
            self._read(stdout.fileno())

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        """Stragglers first: until the leader is reaped nobody else can have its process group number."""
        if self._stopping or not self._ended.is_set():
            self._signal(signal.SIGKILL)
        if self._killer is not None:
            self._killer.cancel()
        process.poll()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):  # it may have become another user by itself
                os.killpg(self._process.pid, number)

    def _read(self, pipe: int) -> None:
        """Take what is there. At the end of the pipe, or after too much of it, nothing more is read."""
        try:
            octets = os.read(pipe, _READ)
        except BlockingIOError:
            return
        self._written += len(octets)
        self._output = (self._output + octets)[-KEPT_OUTPUT:]
        if not octets or self._written > MAX_OUTPUT:
            self._loop.remove_reader(pipe)
        if self._written > MAX_OUTPUT:
            self.stop(KILL_AFTER)


def _inherit_no_priority() -> None:
    """Real-time priority is for the election: what this thread starts begins under the normal policy (sched(7))."""
    policy = os.sched_getscheduler(0)
    if policy in (os.SCHED_RR, os.SCHED_FIFO):
        os.sched_setscheduler(0, policy | os.SCHED_RESET_ON_FORK, os.sched_getparam(0))


def _switch(who: Account) -> dict[str, Any]:
    """What `Popen` needs to become another account; the child does it between fork and exec, in C."""
    return {"user": who.uid, "group": who.gid, "extra_groups": list(who.groups)} if who.switch else {}


def _seen(task: asyncio.Task[Ended]) -> None:
    """A run that nobody waits for any more has nobody to take its exception."""
    if not task.cancelled():
        task.exception()


def _discard(starting: asyncio.Future[subprocess.Popen[bytes]]) -> None:
    """End what was started for a run that has been torn down meanwhile."""
    if starting.exception() is None:
        process = starting.result()
        cast("IO[bytes]", process.stdout).close()
        os.killpg(process.pid, signal.SIGKILL)
        process.poll()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def last_line(output: str) -> str:
    """The last line with anything in it."""
    return next((line.strip() for line in reversed(output.split("\n")) if line.strip()), "")


def first_line(output: str) -> str:
    """The first line with anything in it."""
    return next((line.strip() for line in output.split("\n") if line.strip()), "")
