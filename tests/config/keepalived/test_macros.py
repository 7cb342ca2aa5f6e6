"""Conditions, definitions, replacement."""

import pytest

from vrrpd.config.keepalived import macros
from vrrpd.config.keepalived.line import KeepalivedError, Line, without_comment
from vrrpd.config.keepalived.macros import Macros


def expanded(text: str, config_id: str = "proxy1") -> list[str]:
    """All lines that count."""
    found = Macros(config_id)
    lines: list[str] = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = Line("f", number, without_comment(raw))
        found.unfinished(line)
        if line.text:
            lines += [each.text for each in found.expand(line, "/etc/keepalived")]
    return lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("@proxy1 state MASTER\n@proxy2 state BACKUP", ["state MASTER"]),
        ("@^proxy1 a\n@^proxy2 b", ["b"]),
        ("@^x @^proxy1 a\n@^x @proxy1 b", ["b"]),
        ("@proxy1", []),
        ("$A=eth0\ninterface $A\ndev ${A}.5", ["interface eth0", "dev eth0.5"]),
        ("$A=1\n$A=2\nx $A", ["x 2"]),
        ("$A=\nx ${A}y", ["x y"]),
        ("x $B", ["x $B"]),
        ("$A=${B}\n$B=deep\nx ${A}", ["x deep"]),
        ("$A=\\\none\\\ntwo\n$A", ["one", "two"]),
        ("$A=one\\\ntwo\n\n$A", ["one", "two"]),
        ("$B=mid\n$A=\\\nx ${B}\\\nend\n${A}", ["x mid", "end"]),
        ("$A=a # b\nx $A", ["x a"]),
        ('$A="a # b"\nx $A', ['x "a # b"']),
        ("x ${_HASH}1${_BANG}", ["x #1!"]),
        ("x ${_PWD}/y", ["x /etc/keepalived/y"]),
        ("$C=@proxy2 a\n$C\n$D=@proxy1 b\n$D", ["b"]),
        ("~SEQ(v, 2) ~SEQ(w, 2) ${v}${w}", ["11", "12", "21", "22"]),
    ],
)
def test_lines(text: str, lines: list[str]) -> None:
    """Features 2.2, 2.5 to 2.7."""
    assert expanded(text) == lines


@pytest.mark.parametrize(
    "text",
    [
        "$A=x$A\n$A",
        "$A=${B}\n$B=${A}\nx ${A}",
        "$A=one\\\ntwo\nx $A",
        "x ${_RANDOM 1 2}",
        "x ${_ENV HOME}",
        "$_A=1",
        "~SEQ(v, 1, 0, 5) x",
    ],
)
def test_what_would_not_end_or_not_be_told_is_refused(text: str) -> None:
    """With the line."""
    with pytest.raises(KeepalivedError, match="f:"):
        expanded(text)


def test_the_number_of_lines_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sequences in one line multiply."""
    monkeypatch.setattr(macros, "LINES_LIMIT", 100)
    with pytest.raises(KeepalivedError, match="more than 100 lines"):
        expanded("~SEQ(v, 50) ~SEQ(w, 50) ${v}${w}")
