"""Write a document as TOML, with comments where they belong; what `tomllib` reads back is the same document."""

from collections.abc import Iterator, Mapping
from typing import Any

from vrrpd.config.problems import Path

WIDTH = 118
"""A list that does not fit is written with one element in a line."""
HEADERS = 2
"""Names in a header, as in [instance.VI_1]; what is deeper stands in the line of its keyword."""

_BARE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}

Comments = Mapping[Path, tuple[str, ...]]
"""Lines without their `#`, which stand before the table or keyword of the path."""


def write(document: Mapping[str, Any], comments: Comments) -> str:
    """A TOML text. `document` holds tables, lists, texts, booleans and finite numbers; () has comments for the head."""
    head = "".join(f"{line}\n" for line in _comment(comments.get((), ())))
    tables = ("\n".join(_table(path, table, comments)) for path, table in _tables((), document))
    return "\n".join(each + "\n" if each else "" for each in (head.removesuffix("\n"), *tables) if each)


def literal(value: object) -> str:
    """One value in one line."""
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case float():
            return repr(value) if "e" not in repr(value) else repr(value).replace("e+", "e")
        case str():
            return _text(value)
        case Mapping():
            inside = ", ".join(f"{name(each)} = {literal(inner)}" for each, inner in value.items())
            return f"{{ {inside} }}" if inside else "{}"
        case list() | tuple():
            return f"[{', '.join(literal(each) for each in value)}]"
        case _:
            raise TypeError(f"{type(value).__name__} has no form in TOML")


def name(text: str) -> str:
    """A key: bare where that is allowed."""
    return text if text and _BARE.issuperset(text) else _text(text)


def _text(text: str) -> str:
    """A basic string; half of a surrogate pair cannot be written and becomes `?`."""
    plain = text.encode(errors="replace").decode()
    return f'"{"".join(_escaped(each) for each in plain)}"'


def _escaped(each: str) -> str:
    if each in _SHORT:
        return _SHORT[each]
    return f"\\u{ord(each):04x}" if ord(each) < 0x20 or ord(each) == 0x7F else each


def _tables(path: Path, table: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every table that has a header, with what stands below it: keywords, or nothing at all."""
    inner = {each: value for each, value in table.items() if isinstance(value, Mapping) and len(path) < HEADERS}
    if len(inner) < len(table) or (path and not table):
        yield path, {each: value for each, value in table.items() if each not in inner}
    for each, value in inner.items():
        yield from _tables((*path, each), value)


def _table(path: Path, table: Mapping[str, Any], comments: Comments) -> Iterator[str]:
    yield from _comment(comments.get(path, ()) if path else ())
    if path:
        yield f"[{'.'.join(name(str(each)) for each in path)}]"
    for keyword, value in table.items():
        yield from _comment(comments.get((*path, keyword), ()))
        yield from _keyword(keyword, value)


def _keyword(keyword: str, value: object) -> Iterator[str]:
    line = f"{name(keyword)} = {literal(value)}"
    if not isinstance(value, list) or len(line) <= WIDTH:
        yield line
        return
    yield f"{name(keyword)} = ["
    yield from (f"    {literal(each)}," for each in value)
    yield "]"


def _comment(lines: tuple[str, ...]) -> Iterator[str]:
    """Control characters are not allowed in a comment."""
    for line in lines:
        plain = line.encode(errors="replace").decode()
        yield f"# {''.join(each if each >= ' ' and each != chr(0x7F) else '?' for each in plain)}".rstrip()
