"""Keywords of probe `haproxy`."""

import re
from dataclasses import dataclass
from typing import Annotated

from vrrpd.probes.haproxy_socket import ABSTRACT, SUN_PATH
from vrrpd.schema import Doc

_NAME = re.compile(r"[A-Za-z0-9_.:-]+")
"""What HAProxy allows in the name of a proxy (configuration manual, section 2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HaproxyOptions:
    """Keywords of `type = "haproxy"`."""

    socket: Annotated[
        str,
        Doc("path of the stats socket, or abns@NAME; `level user` is enough", example='"/run/haproxy/vrrpd.sock"'),
    ]
    backends: Annotated[
        tuple[str, ...],
        Doc(
            "each must have min_servers servers checked and up; empty: haproxy only has to answer",
            example='["rabbitmq"]',
        ),
    ] = ()
    min_servers: Annotated[int, Doc("servers really checked and up, for each backend", low=1, high=10000)] = 1
    start_grace: Annotated[
        float,
        Doc(
            "after a reload the verdict of before stands this long while servers wait for their first check",
            unit="seconds",
            low=0,
            high=600,
        ),
    ] = 10.0

    def problems(self) -> tuple[str, ...]:
        """What is wrong across keywords, one text each."""
        found = [f"backends: {name!r} is no name HAProxy allows" for name in self.backends if not _NAME.fullmatch(name)]
        name = self.socket.removeprefix(ABSTRACT)
        if name == self.socket and not name.startswith("/"):
            found.append(f"socket: {name!r} is neither an absolute path nor {ABSTRACT}NAME")
        if not name or len(name.encode()) >= SUN_PATH or "\0" in name:
            found.append(f"socket: {name!r} is no name of a socket, which has 1 to {SUN_PATH - 1} octets")
        return tuple(found)
