"""docs/checks.md says what the table says."""

from pathlib import Path

from vrrpd.config.checks.page import page
from vrrpd.config.checks.table import CHECKS

ROOT = Path(__file__).parents[3]


def test_it_is_up_to_date() -> None:
    """Else: make docs."""
    assert (ROOT / "docs" / "checks.md").read_text("utf-8") == page()


def test_each_check_has_one_line() -> None:
    lines = page().splitlines()
    assert {code: sum(line.startswith(f"| `{code}` |") for line in lines) for code in CHECKS} == dict.fromkeys(
        CHECKS, 1
    )
