"""Words of a line, in keepalived's two ways (lib/parser.c, alloc_strvec_r and alloc_strvec_quoted_escaped)."""

import re
from collections.abc import Iterator

from vrrpd.config.keepalived.line import BLANKS

_PLAIN = re.compile(r'"([^"]*)"?|[^ \t"]+')
_SIMPLE = {
    "a": "\a",
    "b": "\b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
_CODE = re.compile(r"[0-7]{1,3}|[xX][0-9a-fA-F]{1,2}|c[ -~]")


class WordError(ValueError):
    """The words cannot be told; the text says why."""


def plain(text: str) -> tuple[str, ...]:
    """Most values: blanks separate; a `"` begins and ends a word of its own; no escapes; `'` is like any other."""
    return tuple(found[1] if found[0].startswith('"') else found[0] for found in _PLAIN.finditer(text))


def quoted(text: str) -> tuple[str, ...]:
    """Values that are commands: `'` and `"` quote, also within a word, and a backslash escapes, also within quotes.

    Raises WordError.
    """
    words: list[str] = []
    at = 0
    while at < len(text):
        if text[at] in BLANKS:
            at += 1
            continue
        word, at = _word(text, at)
        words.append(word)
    return tuple(words)


def _word(text: str, at: int) -> tuple[str, int]:
    """One word and where it ends."""
    found: list[str] = []
    quote = ""
    while at < len(text):
        each = text[at]
        if each == "\\":
            escaped, at = _escape(text, at + 1)
            found.append(escaped)
            continue
        if quote:
            if each == quote:
                quote = ""
            else:
                found.append(each)
        elif each in "\"'":
            quote = each
        elif each in BLANKS:
            break
        else:
            found.append(each)
        at += 1
    if quote:
        raise WordError(f"missing terminating {quote}")
    return "".join(found), at


def _escape(text: str, at: int) -> tuple[str, int]:
    if at >= len(text):
        raise WordError("a \\ at the end")
    code = _CODE.match(text, at)
    if code is None:
        return _SIMPLE.get(text[at], text[at]), at + 1
    return chr(_code(code[0])), code.end()


def _code(digits: str) -> int:
    if digits[0] in "xX":
        return int(digits[1:], 16)
    return ord(digits[1]) & 0x1F if digits[0] == "c" else int(digits, 8) & 0xFF


def pieces(text: str) -> Iterator[str]:
    """Outside `"`, each brace is a line of its own, and so is the text between braces."""
    start = 0
    inside = False
    for at, each in enumerate(text):
        if each == '"':
            inside = not inside
        elif each in "{}" and not inside:
            yield from _nonempty(text[start:at])
            yield each
            start = at + 1
    yield from _nonempty(text[start:])


def _nonempty(text: str) -> Iterator[str]:
    if stripped := text.strip(BLANKS):
        yield stripped
