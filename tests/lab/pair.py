"""Two machines with vrrpd under real systemd, installed as the README says; `a` is Master when all is well."""

import itertools
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab.daemon import instance_text
from tests.lab.image import Image, start_commands
from tests.lab.machine import Machine
from tests.lab.net import PROGRAM_POLL_SECONDS, Lan
from tests.lab.waiting import wait_until
from tests.lab.wire import Capture

VIP = "192.0.2.100"
UNIT = "vrrpd"
PRIORITIES = {"a": 150, "b": 100}
CONFIGURATION = "/etc/vrrpd/vrrpd.toml"
MEMBER, STRANGER = "alice", "bob"
"""Users of both machines: one in the group vrrpd, one not."""
PATIENCE = 20.0
"""Seconds for anything to settle, also on a busy machine."""


def configuration(priority: int, *, track: str = "", probes: str = "", advert_int: str = "1s") -> str:
    """An instance as the README's, for the laboratory's network; its own file is in tests/kernel/test_readme.py."""
    tracked = [track] if track else []
    return probes + instance_text(
        priority=priority, vips=[f"{VIP}/32"], password="1111", track=tracked, advert_int=advert_int
    )


class Pair:
    """A context manager. `lan`, `capture` and the machines `a` and `b` are its parts."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._good = {name: configuration(priority) for name, priority in PRIORITIES.items()}

    def __enter__(self) -> Self:
        with ExitStack() as made:
            self.lan = made.enter_context(Lan(list(PRIORITIES)))
            self.capture = made.enter_context(Capture(self.lan))
            self.machines = {host.name: Machine(host, self._image) for host in self.lan}
            self.a, self.b = self.machines.values()
            for machine in self.machines.values():
                machine.boot()
                made.callback(machine.stop)
            for machine in self.machines.values():
                machine.wait_running()
            for name in self.machines:
                self._introduce(name)
            self._stack = made.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _introduce(self, name: str) -> None:
        """Write the configuration and do what the README says to start; make the users."""
        machine = self.machines[name]
        machine.path(CONFIGURATION).write_text(self._good[name])
        for user in (MEMBER, STRANGER):
            machine.run(["useradd", user])
        machine.run(["usermod", "--append", "--groups", "vrrpd", MEMBER])
        machine.run(["sh", "-eu", "-c", "\n".join(start_commands())])

    # --- back to well -------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Whatever a test left: good files in force, both daemons active, `a` Master and sole holder."""
        for name, machine in self.machines.items():
            for other in ("keepalived", "haproxy"):
                if machine.show(other, "ActiveState") == "active":
                    machine.systemctl("stop", other)
            self.configure(name, self._good[name])
            verb = "reload" if machine.show(UNIT, "ActiveState") == "active" else "start"
            machine.systemctl(verb, UNIT)
        self.wait_holder("a")

    def configure(self, name: str, text: str) -> None:
        """Write the file; owner and mode stay."""
        self.machines[name].path(CONFIGURATION).write_text(text)

    # --- looking ------------------------------------------------------------------------------------------------

    def holders(self) -> list[str]:
        """Names of the machines whose kernel has the virtual address."""
        return self.lan.holders(VIP)

    def wait_holder(self, name: str | None = None) -> float:
        """Wait until this machine alone (None: any one alone) has the virtual address; returns the seconds."""
        return wait_until(
            lambda: len(found := self.holders()) == 1 and name in (None, *found),
            PATIENCE,
            f"{name or 'one machine'} alone holds {VIP}",
            PROGRAM_POLL_SECONDS,
        )

    def longest_gap(self, since: float) -> float:
        """Seconds of the longest pause between two advertisements on the wire, whoever sent them."""
        instants = [each.at for each in self.capture.adverts(since=since)]
        return max((second - first for first, second in itertools.pairwise(instants)), default=0.0)


def status(pid: int, field: str) -> list[str]:
    """Words of one line of /proc/PID/status."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split()[1:] for line in lines if line.startswith(f"{field}:"))
