"""`python -m tests.mutants`: plant each defect in a copy of the tree, and see which tests notice. Takes a while.

rows: the tests of the modules. simulation: kept scenarios and seeds. kernel: the tests with real kernels that are meant
for it, as root. Shown is the name of a judge that notices, - of one that does not, ? if it could not judge, and . where
it has no test meant for that. All must pass on the tree as it is, which is looked at first.
"""

import argparse
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.catalogue import MUTANTS, Mutant
from tests.mutants.judges import JUDGES, Finding

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", ".coverage*")
TOLD = 3000
"""Characters of the output that are shown when the tree itself does not pass."""


@dataclass(frozen=True)
class Verdict:
    """What each judge who was asked has found."""

    mutant: Mutant
    findings: dict[str, Finding]

    @property
    def survives(self) -> bool:
        """Nobody has noticed it."""
        return Finding.NOTICED not in self.findings.values()

    @property
    def line(self) -> str:
        """Of the table."""
        words = [
            f"{judge if finding is Finding.NOTICED else finding.value:{len(judge)}}"
            for judge, finding in self.findings.items()
        ]
        return f"{self.mutant.name:55} {'  '.join(words)}{'  SURVIVES' if self.survives else ''}"


def copied(folder: Path) -> Path:
    """The whole tree but what is made: tests read the licence, the unit and the documentation, too."""
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT, dirs_exist_ok=True)
    return folder


def planted(mutant: Mutant, folder: Path) -> Path:
    """A copy of the tree with the defect in it."""
    file = copied(folder) / mutant.path
    text = file.read_text()
    if text.count(mutant.old) != 1:
        raise SystemExit(f"{mutant.name}: not to be planted in {mutant.path}")
    file.write_text(text.replace(mutant.old, mutant.new))
    return folder


def judged(mutant: Mutant, judges: list[str], seeds: int) -> Verdict:
    """By each of them, in a copy of its own."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        folder = planted(mutant, Path(name))
        return Verdict(mutant, {each: JUDGES[each](mutant, folder, seeds) for each in judges})


def look_at_the_tree(judges: list[str], seeds: int) -> None:
    """Raises SystemExit where a judge would object to it as it is: whoever does that can judge no defect."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        folder = copied(Path(name))
        for each in judges:
            if JUDGES[each](None, folder, seeds) is not Finding.SILENT:
                raise SystemExit(f"{each} does not pass without any defect:\n{(folder / 'told').read_text()[-TOLD:]}")


def main() -> int:
    """Exit status 1: one survives."""
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
    look_at_the_tree(asked.judges, asked.seeds)
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
