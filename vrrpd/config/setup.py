"""What of a configuration this host cannot do, though the file is right: programs that cannot be run, users it has not.

The probes themselves look at the host, and may block while they do; here it is asked and given its place in the file.
"""

from collections.abc import Callable, Iterator

from vrrpd.config.model import Configuration
from vrrpd.config.problems import Finding
from vrrpd.probes.executable import problems

SetupProblems = Callable[[], tuple[tuple[str, str], ...]]
"""`setup_problems` of the options of a probe: pairs of keyword and text."""


def errors(configuration: Configuration) -> tuple[Finding, ...]:
    """Find everything that keeps this host from it."""
    return tuple(_probes(configuration))


def _probes(configuration: Configuration) -> Iterator[Finding]:
    for probe in configuration.probes:
        ask: SetupProblems | None = getattr(probe.options, "setup_problems", None)
        for keyword, text in ask() if ask else ():
            yield Finding(("probe", probe.name, keyword), text)
        if (remedy := probe.remedy) is not None:
            keyword = "command" if remedy.command else "restart"
            for word, text in problems(remedy.argv[0], remedy.user, remedy.group):
                yield Finding(("probe", probe.name, "remedy", word or keyword), text)
