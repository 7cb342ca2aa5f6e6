"""`@ID` and `@^ID`: whether a file says anything for the host that reads it (keepalived.conf(5); keepalived(8), -i)."""

import platform
from itertools import islice

from vrrpd.config.checks.code import Code
from vrrpd.config.checks.table import told
from vrrpd.config.keepalived.macros import Macros
from vrrpd.config.problems import Grade, Problem, shown

SHOWN_IDS = 8
"""Of those that a file names; more would fill the screen."""


def own_id() -> str:
    """What keepalived takes without -i: the name of the host up to its first dot."""
    return platform.node().partition(".")[0]


def unmet(macros: Macros, *, given: bool, here: bool) -> Problem | None:
    """Say that a file has lines for others and none for this host.

    `given`: the id did not come from the name of this host. Not `here` and not given: nobody knows whose lines count.
    """
    known = given or here
    wanted = (
        [each for each in macros.named if not _has_else(macros, each)] if known else [*macros.named, *macros.without]
    )
    if not wanted or (known and macros.config_id in {*macros.named, *macros.without}):
        return None
    names = ", ".join(shown(each) for each in islice(dict.fromkeys(wanted), SHOWN_IDS))
    who = shown(macros.config_id) + ("" if given else ", the short name of this host")
    text = f"there are lines for {names} and none for {who}"
    if not known:
        text = f"whose lines count is not said, those for {names}; read as on {who}"
    lines = macros.named.get(wanted[0]) or macros.without[wanted[0]]
    line = next(iter(lines.values()))
    return Problem(line.file, line.number, "", told(Code.CONDITION, text), Grade.WARNING, Code.CONDITION)


def _has_else(macros: Macros, name: str) -> bool:
    """What is set by `@ID` is set by `@^ID` for all others."""
    return macros.named[name].keys() <= macros.without.get(name, {}).keys()
