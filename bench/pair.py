"""Two proxy hosts of one make, a broker, a client and somebody who asks by ARP; the same for both makes."""

import time
from abc import ABC, abstractmethod
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from bench.witness import Witness
from tests.lab import namespaces
from tests.lab.haproxy import BACKEND
from tests.lab.net import Host, Lan
from tests.lab.part import ROOT
from tests.lab.parts import Client, HaProxy, Keepalived, KeepalivedInstance, Part, StandInBroker, Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.waiting import now, wait_until

PRIORITIES = {"high": 150, "low": 100}
PASSWORD = "1111"
PATIENCE = 20.0
"""Seconds for anything to settle, also on a busy machine."""
STATE_POLL_SECONDS = 0.2
"""vrrpctl is a process; more often would take the machine from the others."""
QUIET_SECONDS = 0.5
"""From the last start of a process to the fault, so that starting is not measured."""

WELL = "VRRP_Script(chk_haproxy) succeeded"
"""keepalived, when its check has succeeded for the first time."""
KEEPALIVED_CHECK = """vrrp_script chk_haproxy {{
 script "{script}"
 {keywords}
}}
"""
VRRPD_PROBE = """[probe.haproxy]
type = "haproxy"
socket = "{socket}"
backends = ["{backend}"]
min_servers = 1
interval = "1s"
timeout = "500ms"
fall = 2
rise = 2
weight = -60

"""


@dataclass(frozen=True, slots=True)
class Check:
    """keepalived's check of HAProxy: keywords of its vrrp_script, and the script; `{pid}`: where HAProxy's pid is."""

    keywords: str
    script: str


LOOK = Check("interval 1\n fall 2\n rise 2\n weight -60", "#!/bin/sh\nkill -0 $(cat {pid})\n")
"""The check of the field without what it does besides: is there an haproxy process?"""
MEND = Check("interval 2\n weight -60", (ROOT / "tests/config/keepalived/scenarios/b.sh").read_text())
"""As it is in the field (deployment B), but for a weight that suffices: start HAProxy again, or stop keepalived."""


class Process(Protocol):
    """What a fault does to a router or to HAProxy, however it was started."""

    def terminate(self) -> object:
        """SIGTERM, without waiting for the end."""

    def kill(self) -> object:
        """SIGKILL."""

    def freeze(self) -> object:
        """SIGSTOP."""

    def thaw(self) -> object:
        """SIGCONT."""


class Proxy(ABC):
    """One host: HAProxy in front of the broker, and a router of the make under test."""

    router: Process
    haproxy: Process

    def __init__(self, host: Host, broker: Host) -> None:
        self.host = host
        self.broker = broker

    @abstractmethod
    def start(self) -> None:
        """HAProxy first, then the router."""

    @abstractmethod
    def wait_well(self) -> None:
        """Wait until the check of HAProxy has succeeded."""

    def cut_broker(self) -> None:
        """No path from this proxy to the broker; everything else goes on."""
        for line in (
            "add table ip cut",
            "add chain ip cut out { type filter hook output priority 0; }",
            f"add rule ip cut out ip daddr {self.broker.ip} tcp dport 5672 reject",
        ):
            self.host.run(["nft", line])

    @abstractmethod
    def spoil_haproxy(self) -> None:
        """kill -9, and it cannot be started again."""

    def isolate(self) -> None:
        """Take the switch port out of the switch: nothing passes, and carrier stays, so the host is told nothing."""
        namespaces.call(["ip", "-n", self.host.lan.switch, "link", "set", "dev", self.host.name, "nomaster"])

    def rejoin(self) -> None:
        """Take `isolate` back."""
        namespaces.call(["ip", "-n", self.host.lan.switch, "link", "set", "dev", self.host.name, "master", "br0"])


