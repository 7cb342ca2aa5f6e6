"""The pair of `bench.pair` on machines with real systemd, so that what dies is started again as its unit says."""

import json
import os
import signal

from bench.faults import Units
from bench.pair import LOOK, PATIENCE, STATE_POLL_SECONDS, WELL, Check, Pair, Proxy, keepalived_text, vrrpd_text
from tests.lab.haproxy import BACKEND, TEMPLATE
from tests.lab.image import Image, start_commands
from tests.lab.machine import Machine
from tests.lab.net import Host
from tests.lab.waiting import wait_until

STATS_SOCKET = "/run/haproxy/vrrpd.sock"
HAPROXY_PID = "/run/haproxy.pid"
"""Debian's unit has HAProxy write it."""
HAPROXY_CONFIGURATION = "/etc/haproxy/haproxy.cfg"
KEEPALIVED_CONFIGURATION = "/etc/keepalived/keepalived.conf"
CHECK_SCRIPT = "/etc/keepalived/check.sh"
VRRPD_CONFIGURATION = "/etc/vrrpd/vrrpd.toml"
KEEPALIVED_RESTART = "/etc/systemd/system/keepalived.service.d/restart.conf"


class Service:
    """A unit of a machine. Signals go to its main process only; what becomes of the others is systemd's business."""

    def __init__(self, machine: Machine, unit: str) -> None:
        self._machine = machine
        self._unit = unit
        self._pid = 0

    def learn(self) -> None:
        """Find the main process. To ask systemd takes longer than a signal, so it is done before."""
        self._pid = self._machine.main_pid(self._unit)

    def terminate(self) -> None:
        """SIGTERM."""
        os.kill(self._pid, signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        os.kill(self._pid, signal.SIGKILL)

    def freeze(self) -> None:
        """SIGSTOP."""
        os.kill(self._pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        os.kill(self._pid, signal.SIGCONT)


class MachineProxy(Proxy):
    """HAProxy and the router as services, the router's unit the one that is shipped with it."""

    def __init__(self, make: str, units: Units, check: Check, machine: Machine, broker: Host) -> None:
        super().__init__(machine.host, broker)
        self.machine = machine
        self._make = make
        self._units = units
        self._check = check
        self._services = Service(machine, make), Service(machine, "haproxy")
        self.router, self.haproxy = self._services

    def start(self) -> None:
        """As an operator does: write the files, start the units."""
        self.machine.wait_running()
        servers = f"    server rabbit1 {self.broker.ip}:5672 check"
        stats = f"{STATS_SOCKET} group vrrpd"
        text = TEMPLATE.replace("{stats}", stats).replace("{bind}", "*:5672").replace("{servers}", servers)
        self._write(HAPROXY_CONFIGURATION, text.replace("{backend}", BACKEND))
        self.machine.systemctl("start", "haproxy")
        if self._make == "vrrpd":
            self._write(VRRPD_CONFIGURATION, vrrpd_text(self.host.name, STATS_SOCKET))
            self.machine.run(["sh", "-eu", "-c", "\n".join(start_commands())])
        else:
            self._start_keepalived()

    def _start_keepalived(self) -> None:
        self._write(CHECK_SCRIPT, self._check.script.replace("{pid}", HAPROXY_PID))
        self.machine.run(["chmod", "755", CHECK_SCRIPT])
        self._write(KEEPALIVED_CONFIGURATION, keepalived_text(self.host.name, CHECK_SCRIPT, self._check))
        if self._units is Units.RESTARTED:
            self._write(KEEPALIVED_RESTART, "[Service]\nRestart=always\n")
            self.machine.systemctl("daemon-reload")
        self.machine.systemctl("start", "keepalived")

    def spoil_haproxy(self) -> None:
        """kill -9, and it cannot be started again."""
        self._write(HAPROXY_CONFIGURATION, "nonsense\n")
        self.haproxy.kill()

    def _write(self, path: str, text: str) -> None:
        file = self.machine.path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def wait_well(self) -> None:
        """By the state of vrrpd, by the journal of keepalived."""
        wait_until(self._is_well, PATIENCE, f"the check of HAProxy on {self.host.name}", STATE_POLL_SECONDS)
        for service in self._services:
            service.learn()

    def _is_well(self) -> bool:
        if self._make == "keepalived":
            return WELL in self.machine.journal("--unit", "keepalived", "--output", "cat")
        state = json.loads(self.machine.run(["vrrpctl", "state", "--json"]).stdout)
        return all(probe["up"] for probe in state["probes"])


class MachinePair(Pair):
    """As `Pair`. Both makes have the same machine, made from `image`; only one of the two daemons is started."""

    def __init__(self, make: str, units: Units, image: Image, check: Check = LOOK) -> None:
        super().__init__(make)
        self._units = units
        self._image = image
        self._check = check

    def _proxy(self, host: Host, broker: Host) -> Proxy:
        machine = Machine(host, self._image)
        machine.boot()
        self._stack.callback(machine.stop)
        return MachineProxy(self.make, self._units, self._check, machine, broker)
