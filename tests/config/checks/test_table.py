"""The table has each code once, and each is found somewhere."""

import re
from pathlib import Path

from vrrpd.config.checks.code import Code
from vrrpd.config.checks.table import CHECKS, finding, told

SOURCES = Path(__file__).parents[3] / "vrrpd"


def test_every_code_has_its_line() -> None:
    assert list(CHECKS) == sorted(CHECKS, key=list(CHECKS).index)
    assert set(CHECKS) == set(Code)


def test_codes_are_words_for_people() -> None:
    assert [code for code in Code if not re.fullmatch(r"[a-z]+(-[a-z]+)+", code)] == []


def test_every_code_is_used() -> None:
    tables = set((SOURCES / "config" / "checks").glob("table_*.py"))
    text = "\n".join(path.read_text("utf-8") for path in SOURCES.rglob("*.py") if path not in tables)
    assert [code.name for code in Code if f"Code.{code.name}" not in text] == []


def test_the_cure_stands_behind_what_was_found() -> None:
    assert told(Code.VIP_SUBNET_PREFIX, "found") == "found; allowed: /32"
    made = finding(Code.VIP_SUBNET_PREFIX, ("a",), "found")
    assert (made.path, made.text, made.code) == (("a",), "found; allowed: /32", "vip-with-subnet-prefix")