class BareProxy(Proxy):
    """Processes in a network namespace, without a service manager: what dies stays dead."""

    def __init__(self, make: str, host: Host, broker: Host) -> None:
        super().__init__(host, broker)
        self._haproxy = HaProxy(host, {"rabbit1": f"{broker.ip}:5672"})
        self._router: Part = _vrrpd(host, self._haproxy) if make == "vrrpd" else _keepalived(host, self._haproxy)
        self.haproxy, self.router = self._haproxy, self._router

    def start(self) -> None:
        """Its pid is where the check script of keepalived looks for HAProxy."""
        haproxy = self._haproxy.start()
        (haproxy.directory / "pid").write_text(f"{haproxy.pid}\n")
        wait_until(lambda: haproxy.servers_up() == 1, PATIENCE, f"HAProxy on {self.host.name} sees the broker")
        self._router.start()

    def spoil_haproxy(self) -> None:
        """Nobody here would start it."""
        self._haproxy.kill()

    def wait_well(self) -> None:
        """By the state of vrrpd, by the log of keepalived."""
        if isinstance(self._router, Vrrpd):
            router = self._router
            well = f"probes of {self.host.name} are up"
            wait_until(lambda: all(it["up"] for it in router.state()["probes"]), PATIENCE, well, STATE_POLL_SECONDS)
        else:
            self._router.wait_log(WELL, PATIENCE)


def vrrpd_text(name: str, socket: str) -> str:
    """vrrpd.toml of the host of this name, HAProxy's stats socket being there."""
    probe = VRRPD_PROBE.format(socket=socket, backend=BACKEND)
    return probe + instance_text(priority=PRIORITIES[name], vips=[f"{VIP}/32"], password=PASSWORD, track=["haproxy"])


def keepalived_text(name: str, script: str, check: Check = LOOK) -> str:
    """keepalived.conf of the host of this name; `script` is the file of the check's."""
    track = "track_script {\n chk_haproxy\n }"
    instance = KeepalivedInstance(priority=PRIORITIES[name], vips=[VIP], password=PASSWORD, extra=track).text()
    globals_, _, rest = instance.partition("}\n")
    return f"{globals_} script_user root\n}}\n{KEEPALIVED_CHECK.format(script=script, keywords=check.keywords)}{rest}"


def _vrrpd(host: Host, haproxy: HaProxy) -> Vrrpd:
    return Vrrpd(host, vrrpd_text(host.name, str(haproxy.stats_socket)))


def _keepalived(host: Host, haproxy: HaProxy) -> Keepalived:
    script = haproxy.directory / "check.sh"
    script.write_text(LOOK.script.replace("{pid}", str(haproxy.directory / "pid")))
    script.chmod(0o755)
    return Keepalived(host, keepalived_text(host.name, str(script)))


class Pair:
    """All parts, started and settled: `high` is Master, the client is served; a context manager."""

    def __init__(self, make: str) -> None:
        self.make = make

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        with ExitStack() as failed:
            failed.callback(self._stack.close)
            self._start()
            failed.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _start(self) -> None:
        lan = self._stack.enter_context(Lan([*PRIORITIES, "broker", "asker", "client"]))
        self.high, self.low = (self._proxy(lan[name], lan["broker"]) for name in PRIORITIES)
        self.witness = self._stack.enter_context(Witness([self.high.host, self.low.host], lan["asker"], VIP))
        self.broker = self._stack.enter_context(StandInBroker(lan["broker"]))
        for proxy in (self.high, self.low):
            proxy.start()
        wait_until(lambda: self.witness.holders() == {"high"}, PATIENCE, f"high alone holds {VIP}")
        for proxy in (self.high, self.low):
            proxy.wait_well()
        self.client = self._stack.enter_context(Client(lan["client"], VIP))
        self.client.wait_success()

    def _proxy(self, host: Host, broker: Host) -> Proxy:
        """One of the two, not yet started; what it needs it puts on `_stack`."""
        return BareProxy(self.make, host, broker)

    def wait_phase(self, phase: float) -> None:
        """Wait until `phase` seconds after an advertisement of the Master, so that both makes are struck alike.

        It sends one each second from the moment it took the address.
        """
        taken = self.witness.changes[-1].at
        earliest = now() + QUIET_SECONDS - taken
        time.sleep(QUIET_SECONDS + (phase - earliest) % 1.0)
