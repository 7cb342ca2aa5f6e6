"""unicast_peer: one address in a line, with bounds of its TTL behind it."""

from ipaddress import ip_address
from typing import Any

from vrrpd.config.checks.code import Code
from vrrpd.config.keepalived.block import accepted
from vrrpd.config.keepalived.draft import Place, Section
from vrrpd.config.keepalived.numbers import whole
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.keepalived.words_instance import PEER
from vrrpd.config.problems import Grade, dotted, shown, unknown

KEYWORD = "unicast_peer"
WITHOUT_INTERFACE = (
    "without an interface keepalived sends by the routes of the host, and sets addresses without dev on its "
    "default_interface; vrrpd has to know where they go; allowed: interface, the one that has unicast_src_ip"
)
ONLY_WITH_PEERS = ("check_unicast_src",)
"""Without any peer they say nothing, and are left out."""


def read(section: Section, statement: Statement) -> None:
    """Add the peers of a block to those there are."""
    found: list[object] = section.values.setdefault(KEYWORD, [])
    section.draft.places.setdefault((*section.path, KEYWORD), section.place(statement))
    seen = {_address(each) for each in found}
    for line in statement.block or []:
        if _plain(line.keyword) in seen:
            section.warn(line, f"{shown(line.keyword)} is there already; left out", KEYWORD, code=Code.GIVEN_TWICE)
            continue
        seen.add(_plain(line.keyword))
        place = Place(line.line, dotted((*section.word, KEYWORD)))
        section.draft.places[(*section.path, KEYWORD, len(found))] = place
        found.append(_element(section, line))


def finish(section: Section, statements: list[Statement], *, checked: bool) -> None:
    """What depends on all keywords of the block. `checked`: vrrp_check_unicast_src."""
    _leave_ourselves_out(section)
    if section.values.get(KEYWORD):
        given = next(each for each in statements if each.keyword == KEYWORD)
        if "check_unicast_src" not in section.values and not checked:
            # keepalived believes anybody; whom it hears must not change by the conversion
            section.put("check_unicast_src", False, section.place(given))
        return
    section.drop(KEYWORD)
    for keyword in ONLY_WITH_PEERS:
        section.drop(keyword)
    for fault in (each for each in statements if each.keyword == "unicast_fault_no_peer"):
        section.error(fault, "without a unicast_peer it would be in fault for ever; allowed: at least one peer")


def _leave_ourselves_out(section: Section) -> None:
    """One list for all hosts: keepalived sends to itself as well.

    With nobody else in it the native reader refuses it: without any peer it would be multicast.
    """
    own = _plain(str(section.values.get("unicast_src_ip", "")))
    found: list[object] = section.values.get(KEYWORD, [])
    if all(_address(each) == own for each in found):
        return
    places = section.draft.places
    kept: list[object] = []
    for at, each in enumerate(found):
        place = places.pop((*section.path, KEYWORD, at))
        if _address(each) == own:
            section.draft.say(Grade.NOTE, section.path, place, f"{own} is this host itself; left out", Code.LEFT_OUT)
            continue
        places[(*section.path, KEYWORD, len(kept))] = place
        kept.append(each)
    section.values[KEYWORD] = kept


def _element(section: Section, line: Statement) -> object:
    """The address alone, or a table of it and its bounds."""
    words = list(line.values)
    bounds: dict[str, Any] = {}
    inner = Section(section.draft, section.path, (*section.word, KEYWORD), ())
    while words:
        name = words.pop(0)
        word = PEER.get(name)
        if word is None:
            text = f"{shown(name)} is no word for a peer; ignored, as keepalived does; {unknown(name, PEER)}"
            section.warn(line, text, KEYWORD, code=Code.WORDS_IGNORED)
            break
        said = Statement(line.line, (name, *words[:1]))
        if accepted(inner, said, word):
            number = whole(words.pop(0))
            bounds[name] = said.values[0] if number is None else number
    return {"address": line.keyword, **bounds} if bounds else line.keyword


def _address(element: object) -> str:
    return _plain(str(element["address"] if isinstance(element, dict) else element))


def _plain(address: str) -> str:
    """In one spelling; what is no address as it is."""
    try:
        return str(ip_address(address))
    except ValueError:
        return address
