"""Debian's HAProxy: a TCP proxy for AMQP with a stats socket, in master-worker mode."""

import csv
import io
import signal
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.lab.net import Host
from tests.lab.part import Part, descendants, signal_all, stands
from tests.lab.waiting import LabError, wait_until

AMQP_PORT = 5672
BACKEND = "rabbitmq_cluster"
ASK_TIMEOUT_SECONDS = 10.0

TEMPLATE = """global
    stats socket {stats} mode 660 level admin
defaults
    mode tcp
    timeout connect 1s
    timeout client 3h
    timeout server 3h
    option redispatch
    retries 2
frontend amqp
    bind {bind}
    default_backend {backend}
backend {backend}
    balance roundrobin
    default-server inter 500ms fastinter 200ms rise 2 fall 2
{servers}
"""
IDLE = """global
    stats socket {stats} mode 660 level user
defaults
    mode tcp
    timeout connect 1s
    timeout client 1m
    timeout server 1m
frontend idle
    bind {bind}
"""


def idle(bind: str) -> str:
    """The text of a HAProxy that has nothing to do, so that its death is all there is to see."""
    return IDLE.replace("{bind}", bind)


class HaProxy(Part):
    """HAProxy with one backend `rabbitmq_cluster`; `servers` maps a name to address:port, or `text` is all
    of its configuration (`{stats}` in it stands for the socket's path)."""

    kind = "haproxy"

    def __init__(
        self,
        host: Host,
        servers: Mapping[str, str] | None = None,
        *,
        bind: str = "*:5672",
        text: str | None = None,
    ) -> None:
        super().__init__(host)
        self.stats_socket = self.directory / "admin.sock"
        self.configuration_file = self.directory / "haproxy.cfg"
        lines = "\n".join(f"    server {name} {address} check" for name, address in (servers or {}).items())
        written = text or TEMPLATE.replace("{bind}", bind).replace("{backend}", BACKEND).replace("{servers}", lines)
        self.write(written)

    def write(self, text: str) -> None:
        """All of its configuration from the next start or reload on; `{stats}` as above."""
        self.configuration_file.write_text(text.replace("{stats}", str(self.stats_socket)))

    def argv(self) -> Sequence[str]:
        """-W -db: master and worker, in the foreground."""
        return ["haproxy", "-W", "-db", "-f", str(self.configuration_file)]

    def is_ready(self) -> bool:
        """The stats socket answers."""
        try:
            return "Pid:" in self.ask("show info")
        except OSError:
            return False

    def ask(self, command: str) -> str:
        """One command on the stats socket."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(ASK_TIMEOUT_SECONDS)
            line.connect(str(self.stats_socket))
            line.sendall(command.encode() + b"\n")
            return b"".join(iter(lambda: line.recv(65536), b"")).decode()

    def servers_up(self, backend: str = BACKEND) -> int:
        """Servers of a backend that were really checked and are up."""
        rows = csv.DictReader(io.StringIO(self.ask("show stat").removeprefix("# ")))
        checked = [row for row in rows if row["pxname"] == backend and row["svname"] not in ("BACKEND", "FRONTEND")]
        return sum(row["status"] == "UP" and row["check_status"].removeprefix("* ").endswith("OK") for row in checked)

    def wait_tellable(self) -> None:
        """Wait until the master, just started or reloaded, takes signals: those it gets before are lost, or end it."""
        wanted = 1 << signal.SIGUSR1 - 1 | 1 << signal.SIGUSR2 - 1

        def taken() -> bool:
            lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
            masks = {
                name: int(mask, 16)
                for name, _, mask in (line.partition(":\t") for line in lines)
                if name[:3] == "Sig" and name != "SigQ"
            }
            return masks["SigCgt"] & wanted == wanted and not masks["SigBlk"] & wanted

        wait_until(taken, self.start_timeout, f"{self} takes signals")

    @property
    def worker(self) -> int:
        """Process id of the worker, the master's child."""
        workers = descendants(self.pid)
        if not workers:
            raise LabError(f"{self} has no worker\n{self.log()}")
        return workers[0]

    def kill_worker(self) -> None:
        """SIGKILL to the worker; the master then ends by itself with status 137."""
        signal_all([self.worker], signal.SIGKILL)

    def freeze_worker(self) -> None:
        """SIGSTOP to the worker alone: the master looks alive, the port accepts, nobody answers."""
        signal_all([worker := self.worker], signal.SIGSTOP)
        wait_until(lambda: stands(worker), self.stop_timeout, f"{self}: its worker stands still")
