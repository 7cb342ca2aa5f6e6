"""Everything there is to say about a file: what its reader found, and the checks across keywords, files and host."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from vrrpd.config.checks import file, host, pair, scripts
from vrrpd.config.checks.code import Code
from vrrpd.config.checks.host import Facts
from vrrpd.config.checks.table import CHECKS, finding
from vrrpd.config.keepalived.look import look
from vrrpd.config.model import Configuration
from vrrpd.config.problems import Finding, Grade, Problem, by_file
from vrrpd.config.toml import Loaded
from vrrpd.probes.script import ScriptOptions

NOTHING = Facts()
OF_PEERS = (Code.CONDITION,)
"""Warnings of the file of a peer without which nothing that is compared means anything."""


def examine(loaded: Loaded, peers: Sequence[Loaded] = (), facts: Facts = NOTHING) -> tuple[Problem, ...]:
    """Say it file by file, each in the order of its lines. Reads the scripts that the file names.

    `peers`: the files of the other hosts, which are asked for errors and for what concerns them alone.
    """
    model = loaded.configuration
    others = [pair.Peer(each.configuration, each.report.file) for each in peers]
    found = _placed(
        loaded,
        (*file.findings(model), *_scripts(model), *pair.findings(model, others), *host.findings(model, facts)),
    )
    readable = _readable(loaded, facts)
    problems = [*host.file_problems(facts), *loaded.warnings, *found, *readable, *host.haproxy_problems(model, facts)]
    for each in peers:
        problems += [problem for problem in each.warnings if problem.grade is Grade.ERROR or problem.code in OF_PEERS]
        ours = pair.Peer(model, loaded.report.file)
        problems += _placed(each, pair.one_sided(each.configuration, _without(ours, others, each)))
    return by_file(problems)  # the reader of keepalived.conf looks at scripts, too: each once


def _without(ours: pair.Peer, others: Sequence[pair.Peer], peer: Loaded) -> list[pair.Peer]:
    """All hosts but this one."""
    return [ours, *(each for each in others if each.configuration is not peer.configuration)]


def _placed(loaded: Loaded, findings: Iterable[Finding]) -> list[Problem]:
    return [replace(each, grade=_grade(each)) for each in loaded.report.found(findings)]


def _readable(loaded: Loaded, facts: Facts) -> Iterable[Problem]:
    """One word for each file that everybody may read, at the first password in it."""
    first: dict[str, Problem] = {}
    for each in _placed(loaded, host.secrets(loaded.configuration)):
        if each.file in facts.readable:
            first.setdefault(each.file, each)
    return first.values()


def _grade(problem: Problem) -> Grade:
    return CHECKS[Code(problem.code)].grade


def _scripts(configuration: Configuration) -> Iterator[Finding]:
    for probe in configuration.probes:
        if isinstance(probe.options, ScriptOptions):
            keyword = "argv" if probe.options.argv else "shell"
            seen = look(probe.options.argv or _words(probe.options.shell))
            for code, text in scripts.judged(seen, probe.effective_timeout, probe.options.user):
                yield finding(code, ("probe", probe.name, keyword), text)


def _words(line: str) -> tuple[str, ...]:
    """Of a command line; the whole of it where quotes are left open."""
    try:
        return tuple(shlex.split(line)) or (line,)
    except ValueError:
        return (line,)
