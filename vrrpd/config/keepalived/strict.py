"""vrrp_strict and strict_mode: what an instance loses by them in keepalived, and what of that is not so here.

keepalived, vrrp.c: vrrp_complete_instance. Authentication and unicast_peer are told where they are read.
"""

from collections.abc import Callable

from vrrpd.config.checks.code import Code
from vrrpd.config.keepalived.block import on
from vrrpd.config.keepalived.draft import Section
from vrrpd.config.keepalived.tree import Statement

ALLOWS_NONE = ("preempt_delay", "down_timer_adverts", "vmac_xmit_base")
"""Native keywords that are cleared."""
REACHED = (
    "here clients reach the virtual addresses; under it keepalived drops by nftables what is sent to them, unless the "
    "router owns them (priority 255)"
)

Given = Callable[[str], Statement]
"""The line that says a keyword."""


def asked(section: Section, statement: Statement) -> bool:
    """Whether it is on; then it is said once what differs, for most had it from a sample."""
    if found := bool(on(section, statement)):
        section.note(statement, REACHED, code=Code.KEYWORD_IGNORED)
    return found


def finish(section: Section, given: Given, *, ipv6: bool) -> None:
    """Clear what it does not allow."""
    for keyword in ALLOWS_NONE:
        if keyword in section.values:
            section.drop(keyword)
            section.warn(given(keyword), "vrrp_strict allows none; left out, as in keepalived")
    if ipv6 and section.values.get("vrrp_version") == 2:
        section.drop("vrrp_version")
        section.warn(given("version"), "IPv6 has version 3 alone, which vrrp_strict makes of it, as in keepalived")
