"""Comments and quotes of a line (keepalived.conf(5); lib/parser.c, decomment)."""

import pytest

from vrrpd.config.keepalived.line import unterminated, without_comment

ROWS = {
    "  state MASTER  \r\n": "state MASTER",
    "# all of it": "",
    "! all of it": "",
    "state MASTER # a word": "state MASTER",
    "auth_pass pass#1": "auth_pass pass",
    "auth_pass pass!1": "auth_pass pass",
    'auth_pass "pass#1"': 'auth_pass "pass#1"',
    "auth_pass 'a # b'": "auth_pass 'a",
    r"auth_pass pass\#1\!": "auth_pass pass#1!",
    r"script a\nb\\c": r"script a\nb\\c",
    'a "b # c" # d': 'a "b # c"',
    "$A=one \\": "$A=one \\",
    "": "",
}


@pytest.mark.parametrize(("raw", "text"), ROWS.items())
def test_what_is_left_of_a_line(raw: str, text: str) -> None:
    """Features 2.1."""
    assert without_comment(raw) == text


def test_a_quote_that_is_never_closed() -> None:
    """keepalived goes on with what it has."""
    assert (unterminated('a "b'), unterminated('a "b" "c"')) == (True, False)
