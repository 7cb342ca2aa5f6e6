"""virtual_ipaddress: one address in a line, with words behind it."""

from dataclasses import replace
from ipaddress import ip_interface

from vrrpd.config.keepalived.block import accepted
from vrrpd.config.keepalived.draft import Place, Section
from vrrpd.config.keepalived.table import Standing, Word
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.keepalived.words_instance import ADDRESS
from vrrpd.config.problems import dotted, shown, unknown

KEYWORD = "virtual_ipaddress"


def read(section: Section, statement: Statement, interface: str) -> None:
    """Add the addresses of a block to those there are; `interface`: of the instance."""
    found: list[str] = section.values.setdefault(KEYWORD, [])
    section.draft.places.setdefault((*section.path, KEYWORD), section.place(statement))
    seen = {_plain(each) for each in found}
    for line in statement.block or []:
        address = line.keyword
        place = Place(line.line, dotted((*section.word, KEYWORD)))
        if _plain(address) not in seen:
            seen.add(_plain(address))
            section.draft.places[(*section.path, KEYWORD, len(found))] = place
            found.append(address)
        else:
            section.warn(line, f"{shown(address)} is there already; left out", KEYWORD)
        _words(section, line, interface)


def _plain(address: str) -> str:
    """Without its length, in one spelling; what is no address as it is."""
    try:
        return str(ip_interface(address).ip)
    except ValueError:
        return address


def _words(section: Section, line: Statement, interface: str) -> None:
    """What stands behind the address."""
    words = list(line.values)
    while words:
        name = words.pop(0)
        word = ADDRESS.get(name)
        if word is None:
            _unknown(section, line, name)
            return
        value = words.pop(0) if word.least and words else ""
        _word(section, line, word, value, interface)


def _word(section: Section, line: Statement, word: Word, value: str, interface: str) -> None:
    section = replace(section, word=(*section.word, KEYWORD))
    said = Statement(line.line, (word.name, value) if value else (word.name,))
    if not accepted(section, said, word):
        return
    if word.standing is Standing.SUPPORTED and word.name == "dev" and value != interface:
        text = f"vrrpd cannot do this yet: an address on {value}; allowed: {shown(interface)}, as of the instance"
        section.error(said, text)
    if word.name == "scope" and value not in ("global", "0"):
        section.warn(said, f"without effect: the scope is global, not {value}")


def _unknown(section: Section, line: Statement, name: str) -> None:
    try:
        ip_interface(name)
    except ValueError:
        guess = unknown(name, ADDRESS)
        section.warn(line, f"{shown(name)} is no word for an address; ignored, as keepalived does; {guess}", KEYWORD)
        return
    text = f"{shown(name)} is a second address in one line, which keepalived loses; allowed: one in each line"
    section.error(line, text, KEYWORD)
