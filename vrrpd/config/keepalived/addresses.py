"""virtual_ipaddress and virtual_ipaddress_excluded: one address in a line, with words behind it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Interface, ip_interface
from typing import Any

from vrrpd.config.checks.code import Code
from vrrpd.config.entries import SCOPES
from vrrpd.config.keepalived.block import accepted
from vrrpd.config.keepalived.draft import Place, Section
from vrrpd.config.keepalived.table import Standing, Word
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.keepalived.words_instance import ADDRESS
from vrrpd.config.problems import dotted, shown, unknown

KEYWORDS = ("virtual_ipaddress", "virtual_ipaddress_excluded")
NUMBERS = {"0": "global", "200": "site", "253": "link", "254": "host"}
"""Scopes as rt_scopes of iproute2 has them."""

Words = dict[str, str]
"""By keyword what stands behind it."""


@dataclass(slots=True)
class Addresses:
    """Of one instance while it is read. `devices`: other interfaces that its addresses are on, and who says so."""

    interface: str
    seen: set[str] = field(default_factory=set)
    devices: dict[str, Statement] = field(default_factory=dict)

    def read(self, section: Section, statement: Statement) -> None:
        """Add the addresses of a block to those there are."""
        keyword = statement.keyword
        found: list[object] = section.values.setdefault(keyword, [])
        section.draft.places.setdefault((*section.path, keyword), section.place(statement))
        for line in statement.block or []:
            address = line.keyword
            words = dict(_words(replace(section, word=(*section.word, keyword)), section, line, keyword))
            if _plain(address) in self.seen:
                section.warn(line, f"{shown(address)} is there already; left out", keyword, code=Code.GIVEN_TWICE)
                continue
            self.seen.add(_plain(address))
            section.draft.places[(*section.path, keyword, len(found))] = Place(
                line.line, dotted((*section.word, keyword))
            )
            element = _element(section, line, keyword, words)
            if element.get("dev") == self.interface:
                del element["dev"]
            elif "dev" in element and "no_track" not in words:
                self.devices.setdefault(element["dev"], line)
            found.append(element if len(element) > 1 else address)


def _plain(address: str) -> str:
    """Without its length, in one spelling; what is no address as it is."""
    try:
        return str(ip_interface(address).ip)
    except ValueError:
        return address


def _words(inner: Section, section: Section, line: Statement, keyword: str) -> Iterator[tuple[str, str]]:
    """What stands behind the address and can be used; `inner` is the block."""
    words = list(line.values)
    while words:
        name = words.pop(0)
        word = ADDRESS.get(name)
        if word is None:
            _unknown(section, line, name, keyword)
            return
        value = words.pop(0) if word.least and words else ""
        if _accepted(inner, line, word, value):
            yield word.name, value


def _accepted(section: Section, line: Statement, word: Word, value: str) -> bool:
    said = Statement(line.line, (word.name, value) if value else (word.name,))
    return accepted(section, said, word) and word.standing is Standing.SUPPORTED


def _unknown(section: Section, line: Statement, name: str, keyword: str) -> None:
    try:
        ip_interface(name)
    except ValueError:
        guess = unknown(name, ADDRESS)
        text = f"{shown(name)} is no word for an address; ignored, as keepalived does; {guess}"
        section.warn(line, text, keyword, code=Code.WORDS_IGNORED)
        return
    text = f"{shown(name)} is a second address in one line, which keepalived loses; allowed: one in each line"
    section.error(line, text, keyword)


# --- the native table -------------------------------------------------------------------------------------------------


def _element(section: Section, line: Statement, keyword: str, words: Words) -> dict[str, Any]:
    """The native table; what says nothing is left out of it."""
    element: dict[str, Any] = {"address": line.keyword}
    try:
        address = ip_interface(line.keyword)
    except ValueError:
        return element  # others tell
    if "dev" in words:
        element["dev"] = words["dev"]
    if isinstance(address, IPv4Interface):
        return element | _of_ipv4(section, line, keyword, words, address)
    for word in (each for each in ("label", "scope", "brd", "broadcast") if each in words):
        section.warn(line, f"{word} is for IPv4; left out", keyword)
    return element | ({"nodad": False} if "-nodad" in words else {})


def _of_ipv4(section: Section, line: Statement, keyword: str, words: Words, address: IPv4Interface) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "-nodad" in words:
        section.warn(line, "-nodad is for IPv6; left out", keyword)
    if "label" in words:
        found["label"] = words["label"]
    scope = NUMBERS.get(words.get("scope", ""), words.get("scope", SCOPES[0]))
    if scope != SCOPES[0]:
        found["scope"] = scope
    broadcast = words.get("brd", words.get("broadcast", ""))
    if broadcast:
        own = {"+": str(address.network.broadcast_address), "-": str(address.network.network_address)}
        found["broadcast"] = own.get(broadcast, broadcast)
    return found
