"""`python -m tests.mutants`: plant each defect in a copy of the tree, and see which tests notice. Takes a while.

rows: the tests of the modules. simulation: kept scenarios and seeds. kernel: tests with real kernels, as root.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.catalogue import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
ROOMS = ("protocol", "engine", "linux", "daemon")
LONGEST = 600.0
"""Seconds for one judge of one mutant: what hangs has been noticed."""
PYTEST = ("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-header")


@dataclass(frozen=True)
class Verdict:
    """Of each judge who was asked: has it noticed?"""

    mutant: Mutant
    noticed: dict[str, bool]

    @property
    def survives(self) -> bool:
        return not any(self.noticed.values())

    @property
    def line(self) -> str:
        words = [f"{judge if noticed else '-':{len(judge)}}" for judge, noticed in self.noticed.items()]
        return f"{self.mutant.name:55} {'  '.join(words)}{'  SURVIVES' if self.survives else ''}"


def planted(mutant: Mutant, folder: Path) -> Path:
    """A copy of the tree with the defect in it."""
    for each in ("vrrpd", "tests", "config", "docs", "systemd"):
        shutil.copytree(ROOT / each, folder / each, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", ".gitignore", "Makefile"):
        shutil.copy(ROOT / name, folder / name)
    file = folder / mutant.path
    text = file.read_text()
    if text.count(mutant.old) != 1:
        raise SystemExit(f"{mutant.name}: not to be planted in {mutant.path}")
    file.write_text(text.replace(mutant.old, mutant.new))
    return folder


def notices(folder: Path, *arguments: str) -> bool:
    """A Python in that folder fails, or does not end."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return True
    if done.returncode not in {0, 1}:
        raise SystemExit(f"{command}: {done.stdout.decode()[-2000:]}{done.stderr.decode()[-2000:]}")
    return done.returncode == 1


def suites(mutant: Mutant) -> Iterator[tuple[str, ...]]:
    """The nearest tests first."""
    module = Path(mutant.path).relative_to("vrrpd")
    yield (f"tests/{module.parent}/test_{module.name}",)
    yield (f"tests/{module.parent}",)
    yield tuple(f"tests/{room}" for room in ROOMS)


def by_rows(mutant: Mutant, folder: Path, _seeds: int) -> bool:
    return any(notices(folder, *PYTEST, "-m", "not kernel and not slow", *each) for each in suites(mutant))


def by_simulation(_mutant: Mutant, folder: Path, seeds: int) -> bool:
    kept = notices(folder, *PYTEST, "tests/sim", "--deselect", "tests/sim/test_campaign.py")
    return kept or notices(folder, "-m", "vrrpd.sim", "--seeds", str(seeds), "--jobs", "1", "--stop")


def by_kernel(_mutant: Mutant, folder: Path, _seeds: int) -> bool:
    return notices(folder, *PYTEST, "-m", "kernel", "tests/kernel")


JUDGES = {"rows": by_rows, "simulation": by_simulation, "kernel": by_kernel}


def judged(mutant: Mutant, judges: list[str], seeds: int) -> Verdict:
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        folder = planted(mutant, Path(name))
        return Verdict(mutant, {each: JUDGES[each](mutant, folder, seeds) for each in judges})


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="only those whose name or path has one of these words")
    parser.add_argument("--seeds", type=int, default=100, help="for the simulation (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=1, help="mutants at a time (default: %(default)s)")
    parser.add_argument(
        "--judges",
        nargs="+",
        choices=tuple(JUDGES),
        default=["rows", "simulation"],
        help="who is asked (default: rows simulation); kernel needs root",
    )
    asked = parser.parse_args()
    wanted = [each for each in MUTANTS if not asked.names or any(word in each.name + each.path for word in asked.names)]
    survivors = 0
    with ThreadPoolExecutor(asked.jobs) as pool:
        for verdict in pool.map(lambda each: judged(each, asked.judges, asked.seeds), wanted):
            sys.stdout.write(f"{verdict.line}\n")
            sys.stdout.flush()
            survivors += verdict.survives
    sys.stdout.write(f"{len(wanted)} mutants, {survivors} survive\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
