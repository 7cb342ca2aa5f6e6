"""use_vmac: the name of its interface, and no MAC but the one of the RFC."""

import re

from vrrpd.config.keepalived.draft import Section
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.problems import shown

_MAC = re.compile(r"[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}")


def read(section: Section, statement: Statement) -> None:
    """`use_vmac [NAME] [MAC]`."""
    section.put("use_vmac", True, section.place(statement))
    for value in statement.values:
        if _MAC.fullmatch(value):
            text = f"{shown(value)} cannot be had; allowed: the virtual MAC of RFC 9568 7.3, so no word for it"
            section.error(statement, text)
        else:
            section.put("vmac_name", value, section.place(statement))
