"""track_script, track_process, track_file and track_interface: what moves the priority of an instance."""

from typing import Any

from vrrpd.config.checks.code import Code
from vrrpd.config.keepalived.draft import Place, Section
from vrrpd.config.keepalived.health import Health, Tracked
from vrrpd.config.keepalived.numbers import whole
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.keepalived.words_instance import TRACK
from vrrpd.config.problems import dotted, shown, unknown

KINDS = {"track_script": "script", "track_process": "process", "track_file": "file"}
"""What is defined in a block of its own."""
BLOCKS = {"script": "vrrp_script", "process": "vrrp_track_process", "file": "vrrp_track_file"}
CUT = 254
"""keepalived takes this weight of a track and makes 253 of it."""


def read(section: Section, statement: Statement, health: Health, order: int) -> None:
    """Add what a block tracks. `order`: of the instance in the file."""
    seen = {each["probe"] for each in section.values.get("track", ())}
    for line in statement.block or []:
        kind = KINDS.get(statement.keyword)
        name = line.keyword
        found = _defined(section, line, health, kind, statement.keyword, order) if kind else None
        if kind and found is None:
            continue
        if not kind:
            found = Tracked(health.interface(name, section, statement), reverse=False, order=0)
        element = _element(section, line, statement.keyword, found) if found else None
        if element is not None:
            _add(section, line, statement.keyword, element, seen)


def add_interface(section: Section, line: Statement, health: Health, name: str) -> None:
    """One that keepalived tracks without being told, unless it is tracked already."""
    probe = health.interface(name, section, line)
    tracked: list[dict[str, Any]] = section.values.get("track", [])
    if all(each["probe"] != probe for each in tracked):
        _add(section, line, "virtual_ipaddress", {"probe": probe}, set())


def _add(section: Section, line: Statement, keyword: str, element: dict[str, Any], seen: set[str]) -> None:
    """`seen`: the probes of all elements so far."""
    found: list[dict[str, Any]] = section.values.setdefault("track", [])
    place = Place(line.line, dotted((*section.word, keyword)))
    if element["probe"] in seen:
        section.warn(
            line,
            f"{line.keyword} is tracked already; the first entry counts, as in keepalived",
            keyword,
            code=Code.GIVEN_TWICE,
        )
        return
    section.draft.places.setdefault((*section.path, "track"), place)
    section.draft.places[(*section.path, "track", len(found))] = place
    found.append(element)
    seen.add(element["probe"])


def _defined(section: Section, line: Statement, health: Health, kind: str, keyword: str, order: int) -> Tracked | None:
    name = line.keyword
    found = health.tracked.get((kind, name))
    if found is None:
        names = [each for of, each in health.tracked if of == kind]
        guess = unknown(name, names) if names else "there is none at all"
        text = f"there is no {BLOCKS[kind]} {shown(name)}; keepalived goes on without this check; {guess}"
        section.error(line, text, keyword, code=Code.PROBE_UNDEFINED)
    elif found.order > order:
        text = f"{BLOCKS[kind]} {shown(name)} comes later, so keepalived goes on without this check; here it counts"
        section.warn(line, text, keyword, code=Code.TRACK_LATER)
    return found


def _element(section: Section, line: Statement, keyword: str, tracked: Tracked) -> dict[str, Any] | None:
    """`NAME [weight W [reverse|noreverse]]`; None: keepalived drops the whole entry."""
    element: dict[str, Any] = {"probe": tracked.name}
    reverse = tracked.reverse
    words = list(line.values)
    if words and words[0] not in TRACK:
        _dropped(section, line, keyword, f"{shown(words[0])} is not weight")
        return None
    if words[:1] == ["weight"]:
        weight = whole(words[1]) if len(words) > 1 else None
        if weight is None:
            _dropped(section, line, keyword, "weight without a number")
            return None
        if abs(weight) == CUT:
            weight -= 1 if weight > 0 else -1
            section.warn(line, f"the weight is cut to {weight}, as in keepalived", keyword)
        element["weight"] = weight
        words = words[2:]
    reverse = _reversed(section, line, keyword, words, reverse)
    return {**element, "reverse": True} if reverse else element


def _reversed(section: Section, line: Statement, keyword: str, words: list[str], inherited: bool) -> bool:
    """What stands behind the weight; without a word as the script says."""
    for each in words:
        if each in ("reverse", "noreverse"):
            inherited = each == "reverse"
        else:
            section.warn(line, f"{shown(each)} is ignored, as in keepalived", keyword, code=Code.WORDS_IGNORED)
    return inherited


def _dropped(section: Section, line: Statement, keyword: str, why: str) -> None:
    allowed = f"{line.keyword} weight NUMBER [reverse]"
    text = f"{why}, so keepalived goes on without this check; allowed: {allowed}"
    section.error(line, text, keyword, code=Code.TRACK_DROPPED)
