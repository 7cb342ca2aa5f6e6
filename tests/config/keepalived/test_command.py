"""Command lines of scripts (keepalived 2.2.7 was asked about the second and third row)."""

import pytest

from vrrpd.config.keepalived.command import arguments
from vrrpd.config.keepalived.words import WordError


@pytest.mark.parametrize(
    ("raw", "argv"),
    [
        ("/bin/true", ("/bin/true",)),
        ("/bin/true user", ("/bin/true",)),
        ('"/bin/true x" user', ("/bin/true", "x")),
        ("\"/bin/sh -c 'a b'\"", ("/bin/sh", "-c", "a b")),
        ("\"a 'b'c ''\"", ("a", "bc", "")),
        (r'"a\tb c\"d"', ("a", "b", 'c"d')),
    ],
)
def test_arguments(raw: str, argv: tuple[str, ...]) -> None:
    assert arguments(raw) == argv


@pytest.mark.parametrize("raw", ["", '""', "\"''\"", '"  "', '"a', '"a \'b"', "a\\"])
def test_no_command(raw: str) -> None:
    with pytest.raises(WordError):
        arguments(raw)
