"""What the other tools miss: shape, names and the front page. Each test lists all offenders at once."""

import ast
import fnmatch
import re
from collections.abc import Iterator
from pathlib import Path

from vrrpd import __version__

ROOT = Path(__file__).parents[1]
LONGEST_FUNCTION = 70
LONGEST_FILE = 400
LONGEST_TEST_FILE = 800
"""A table of rows in the order of the RFC is one piece, and reads well when long."""
NAMES_THAT_SAY_NOTHING = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}
TOP_LEVEL = {
    ".ci",
    ".editorconfig",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "bench",
    "config",
    "docs",
    "pyproject.toml",
    "systemd",
    "tests",
    "vrrpd",
}
WITHOUT_A_TEST_OF_THEIR_OWN: dict[str, str] = {
    "vrrpd/daemon/host.py": "composition on a real kernel: tests/kernel/test_daemon.py",
}
"""Module to reason. `__init__` and `__main__` only pass names on; a module without a function has nothing to run."""

WAITS_FOR_PROCESSES = {
    "tests/probes/test_script.py": "a process that has gone tells nobody",
    "tests/probes/test_program.py": "neither does one that has started",
}
"""Test to reason why it may sleep between two looks, without a kernel."""


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def texts() -> Iterator[Path]:
    """Everything written by hand."""
    for folder in sorted(TOP_LEVEL - {"LICENSE"}):
        entry = ROOT / folder
        for path in sorted(entry.rglob("*")) if entry.is_dir() else [entry]:
            if path.is_file() and path.suffix in {
                "",
                ".md",
                ".py",
                ".toml",
                ".yml",
                ".conf",
                ".rules",
                ".service",
                ".sysctl",
                ".sysusers",
            }:
                yield path


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), name(path))


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def runs_something(tree: ast.Module) -> bool:
    """False for vocabulary: dataclasses, enums, and protocols whose methods are a docstring or `...`."""
    return any(not all(isinstance(line, ast.Expr) for line in each.body) for each in functions(tree))


def ignored() -> list[str]:
    """What Git is told to leave out, at the top level."""
    return [line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()]


def test_every_module_has_its_test_file() -> None:
    offenders = []
    for path in sources("vrrpd"):
        module = path.relative_to(ROOT / "vrrpd")
        test = ROOT / "tests" / module.parent / f"test_{module.name}"
        exempt = module.stem.startswith("__") or name(path) in WITHOUT_A_TEST_OF_THEIR_OWN
        if not exempt and not test.exists() and runs_something(parsed(path)):
            offenders.append(f"{name(path)}: no {name(test)}")
    assert offenders == []


def test_exceptions_are_still_needed() -> None:
    gone = [module for module in [*WITHOUT_A_TEST_OF_THEIR_OWN, *WAITS_FOR_PROCESSES] if not (ROOT / module).exists()]
    assert gone == []


def test_every_module_says_what_it_is() -> None:
    assert [name(path) for path in sources("vrrpd", "bench") if not ast.get_docstring(parsed(path))] == []


def test_functions_are_short() -> None:
    offenders = [
        f"{name(path)}:{function.lineno}: {function.name} has {lines} lines"
        for path in sources("vrrpd", "tests", "bench")
        for function in functions(parsed(path))
        if (lines := (function.end_lineno or function.lineno) - function.lineno + 1) > LONGEST_FUNCTION
    ]
    assert offenders == []


def test_files_are_short() -> None:
    offenders = [
        f"{name(path)}: {lines} lines"
        for path in sources("vrrpd", "tests", "bench")
        if (lines := len(path.read_text().splitlines()))
        > (LONGEST_TEST_FILE if path.name.startswith("test_") else LONGEST_FILE)
    ]
    assert offenders == []


def test_names_say_something() -> None:
    parts = [(path, part) for path in sources("vrrpd", "tests", "bench") for part in path.relative_to(ROOT).parts]
    assert [name(path) for path, part in parts if part.removesuffix(".py") in NAMES_THAT_SAY_NOTHING] == []


def test_links_in_markdown_resolve() -> None:
    offenders = []
    for path in (path for path in texts() if path.suffix == ".md"):
        prose = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            file = target.partition("#")[0]
            if not re.match(r"[a-z]+:", target) and file and not (path.parent / file).exists():
                offenders.append(f"{name(path)}: {target}")
    assert offenders == []


def test_every_page_can_be_found_from_the_front_page() -> None:
    front = (ROOT / "README.md").read_text()
    linked = {each.partition("#")[0] for each in re.findall(r"\]\((docs/[^)]+)\)", front)}
    assert {name(page) for page in (ROOT / "docs").glob("*.md")} - linked == set()


def test_top_level_holds_only_what_is_listed() -> None:
    present = {entry.name for entry in ROOT.iterdir()} - {".git"}
    made = {entry for entry in present if any(fnmatch.fnmatch(entry, pattern) for pattern in ignored())}
    assert present - made - TOP_LEVEL == set()


def test_everything_listed_is_there() -> None:
    promised = TOP_LEVEL - {"docs"}  # a home for longer texts, once there are any
    assert {entry for entry in promised if not (ROOT / entry).exists()} == set()


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    offenders = [
        f"{name(path)}:{number}: {line.strip()}"
        for path in texts()
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if later.search(line)
    ]
    assert offenders == []


def test_no_test_sleeps_outside_the_kernel_tests() -> None:
    """Under tests/virtual_time.py asyncio.sleep takes no time, so files that use it may."""
    offenders = []
    for path in sources("tests"):
        if {"kernel", "lab", "differential"} & set(path.relative_to(ROOT).parts) or name(path) in WAITS_FOR_PROCESSES:
            continue
        text = path.read_text()
        banned = r"\btime\.sl" + r"eep\(" + ("" if "virtual_time" in text else r"|\basyncio\.sl" + r"eep\((?!0\))")
        offenders += [
            f"{name(path)}:{number}: {line.strip()}"
            for number, line in enumerate(text.splitlines(), start=1)
            if re.search(banned, line)
        ]
    assert offenders == []


def test_changelog_knows_the_version() -> None:
    headings = re.findall(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert __version__ in headings
