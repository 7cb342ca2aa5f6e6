"""The reference is what the source says, and the files in the tree are that."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.config.conftest import STUB_KINDS
from vrrpd.config import toml
from vrrpd.config.auth_hmac import AuthHmac
from vrrpd.config.keywords import keywords
from vrrpd.config.model import Daemon, Instance, Probe, Remedy, SyncGroup, Track
from vrrpd.config.reference import BEGIN, END, ROOT, keyword_page, literal, reference, table, with_table, write
from vrrpd.probes.registry import KINDS

TABLES = [Daemon, Probe, Remedy, Instance, AuthHmac, SyncGroup, *(kind.options for kind in KINDS.values())]


def uncommented(text: str) -> str:
    """Set everything that the reference shows in comments."""
    return "\n".join(
        line[1:] if line.startswith("#") and not line.startswith("# ") else line for line in text.splitlines()
    )


def test_reference_loads_and_sets_nothing_but_what_is_required() -> None:
    loaded = toml.load_text(reference(), "vrrpd.toml")
    assert loaded.warnings == ()
    assert loaded.configuration.daemon == Daemon()
    (instance,) = loaded.configuration.instances
    assert instance == Instance(
        name="VI_1",
        interface="eth0",
        virtual_router_id=51,
        virtual_ipaddress=instance.virtual_ipaddress,
        track=tuple(Track(name, 0) for name in KINDS),
    )


def test_reference_shows_each_keyword_once() -> None:
    text = uncommented(reference())
    document = tomllib.loads(text)
    own = [each.name for kind in KINDS.values() for each in keywords(kind.options)]
    common = [each.name for each in keywords(Probe) if each.name != "type"]
    shown = [name for probe in document["probe"].values() for name in probe if name != "type"]
    assert sorted(shown) == sorted([*own, *common])
    assert list(document["daemon"]) == [each.name for each in keywords(Daemon)]
    assert list(document["instance"]["VI_1"]) == [each.name for each in keywords(Instance)]


def test_what_the_reference_shows_is_allowed() -> None:
    """Only argv and shell exclude one another, and so do command and restart, authentication and auth_hmac."""
    text = uncommented(reference())
    for other in ('shell = "pidof', "restart =", "auth_hmac ="):
        text = text.replace(other, f"#{other}")
    toml.load_text(text, "vrrpd.toml")


def test_defaults_in_comments_are_the_defaults() -> None:
    document = tomllib.loads(uncommented(reference()))
    for name, value in document["instance"]["VI_1"].items():
        keyword = next(each for each in keywords(Instance) if each.name == name)
        assert keyword.doc.example or literal(keyword, keyword.default) == literal(keyword, value)


def test_a_kind_without_problems_or_requirements() -> None:
    assert '[probe.plain]\n\n# type: kind of probe. Allowed: "farm", "plain". Required.' in reference(STUB_KINDS)
    toml.load_text(reference(STUB_KINDS), "f", STUB_KINDS)


def test_page_has_a_row_for_each_keyword() -> None:
    rows = [line for line in keyword_page().splitlines() if line.startswith("| `")]
    assert len(rows) == sum(len(keywords(each)) for each in TABLES)
    assert (
        "| `priority` | the highest wins; 255 is for the owner of the addresses | a whole number 1..255 | `100` |"
        in rows
    )
    assert all(row.replace("\\|", "").count("|") == 5 for row in rows)


def test_table_of_the_readme_has_each_keyword() -> None:
    rows = [line for line in table().splitlines() if line.startswith("| `")]
    assert len(rows) == len(TABLES)
    names = {name for row in rows for name in row.split("`")[1::2]}
    assert {each.name for known in TABLES for each in keywords(known)} <= names
    assert "**`virtual_ipaddress`**" in rows[-3], "what is required is in bold"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.0, '"1s"'), (90.0, '"90s"'), (0.5, '"500ms"'), (0.0, '"0s"')],
)
def test_durations(value: float, expected: str) -> None:
    (keyword,) = (each for each in keywords(Instance) if each.name == "advert_int")
    assert literal(keyword, value) == expected


def test_readme_without_markers_is_left_alone() -> None:
    for text in ("", "# vrrpd\n", f"{BEGIN}\n", f"{END}\n", f"{END}\n{BEGIN}\n"):
        assert with_table(text, "table") == text


def test_readme_between_markers() -> None:
    readme = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert with_table(readme, "new\n") == f"before\n{BEGIN}\n\nnew\n{END}\nafter\n"
    assert with_table(with_table(readme, "new\n"), "new\n") == with_table(readme, "new\n")


def test_write(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    said: list[str] = []
    say: Callable[[str], None] = said.append
    write(tmp_path, say)
    (tmp_path / "README.md").write_text(f"{BEGIN}\n{END}\n", "utf-8")
    (tmp_path / "docs").mkdir()
    write(tmp_path, say)
    write(tmp_path, say)
    assert said == [
        "vrrpd.toml: rewritten",
        "vrrpd.toml: unchanged",
        *(f"{name}: rewritten" for name in ("keywords.md", "keepalived-keywords.md", "checks.md", "README.md")),
        "vrrpd.toml: unchanged",
        *(f"{name}: unchanged" for name in ("keywords.md", "keepalived-keywords.md", "checks.md", "README.md")),
    ]
    assert (tmp_path / "config" / "vrrpd.toml").read_text("utf-8") == reference()
    assert table() in (tmp_path / "README.md").read_text("utf-8")


def test_the_tree_is_up_to_date() -> None:
    """If this fails: python -m vrrpd.config.reference."""
    assert (ROOT / "config" / "vrrpd.toml").read_text("utf-8") == reference()
    assert (ROOT / "docs" / "keywords.md").read_text("utf-8") == keyword_page()
    readme = (ROOT / "README.md").read_text("utf-8")
    assert with_table(readme, table()) == readme
