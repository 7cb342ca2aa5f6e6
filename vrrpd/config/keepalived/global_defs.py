"""global_defs: what concerns the daemon, and what all instances and scripts take unless they have their own."""

from dataclasses import dataclass, field

from vrrpd.config.keepalived import strict
from vrrpd.config.keepalived.block import (
    Readers,
    on,
    read_block,
    take_flag,
    take_nothing,
    take_seconds,
    take_text,
    take_whole,
)
from vrrpd.config.keepalived.draft import Draft, Place, Section
from vrrpd.config.keepalived.routes import Rules
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.keepalived.words_global import GLOBAL
from vrrpd.config.keywords import keywords
from vrrpd.config.model import Daemon, Instance
from vrrpd.config.problems import shown


@dataclass(slots=True)
class Defaults:
    """What instances and scripts take unless they have their own: values of native keywords, with their places."""

    instance: dict[str, tuple[object, Place]] = field(default_factory=dict)
    script: dict[str, tuple[str, Place]] = field(default_factory=dict)
    strict: bool = False
    groups: dict[int, tuple[str, Place]] = field(default_factory=dict)
    """vrrp_mcast_group4 and 6, by version of IP."""
    checks_source: bool = False
    """vrrp_check_unicast_src."""
    rules: Rules = field(default_factory=Rules)


DAEMON: Readers = {
    "router_id": take_text("router_id"),
    "vrrp_startup_delay": take_seconds("startup_delay", harmless=True),
    "vrrp_delay_after_boot": take_seconds("delay_after_boot", harmless=True),
    "vrrp_rt_priority": take_whole("rt_priority"),
    "vrrp_no_swap": take_flag("no_swap", when=True),
}
"""Keywords of [daemon]."""
INSTANCE: Readers = {
    "vrrp_version": take_whole("vrrp_version"),
    "vrrp_garp_master_delay": take_seconds("garp_master_delay", harmless=True),
    "vrrp_garp_master_repeat": take_whole("garp_master_repeat", harmless=True),
    "vrrp_garp_master_refresh": take_seconds("garp_master_refresh", harmless=True),
    "vrrp_garp_master_refresh_repeat": take_whole("garp_master_refresh_repeat", harmless=True),
    "vrrp_down_timer_adverts": take_whole("down_timer_adverts", harmless=True),
    "v3_checksum_as_v2": take_flag("v3_checksum_pseudo_header", when=False),
}
"""Defaults of native keywords of instances."""
GROUPS = {"vrrp_mcast_group4": 4, "vrrp_mcast_group6": 6}
"""Versions of IP."""
ELSEWHERE: Readers = dict.fromkeys(
    (
        "script_user",
        "vrrp_strict",
        "vrrp_min_garp",
        "vrrp_check_unicast_src",
        "vrrp_notify_fifo",
        "notify_fifo",
        *GROUPS,
    ),
    take_nothing,
)
"""What needs more than its value, see `read`."""
READERS: Readers = {**DAEMON, **INSTANCE, **ELSEWHERE}


def read(draft: Draft, statements: list[Statement]) -> Defaults:
    """All global_defs of the file together."""
    section = Section(draft, ("daemon",), ("global_defs",), (Daemon, Instance))
    defaults = Defaults()
    for statement in statements:
        draft.places.setdefault(("daemon",), section.place(statement, ""))
        read_block(section, statement.block or [], GLOBAL, READERS)
        for each in statement.block or []:
            _read(section, defaults, each)
    natively = {each.name for each in keywords(Daemon)}
    for keyword, value in section.values.items():
        if keyword in natively:
            draft.document.setdefault("daemon", {})[keyword] = value
        else:
            defaults.instance[keyword] = value, draft.places.pop(("daemon", keyword))
    return defaults


def user(section: Section, statement: Statement) -> dict[str, tuple[str, Place]]:
    """`U [[:]G]`: user and group; a colon asks for the groups of the user, which it always has here."""
    words = " ".join(statement.values).replace(":", " ").split()
    place = section.place(statement)
    return {keyword: (word, place) for keyword, word in zip(("user", "group"), words, strict=False)}


def _read(section: Section, defaults: Defaults, statement: Statement) -> None:
    match statement.keyword:
        case "script_user":
            defaults.script = user(section, statement)
        case "vrrp_strict":
            defaults.strict = strict.asked(section, statement)
        case "vrrp_check_unicast_src":
            defaults.checks_source = on(section, statement) or False
        case keyword if keyword in GROUPS and statement.values:
            defaults.groups[GROUPS[keyword]] = statement.values[0], section.place(statement)
        case "vrrp_notify_fifo" | "notify_fifo" if statement.values:
            _fifo(section, statement)
        case "vrrp_min_garp" if on(section, statement):
            section.put("garp_master_repeat", 1, section.place(statement))
            section.put("garp_master_delay", "0s", section.place(statement))
        case _:
            pass


def _fifo(section: Section, statement: Statement) -> None:
    """`FILE [USER [GROUP]]`. keepalived has one of VRRP alone and one of everything, with the same lines of VRRP."""
    given = section.values.get("notify_fifo")
    if given not in (None, statement.values[0]):
        section.error(statement, f"another pipe than {shown(given)}; allowed: one pipe, which has all lines")
        return
    section.put("notify_fifo", statement.values[0], section.place(statement))
    if len(statement.values) > 1:
        text = "the pipe belongs to the daemon; make it beforehand, by tmpfiles.d, if others are to read it"
        section.warn(statement, f"{' '.join(statement.values[1:])} has no effect: {text}")
