"""What goes on around the daemon does not disturb the election: output that nobody reads, clients without end."""

import contextlib
import functools
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest

from tests.lab import namespaces
from tests.lab.net import Host, Lan
from tests.lab.parts import Vrrpd, instance_text
from tests.lab.waiting import now, wait_until
from tests.lab.wire import Capture

pytestmark = pytest.mark.kernel

VIP = "192.0.2.100"
ONE = instance_text(priority=150, vips=[f"{VIP}/32"])
OTHER = instance_text(priority=100, vips=[f"{VIP}/32"])
HTTP = ("127.0.0.1", 9811)
CROWD = 200
FLOODERS = 4
MANY = 50
ADVERTS = 4
PATIENCE = 20.0
MISSED_SECONDS = 2.0
"""Between two advertisements of 1 s if one is missing, and the daemon gets the processor: what it had to wait for it is
added. The peer waits for three."""


def assert_none_missing(daemon: Vrrpd, wire: Capture, since: float, waited: float) -> None:
    """Wait for some advertisements of `a`; no gap is as long as if one was missing.

    `waited`: for how long the daemon had been kept waiting by then.
    """
    wait_until(lambda: len(wire.adverts("a", since)) >= ADVERTS, PATIENCE, f"{ADVERTS} advertisements")
    sent = [each.at for each in wire.adverts("a", since)]
    longest = max(later - earlier for earlier, later in pairwise(sent))
    assert longest < MISSED_SECONDS + daemon.kept_waiting() - waited


@contextmanager
def full_pipe() -> Iterator[int]:
    """The writing end of a pipe that takes nothing more."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, bytes(4096))
    os.set_blocking(writer, True)
    try:
        yield writer
    finally:
        os.close(reader)
        os.close(writer)


@pytest.mark.parametrize("stream", ["1", "2"], ids=["stdout", "stderr"])
def test_nobody_reads_its_output(lan: Lan, stream: str) -> None:
    """A full pipe must not stop advertisements, whatever there is to tell."""
    with full_pipe() as pipe, Capture(lan) as wire:

        class Mute(Vrrpd):
            def argv(self) -> list[str]:
                return ["sh", "-c", f'exec "$@" {stream}> /proc/{os.getpid()}/fd/{pipe}', "sh", *super().argv()]

        with Mute(lan["a"], ONE) as daemon:
            waited = daemon.kept_waiting()
            first = wire.wait_advert("a", 150)
            lan["a"].wait_holds(VIP)
            for _ in range(5):
                assert daemon.ctl("reload").returncode == 0
            assert_none_missing(daemon, wire, first.at, waited)
            assert daemon.stop() == 0
            wire.wait_advert("a", 0)


def crowd() -> list[socket.socket]:
    """Connections that say nothing, and some with more questions than they read answers."""
    made = [socket.create_connection(HTTP, PATIENCE) for _ in range(CROWD)]
    for each in made[:50]:
        with contextlib.suppress(OSError):
            each.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
    return made


def flood(stop: threading.Event, answers: list[int]) -> None:
    """One page after the other, each on a connection of its own."""
    while not stop.is_set():
        with contextlib.suppress(OSError), socket.create_connection(HTTP, 2.0) as connection:
            connection.sendall(b"GET /metrics HTTP/1.0\r\nHost: x\r\n\r\n")
            answers.append(len(connection.recv(65536)))


@contextmanager
def flooded(host: Host) -> Iterator[list[int]]:
    """Some clients that never rest; their answers so far, in octets."""
    stop, answers = threading.Event(), list[int]()
    work = functools.partial(flood, stop, answers)
    threads = [threading.Thread(target=namespaces.inside, args=(host.namespace, work)) for _ in range(FLOODERS)]
    for each in threads:
        each.start()
    try:
        yield answers
    finally:
        stop.set()
        for each in threads:
            each.join()


def test_clients_without_end_cost_no_advertisement(lan: Lan) -> None:
    """Two hundred connections, then pages without a pause: no takeover, and vrrpctl answers meanwhile."""
    with Capture(lan) as wire, Vrrpd(lan["a"], ONE) as daemon, contextlib.ExitStack() as peer:
        wire.wait_advert("a", 150)  # a peer that is there before may be the first, if `a` is held up
        peer.enter_context(Vrrpd(lan["b"], OTHER))
        lan["a"].wait_holds(VIP)
        with contextlib.ExitStack() as stack:
            for each in namespaces.inside(lan["a"].namespace, crowd):
                stack.enter_context(each)
            begun, waited = now(), daemon.kept_waiting()
            assert daemon.ctl("state").returncode == 0
            assert_none_missing(daemon, wire, begun, waited)
        with flooded(lan["a"]) as answers:
            begun, waited = now(), daemon.kept_waiting()
            wait_until(lambda: len([each for each in answers if each > 0]) > MANY, PATIENCE, f"{MANY} answers")
            assert_none_missing(daemon, wire, begun, waited)
            assert daemon.ctl("state").returncode == 0
        assert wire.adverts("b") == []
