"""Keywords of the probe `http`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from vrrpd.probes.http_reply import MAX_BODY
from vrrpd.probes.tls import load_problems
from vrrpd.schema import Doc

MAX_PATTERN = 1024
"""Characters of `body`."""

_RANGE = re.compile(r"([1-5]\d\d)(?:-([1-5]\d\d))?")
_PLAIN = re.compile(r"[!-~]*")
"""Visible ASCII: what goes into a request line or a Host field as it is (RFC 9112, 3; RFC 9110, 7.2)."""


def statuses(text: str) -> tuple[range, ...]:
    """Codes and ranges with commas between, as in HAProxy's `http-check expect status`. Raises ValueError."""
    found = []
    for part in text.split(","):
        matched = _RANGE.fullmatch(part.strip())
        if matched is None:
            raise ValueError(f"{part.strip()!r} is no code or range")
        low, high = int(matched[1]), int(matched[2] or matched[1])
        if high < low:
            raise ValueError(f"{part.strip()!r} is empty")
        found.append(range(low, high + 1))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """Keywords of `type = "http"`."""

    port: Annotated[int, Doc("port to connect to", low=1, high=65535, example="8404")]
    host: Annotated[str, Doc("address or name to connect to")] = "127.0.0.1"
    path: Annotated[str, Doc("what is asked for, with its query")] = "/"
    method: Annotated[str, Doc("HEAD: without the body", choices=("GET", "HEAD"))] = "GET"
    host_header: Annotated[str, Doc("the Host field; empty: host, and the port if it is not the usual one")] = ""
    status: Annotated[
        str, Doc("codes and ranges that are well, as in HAProxy's http-check; a redirect is not followed")
    ] = "200-399"
    body: Annotated[
        str, Doc(f"text that the first {MAX_BODY // 1024} KiB of the body must hold; * stands for any text")
    ] = ""
    user: Annotated[str, Doc("user of Basic authentication; empty: none")] = ""
    password: Annotated[str, Doc("password of user", secret=True)] = ""
    tls: Annotated[bool, Doc("https")] = False
    verify: Annotated[bool, Doc("with tls: the server's certificate must be valid for server_name")] = True
    server_name: Annotated[str, Doc("with tls: name in the certificate, and SNI; empty: the host")] = ""
    ca_file: Annotated[str, Doc("with tls: PEM file of who may sign it; empty: the system's")] = ""
    cert_file: Annotated[str, Doc("with tls: PEM file of our own certificate, for servers that want one")] = ""
    key_file: Annotated[str, Doc("PEM file of its key; empty: in cert_file")] = ""

    def problems(self) -> tuple[str, ...]:
        """What is wrong across keywords, one text each."""
        return (*self._request_problems(), *self._reply_problems(), *self._tls_problems())

    def setup_problems(self) -> tuple[tuple[str, str], ...]:
        """What is wrong with the files on this host: keyword and text. Blocks on the file system."""
        return load_problems(self) if self.tls else ()

    @property
    def place(self) -> str:
        """Where it asks, for an operator."""
        return f"{self._authority}:{self.port}"

    @property
    def host_field(self) -> str:
        """What goes into the request (RFC 9110, section 7.2)."""
        usual = 443 if self.tls else 80
        return self.host_header or (self._authority if self.port == usual else self.place)

    @property
    def _authority(self) -> str:
        return f"[{self.host.partition('%')[0]}]" if ":" in self.host else self.host

    def _request_problems(self) -> Iterator[str]:
        if not self.host or not _PLAIN.fullmatch(self.host):
            yield f"host: {self.host!r} is no address or name"
        if not self.path.startswith("/") or not _PLAIN.fullmatch(self.path):
            yield f"path: {self.path!r} does not begin with / or has characters that must be encoded as %XX"
        if not _PLAIN.fullmatch(self.host_header):
            yield f"host_header: {self.host_header!r} has characters that no Host field may have"
        if ":" in self.user:
            yield "user: a colon is not possible (RFC 7617)"
        if self.password and not self.user:
            yield "password needs user"

    def _reply_problems(self) -> Iterator[str]:
        try:
            statuses(self.status)
        except ValueError as error:
            yield f"status: {error}; allowed: as in 200 or 200-399 or 200,204,301-302"
        if self.body and self.method == "HEAD":
            yield "body: HEAD has none"
        if len(self.body) > MAX_PATTERN:
            yield f"body: more than {MAX_PATTERN} characters"

    def _tls_problems(self) -> Iterator[str]:
        given = ("server_name", "ca_file", "cert_file", "key_file")
        if not self.tls:
            yield from (f"{each}: has no effect without tls" for each in given if getattr(self, each))
        elif self.ca_file and not self.verify:
            yield "ca_file: has no effect without verify"
        if self.key_file and not self.cert_file:
            yield "key_file: has no effect without cert_file"
