"""Measurements are commands that run as they are written: a target of the Makefile for each, and a line in docs."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BENCHES = sorted(each.stem for each in (ROOT / "bench").glob("*.py") if "\ndef main(" in each.read_text())
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").glob("*.md"))]


def target(bench: str) -> str:
    return f"bench-{bench.replace('_', '-')}"


def dry(*arguments: str) -> str:
    """What make would run; nothing is run. `root` and the packages come first."""
    argv = ["make", "--dry-run", "--no-print-directory", *arguments]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def named(page: Path) -> set[str]:
    """Targets of the Makefile in a document."""
    return set(re.findall(r"(?:^|`)make ([a-z-]+[a-z])", page.read_text(), flags=re.MULTILINE))


@pytest.mark.parametrize("bench", BENCHES)
def test_each_has_a_target(bench: str) -> None:
    assert dry(target(bench), "ARGS=--repeats 3").endswith(f"\n.venv/bin/python -m bench.{bench} --repeats 3\n")


def test_each_is_listed() -> None:
    listed = {each for each in named(ROOT / "docs" / "benchmarks.md") if each.startswith("bench-")}
    assert listed == set(map(target, BENCHES))


def test_the_quick_ones_are_some_of_them() -> None:
    assert set(re.findall(r"-m bench\.(\w+)", dry("bench"))) < set(BENCHES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_document_is_there(page: Path) -> None:
    """And none of them needs an activated environment."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert named(page) <= targets | set(map(target, BENCHES))
    assert "python -m bench" not in page.read_text().replace(".venv/bin/python -m bench", "")
