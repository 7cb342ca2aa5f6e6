"""Probe `script`: run a program, exit status 0 is well.

The program runs in a session of its own, in `/`, with standard input from /dev/null and the environment of
`ENVIRONMENT` and nothing else (so no NOTIFY_SOCKET of ours). It has the user and the capabilities of vrrpd.
Its output is read and the end of it kept. A run that is cancelled is killed with all its children:
SIGTERM, then SIGKILL after `KILL_AFTER`. After a normal exit its children may live on.
"""

import asyncio
import os
import signal
import subprocess
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import IO, Annotated, cast

from vrrpd.probes.outcome import ProbeFailed, Seen
from vrrpd.schema import Doc

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/",
    "LANG": "C.UTF-8",
}
KILL_AFTER = 2.0
"""Seconds between SIGTERM and SIGKILL, as keepalived."""
LAST_GRACE = 0.1
"""The same when the daemon stops."""
KEPT_OUTPUT = 2048
"""Octets of output kept, the last ones: enough for the message of a failure."""
MAX_OUTPUT = 1024 * 1024
"""A check that writes more is broken, and reading it would take the processor from the election."""
_READ = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptOptions:
    """Keywords of `type = "script"`."""

    argv: Annotated[
        tuple[str, ...],
        Doc("program and arguments, run without a shell", example='["/usr/local/bin/check", "--quick"]'),
    ] = ()
    shell: Annotated[str, Doc("command line, run by /bin/sh -c", example='"pidof haproxy >/dev/null"')] = ""

    def problems(self) -> tuple[str, ...]:
        """What is wrong across keywords, one text each."""
        if bool(self.argv) == bool(self.shell):
            return ("give either argv or shell",)
        if self.argv and not self.argv[0]:
            return ("argv: the program is empty",)
        if "\0" in "".join(self.argv) + self.shell:
            return ("argv, shell: no zero character is possible",)
        return ()

    @property
    def command(self) -> tuple[str, ...]:
        """What is executed."""
        return self.argv or ("/bin/sh", "-c", self.shell)


class ScriptProbe:
    """Well when the program exits with status 0."""

    def __init__(self, options: ScriptOptions) -> None:
        """Nothing runs yet."""
        self._options = options
        self._run: Run | None = None

    async def check(self) -> Seen:
        """Run once. Raises `ProbeFailed`; cancelled, it returns at once and the killing goes on behind it."""
        if self._run is not None and not self._run.task.done():
            raise ProbeFailed("the run before was told to end and has not ended yet")
        run = self._run = Run(self._options.command)
        try:
            return Seen(detail=await asyncio.shield(run.task))
        except asyncio.CancelledError:
            run.stop(KILL_AFTER)
            raise

    async def close(self) -> None:
        """Kill what runs; returns after at most about `2 * LAST_GRACE`, also if the kernel cannot kill it."""
        if self._run is not None and not self._run.task.done():
            self._run.stop(LAST_GRACE)
            await asyncio.wait({self._run.task}, timeout=2 * LAST_GRACE)


class Run:
    """One run of a program, from its start until it is reaped, in `task`."""

    def __init__(self, command: tuple[str, ...]) -> None:
        """Start it."""
        self._command = command
        self._loop = asyncio.get_running_loop()
        self._output = bytearray()
        self._written = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = asyncio.Event()
        self._stopping = False
        self._killer: asyncio.TimerHandle | None = None
        self.task = self._loop.create_task(self._go())
        self.task.add_done_callback(_seen)

    def stop(self, grace: float) -> None:
        """SIGTERM to the whole group now, SIGKILL after `grace` seconds or when said before."""
        self._stopping = True
        self._signal(signal.SIGTERM)
        due = self._loop.time() + grace
        if self._killer is not None:
            due = min(due, self._killer.when())
            self._killer.cancel()
        self._killer = self._loop.call_at(due, self._signal, signal.SIGKILL)

    async def _go(self) -> str:
        """Fork and exec can hang on a sick file system, so they happen in a thread, not in the loop."""
        starting = self._loop.run_in_executor(None, self._start)
        try:
            self._process = process = await asyncio.shield(starting)
        except asyncio.CancelledError:
            starting.add_done_callback(_discard)
            raise
        except OSError as error:
            raise ProbeFailed(f"cannot run {self._command[0]}: {error.strerror or error}") from error
        if self._stopping:
            self._signal(signal.SIGTERM)
        await self._until_exit(process)
        return self._verdict(process.returncode)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
            bufsize=0,
        )

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
            with suppress(ProcessLookupError):
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

    def _verdict(self, status: int) -> str:
        if self._written > MAX_OUTPUT:
            raise ProbeFailed(f"wrote more than {MAX_OUTPUT} octets and was killed")
        said = last_line(bytes(self._output))
        told = f"exit status {status}" if status >= 0 else f"killed by {_signal_name(-status)}"
        told += f": {said}" if said else ""
        if status != 0:
            raise ProbeFailed(told)
        return told


def _seen(task: asyncio.Task[str]) -> None:
    """A run whose check was cancelled has nobody to take its exception."""
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


def last_line(output: bytes) -> str:
    """The last line with anything in it."""
    lines = output.decode(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
