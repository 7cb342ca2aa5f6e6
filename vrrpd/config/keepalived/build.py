"""From the blocks of a keepalived.conf to the native document."""

from dataclasses import replace

from vrrpd.config.checks.code import Code
from vrrpd.config.keepalived import global_defs, groups, instance
from vrrpd.config.keepalived.block import accepted, misspelt
from vrrpd.config.keepalived.draft import Draft, Section
from vrrpd.config.keepalived.health import Health
from vrrpd.config.keepalived.ipvs import unserved
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.keepalived.words_top import TOP

PROBES = {
    "vrrp_script": "script",
    "vrrp_track_process": "process",
    "vrrp_track_file": "file",
    "track_file": "file",
}
"""Blocks that are probes, and of which kind."""
INSTANCES = "vrrp_instance"
GLOBALS = "global_defs"
GROUPS = "vrrp_sync_group"
SERVERS = "virtual_server"


def build(statements: list[Statement]) -> Draft:
    """Read all blocks: first what others need, whatever the order in the file."""
    draft = Draft()
    top = Section(draft, (), (), ())
    numbered = [(order, each) for order, each in enumerate(statements) if _accepted(top, each)]
    defaults = global_defs.read(draft, [each for _, each in numbered if each.keyword == GLOBALS])
    health = Health(draft, defaults)
    for order, each in numbered:
        if each.keyword in PROBES:
            health.read(PROBES[each.keyword], each, order)
    for order, each in numbered:
        if each.keyword == INSTANCES:
            instance.read(draft, each, health, defaults, order)
    for order, each in numbered:
        if each.keyword == GROUPS:
            groups.read(draft, each, health, defaults, order)
    return draft


def _accepted(top: Section, statement: Statement) -> bool:
    word = TOP.get(statement.keyword)
    if word is None:
        top.error(statement, misspelt(statement.keyword, TOP), code=Code.KEYWORD_UNKNOWN)
        return False
    if statement.keyword == SERVERS:
        word = replace(word, text=unserved(statement) + word.text)
    return accepted(top, statement, word)
