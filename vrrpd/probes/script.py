"""Probe `script`: run a program, exit status 0 is well. How it is run: `vrrpd.probes.program`.

A program that could not be run, or says so (126 and 127 of a shell, env(1), timeout(1)), has told nothing of the
service: that is unknown, and no success. A run that is cancelled has failed; killing it goes on behind.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from vrrpd.probes.executable import problems
from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown, Seen
from vrrpd.probes.program import KILL_AFTER, LAST_GRACE, CannotRunError, Ended, Run, last_line
from vrrpd.schema import Doc

NOT_RUN = (126, 127)
"""Exit status of a shell whose command is not executable, or not found (POSIX.1-2017, XCU 2.8.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptOptions:
    """Keywords of `type = "script"`."""

    argv: Annotated[
        tuple[str, ...],
        Doc("program and arguments, run without a shell", example='["/usr/local/bin/check", "--quick"]'),
    ] = ()
    shell: Annotated[str, Doc("command line, run by /bin/sh -c", example='"pidof haproxy >/dev/null"')] = ""
    user: Annotated[
        str,
        Doc(
            "run as this user, with its groups; needs a daemon that may become it, see docs/scripts.md; "
            "empty: the daemon's own",
            example='"haproxy"',
        ),
    ] = ""
    group: Annotated[str, Doc("with user: its first group; empty: as in passwd(5)", example='"haproxy"')] = ""

    def problems(self) -> tuple[str, ...]:
        """What is wrong across keywords, one text each."""
        return tuple(self._problems())

    def _problems(self) -> Iterator[str]:
        if bool(self.argv) == bool(self.shell):
            yield "give either argv or shell"
        yield from command_problems("argv", self.argv)
        if "\0" in "".join((*self.argv, self.shell)):
            yield "argv, shell: no zero character is possible"
        if self.group and not self.user:
            yield "group: has no effect without user; allowed: together with user"

    def setup_problems(self) -> tuple[tuple[str, str], ...]:
        """What on this host keeps it from being run: keyword and text. Blocks on the file system."""
        keyword = "argv" if self.argv else "shell"
        return tuple((word or keyword, text) for word, text in problems(self.command[0], self.user, self.group))

    @property
    def command(self) -> tuple[str, ...]:
        """What is executed."""
        return self.argv or ("/bin/sh", "-c", self.shell)


def command_problems(keyword: str, argv: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with a list of program and arguments, whatever the host; nothing if it is empty."""
    if argv and not argv[0]:
        yield f"{keyword}: the program is empty"
    elif argv and "/" in argv[0] and not argv[0].startswith("/"):
        yield f"{keyword}: the program's path is not absolute; allowed: a path from /, or a bare name"


class ScriptProbe:
    """Well when the program exits with status 0."""

    def __init__(self, options: ScriptOptions) -> None:
        """Nothing runs yet."""
        self._options = options
        self._run: Run | None = None

    async def check(self) -> Seen:
        """Run once. Raises `ProbeFailed` and `ProbeUnknown`; cancelled, it returns at once."""
        if self._run is not None and not self._run.task.done():
            raise ProbeFailed("the run before was told to end and has not ended yet", output=self._run.output)
        run = self._run = Run(self._options.command, self._options.user, self._options.group)
        try:
            return _judged(await asyncio.shield(run.task))
        except CannotRunError as error:
            raise ProbeUnknown(str(error)) from error
        except asyncio.CancelledError:
            run.stop(KILL_AFTER)
            raise

    def written(self) -> str:
        """The end of the output of the last run until now."""
        return self._run.output if self._run else ""

    async def close(self) -> None:
        """Kill what runs; returns after at most about `2 * LAST_GRACE`, also if the kernel cannot kill it."""
        if self._run is not None and not self._run.task.done():
            self._run.stop(LAST_GRACE)
            await asyncio.wait({self._run.task}, timeout=2 * LAST_GRACE)


def _judged(ended: Ended) -> Seen:
    """Raises `ProbeFailed` and `ProbeUnknown`."""
    said = "" if ended.flooded else last_line(ended.output)
    told = f"{ended.told}: {said}" if said else ended.told
    if ended.status in NOT_RUN and not ended.flooded:
        raise ProbeUnknown(f"a command could not be run: {told}", output=ended.output)
    if ended.status != 0 or ended.flooded:
        raise ProbeFailed(told, output=ended.output)
    return Seen(detail=told)
