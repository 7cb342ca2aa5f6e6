"""Who is asked whether a planted defect shows: each runs tests in a copy of the tree, and says what came of them.

rows: the tests of the modules. simulation: kept scenarios and seeds. kernel: those tests with real kernels that are
meant for the defect, as root.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from pathlib import Path

from tests.mutants.catalogue import Mutant
from tests.mutants.kernel_tests import KERNEL_TESTS

ROOMS = ("protocol", "engine", "linux", "daemon")
LONGEST = 900.0
"""Seconds for one run of tests."""
COLUMNS = "1000"
"""Else pytest cuts the reason off the name of a long test."""
PYTEST = ("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-header")
PASSED, FAILED = 0, 1
"""Of pytest and of the simulator; with anything else they have judged nothing."""


class Finding(Enum):
    """What a judge says, as the table shows it."""

    NOTICED = "noticed"
    SILENT = "-"
    UNDECIDED = "?"
    """It did not end, or its own set-up failed: that shows nothing."""
    NOT_MEANT = "."
    """No test of this judge is meant for it."""


def ran(status: int, output: str) -> Finding:
    """What a run of pytest shows: a test has failed, and not because it could not begin or did not end."""
    if status == PASSED:
        return Finding.SILENT
    failures = [line for line in output.splitlines() if line.startswith("FAILED ") and "Failed: Timeout (" not in line]
    return Finding.NOTICED if status == FAILED and failures else Finding.UNDECIDED


def played(status: int, _output: str) -> Finding:
    """What a run of the simulator shows."""
    return {PASSED: Finding.SILENT, FAILED: Finding.NOTICED}.get(status, Finding.UNDECIDED)


def run(folder: Path, arguments: Iterable[str], judge: Callable[[int, str], Finding]) -> Finding:
    """A Python in that folder; what it prints is kept as `told` there."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": COLUMNS}
    command = [sys.executable, *arguments]
    told = folder / "told"
    with told.open("ab") as output:
        begun = output.tell()
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, stdout=output, stderr=output, timeout=LONGEST, check=False
            )
        except subprocess.TimeoutExpired:
            return Finding.UNDECIDED
    return judge(done.returncode, told.read_bytes()[begun:].decode(errors="replace"))


def first_word(findings: Iterable[Finding]) -> Finding:
    """Of several runs, until one has noticed it; undecided if one of them was."""
    doubt = Finding.SILENT
    for each in findings:
        if each is Finding.NOTICED:
            return each
        doubt = each if each is Finding.UNDECIDED else doubt
    return doubt


def suites(mutant: Mutant | None) -> Iterator[tuple[str, ...]]:
    """The nearest tests first."""
    if mutant is not None:
        module = Path(mutant.path).relative_to("vrrpd")
        yield (f"tests/{module.parent}/test_{module.name}",)
        yield (f"tests/{module.parent}",)
    yield tuple(f"tests/{room}" for room in ROOMS)


def by_rows(mutant: Mutant | None, folder: Path, _seeds: int) -> Finding:
    """Without those that need root: that is for the kernel tests."""
    fast = ("-m", "not kernel and not root and not slow")
    return first_word(run(folder, (*PYTEST, *fast, *each), ran) for each in suites(mutant))


def by_simulation(_mutant: Mutant | None, folder: Path, seeds: int) -> Finding:
    """The tests of the simulator and what it has kept, then so many seeds."""
    left_out = [f"--deselect=tests/sim/{name}" for name in ("test_campaign.py", "test_seeds.py")]
    runs: tuple[tuple[tuple[str, ...], Callable[[int, str], Finding]], ...] = (
        ((*PYTEST, "tests/sim", *left_out), ran),
        (("-m", "vrrpd.sim", "--seeds", str(seeds), "--jobs", "1", "--stop"), played),
    )
    return first_word(run(folder, arguments, judge) for arguments, judge in runs)


def by_kernel(mutant: Mutant | None, folder: Path, _seeds: int) -> Finding:
    """A machine that is busy fails no test twice."""
    names = (
        KERNEL_TESTS.get(mutant.name, ()) if mutant else sorted({each for row in KERNEL_TESTS.values() for each in row})
    )
    if not names:
        return Finding.NOT_MEANT
    arguments = (*PYTEST, *(f"tests/kernel/{each}" for each in names))
    found = run(folder, arguments, ran)
    return run(folder, arguments, ran) if found is Finding.NOTICED and mutant else found


Judge = Callable[[Mutant | None, Path, int], Finding]
JUDGES: dict[str, Judge] = {"rows": by_rows, "simulation": by_simulation, "kernel": by_kernel}
"""Of a mutant, or None: of the tree as it is; in a copy of it; with so many seeds."""
