"""Debian's FRR (zebra and vrrpd 8.4) as a peer."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.lab.net import INTERFACE, Host
from tests.lab.part import Part

DAEMONS = Path("/usr/lib/frr")
MACVLAN = "vrrp0"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrrInstance:
    """One virtual router of FRR; addresses without prefix lengths."""

    priority: int
    vips: Sequence[str]
    vrid: int = 51
    version: int = 2
    advert_int: float = 1
    preempt: bool = True

    def text(self) -> str:
        """The configuration of FRR's vrrpd; the interval is in milliseconds there."""
        start = f" vrrp {self.vrid}"
        lines = [
            f"interface {INTERFACE}",
            f"{start} version {self.version}",
            f"{start} priority {self.priority}",
            f"{start} advertisement-interval {round(self.advert_int * 1000)}",
            *(f"{start} {'ipv6' if ':' in vip else 'ip'} {vip}" for vip in self.vips),
            "" if self.preempt else f" no vrrp {self.vrid} preempt",
        ]
        return "\n".join(lines) + "\n"

    @property
    def virtual_mac(self) -> str:
        """RFC 9568 section 7.3."""
        family = 2 if ":" in self.vips[0] else 1
        return f"00:00:5e:00:{family:02x}:{self.vrid:02x}"


class _FrrDaemon(Part):
    """One process of FRR with all its sockets and files in a directory of its own."""

    def __init__(self, host: Host, sockets: Path, configuration: str) -> None:
        super().__init__(host)
        self.sockets = sockets
        (self.directory / "frr.conf").write_text(configuration)

    def argv(self) -> Sequence[str]:
        """-P 0: no telnet port. It gives up root for the user frr, its group frrvty is compiled in."""
        files = ["-f", str(self.directory / "frr.conf"), "-i", str(self.directory / "pid")]
        sockets = ["--vty_socket", str(self.sockets), "-z", str(self.sockets / "zserv.api")]
        return [str(DAEMONS / self.kind), *files, *sockets, "-P", "0", "--log", "stdout"]

    def is_ready(self) -> bool:
        """Its terminal socket is there."""
        return (self.sockets / f"{self.kind}.vty").exists()


class Zebra(_FrrDaemon):
    """FRR's kernel side, which its vrrpd needs."""

    kind = "zebra"

    def is_ready(self) -> bool:
        """Its own socket for the other daemons is there too."""
        return super().is_ready() and (self.sockets / "zserv.api").exists()


class Frr(_FrrDaemon):
    """FRR's vrrpd with its zebra and macvlan; kill, freeze and thaw act on vrrpd alone."""

    kind = "vrrpd"

    def __init__(self, host: Host, instance: FrrInstance) -> None:
        sockets = host.directory / "frr"
        sockets.mkdir(exist_ok=True)
        sockets.chmod(0o777)
        super().__init__(host, sockets, instance.text())
        self.instance = instance
        self.zebra = Zebra(host, sockets, "")

    def __str__(self) -> str:
        return f"frr on {self.host.name}"

    def start(self) -> Self:
        """Make the macvlan FRR wants to find, then start zebra, then vrrpd."""
        if not self.zebra.running:
            self._make_macvlan()
            self.zebra.start()
        (self.sockets / "vrrpd.vty").unlink(missing_ok=True)
        super().start()
        return self

    def stop(self) -> int:
        """Stop vrrpd, zebra and remove the macvlan; returns vrrpd's exit status."""
        status = super().stop()
        self.zebra.stop()
        self.host.run(["ip", "link", "del", "dev", MACVLAN])
        return status

    def state(self) -> str:
        """`Initialize`, `Backup` or `Master`, as FRR says itself."""
        text = self.host.run(["vtysh", "--vty_socket", str(self.sockets), "-c", "show vrrp json"])
        family = "v6" if ":" in self.instance.vips[0] else "v4"
        return str(json.loads(text)[0][family]["status"])

    def is_ready(self) -> bool:
        """It has started the virtual router."""
        return super().is_ready() and self.state() != "Initialize"

    def _make_macvlan(self) -> None:
        """Bridge mode with the virtual MAC, the addresses on it; an IPv6 link-local that is not from the
        shared MAC."""
        six = ":" in self.instance.vips[0]
        run = self.host.run
        run([*f"ip link add name {MACVLAN} link {INTERFACE}".split(), "type", "macvlan", "mode", "bridge"])
        # The creation refuses addrgenmode random on some kernels; afterwards it is accepted.
        mode = "random" if six else "none"
        run([*f"ip link set dev {MACVLAN} address {self.instance.virtual_mac} addrgenmode {mode}".split()])
        for vip in self.instance.vips:
            extra = ["nodad"] if six else []
            run(["ip", "addr", "add", f"{vip}/{128 if six else 32}", "dev", MACVLAN, *extra])
        self.host.sysctl(f"net/ipv4/conf/{INTERFACE}/arp_ignore", 1)
        self.host.sysctl(f"net/ipv4/conf/{MACVLAN}/accept_local", 1)
        if six:
            self.host.sysctl(f"net/ipv6/conf/{MACVLAN}/accept_dad", 0)
        run(["ip", "link", "set", "dev", MACVLAN, "up"])
