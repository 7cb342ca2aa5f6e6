"""auth_hmac: the keys of the trailer of keepalived 2.4, with how they are used. No key is ever shown."""

from typing import Any

from vrrpd.config.keepalived.block import read_block
from vrrpd.config.keepalived.draft import Section
from vrrpd.config.keepalived.numbers import whole
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.keepalived.words_instance import AUTH_HMAC

KEYWORD = "auth_hmac"
KEY = "key"


def read(section: Section, statement: Statement) -> None:
    """One block. Its native table has the same words; `key` may be there several times."""
    found: dict[str, Any] = {}
    keys: list[str] = []

    def text(_: Section, line: Statement) -> None:
        found[line.keyword] = line.values[0]

    def number(_: Section, line: Statement) -> None:
        wanted = whole(line.values[0])
        found[line.keyword] = line.values[0] if wanted is None else wanted

    def key(_: Section, line: Statement) -> None:
        keys.append(" ".join(line.values[:2]))

    readers = {KEY: key, "active_key": number, "anti_replay": text, "time_window": number, "mode": text}
    inner = Section(section.draft, section.path, (*section.word, KEYWORD), ())
    lines = statement.block or []
    read_block(inner, [each for each in lines if each.keyword != KEY], AUTH_HMAC, readers)
    for each in lines:
        if each.keyword == KEY:
            read_block(inner, [each], AUTH_HMAC, readers)
    if keys and "active_key" in found:
        section.put(KEYWORD, {KEY: keys, **found}, section.place(statement))
    else:
        section.error(statement, f"without {'active_key' if keys else KEY} nothing can be signed")


def finish(section: Section, statements: list[Statement], *, strict: bool) -> None:
    """What vrrp_strict allows."""
    mode = section.values.get(KEYWORD, {}).get("mode", "enforce")
    if strict and mode != "enforce":
        given = next(each for each in statements if each.keyword == KEYWORD)
        section.error(given, "vrrp_strict allows no mode but enforce; allowed: enforce, or without vrrp_strict")
