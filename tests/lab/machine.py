"""A host of the laboratory as a whole machine: real systemd over this machine's own root, in a container.

Made by systemd-nspawn(1). The root is an overlay whose upper layer lives in memory, in a mount namespace that
nobody else has: when the machine is gone, so is all it wrote. Of this machine's services none is enabled there.
"""

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab import cgroups, namespaces
from tests.lab.image import PREFIX, ROOT_ENVIRONMENT, Image, clean
from tests.lab.net import Host
from tests.lab.part import LOG_TAIL_CHARACTERS, descendants
from tests.lab.waiting import LabError, LabTimeoutError, wait_until

BOOT_TIMEOUT_SECONDS = 150.0
"""A boot takes half a second, and a hundred times that where eight others want the processor."""
BOOT_POLL_SECONDS = 0.1
"""Between two questions to systemd while it boots: each is a program that takes from it what it needs."""
STOP_TIMEOUT_SECONDS = 15.0
COMMAND_TIMEOUT_SECONDS = 240.0
POWER_OFF = signal.SIGRTMIN + 4
"""To systemd as process 1: start poweroff.target (systemd(1))."""

BOOT = """
set -eu
root=$1 name=$2 layer=$3 groups=$4
shift 4
for group in $groups; do echo $$ >"$group/cgroup.procs"; done
mount -t tmpfs tmpfs "$root"
cd "$root"
mkdir upper work root
[ -z "$layer" ] || cp -a "$layer/." upper
mount -t overlay overlay -o "lowerdir=/,upperdir=$PWD/upper,workdir=$PWD/work" root
# systemd-nspawn leaves a folder for each name here.
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn
rm -rf root/etc/systemd/system/*.wants root/etc/systemd/system/*.requires
# A name, an identity and a journal of its own: the lower layer may be a machine that runs systemd, too.
rm -rf root/var/log/journal
echo "$name" >root/etc/hostname
tr -d - </proc/sys/kernel/random/uuid >root/etc/machine-id
# And nothing of what a cloud or a disk layout would have it do.
: >root/etc/fstab
mkdir -p root/etc/cloud
: >root/etc/cloud/cloud-init.disabled
exec systemd-nspawn --quiet --boot --directory="$root/root" "$@"
"""


