"""The page of all keywords."""

from vrrpd.config.keepalived.page import BLOCKS, page
from vrrpd.config.reference import ROOT


def test_every_keyword_has_a_line() -> None:
    lines = page().splitlines()
    assert "| `nopreempt` | supported | nopreempt |" in lines
    assert sum(line.startswith("| `") for line in lines) == sum(map(len, BLOCKS.values()))


def test_the_tree_is_up_to_date() -> None:
    """If this fails: python -m vrrpd.config.reference."""
    assert (ROOT / "docs" / "keepalived-keywords.md").read_text("utf-8") == page()
