"""What a run of tests in a copy of the tree says about the defect in it."""

from pathlib import Path

import pytest

from tests.mutants.__main__ import ROOT, Verdict, copied
from tests.mutants.catalogue import MUTANTS
from tests.mutants.judges import FAILED, PASSED, Finding, first_word, ran, run
from tests.mutants.kernel_tests import KERNEL_TESTS

NOTICED, SILENT, UNDECIDED = Finding.NOTICED, Finding.SILENT, Finding.UNDECIDED
INTERRUPTED = 2
ASSERTION = "FAILED tests/kernel/test_a.py::test_b[c] - assert 1 == 2\n"
TIMEOUT = "FAILED tests/kernel/test_a.py::test_b - Failed: Timeout (>300.0s) from pytest-timeout.\n"
SETUP = "ERROR tests/kernel/test_a.py::test_b - FileNotFoundError: LICENSE\n"


@pytest.mark.parametrize(
    ("status", "output", "finding"),
    [
        (PASSED, "", SILENT),
        (FAILED, ASSERTION, NOTICED),
        (FAILED, SETUP + ASSERTION, NOTICED),
        (FAILED, SETUP, UNDECIDED),
        (FAILED, TIMEOUT, UNDECIDED),
        (INTERRUPTED, ASSERTION, UNDECIDED),
    ],
)
def test_only_a_test_that_failed_has_noticed(status: int, output: str, finding: Finding) -> None:
    assert ran(status, output) is finding


@pytest.mark.parametrize(
    ("findings", "word"),
    [
        ((SILENT, NOTICED, UNDECIDED), NOTICED),
        ((SILENT, UNDECIDED, SILENT), UNDECIDED),
        ((SILENT, SILENT), SILENT),
    ],
)
def test_of_several_runs(findings: tuple[Finding, ...], word: Finding) -> None:
    assert first_word(findings) is word


def test_what_does_not_end_has_noticed_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.mutants.judges.LONGEST", 0.2)
    assert run(tmp_path, ("-c", "while True: pass"), ran) is UNDECIDED


def test_a_failing_test_of_a_copy_is_seen(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(): assert not 'a reason that is ' + 60 * 'long '\n")
    assert (
        run(tmp_path, ("-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "test_it.py"), ran)
        is NOTICED
    )


def test_who_is_noticed_by_one_does_not_survive() -> None:
    def survives(*findings: Finding) -> bool:
        return Verdict(MUTANTS[0], dict(zip("ab", findings, strict=True))).survives

    assert [survives(SILENT, NOTICED), survives(SILENT, UNDECIDED), survives(SILENT, Finding.NOT_MEANT)] == [
        False,
        True,
        True,
    ]


def test_a_copy_has_all_that_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The licence, too: a machine of the laboratory is installed from it."""
    kept, made = (
        ["LICENSE", ".ci/run", "bench/x.py", "docs/x.md"],
        [".git/x", ".venv/x", "vrrpd/__pycache__/x", ".ruff_cache/x"],
    )
    for name in kept + made:
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.setattr("tests.mutants.__main__.ROOT", tmp_path / "tree")
    folder = copied(tmp_path / "copy")
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()) == sorted(kept)


def test_what_is_meant_for_a_defect_exists() -> None:
    assert set(KERNEL_TESTS) <= {each.name for each in MUTANTS}
    for each in {each for row in KERNEL_TESTS.values() for each in row}:
        file, _, name = each.partition("[")[0].partition("::")
        assert f"def {name}(" in (ROOT / "tests/kernel" / file).read_text(), each


@pytest.mark.parametrize("path", sorted({each.path for each in MUTANTS}))
def test_each_module_with_a_defect_has_tests_of_its_own(path: str) -> None:
    module = Path(path).relative_to("vrrpd")
    assert (ROOT / f"tests/{module.parent}/test_{module.name}").exists()
