"""Statements and blocks."""

from vrrpd.config.keepalived.line import Line
from vrrpd.config.keepalived.tree import DEPTH_LIMIT, Statement, Tree, tree

Shape = list["str | tuple[str, Shape]"]


def of(text: str) -> Tree:
    """The tree of these lines."""
    return tree(Line("f", number, each) for number, each in enumerate(text.split("\n"), 1) if each)


def shape(statements: list[Statement]) -> Shape:
    """Words only."""
    return [
        " ".join(each.words) if each.block is None else (" ".join(each.words), shape(each.block)) for each in statements
    ]


def test_blocks_nest_wherever_the_braces_stand() -> None:
    """On the line of the keyword, on the next one, or all in one."""
    expected: Shape = [("a b", ["c d", ("e", ["f"])]), "g"]
    for text in ("a b {\nc d\ne {\nf\n}\n}\ng", "a b\n{\nc d\ne\n{\nf\n}\n}\ng", "a b { c d\ne { f } }\ng"):
        found = of(text)
        assert (shape(found.statements), found.problems) == (expected, [])


def test_an_unknown_block_closes_nothing_but_itself() -> None:
    """keepalived loses the rest of the instance."""
    found = of("vrrp_instance a {\nnonsense {\nx\n}\nstate MASTER\n}")
    assert shape(found.statements) == [("vrrp_instance a", [("nonsense", ["x"]), "state MASTER"])]


def test_braces_out_of_place_are_told_with_their_line() -> None:
    """One too many, one too few, one without a keyword."""
    assert [str(each) for each in of("a {\n}\n}").problems] == ["f:3: a } that closes nothing"]
    assert [str(each) for each in of("a {\nb").problems] == ["f:1: this { is never closed"]
    found = of("{\nb\n}\nc")
    assert [str(each) for each in found.problems] == ["f:1: a { without a keyword before it"]
    assert shape(found.statements) == ["c"]


def test_depth_is_bounded() -> None:
    """The rest is left out, not the file."""
    found = of("a {\n" * (DEPTH_LIMIT + 1) + "}\n" * (DEPTH_LIMIT + 1) + "b")
    assert [each.text for each in found.problems] == [f"more than {DEPTH_LIMIT} blocks in one another"]
    assert found.statements[-1].keyword == "b"


def test_raw_is_what_stands_behind_the_keyword() -> None:
    """With its quotes, for commands."""
    (statement,) = of("script \"/bin/x 'a b'\" root").statements
    assert statement.raw == "\"/bin/x 'a b'\" root"
    assert statement.values == ("/bin/x 'a b'", "root")
