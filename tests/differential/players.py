"""The two hosts of a scenario while it is played: what can be done to them."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.differential.configuration import Side
from tests.lab.converted import VrrpdOnKeepalived
from tests.lab.net import Host, Lan
from tests.lab.part import Part
from tests.lab.parts import Keepalived
from tests.lab.waiting import wait_until

MAKES = {"k": Keepalived, "v": VrrpdOnKeepalived}
NAMES = ("a", "b")
CHECK = '#!/bin/sh\nread -r status < "${0%/*}/$1"\nexit "$status"\n'
TELL = '#!/bin/sh\nprintf "%s\\n" "$*" >> "${0%/*}/told"\n'
PATIENCE = 60.0
"""For a start on a busy machine."""


class Players:
    """`makes`: one letter for each host, k for keepalived or v for vrrpd."""

    def __init__(self, lan: Lan, makes: str, sides: dict[str, Side], files: dict[str, str], *, ipv6: bool) -> None:
        self.lan = lan
        self._ipv6 = ipv6
        self.parts: dict[str, Part] = {}
        self._running: dict[tuple[str, str], subprocess.Popen[bytes]] = {}
        for name, make in zip(NAMES, makes, strict=True):
            for file, text in {"check": CHECK, "tell": TELL, "told": "", **files}.items():
                self.write(name, file, text)
            if ipv6:
                lan[name].add_address(f"{self.address(name)}/64")
            if name in sides:
                self.parts[name] = MAKES[make](lan[name], self._text(name, sides[name]))

    def directory(self, name: str) -> Path:
        """Where scripts and what they look at are."""
        return self.lan[name].directory

    def write(self, name: str, file: str, text: str) -> None:
        """A file for a check; replaced at once, so that nobody reads half of it."""
        path = self.directory(name) / file
        new = path.with_suffix(".new")
        new.write_text(text)
        new.chmod(0o755)
        new.replace(path)

    def overwrite(self, name: str, file: str, text: str) -> None:
        """A track_file, as an operator does it with `echo`."""
        (self.directory(name) / file).write_text(text)

    def address(self, name: str) -> str:
        """The host's own, of the family of the scenario."""
        last = self.lan[name].ip.rpartition(".")[2]
        return f"2001:db8::{last}" if self._ipv6 else self.lan[name].ip

    def _text(self, name: str, side: Side) -> str:
        other = next(each for each in NAMES if each != name)
        return side.text(str(self.directory(name)), self.address(name), self.address(other))

    # --- what events do ------------------------------------------------------------------------------------------

    def start(self, name: str) -> None:
        """Until it runs: before its first state, for a check may have to succeed before that."""
        part = self.parts[name]
        if isinstance(part, Keepalived):
            part.launch()
            part.wait_log("Startup complete", PATIENCE)
        else:
            part.start()

    def reload(self, name: str, side: Side | str) -> None:
        """With another file. Returns when the signal is sent."""
        part = self.parts[name]
        assert isinstance(part, Keepalived | VrrpdOnKeepalived)
        part.configure(self._text(name, side) if isinstance(side, Side) else side)
        part.reload()

    def run(self, name: str, program: str, *, runs: bool) -> None:
        """Start a process of that name, or end the one that was started so."""
        if not runs:
            self._running.pop((name, program)).kill()
            return
        copy = self.directory(name) / program
        shutil.copy(str(shutil.which("sleep")), copy)
        self._running[name, program] = self.lan[name].popen([str(copy), "1000"])

    def read_fifo(self, name: str, fifo: str) -> None:
        """Make a named pipe and copy what is written to it, for the tail; opened for writing too, so it never ends."""
        path = self.directory(name) / fifo
        os.mkfifo(path)
        with (self.directory(name) / f"{fifo}.told").open("ab") as output:
            self.lan[name].popen(["sh", "-c", 'exec cat <> "$0"', str(path)], output)

    def link(self, name: str, interface: str, *, up: bool) -> None:
        """Set an interface of the host up or down."""
        host: Host = self.lan[name]
        host.run(["ip", "link", "set", "dev", interface, "up" if up else "down"])

    def add_link(self, name: str, interface: str) -> None:
        """One more interface, with carrier, that leads nowhere."""
        far = f"{interface}-far"
        self.lan[name].run(["ip", "link", "add", "name", interface, "type", "veth", "peer", "name", far])
        for each in (interface, far):
            self.link(name, each, up=True)

    def hear(self, name: str, *, other: bool) -> None:
        """Drop all advertisements that come in, or take them again."""
        lines = (
            ["delete table inet deaf"]
            if other
            else [
                "add table inet deaf",
                "add chain inet deaf in { type filter hook input priority 0; }",
                "add rule inet deaf in meta l4proto 112 drop",
            ]
        )
        for line in lines:
            self.lan[name].run(["nft", line])

    def wait_gone(self, name: str) -> None:
        """The part has ended."""
        part = self.parts[name]
        wait_until(lambda: not part.running, PATIENCE, f"{part} has ended")
