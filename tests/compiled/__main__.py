"""`python -m tests.compiled`: the simulator compiled by mypyc, for long runs: two minutes, then twice as fast or more.

Played is a copy of `vrrpd`, word by word but for two words that mypyc cannot do: its dataclasses have no slots, and are
not frozen but have the hash of frozen ones. Before it plays anything, both it and the tree itself have to give the same
journals.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import copytree, ignore_patterns

ROOT = Path(__file__).parents[2]
LAYERS = ("protocol", "engine", "sim")
"""What takes the time. Everything else stays Python."""
COMPARED = 50
"""Seeds whose journals have to be equal."""
JOURNALS = """
import hashlib, sys
from vrrpd.sim import world
from vrrpd.sim.draw import draw
print(world.__file__)
for seed in range(int(sys.argv[1]), int(sys.argv[2])):
    made = world.World(draw(seed), journal=True)
    told = repr((made.run(), made.journal, made.safety.holdings))
    print(seed, hashlib.sha256(told.encode()).hexdigest())
"""


def for_mypyc(source: str) -> str:
    """Without slots; and one that is frozen, once compiled, does not come back from another process."""
    return re.sub(r", slots=True\b|\bslots=True(, )?", "", source).replace("frozen=True", "unsafe_hash=True")


def copied(folder: Path) -> list[str]:
    """The package goes into `folder`. Returns the files to compile, relative to it."""
    copytree(ROOT / "vrrpd", folder / "vrrpd", ignore=ignore_patterns("__pycache__"))
    files = [file for layer in LAYERS for file in (folder / "vrrpd" / layer).glob("[!_]*.py")]
    for file in (folder / "vrrpd").rglob("*.py"):
        file.write_text(for_mypyc(file.read_text()))
    return sorted(str(file.relative_to(folder)) for file in files)


def compile_there(folder: Path, files: list[str]) -> None:
    """In place, beside the sources. Raises SystemExit with what the compiler said."""
    asked = [sys.executable, "-m", "mypyc", "--config-file=", "--ignore-missing-imports", *files]
    environment = os.environ | {"MYPYC_OPT_LEVEL": "2", "MYPYC_DEBUG_LEVEL": "0"}
    done = subprocess.run(asked, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"mypyc does not compile it:\n{(done.stdout + done.stderr)[-3000:]}")


def journals(folder: Path, seeds: range) -> tuple[str, list[str]]:
    """The file that the simulator comes from, and a line for each seed."""
    asked = [sys.executable, "-c", JOURNALS, str(seeds.start), str(seeds.stop)]
    told = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=True).stdout.splitlines()
    return told[0], told[1:]


def compare(folder: Path, seeds: range) -> None:
    """Raises SystemExit unless the tree and what is compiled play the same."""
    (_, as_it_is), (file, compiled) = journals(ROOT, seeds), journals(folder, seeds)
    if not (file.startswith(str(folder)) and file.endswith(".so")):
        raise SystemExit(f"not the compiled simulator: {file}")
    differ = [one for one, other in zip(as_it_is, compiled, strict=True) if one != other]
    if differ:
        raise SystemExit(f"compiled, these seeds have other journals: {', '.join(each.split()[0] for each in differ)}")


def main() -> int:
    """As `python -m vrrpd.sim`."""
    parser = argparse.ArgumentParser("python -m tests.compiled", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100_000, help="play so many (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="and begin with this one")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="compiled-") as name:
        folder = Path(name).resolve()
        compile_there(folder, copied(folder))
        compare(folder, range(asked.first, asked.first + COMPARED))
        sys.stdout.write(f"compiled; {COMPARED} seeds have the journals that they have in Python\n")
        sys.stdout.flush()
        played = [sys.executable, "-m", "vrrpd.sim", "--seeds", str(asked.seeds), "--first", str(asked.first)]
        return subprocess.run(played, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
