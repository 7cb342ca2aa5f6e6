"""The state of section 'sample output', and a daemon's stand-in that answers it on a unix socket."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vrrpd.observe.shape import InstanceShape, ProbeShape, StateShape

HAPROXY: ProbeShape = {
    "name": "haproxy",
    "type": "haproxy",
    "up": False,
    "weight_applied": -40,
    "detail": "backend rabbit: 0 of 3 servers up (r1 L4CON, r2 L4TOUT, r3 MAINT)",
    "scope": "local",
    "alarms": [],
    "output": "",
    "remedy": None,
    "since": "2026-11-21T06:47:00.000Z",
    "last_checked": "2026-11-21T09:00:00.000Z",
}
AMQP: ProbeShape = {
    "name": "amqp",
    "type": "amqp",
    "up": True,
    "weight_applied": 0,
    "detail": "10.0.0.21:5672 RabbitMQ 3.10.8, 2.3 ms",
    "scope": "local",
    "alarms": [],
    "output": "",
    "remedy": None,
    "since": "2026-11-20T09:12:03.000Z",
    "last_checked": "2026-11-21T09:00:00.000Z",
}
BACKUP: InstanceShape = {
    "name": "amqp-vip",
    "virtual_router_id": 51,
    "interface": "ens18",
    "family": "ipv4",
    "state": "backup",
    "priority_base": 150,
    "priority": 110,
    "master": {"address": "10.0.0.12", "priority": 150},
    "since": "2026-11-21T06:47:00.000Z",
    "last_reason": "higher_priority",
    "blocked": [],
    "degraded": [],
    "damped_until": None,
    "drained": None,
    "yielding": False,
    "sync_group": None,
    "advert_int": 1.0,
    "virtual_addresses": [{"address": "10.0.0.100", "present": False}],
    "track": [
        {"probe": "haproxy", "weight": -40, "applied": -40},
        {"probe": "amqp", "weight": -20, "applied": 0},
    ],
    "warnings": [],
}
STATE: StateShape = {
    "version": "0.1.0",
    "router_id": "proxy1",
    "now": "2026-11-21T09:00:00.500Z",
    "started": "2026-11-20T09:12:03.500Z",
    "ready": True,
    "stopping": False,
    "configuration": {"source": "/etc/vrrpd/vrrpd.toml", "loaded": "2026-11-20T09:12:03.000Z", "errors": []},
    "scheduling": {"rt_priority": 0, "no_swap": False, "errors": []},
    "drained": None,
    "instances": [BACKUP],
    "probes": [HAPROXY, AMQP],
}


def http(status: int, answer: object) -> bytes:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return b"HTTP/1.1 %d Whatever\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


@contextmanager
def answering(path: Path, *answers: bytes) -> Iterator[list[bytes]]:
    """One connection after the other gets its answer; yields what was asked."""
    asked: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(10)

        def serve() -> None:
            connection: Any
            for octets in answers:
                connection, _ = listener.accept()
                with connection:
                    asked.append(connection.recv(65536))
                    connection.sendall(octets)

        thread = threading.Thread(target=serve)
        thread.start()
        yield asked
        thread.join()
