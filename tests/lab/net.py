"""A LAN of network namespaces round a bridge, and the hosts on it.

The bridge lives in a namespace of its own, so nothing here touches the machine's own interfaces.
"""

import contextlib
import functools
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.lab import namespaces
from tests.lab.waiting import LabError, wait_until

INTERFACE = "eth0"
"""Name of every host's interface to the LAN."""
NETWORK = "192.0.2"
"""TEST-NET-1 of RFC 5737: routed nowhere."""
PORTS_SECONDS = 30.0
"""Until all ports of a switch forward and IPv6 is usable: a millisecond, or what a busy machine takes."""
PROGRAM_POLL_SECONDS = 0.03
"""Between two runs of a program that looks at a condition; more often would take the machine from what is
measured."""
MAX_HOSTS = 26
"""One letter each."""

_serials = itertools.count(1)


@dataclass(frozen=True, slots=True)
class HeldAddress:
    """One address of an interface, as the kernel says."""

    interface: str
    address: str
    prefix_length: int
    valid_seconds: int
    """4294967295 means for ever."""


class Host:
    """One namespace with `lo` and `eth0`; made by `Lan` only."""

    def __init__(self, lan: "Lan", label: str, index: int) -> None:
        self.lan = lan
        self.name = label
        self.namespace = f"{lan.prefix}{label}"
        self.ip = f"{NETWORK}.{index + 1}"
        self.mac = f"02:00:00:00:00:{index + 10:02x}"
        self.interface = INTERFACE
        self.directory = lan.directory / label
        self.directory.mkdir()

    def run(self, argv: Sequence[str], stdin: str | None = None) -> str:
        """Run a command in the namespace to its end; returns its output, raises `LabError` if it fails."""
        return namespaces.call(["ip", "netns", "exec", self.namespace, *argv], stdin)

    def popen(
        self,
        argv: Sequence[str],
        output: IO[bytes] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a process in the namespace; its pid is the command's own. The LAN ends it at the latest."""
        process = subprocess.Popen(
            ["ip", "netns", "exec", self.namespace, *argv],
            stdin=subprocess.DEVNULL,
            stdout=output or subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            start_new_session=True,  # Ctrl-C at the terminal must not reach the parts before we do
        )
        self.lan.started.append(process)
        return process

    def sysctl(self, key: str, value: int) -> None:
        """Set a sysctl of this namespace, e.g. `net/ipv4/ip_nonlocal_bind`."""
        path = Path("/proc/sys") / key
        namespaces.inside(self.namespace, lambda: path.write_text(str(value)))

    def link_down(self) -> None:
        """Set the host's own interface down; the kernel drops its IPv6 addresses for good."""
        self._ip("link", "set", "dev", INTERFACE, "down")

    def link_up(self) -> None:
        """Set the host's own interface up again."""
        self._ip("link", "set", "dev", INTERFACE, "up")

    def cut(self) -> None:
        """Pull the cable: the switch side goes down, the host loses carrier."""
        namespaces.call(["ip", "-n", self.lan.switch, "link", "set", "dev", self.name, "down"])

    def heal(self) -> None:
        """Plug the cable in again."""
        namespaces.call(["ip", "-n", self.lan.switch, "link", "set", "dev", self.name, "up"])

    def deafen(self, source: str) -> None:
        """Drop advertisements (IP protocol 112) from `source` on their way in: a one-way loss."""
        for line in (
            "add table ip lab",
            "add chain ip lab in { type filter hook input priority 0; }",
            f"add rule ip lab in ip saddr {source} ip protocol 112 drop",
        ):
            self.run(["nft", line])

    def undeafen(self) -> None:
        """Take back every `deafen`."""
        self.run(["nft", "delete", "table", "ip", "lab"])

    def listens(self, port: int) -> bool:
        """Some process in the namespace listens on this TCP port; asks the kernel, so no program
        notices."""
        # /proc/net would be the main thread's; the columns are those of proc_pid_net(5), state 0A is
        # LISTEN.
        tables = [Path(f"/proc/thread-self/net/{name}") for name in ("tcp", "tcp6")]
        texts = namespaces.inside(self.namespace, lambda: [table.read_text() for table in tables])
        rows = [line.split() for text in texts for line in text.splitlines()[1:]]
        return any(row[1].endswith(f":{port:04X}") and row[3] == "0A" for row in rows)

    def add_address(self, address: str, interface: str = INTERFACE) -> None:
        """Add an address with its prefix length by hand."""
        self._ip("addr", "add", address, "dev", interface)

    def delete_address(self, address: str, interface: str = INTERFACE) -> None:
        """Delete an address by hand, as an operator would behind the daemon's back."""
        self._ip("addr", "del", address, "dev", interface)

    def addresses(self) -> list[HeldAddress]:
        """All addresses of all interfaces of the namespace."""
        links = json.loads(namespaces.call(["ip", "-n", self.namespace, "-j", "addr"]))
        return [
            HeldAddress(link["ifname"], each["local"], each["prefixlen"], each["valid_life_time"])
            for link in links
            for each in link["addr_info"]
        ]

    def holds(self, address: str) -> bool:
        """True if the kernel has this address (without a prefix length) on any interface."""
        return any(each.address == address for each in self.addresses())

    def wait_holds(self, address: str, held: bool = True, timeout: float = 10.0) -> float:
        """Wait until the host does (or does not) hold the address; returns the seconds waited."""
        wanted = f"{self.name} {'holds' if held else 'gives up'} {address}"
        return wait_until(lambda: self.holds(address) is held, timeout, wanted, PROGRAM_POLL_SECONDS)

    def _ip(self, *arguments: str) -> None:
        namespaces.call(["ip", "-n", self.namespace, *arguments])


class Lan:
    """Hosts on one bridge; a context manager that removes processes, namespaces and files in any case.

    `hosts` is their number (named a, b, c, ...) or their names, at most 12 characters each. Host number i
    (from 0) has 192.0.2.<i+1>/24 and MAC 02:00:00:00:00:<i+10>. With `ipv6` they have a link-local address,
    usable at once.
    """

    def __init__(self, hosts: int | Sequence[str] = 2, *, ipv6: bool = False) -> None:
        labels = [chr(ord("a") + i) for i in range(hosts)] if isinstance(hosts, int) else list(hosts)
        if not 1 <= len(labels) <= MAX_HOSTS:
            raise LabError(f"a LAN has 1 to {MAX_HOSTS} hosts, not {len(labels)}")
        self.prefix = namespaces.prefix(next(_serials))
        self.switch = f"{self.prefix}switch"
        self.started: list[subprocess.Popen[bytes]] = []
        self.resources = contextlib.ExitStack()
        """Closed after the namespaces are gone."""
        self.hosts: dict[str, Host] = {}
        self._labels = labels
        self._ipv6 = ipv6

    def __enter__(self) -> Self:
        try:
            self._make()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def __getitem__(self, label: str) -> Host:
        return self.hosts[label]

    def holders(self, address: str) -> list[str]:
        """Names of the hosts whose kernel has this address; two is a split brain."""
        return [host.name for host in self if host.holds(address)]

    def __iter__(self) -> Iterator[Host]:
        return iter(self.hosts.values())

    @property
    def namespaces(self) -> list[str]:
        """Names of all namespaces of this LAN, the switch's first."""
        return [self.switch, *(f"{self.prefix}{label}" for label in self._labels)]

    def _make(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix=self.prefix))
        self.directory.chmod(0o755)  # FRR and HAProxy may run as users of their own
        namespaces.call(["ip", "netns", "add", self.switch])
        self._batch(
            self.switch,
            ["link add name br0 type bridge mcast_snooping 0 forward_delay 0", "link set dev br0 up"],
        )
        for index, label in enumerate(self._labels):
            host = Host(self, label, index)
            self.hosts[label] = host
            self._plug_in(host)
        wait_until(self._forwards, PORTS_SECONDS, "the switch forwards", PROGRAM_POLL_SECONDS)
        for host in self if self._ipv6 else ():
            usable = functools.partial(self._is_usable, host)
            wait_until(usable, PORTS_SECONDS, f"{host.name} has a link-local address", PROGRAM_POLL_SECONDS)

    @staticmethod
    def _is_usable(host: Host) -> bool:
        """Its link-local address is there and no longer tentative: a worker of the kernel sees to both."""
        shown = f"-6 addr show dev {INTERFACE} scope link -tentative"
        return bool(namespaces.call(["ip", "-n", host.namespace, *shown.split()]))

    def _forwards(self) -> bool:
        """A port does so a moment after its carrier; until then what a host sends is lost."""
        ports = json.loads(
            namespaces.call(["ip", "-n", self.switch, "-json", "-details", "link", "show", "master", "br0"])
        )
        return all(each["linkinfo"]["info_slave_data"]["state"] == "forwarding" for each in ports)

    def _plug_in(self, host: Host) -> None:
        namespaces.call(["ip", "netns", "add", host.namespace])
        port = f"link add name {host.name} type veth peer name {INTERFACE} address {host.mac}"
        port_up = f"link set dev {host.name} master br0 addrgenmode none up"
        self._batch(self.switch, [f"{port} netns {host.namespace}", port_up])
        if self._ipv6:
            # Else the link-local address is tentative for one to two seconds.
            host.sysctl(f"net/ipv6/conf/{INTERFACE}/accept_dad", 0)
        generated = "eui64" if self._ipv6 else "none"
        up = f"link set dev {INTERFACE} addrgenmode {generated} up"
        self._batch(host.namespace, ["link set dev lo up", f"addr add {host.ip}/24 dev {INTERFACE}", up])

    @staticmethod
    def _batch(namespace: str, commands: Sequence[str]) -> None:
        namespaces.call(["ip", "-n", namespace, "-batch", "-"], "\n".join(commands) + "\n")

    def _remove(self) -> None:
        namespaces.remove(self.namespaces)
        for process in self.started:
            process.wait(namespaces.DEATH_TIMEOUT_SECONDS)
        self.resources.close()
        if hasattr(self, "directory"):
            shutil.rmtree(self.directory, ignore_errors=True)
