"""Connections through the virtual address when it leaves a host that lives, and when it leaves one that is dead."""

import select
import socket
from contextlib import ExitStack
from ipaddress import ip_address

import pytest

from tests.lab import namespaces
from tests.lab.net import Host, Lan
from tests.lab.parts import StandInBroker, Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.waiting import LabError, wait_until
from vrrpd.linux.connections import end_connections

pytestmark = pytest.mark.kernel

PORT = 5672
PATIENCE = 15.0
ONE, MANY = 1, 200
ATTEMPTS = 5
"""At having them ended in time: the daemon waits for that a moment only, and its thread may get no processor."""


def connect(host: Host, count: int = ONE) -> list[socket.socket]:
    """Idle connections from a host to the virtual address."""
    made = namespaces.inside(
        host.namespace, lambda: [socket.create_connection((VIP, PORT), PATIENCE) for _ in range(count)]
    )
    for each in made:
        each.setblocking(False)
        host.lan.resources.callback(each.close)
    return made


def knows(connection: socket.socket, patience: float) -> bool:
    """Its end was told within so many seconds, without anything being sent."""
    return bool(select.select([connection], [], [], patience)[0])


def server_side(host: Host) -> int:
    """Connections of the virtual address that the host still has."""
    return len(host.run(["ss", "-tnH", "src", VIP]).splitlines())


def served(lan: Lan, stack: ExitStack, extra: str = "") -> tuple[Vrrpd, Vrrpd]:
    """Two routers with a service each; the first is Master."""
    for name in ("a", "b"):
        stack.enter_context(StandInBroker(lan[name]))
    first, second = (
        stack.enter_context(Vrrpd(lan[name], instance_text(priority=priority, vips=[f"{VIP}/32"], extra=extra)))
        for name, priority in (("a", 150), ("b", 100))
    )
    lan["a"].wait_holds(VIP)
    return first, second


def stop_in_time(first: Vrrpd) -> list[socket.socket]:
    """Stop the Master; returns the clients' ends of connections that ended before their address went."""
    lan, ended = first.host.lan, f"event=connections.ended address={VIP} count={MANY}\n"
    for _ in range(ATTEMPTS):
        clients = connect(lan["c"], MANY)
        first.stop()
        before, removed, _ = first.log().partition("event=address.removed")
        if removed and ended in before:
            return clients
        first.start()
        wait_until(lambda: lan.holders(VIP) == ["a"], PATIENCE, "it is Master again", poll=0.1)
    raise LabError(f"never all {MANY} at once\n{first.log()}")


def test_both_ends_know_when_the_address_is_given_up(lan: Lan) -> None:
    """All at once, idle as they are; connections to the host's own address are left alone."""
    with ExitStack() as stack:
        first, _ = served(lan, stack)
        own = namespaces.inside(
            lan["c"].namespace, lambda: stack.enter_context(socket.create_connection((lan["a"].ip, PORT), PATIENCE))
        )
        clients = stop_in_time(first)
        assert all(knows(each, PATIENCE) for each in clients)
        assert server_side(lan["a"]) == 0
        assert not knows(own, 0.2)


def test_left_alone_they_know_nothing_until_they_write(lan: Lan) -> None:
    """close_connections = false. The new owner's kernel answers the first segment with RST."""
    with ExitStack() as stack:
        first, _ = served(lan, stack, "close_connections = false")
        (client,) = connect(lan["c"])
        first.stop()
        lan["b"].wait_holds(VIP)
        assert not knows(client, 0.5)
        assert server_side(lan["a"]) == 1
        client.send(b"AMQP")
        assert knows(client, PATIENCE)
        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_after_a_kill_the_next_write_fails_at_the_new_owner(lan: Lan) -> None:
    """Nobody is left to end them; the packets only have to arrive at the other host."""
    with ExitStack() as stack:
        first, _ = served(lan, stack)
        (client,) = connect(lan["c"])
        first.kill()
        lan["b"].wait_holds(VIP)
        wait_until(lambda: not lan["a"].holds(VIP), PATIENCE, "the lease is over", poll=0.1)
        client.send(b"AMQP")
        assert knows(client, PATIENCE)


def test_listeners_and_other_addresses_stay(lan: Lan) -> None:
    """A server bound to the very address goes on listening; IPv4 connections of a server on [::] end, too."""
    host = lan["a"]
    host.add_address(f"{VIP}/32")

    def listen() -> tuple[socket.socket, socket.socket]:
        return socket.create_server((VIP, PORT)), socket.create_server(
            ("::", PORT + 1), family=socket.AF_INET6, dualstack_ipv6=True
        )

    with ExitStack() as stack:
        for each in namespaces.inside(host.namespace, listen):
            stack.enter_context(each)
        clients = namespaces.inside(
            lan["c"].namespace,
            lambda: [stack.enter_context(socket.create_connection((VIP, port), PATIENCE)) for port in (PORT, PORT + 1)],
        )
        address = ip_address(VIP)
        ended = namespaces.inside(host.namespace, lambda: end_connections([address], PATIENCE))
        assert ended == {address: 2}
        assert all(knows(each, PATIENCE) for each in clients)
        assert host.listens(PORT)
        assert host.listens(PORT + 1)
