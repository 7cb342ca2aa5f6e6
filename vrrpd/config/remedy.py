"""Checks of `[probe.NAME.remedy]`: one thing to do, and never one that ends vrrpd."""

import re
from collections.abc import Iterator

from vrrpd.config.checks.code import Code
from vrrpd.config.ending import is_us, offending
from vrrpd.config.model import Probe, Remedy
from vrrpd.config.problems import Finding, shown
from vrrpd.probes.script import command_problems

UNIT_CHARACTERS = 255
"""UNIT_NAME_MAX of systemd without the final NUL."""

_UNIT = re.compile(r"[A-Za-z0-9:_.\\@-]+\.service")


def errors(probe: Probe) -> Iterator[Finding]:
    """What refuses the remedy of a probe, if it has one."""
    if probe.remedy is not None:
        for keyword, text in _problems(probe.remedy):
            yield Finding(("probe", probe.name, "remedy", *keyword), text)


def notes(probe: Probe) -> Iterator[Finding]:
    """What works, though probably not as meant."""
    if probe.remedy is None:
        return
    path = ("probe", probe.name, "remedy")
    if probe.scope == "shared":
        text = "all hosts see a shared probe fail, so all of them run the remedy"
        yield Finding(path, text, code=Code.REMEDY_EVERYWHERE)
    if probe.remedy.window < probe.remedy.cooldown * (probe.remedy.attempts - 1):
        text = f"{probe.remedy.attempts} runs do not fit into the window with such a cooldown, so it never rests"
        yield Finding((*path, "attempts"), text, ((*path, "window"), (*path, "cooldown")), Code.REMEDY_NEVER_RESTS)


def _problems(remedy: Remedy) -> Iterator[tuple[tuple[str, ...], str]]:
    if bool(remedy.command) == bool(remedy.restart):
        yield (), "give either command or restart"
    for problem in command_problems("command", remedy.command):
        yield ("command",), problem.removeprefix("command: ")
    if remedy.restart and (not _UNIT.fullmatch(remedy.restart) or len(remedy.restart) > UNIT_CHARACTERS):
        yield ("restart",), f'{shown(remedy.restart)} is no name of a service; allowed: as "haproxy.service"'
    if remedy.user and remedy.restart:
        yield ("user",), "has no effect with restart; allowed: with command"
    if remedy.group and not remedy.user:
        yield ("group",), "has no effect without user; allowed: together with user"
    if is_us(remedy.restart):
        yield ("restart",), f"{shown(remedy.restart)} would stop vrrpd itself; allowed: any other service"
    if found := offending(remedy.command):
        yield ("command",), f"{shown(found)} would stop vrrpd itself; allowed: what leaves it alone"
