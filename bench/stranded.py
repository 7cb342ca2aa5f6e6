"""Established AMQP connections when the virtual address moves, with real HAProxy and RabbitMQ.

    python -m bench.stranded [--watch 30]

An idle, logged-in client on the address. After each fault: seconds until the client's socket says so, and until
RabbitMQ has lost the connection, which is when it gives prefetched messages to another consumer. Needs root.
"""

import argparse
import asyncio
import select
import socket
import sys
from contextlib import ExitStack

from tests.lab import amqp, namespaces
from tests.lab.net import Host, Lan
from tests.lab.parts import HaProxy, Keepalived, KeepalivedInstance, Part, RabbitMq, Vrrpd, instance_text
from tests.lab.routers import VIP
from tests.lab.waiting import now, wait_until

PATIENCE = 20.0
PRIORITIES = {"a": 150, "b": 100}
PORT = 5672
POLL_SECONDS = 0.05
ROUTERS = ("vrrpd", "vrrpd, close_connections = false", "keepalived")
FAULTS = {"SIGTERM": Part.terminate, "kill -9": Part.kill}


def router(kind: str, host: Host) -> Part:
    """Without probes: HAProxy is well on both."""
    priority = PRIORITIES[host.name]
    if kind == "keepalived":
        return Keepalived(host, KeepalivedInstance(priority=priority, vips=[VIP]))
    extra = "close_connections = false" if "," in kind else ""
    return Vrrpd(host, instance_text(priority=priority, vips=[f"{VIP}/32"], extra=extra))


async def login(connection: socket.socket) -> None:
    """As far as an open connection (AMQP 0-9-1, 2.2.4)."""
    reader, writer = await asyncio.open_connection(sock=connection)
    writer.write(amqp.PROTOCOL_HEADER)
    await amqp.expect(reader, amqp.START)
    writer.write(amqp.start_ok("guest", "guest"))
    await amqp.expect(reader, amqp.TUNE)
    writer.write(amqp.tune_ok() + amqp.open_connection())
    await amqp.expect(reader, amqp.OPEN_OK)


def sessions(broker: Host) -> set[str]:
    """What RabbitMQ has connected, by the peer's address and port."""
    lines = broker.run(["ss", "-tnH", "state", "established", "sport", "=", f":{PORT}"]).splitlines()
    return {line.split()[3] for line in lines}


def once(kind: str, fault: str, watch: float) -> tuple[str, str]:
    """Seconds until the client and RabbitMQ know, as text."""
    with ExitStack() as stack:
        lan = stack.enter_context(Lan(["a", "b", "broker", "client"]))
        stack.enter_context(RabbitMq(lan["broker"]))
        for name in PRIORITIES:
            proxy = stack.enter_context(HaProxy(lan[name], {"rabbit1": f"{lan['broker'].ip}:{PORT}"}))
            wait_until(lambda it=proxy: it.servers_up() == 1, PATIENCE, "HAProxy sees the broker")  # type: ignore[misc]
        first, _ = (stack.enter_context(router(kind, lan[name])) for name in PRIORITIES)
        lan["a"].wait_holds(VIP, timeout=PATIENCE)
        before = sessions(lan["broker"])
        client = namespaces.inside(lan["client"].namespace, lambda: socket.create_connection((VIP, PORT), PATIENCE))
        stack.callback(client.close)
        asyncio.run(login(client.dup()))
        ours = sessions(lan["broker"]) - before
        begun = now()
        FAULTS[fault](first)
        told = lost = ""
        while now() - begun < watch and not (told and lost):
            if not told and select.select([client], [], [], POLL_SECONDS)[0]:
                told = f"{now() - begun:.2f}"
            if not lost and not ours & sessions(lan["broker"]):
                lost = f"{now() - begun:.2f}"
        return told or f"more than {watch:g}", lost or f"more than {watch:g}"


def main() -> None:
    """Print Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--watch", type=float, default=30.0)
    given = parser.parse_args()
    sys.stdout.write("| router | fault | idle client knows, s | RabbitMQ knows, s |\n| --- | --- | --- | --- |\n")
    for kind in ROUTERS:
        for fault in FAULTS:
            told, lost = once(kind, fault, given.watch)
            sys.stdout.write(f"| {kind} | {fault} | {told} | {lost} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
