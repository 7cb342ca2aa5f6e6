"""What of a configuration this host cannot do, though the file is right: programs that cannot be run, users it has not.

The probes themselves look at the host, and may block while they do; here it is asked and given its place in the file.
"""

import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from vrrpd.config import lint
from vrrpd.config.checks.code import Code
from vrrpd.config.model import Configuration
from vrrpd.config.problems import Finding
from vrrpd.probes.executable import problems

SetupProblems = Callable[[], tuple[tuple[str, str], ...]]
"""`setup_problems` of the options of a probe: pairs of keyword and text."""


def with_host(configuration: Configuration) -> tuple[Finding, ...]:
    """Find everything that refuses the configuration, on this host."""
    return (*lint.errors(configuration), *errors(configuration))


def errors(configuration: Configuration) -> tuple[Finding, ...]:
    """Find everything that keeps this host from it."""
    found = (*_fifo(configuration.daemon.notify_fifo), *_probes(configuration), *_notified(configuration))
    return tuple(replace(each, code=Code.NOT_HERE) for each in found)


def _fifo(path: str) -> Iterator[Finding]:
    """It is made where it is missing, and nothing else is ever written to."""
    if not path:
        return
    where, text = Path(path), ""
    try:
        if not stat.S_ISFIFO(where.stat().st_mode):
            text = "is there and no named pipe; allowed: a named pipe, or nothing"
    except FileNotFoundError:
        if not where.parent.is_dir():
            text = f"{where.parent} is no folder; allowed: a folder that exists"
    except OSError as error:
        text = f"{error.strerror}; allowed: a named pipe that can be reached"
    if text:
        yield Finding(("daemon", "notify_fifo"), text)


def _notified(configuration: Configuration) -> Iterator[Finding]:
    for table, each in configuration.followers:
        found = (
            Finding((table, each.name, f"notify_{word}" if word else keyword), text)
            for keyword, program in each.programs
            for word, text in problems(program.argv[0], each.notify_user, each.notify_group)
        )
        yield from dict.fromkeys(found)  # the user is the same for all


def _probes(configuration: Configuration) -> Iterator[Finding]:
    for probe in configuration.probes:
        ask: SetupProblems | None = getattr(probe.options, "setup_problems", None)
        for keyword, text in ask() if ask else ():
            yield Finding(("probe", probe.name, keyword), text)
        if (remedy := probe.remedy) is not None:
            keyword = "command" if remedy.command else "restart"
            for word, text in problems(remedy.argv[0], remedy.user, remedy.group):
                yield Finding(("probe", probe.name, "remedy", word or keyword), text)