class Machine:
    """Boot it by `start` or as a context manager; its network is the host's namespace.

    With an `image` it has vrrpd as the README installs it, not yet configured and not started.
    """

    def __init__(self, host: Host, image: Image | None = None) -> None:
        self.host = host
        self.booted_in = 0.0
        """Seconds from exec until systemd says `running`."""
        self._image = image
        self._directory = host.directory / "machine"
        self._directory.mkdir()
        self._log_file = host.directory / "machine.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- life ---------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Boot and wait until `running`. Raises `LabError` with the console's text, or the units that failed."""
        self.boot()
        self.wait_running()
        return self

    def boot(self) -> None:
        """Begin to boot and return at once, so that machines can boot beside each other."""
        name = self.host.namespace
        groups = cgroups.make(name)
        # When all processes of the LAN's namespaces are dead.
        self.host.lan.resources.callback(self._remove)
        layer = str(self._image.layer) if self._image else ""
        with self._log_file.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    *self._unshare(),
                    str(self._directory),
                    self.host.name,
                    layer,
                    " ".join(map(str, groups)),
                    *self._options(),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @staticmethod
    def _unshare() -> list[str]:
        return [*clean(ROOT_ENVIRONMENT), "unshare", "--mount", "--propagation", "private", "sh", "-c", BOOT, "boot"]

    def _options(self) -> list[str]:
        shared = [f"--bind-ro={self._image.prefix}:{PREFIX}"] if self._image else []
        return [
            f"--machine={self.host.namespace}",
            f"--network-namespace-path={namespaces.NAMESPACES / self.host.namespace}",
            "--capability=CAP_NET_ADMIN",  # only --private-network would give it by itself
            "--register=no",  # there may be no systemd out here
            "--keep-unit",
            "--console=pipe",
            "--link-journal=no",
            *shared,
        ]

    def wait_running(self) -> float:
        """Wait for the end of the boot; returns the seconds waited."""
        try:
            self.booted_in = wait_until(self._is_running, BOOT_TIMEOUT_SECONDS, f"boot of {self}", BOOT_POLL_SECONDS)
        except LabTimeoutError as error:
            raise LabError(f"{error}\n{self.console()}") from error
        return self.booted_in

    def _is_running(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise LabError(f"{self} ended while booting:\n{self.console()}")
        if not self._leader:
            self._leader = _first_process(self._process.pid)
            return False
        state = self.run(["systemctl", "is-system-running"], check=False).stdout.strip()
        if state == "degraded":
            raise LabError(f"{self} booted with failures:\n{self.systemctl('--failed', '--plain', '--no-legend')}")
        return state == "running"

    def stop(self) -> None:
        """Power off and wait; what does not go in time is killed."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        if self._leader:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._leader, POWER_OFF)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_TIMEOUT_SECONDS)
        self._remove()

    def _remove(self) -> None:
        """Nothing of it is left: no process, no mount, no control group."""
        cgroups.remove(self.host.namespace)
        if self._process is not None:
            self._process.wait(STOP_TIMEOUT_SECONDS)
        self._leader = 0

    def __str__(self) -> str:
        return f"machine {self.host.name}"

    # --- looking and doing --------------------------------------------------------------------------------------

    def console(self) -> str:
        """The end of what systemd and systemd-nspawn wrote."""
        return self._log_file.read_text(errors="replace")[-LOG_TAIL_CHARACTERS:]

    @property
    def leader(self) -> int:
        """Process id of its systemd, as seen out here."""
        return self._leader

    def path(self, absolute: str) -> Path:
        """A file of the machine, from out here; follow no absolute link with it."""
        return Path(f"/proc/{self._leader}/root{absolute}")

    def run(
        self, argv: Sequence[str], *, user: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the machine as root or as `user`; output and errors together in `stdout`.

        Raises `LabError` if it fails, unless `check` is off.
        """
        enter = ["nsenter", "--target", str(self._leader), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"]
        become = ["runuser", "-u", user, "--"] if user else []
        done = subprocess.run(
            [*enter, *clean(ROOT_ENVIRONMENT), *become, *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_TIMEOUT_SECONDS,
            check=False,
        )
        if check and done.returncode != 0:
            raise LabError(f"{self}: {' '.join(argv)}: exit {done.returncode}: {done.stdout.strip()}")
        return done

    def systemctl(self, *arguments: str) -> str:
        """Output of systemctl(1); raises `LabError` if it fails."""
        return self.run(["systemctl", "--no-pager", *arguments]).stdout

    def show(self, unit: str, property_: str) -> str:
        """One property of a unit, e.g. `ActiveState` (org.freedesktop.systemd1(5))."""
        return self.systemctl("show", "--value", f"--property={property_}", unit).strip()

    def main_pid(self, unit: str) -> int:
        """Of the unit's main process, as seen out here; 0: it has none."""
        inner = int(self.show(unit, "MainPID"))
        return next((pid for pid in descendants(self._leader) if _pid_inside(pid) == inner), 0) if inner else 0

    def journal(self, *arguments: str) -> str:
        """Output of journalctl(1), synchronised with what was written until now."""
        self.run(["journalctl", "--sync"])
        return self.run(["journalctl", "--quiet", "--no-pager", *arguments]).stdout


def _pid_inside(pid: int) -> int:
    """The process id in the innermost namespace (proc_pid_status(5), NSpid); 0: it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[-1]) for line in lines if line.startswith("NSpid:")), 0)


def _first_process(container: int) -> int:
    """The container's process 1 as seen out here, once it has become systemd; 0: not yet."""
    for pid in descendants(container):
        with contextlib.suppress(OSError):
            if _pid_inside(pid) == 1 and Path(f"/proc/{pid}/comm").read_text().strip() == "systemd":
                return pid
    return 0
