"""virtual_routes and virtual_rules: one in a line, in words that are nearly those of the native reader."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from vrrpd.config.keepalived.block import accepted
from vrrpd.config.keepalived.draft import Place, Section
from vrrpd.config.keepalived.table import Standing, Table
from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.keepalived.words_routes import ROUTE, RULE
from vrrpd.config.problems import dotted
from vrrpd.config.routing import RoutingError, Rule, route, rule

FIRST_PRIORITY = 16384
"""Of rules without one, then downwards, for each family by itself (keepalived, vrrp_iprule.c)."""
PRIORITIES = ("priority", "preference", "order")
_OF_ROUTES = {"gw": "via", "oif": "dev"}
"""Other names that keepalived has for words of a route."""


def read_routes(section: Section, statement: Statement) -> None:
    """Add the routes of a block to those there are; what is wrong with a line the native reader says."""
    _read(section, statement, ROUTE, _with_scope)


def _with_scope(words: list[str], _: Statement) -> list[str]:
    """keepalived sets global where ip-route(8) sets link: without a way, and no scope given."""
    try:
        made = route(" ".join(words))
    except RoutingError:
        return words
    return [*words, "scope", "global"] if made.scope == "link" and "scope" not in words else words


@dataclass(slots=True)
class Rules:
    """All rules of a file while it is read. `last`: by family the priority that was given to a rule without one."""

    last: dict[int, int] = field(default_factory=dict)

    def read(self, section: Section, statement: Statement) -> None:
        """As `read_routes`."""

        def complete(words: list[str], line: Statement) -> list[str]:
            if set(PRIORITIES) & set(words):
                return words
            version = _version(words)
            self.last[version] = self.last.get(version, FIRST_PRIORITY + 1) - 1
            text = f"no priority; {self.last[version]}, as in keepalived, probably not what is meant"
            section.warn(line, text, statement.keyword)
            return [*words, "priority", str(self.last[version])]

        _read(section, statement, RULE, complete)


Complete = Callable[[list[str], Statement], list[str]]


def _read(section: Section, statement: Statement, table: Table, complete: Complete) -> None:
    keyword = statement.keyword
    found: list[str] = section.values.setdefault(keyword, [])
    section.draft.places.setdefault((*section.path, keyword), section.place(statement))
    inner = replace(section, word=(*section.word, keyword))
    for line in statement.block or []:
        words = list(_words(inner, line, table))
        if None in words:
            continue  # refused, and told
        text = " ".join(complete([each for each in words if each is not None], line))
        section.draft.places[(*section.path, keyword, len(found))] = Place(line.line, dotted(inner.word))
        found.append(text)


def _words(inner: Section, line: Statement, table: Table) -> Iterator[str | None]:
    """In the native reader's spelling; None: one is refused."""
    words = list(line.words)
    native = _OF_ROUTES if table is ROUTE else {}
    while words:
        name = words.pop(0)
        word = table.get(name)
        values = [words.pop(0) for _ in range(min(word.least if word else 0, len(words)))]
        if word is None or accepted(inner, Statement(line.line, (name, *values)), word):
            yield native.get(name, name)
            yield from values
        elif word.standing is not Standing.ALWAYS:
            yield None


def _version(words: list[str]) -> int:
    """Of a rule without a priority; what cannot be read at all counts as IPv4, and is told by others."""
    try:
        made: Rule = rule(" ".join((*words, "priority", "1")))
    except RoutingError:
        return 4
    return made.version
