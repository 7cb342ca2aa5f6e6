"""~SEQ and ~LST."""

import pytest

from vrrpd.config.keepalived.sequences import VALUES_LIMIT, SequenceError, sequence


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("~SEQ(v, 3) x ${v}", ("x 1", "x 2", "x 3")),
        ("~SEQ(v, -2) $v", ("-1", "-2")),
        ("~SEQ(v, 2, 4) a$v", ("a2", "a3", "a4")),
        ("~SEQ(v, 10, -5, 0) ${v}", ("10", "5", "0")),
        ("~SEQx(v, 9, b) ${v}", ("9", "a", "b")),
        ("~LST(v, eth0, eth1) ${v}", ("eth0", "eth1")),
        ("~LST({a,b},{1,2},{3,4}) ${a}-${b}", ("1-2", "3-4")),
        ("~SEQ(v, 2) ~SEQ(w, 2) ${v}${w}", ("~SEQ(w, 2) 1${w}", "~SEQ(w, 2) 2${w}")),
    ],
)
def test_lines(text: str, lines: tuple[str, ...]) -> None:
    """The outermost first."""
    assert sequence(text) == lines


@pytest.mark.parametrize(
    "text",
    [
        "~SEQ(v, 1",
        "~SEQ(v) x",
        "~SEQ(1v, 2) x",
        "~SEQ(v, x) y",
        "~SEQ(v, 1, 0, 5) x",
        "~SEQ(v, 5, 1, 1) x",
        f"~SEQ(v, 0, {VALUES_LIMIT}) x",
        "~LST({a,b},{1}) x",
    ],
)
def test_what_cannot_be_written_out_is_told(text: str) -> None:
    """And never tried."""
    with pytest.raises(SequenceError):
        sequence(text)


def test_anything_else_is_none() -> None:
    """A `~` alone is no sequence."""
    assert sequence("~/x") is None
