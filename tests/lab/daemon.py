"""Our own daemon and its control program as parts."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from tests.lab.net import INTERFACE, Host
from tests.lab.part import LOG_TAIL_CHARACTERS, ROOT, Part
from tests.lab.waiting import LabError, LabTimeoutError, wait_until

CTL_TIMEOUT_SECONDS = 20.0
CTL = "import sys; from vrrpd.cli import main; sys.exit(main())"
"""What the entry point `vrrpctl` does, without asking where it was installed."""
NOTIFY_BYTES = 4096


def instance_text(
    *,
    priority: int,
    vips: Sequence[str],
    name: str = "VI_1",
    vrid: int = 51,
    version: int = 2,
    advert_int: str = "1s",
    password: str | None = None,
    track: Sequence[str] = (),
    extra: str = "",
) -> str:
    """`[instance.NAME]` in TOML; `track` are names of probes, `extra` more lines."""
    lines = [
        f"[instance.{name}]",
        f'interface = "{INTERFACE}"',
        f"virtual_router_id = {vrid}",
        f"vrrp_version = {version}",
        f"priority = {priority}",
        f'advert_int = "{advert_int}"',
        f"virtual_ipaddress = {json.dumps(list(vips))}",
        f'authentication = {{ type = "PASS", password = {json.dumps(password)} }}' if password else "",
        f"track = {json.dumps(list(track))}" if track else "",
        extra,
    ]
    return "\n".join(line for line in lines if line) + "\n"


PATIENT_ADVERT_INT_SECONDS = 30


def patient_text(vip: str) -> str:
    """Of a Backup for a minute and a half, however busy the machine is."""
    return instance_text(priority=150, vips=[f"{vip}/32"], version=3, advert_int=f"{PATIENT_ADVERT_INT_SECONDS}s")


def told_at(log: str, word: str) -> float:
    """When the first line of a daemon's log with this word was logged; Unix time."""
    (line, *_) = (each for each in log.splitlines() if word in each)
    return datetime.fromisoformat(line.partition("timestamp=")[2].split()[0]).timestamp()


class Vrrpd(Part):
    """`python -m vrrpd --config FILE`; ready when it says READY=1.

    `text` is the configuration without `[daemon]`, which is written here (run_dir, state_dir and log format
    of its own; `daemon_extra` adds lines to it). READY=1 and STATUS= come by a notify socket as from
    systemd.
    """

    kind = "vrrpd"

    def __init__(self, host: Host, text: str, *, daemon_extra: str = "") -> None:
        super().__init__(host)
        self.run_dir = self.directory / "run"
        self.control_socket = self.run_dir / "control.sock"
        self.configuration_file = self.directory / "vrrpd.toml"
        self._daemon_extra = daemon_extra
        self._notify: socket.socket | None = None
        self.notices: list[str] = []
        """Lines received on the notify socket since the last start; `receive_notices` brings them up to
        date."""
        for path in (self.run_dir, self.directory / "state"):
            path.mkdir()
        self.configure(text)

    def configure(self, text: str) -> None:
        """Write the configuration; takes effect with the next `start` or `reload`."""
        directories = f'run_dir = "{self.run_dir}"\nstate_dir = "{self.directory / "state"}"\nlog_format = "text"\n'
        self.configuration_file.write_text(f"[daemon]\n{directories}{self._daemon_extra}\n{text}")

    def argv(self) -> Sequence[str]:
        """In the foreground, with the interpreter that runs us."""
        return [sys.executable, "-m", "vrrpd", "--config", str(self.configuration_file)]

    def environment(self) -> Mapping[str, str]:
        """Byte code is written even where our own environment forbids it: without it a start takes twice as
        long."""
        return {
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "",
            "NOTIFY_SOCKET": str(self.directory / "notify"),
        }

    def start(self) -> Self:
        """Open the notify socket, start, wait for READY=1."""
        self._open_notify()
        super().start()
        return self

    def _open_notify(self) -> None:
        self.close_notify()
        path = self.directory / "notify"
        path.unlink(missing_ok=True)
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.host.lan.resources.callback(self._notify.close)
        self._notify.bind(str(path))
        self.notices = []

    def close_notify(self) -> None:
        """Close the notify socket; sd_notify of a running daemon then fails, which it must not mind."""
        if self._notify is not None:
            self._notify.close()
            self._notify = None

    def receive_notices(self) -> list[str]:
        """Everything the daemon has told its service manager since its start, line by line."""
        while self._notify is not None:
            try:
                self.notices.extend(self._notify.recv(NOTIFY_BYTES).decode().splitlines())
            except BlockingIOError:
                break
        return self.notices

    def is_ready(self) -> bool:
        """It said so."""
        return "READY=1" in self.receive_notices()

    def wait_ready_again(self) -> None:
        """Wait until it has been ready twice since its start. Raises `LabError` with what it told until then."""

        def twice() -> bool:
            return self.receive_notices().count("READY=1") == 2 or not self.running

        try:
            wait_until(twice, self.start_timeout, f"{self} is ready again")
        except LabTimeoutError as error:
            raise LabError(f"{error}: {self.notices}\n{self.log()[-LOG_TAIL_CHARACTERS:]}") from error
        if not self.running:
            raise LabError(f"{self} ended while starting anew:\n{self.log()[-LOG_TAIL_CHARACTERS:]}")

    def turn(self, text: str) -> None:
        """Put another configuration in force, and forget what was told of it: it has been ready once."""
        self.configure(text)
        self.process.send_signal(signal.SIGHUP)
        self.wait_ready_again()
        self.notices[:] = ["READY=1"]

    def wait(self) -> int:
        """As a part, and the notify socket is read to its end and closed."""
        status = super().wait()
        self.receive_notices()
        self.close_notify()
        return status

    def kill(self) -> None:
        """As a part, and the notify socket is closed."""
        super().kill()
        self.close_notify()

    def ctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `vrrpctl --socket ... arguments`; unchecked, for its exit status matters."""
        return subprocess.run(
            [sys.executable, "-c", CTL, "--socket", str(self.control_socket), *arguments],
            env={**os.environ, **self.environment()},
            capture_output=True,
            text=True,
            timeout=CTL_TIMEOUT_SECONDS,
            check=False,
        )

    def get(self, path: str) -> str:
        """A page by the control socket, without the start of a program: this is asked often. Raises OSError."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(CTL_TIMEOUT_SECONDS)
            line.connect(str(self.control_socket))
            line.sendall(f"GET {path} HTTP/1.0\r\nHost: vrrpd\r\n\r\n".encode())
            answer = b"".join(iter(lambda: line.recv(65536), b""))
        return answer.partition(b"\r\n\r\n")[2].decode()

    def state(self) -> dict[str, Any]:
        """What `vrrpctl state --json` shows."""
        answer: dict[str, Any] = json.loads(self.get("/v1/state"))
        return answer

    def says_it_holds(self, address: str) -> bool:
        """Whether it has heard of the kernel that the address is there, which is a moment after that is so."""
        said = [vip for each in self.state()["instances"] for vip in each["virtual_addresses"]]
        return {"address": address, "present": True} in said
