"""Probe `http`: one request on a connection of its own; is the status well, and the text in the body?

It is what HAProxy's `option httpchk` does, for a service beside HAProxy or an HTTP monitor. Servers log each request,
unless told otherwise for this path.
"""

import asyncio
import base64
import ssl

from vrrpd.probes.http_options import HttpOptions, statuses
from vrrpd.probes.http_reply import MAX_HEAD, Head, holds, read_body, read_head
from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown, Seen
from vrrpd.probes.steps import step
from vrrpd.probes.tcp import refusal
from vrrpd.probes.tls import Contexts, UnloadableError, complaint

SHOWN = 60
"""Characters of a wrong body in a detail."""


class HttpProbe:
    """Well while the server answers as it should."""

    def __init__(self, options: HttpOptions) -> None:
        """Nothing is opened yet."""
        self._options = options
        self._contexts = Contexts(options) if options.tls else None
        self._statuses = statuses(options.status)
        self._request = request(options)

    async def check(self) -> Seen:
        """Ask once. Raises `ProbeFailed`; `ProbeUnknown` if our own certificates cannot be read."""
        place = self._options.place
        try:
            return Seen(detail=f"{place}: {await self._answer(await self._context())}")
        except ssl.SSLError as error:
            raise ProbeFailed(f"{place}: {complaint(error)}") from error
        except OSError as error:
            raise ProbeFailed(f"{place}: {refusal(error)}") from error
        except ProbeFailed as failed:
            raise ProbeFailed(f"{place}: {failed}") from failed

    async def close(self) -> None:
        """Nothing is kept between checks."""

    async def _context(self) -> ssl.SSLContext | None:
        try:
            return await self._contexts.get() if self._contexts else None
        except UnloadableError as error:
            raise ProbeUnknown(str(error)) from error

    async def _answer(self, context: ssl.SSLContext | None) -> str:
        """What the server says; raises `ProbeFailed` if that is not well."""
        options = self._options
        name = (options.server_name or options.host) if context else None
        reader, writer = await asyncio.open_connection(
            options.host, options.port, ssl=context, server_hostname=name, limit=MAX_HEAD
        )
        step(f"connected to {options.place}{' in TLS' if context else ''}")
        try:
            writer.write(self._request)
            head = await read_head(reader)
            step(f"answered: {head.told}")
            if not any(head.status in each for each in self._statuses):
                raise ProbeFailed(f"{head.told}, wanted {options.status}")
            if options.body:
                self._compare(head, await read_body(reader, head))
            return head.told
        finally:
            writer.transport.abort()

    def _compare(self, head: Head, body: bytes) -> None:
        if not holds(body, self._options.body):
            shown = " ".join(body[: 4 * SHOWN].decode(errors="replace").split())[:SHOWN]
            raise ProbeFailed(f"{head.told}, but the body lacks {self._options.body!r}: {shown}")


def request(options: HttpOptions) -> bytes:
    """The octets that ask (RFC 9112, section 3)."""
    lines = [
        f"{options.method} {options.path} HTTP/1.1",
        f"Host: {options.host_field}",
        "User-Agent: vrrpd",
        "Accept: */*",
        "Connection: close",
    ]
    if options.user:
        word = base64.b64encode(f"{options.user}:{options.password}".encode()).decode()
        lines.append(f"Authorization: Basic {word}")
    return "\r\n".join([*lines, "", ""]).encode("ascii")
