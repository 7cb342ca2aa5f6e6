"""Keywords of the probe `amqp`, and the brokers they name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from vrrpd.probes.amqp_fields import MAX_TEXT
from vrrpd.probes.tls import load_problems
from vrrpd.schema import Doc

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 5672
TLS_PORT = 5671
AMQP_PORTS = (TLS_PORT, DEFAULT_PORT)
"""As registered (IANA, amqps and amqp)."""
MAX_TARGETS = 16
"""All are asked at once, each has alarms and gauges of its own; clusters of RabbitMQ have 3 to 7 nodes."""
_TARGET = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.%\w]+)\]|(?P<host>[^\[\]:/\s]+)):(?P<port>\d{1,5})")
"""`host:port`, an IPv6 address in brackets (RFC 3986, 3.2.2)."""


class Place(NamedTuple):
    """Where one broker listens."""

    host: str
    port: int

    def __str__(self) -> str:
        """As in `targets`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        """None for what is not `host:port`."""
        found = _TARGET.fullmatch(text)
        if found is None or not 1 <= int(found["port"]) <= 65535:
            return None
        return cls(found["six"] or found["host"], int(found["port"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class AmqpOptions:
    """Keywords of `type = "amqp"`."""

    host: Annotated[str, Doc("address or name of the broker")] = DEFAULT_HOST
    port: Annotated[int, Doc("port of AMQP 0-9-1; with TLS it is usually 5671", low=1, high=65535)] = DEFAULT_PORT
    targets: Annotated[
        tuple[str, ...],
        Doc(
            "in place of host and port: the nodes of a cluster, each host:port, asked at the same time",
            example='["rabbit1:5672", "rabbit2:5672", "rabbit3:5672"]',
        ),
    ] = ()
    min_up: Annotated[
        int, Doc("up while at least so many targets are; the others are named", low=1, high=MAX_TARGETS)
    ] = 1
    handshake: Annotated[
        bool,
        Doc("read Connection.Start; one warning in RabbitMQ's log per check: prefer user and password, or tls"),
    ] = False
    user: Annotated[str, Doc("log in as; empty: no login")] = ""
    password: Annotated[str, Doc("password of user", secret=True)] = ""
    vhost: Annotated[str, Doc("virtual host to open after the login")] = "/"
    relogin: Annotated[
        float,
        Doc("between two fresh logins: four info lines in RabbitMQ's log each", unit="seconds", low=1, high=86400),
    ] = 3600.0
    retry_refused: Annotated[
        float,
        Doc("before refused credentials are tried again: an error in its log each", unit="seconds", low=1, high=86400),
    ] = 30.0
    misconfigured: Annotated[
        str,
        Doc(
            "credentials, virtual host or certificate refused: an alarm, as the broker is alive, or a failure",
            choices=("alarm", "fail"),
        ),
    ] = "alarm"
    blocked: Annotated[
        str,
        Doc(
            "the broker blocks publishers, being low on memory or disk; seen with user only: an alarm, "
            "a failure, or not looked at",
            choices=("alarm", "fail", "ignore"),
        ),
    ] = "alarm"
    tls: Annotated[bool, Doc("amqps; without user the TLS handshake is the check")] = False
    verify: Annotated[bool, Doc("with tls: the broker's certificate must be valid for server_name")] = True
    server_name: Annotated[str, Doc("with tls: name in the certificate, and SNI; empty: the host")] = ""
    ca_file: Annotated[str, Doc("with tls: PEM file of who may sign it; empty: the system's")] = ""
    cert_file: Annotated[str, Doc("with tls: PEM file of our own certificate, for brokers that want one")] = ""
    key_file: Annotated[str, Doc("PEM file of its key; empty: in cert_file")] = ""

    @property
    def places(self) -> tuple[Place, ...]:
        """The brokers to ask, at least one; targets that cannot be read are left out."""
        found = (Place.parse(each) for each in self.targets)
        return tuple(each for each in found if each) if self.targets else (Place(self.host, self.port),)

    def problems(self) -> tuple[str, ...]:
        """What is wrong across keywords, one text each."""
        return (*self._target_problems(), *self._login_problems(), *self._tls_problems())

    def setup_problems(self) -> tuple[tuple[str, str], ...]:
        """What is wrong with the files on this host: keyword and text. Blocks on the file system."""
        return load_problems(self) if self.tls else ()

    def _target_problems(self) -> Iterator[str]:
        if not self.host:
            yield "host is empty"
        if not self.targets:
            if self.min_up > 1:
                yield "min_up: needs targets"
            return
        if (self.host, self.port) != (DEFAULT_HOST, DEFAULT_PORT):
            yield "give either targets or host and port"
        yield from (f"targets: {each!r} is not host:port" for each in self.targets if Place.parse(each) is None)
        if len(set(self.targets)) < len(self.targets):
            yield "targets: one is named twice"
        if len(self.targets) > MAX_TARGETS:
            yield f"targets: {len(self.targets)} of them; allowed: at most {MAX_TARGETS}"
        if self.min_up > len(self.targets):
            yield f"min_up: more than the {len(self.targets)} targets"

    def _login_problems(self) -> Iterator[str]:
        if self.user and not self.password:
            yield "user needs password"
        if self.password and not self.user:
            yield "password needs user"
        if not 1 <= len(self.vhost.encode()) <= MAX_TEXT:
            yield f"vhost: 1 to {MAX_TEXT} octets"
        if "\0" in self.user + self.password:
            yield "user, password: no zero octet is possible in AMQP PLAIN"

    def _tls_problems(self) -> Iterator[str]:
        given = ("server_name", "ca_file", "cert_file", "key_file")
        if not self.tls:
            yield from (f"{each}: has no effect without tls" for each in given if getattr(self, each))
        elif self.ca_file and not self.verify:
            yield "ca_file: has no effect without verify"
        if self.key_file and not self.cert_file:
            yield "key_file: has no effect without cert_file"
