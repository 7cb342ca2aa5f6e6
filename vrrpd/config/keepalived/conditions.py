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
    """Say that a file has lines for others and none for this host; one with `@^ID` for each `@ID` is for all hosts.

    `given`: the id did not come from the name of this host. Not `here` and not given: nobody knows whose lines count.
    """
    lines = {**macros.without, **macros.named}
    wanted = [each for each in macros.named if each not in macros.without] if given or here else list(lines)
    if not wanted or ((given or here) and macros.config_id in lines):
        return None
    names = ", ".join(shown(each) for each in islice(wanted, SHOWN_IDS))
    who = shown(macros.config_id) + ("" if given else ", the short name of this host")
    text = f"there are lines for {names} and none for {who}"
    if not (given or here):
        text = f"whose lines count is not said, those for {names}; read as on {who}"
    line = lines[wanted[0]]
    return Problem(line.file, line.number, "", told(Code.CONDITION, text), Grade.WARNING, Code.CONDITION)
