"""What an operator's machine has after the README's installation, made by running the README's own commands.

They run in a root of their own over this machine's, so that nothing of it is touched, with Debian's Python and
without a network: the packages come from a folder of wheels that is filled once for each set of dependencies.
"""

import fcntl
import hashlib
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab import namespaces
from tests.lab.part import ROOT

SYSTEM_PYTHON = "/usr/bin/python3"
"""The one the README's `python3` is; an interpreter under /root is out of reach for the daemon's user."""
ROOT_ENVIRONMENT = {
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
}
"""What root has after a login."""
CHECKOUT = "/usr/local/src/vrrpd"
"""Where the README clones to."""
CLONED = ("LICENSE", "README.md", "config", "pyproject.toml", "systemd", "vrrpd")
"""Of the checkout: what an installation reads."""
PREFIX = "/opt/vrrpd"
SECTION = "Five minutes to a pair of real hosts"
DONE_FOR_IT = ("apt-get ", "git clone ")
"""Commands of the README that are left out: the packages and the checkout are there."""

INSTALL = """
set -eu
image=$1 wheels=$2 checkout=$3 prefix=$4 commands=$5
mount -t tmpfs tmpfs "$image/root"
cd "$image/root"
mkdir upper work root
mount -t overlay overlay -o "lowerdir=/,upperdir=$PWD/upper,workdir=$PWD/work" root
mkdir -p "root$prefix" "root$checkout" root/run/wheels
mount --bind "$image/prefix" "root$prefix"
mount --bind "$image/checkout" "root$checkout"
mount --bind "$wheels" root/run/wheels
mount --rbind /dev root/dev
mount -t proc proc root/proc
chroot root sh -eu -c "cd $checkout; $commands"
# Without the marks of the overlay: they are those of another mount.
cp -a --no-preserve=xattr upper/. "$image/layer"
"""


class Image:
    """An installation to share between machines: `prefix` is their /opt/vrrpd, `layer` lies over their root.

    A context manager. Its folder bears our process id, so that `namespaces.sweep` knows it when we are dead.
    """

    def __enter__(self) -> Self:
        self.directory = Path(tempfile.mkdtemp(prefix=namespaces.prefix(0)))
        try:
            self._install()
        except BaseException:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def prefix(self) -> Path:
        """The virtual environment; it works at /opt/vrrpd only."""
        return self.directory / "prefix"

    @property
    def layer(self) -> Path:
        """Everything else that the installation put into the root: unit, user, links."""
        return self.directory / "layer"

    def _install(self) -> None:
        self.directory.chmod(0o755)  # the daemon's user reads here
        for name in ("prefix", "layer", "checkout", "root"):
            (self.directory / name).mkdir()
        for name in CLONED:
            _copy(ROOT / name, self.directory / "checkout" / name)
        arguments = [self.directory, wheelhouse(), CHECKOUT, PREFIX, "\n".join(install_commands())]
        settings = {**ROOT_ENVIRONMENT, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/run/wheels", "PIP_NO_CACHE_DIR": "1"}
        enter = ["unshare", "--mount", "--propagation", "private", "sh", "-c", INSTALL, "install"]
        namespaces.call([*clean(settings), *enter, *map(str, arguments)])


def install_commands() -> list[str]:
    """The README's first block: install the program, the user and the unit."""
    return _commands(0)


def start_commands() -> list[str]:
    """The README's last block: with the configuration written, check it and start."""
    return _commands(-1)


def configuration_file() -> str:
    """The README's vrrpd.toml of the first host; on the second one only `priority` differs."""
    (text,) = _blocks("toml")
    return text


def _commands(index: int) -> list[str]:
    return [line for line in _blocks("")[index].splitlines() if not line.startswith(DONE_FOR_IT)]


def _blocks(language: str) -> list[str]:
    """Of the section; without a language they are commands, and what stands in haproxy.cfg."""
    text = (ROOT / "README.md").read_text()
    section = text.partition(f"## {SECTION}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", section, flags=re.DOTALL | re.MULTILINE)
    return [block for each, block in blocks if each == language]


def clean(environment: dict[str, str]) -> list[str]:
    """The start of a command line that gives a command this environment and nothing of ours."""
    return ["env", "-i", *(f"{name}={value}" for name, value in environment.items())]


def wheelhouse() -> Path:
    """The folder with the wheels of our dependencies for `SYSTEM_PYTHON`; filled by pip if it is not there."""
    version = namespaces.call([SYSTEM_PYTHON, "--version"])
    project = (ROOT / "pyproject.toml").read_text()
    folder = Path(sys.prefix) / "wheelhouse" / hashlib.sha256((version + project).encode()).hexdigest()[:16]
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run side by side: one fills, the others wait for it
        if folder.exists():
            return folder
        with tempfile.TemporaryDirectory(dir=folder.parent) as filling:
            _fill(Path(filling) / "wheels", tomllib.loads(project)["build-system"]["requires"])
            (Path(filling) / "wheels").rename(folder)
    return folder


def _fill(folder: Path, build_tools: Sequence[str]) -> None:
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "--python", SYSTEM_PYTHON]
    namespaces.call([*pip, "wheel", "--wheel-dir", str(folder), str(ROOT), *build_tools])
    for own in folder.glob("vrrpd-*.whl"):
        own.unlink()  # that one is built from the checkout, each time


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy2(source, target)
