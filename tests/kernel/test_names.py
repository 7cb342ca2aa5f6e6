"""A resolver that does not answer: probes with names hang, and nothing else does.

The daemon sees a resolv.conf(5) of its own, in the mount namespace that ip-netns(8) makes for it. There is no lease, so
only the daemon itself can take the address away.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.lab import namespaces
from tests.lab.demotable import GONE, WEIGHT, fault_probe
from tests.lab.net import Host, Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture

pytestmark = pytest.mark.kernel

HIGH, LOW = 150, 100
NAMES = [f"broker{number}.invalid" for number in range(min(32, (os.cpu_count() or 1) + 4) + 2)]
"""More than asyncio's own pool has threads."""
PATIENCE = 20.0
HANG_SECONDS = 30
"""Of one try, of two (resolv.conf(5) allows no more): longer than anything here may take."""
DNS_PORT, DNS_OCTETS = 53, 512
HEADER_OCTETS = 12
"""Of a DNS message (RFC 1035, 4.1.1); the name that is asked for follows."""


class Unresolving(Vrrpd):
    """vrrpd on a host whose name server is somebody who never answers."""

    def argv(self) -> list[str]:
        """The mount is seen by nobody else: `ip netns exec` has made a mount namespace."""
        mount = f'mount --bind {self.directory}/resolv.conf /etc/resolv.conf && exec "$@"'
        return ["sh", "-c", mount, "sh", *super().argv()]

    def ask(self, server: str) -> None:
        """Before the start."""
        options = f"nameserver {server}\noptions timeout:{HANG_SECONDS} attempts:2\n"
        (self.directory / "resolv.conf").write_text(options)


class BlackHole:
    """Hears questions on a host and answers none."""

    def __init__(self, host: Host) -> None:
        self.socket = namespaces.inside(host.namespace, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        host.lan.resources.callback(self.socket.close)
        self.socket.setblocking(False)
        self.socket.bind((host.ip, DNS_PORT))
        self.asked: set[str] = set()

    def heard_all(self) -> bool:
        """Each name has been asked for."""
        while True:
            try:
                self.asked.add(first_name(self.socket.recv(DNS_OCTETS)))
            except BlockingIOError:
                return self.asked >= set(NAMES)


def first_name(message: bytes) -> str:
    """The name that a DNS question is about (RFC 1035, 3.1)."""
    labels, at = [], HEADER_OCTETS
    while message[at]:
        labels.append(message[at + 1 : at + 1 + message[at]].decode())
        at += 1 + message[at]
    return ".".join(labels)


def probes() -> str:
    """Nobody tracks them: what they find does not matter."""
    return "\n".join(
        f'[probe.p{number}]\ntype = "tcp"\nhost = {json.dumps(name)}\nport = 5672\ninterval = "1s"'
        for number, name in enumerate(NAMES)
    )


@contextmanager
def hanging(lan: Lan, fault: Path) -> Iterator[tuple[Unresolving, Capture]]:
    """`a` is Master and all its lookups hang; `b` is its Backup."""
    with ExitStack() as stack:
        wire = stack.enter_context(Capture(lan))
        hole = BlackHole(lan["c"])
        text = {
            priority: instance_text(
                priority=priority,
                vips=[f"{VIP}/32"],
                extra='vip_lease = "off"',
                track=[GONE] if priority == HIGH else [],
            )
            for priority in (HIGH, LOW)
        }
        high = Unresolving(lan["a"], f"{text[HIGH]}{fault_probe(fault)}{probes()}\n")
        high.ask(lan["c"].ip)
        stack.enter_context(high)
        lan["a"].wait_holds(VIP, timeout=PATIENCE)
        stack.enter_context(Vrrpd(lan["b"], text[LOW]))
        wait_until(hole.heard_all, PATIENCE, "every name is being looked up")
        yield high, wire


def test_the_address_is_given_up_while_every_lookup_hangs(lan: Lan, tmp_path: Path) -> None:
    """By a demotion, then by a stop, which does not wait for the lookups either. A script still runs, too."""
    fault = tmp_path / "fault"
    with hanging(lan, fault) as (high, wire):
        begun = now()
        fault.touch()
        wire.wait_advert("a", HIGH + WEIGHT, since=begun, timeout=PATIENCE)
        wire.wait_advert("b", LOW, since=begun, timeout=PATIENCE)
        lan["a"].wait_holds(VIP, held=False, timeout=PATIENCE)
        fault.unlink()
        back = now()
        wire.wait_advert("a", HIGH, since=back, timeout=PATIENCE)
        lan["a"].wait_holds(VIP, timeout=PATIENCE)
        begun = now()
        high.terminate()
        wire.wait_advert("a", 0, since=begun, timeout=PATIENCE)
        lan["a"].wait_holds(VIP, held=False, timeout=PATIENCE)
        assert high.wait() == 0
        assert now() - begun < HANG_SECONDS - PATIENCE / 2
