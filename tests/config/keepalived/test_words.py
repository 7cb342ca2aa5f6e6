"""Words in keepalived's two ways, and braces."""

import pytest

from vrrpd.config.keepalived.words import WordError, pieces, plain, quoted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a  b\tc", ("a", "b", "c")),
        ('a"b c"d', ("a", "b c", "d")),
        ("it's", ("it's",)),
        ('""', ("",)),
        ('a "open', ("a", "open")),
        ("", ()),
    ],
)
def test_plain(text: str, words: tuple[str, ...]) -> None:
    """A quote begins and ends a word; no escapes."""
    assert plain(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a  b", ("a", "b")),
        ('ab"c d"e', ("abc de",)),
        ("'a b' \"c d\"", ("a b", "c d")),
        (r"a\ b", ("a b",)),
        (r'"a\"b"', ('a"b',)),
        (r"\t\101\x41\cA", ("\tAA\x01",)),
        ("''", ("",)),
        ("", ()),
    ],
)
def test_quoted(text: str, words: tuple[str, ...]) -> None:
    """Both quotes, within a word too, and escapes."""
    assert quoted(text) == words


@pytest.mark.parametrize("text", ["'a", '"a', "a\\"])
def test_quoted_without_an_end(text: str) -> None:
    """Told, not guessed."""
    with pytest.raises(WordError):
        quoted(text)


def test_braces_are_lines_of_their_own() -> None:
    """Outside quotes; so one line may hold a block, but only one statement of it."""
    assert list(pieces("a { b }")) == ["a", "{", "b", "}"]
    assert list(pieces('a "{" }{')) == ['a "{"', "}", "{"]
    assert list(pieces("auth { x y z w }")) == ["auth", "{", "x y z w", "}"]
