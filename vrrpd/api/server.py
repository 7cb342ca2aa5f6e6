"""The listening ends of the API: `run_dir`/control.sock and, if wanted, a TCP port. Everything is bounded."""

import asyncio
import os
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from vrrpd.api.app import Services, application, malformed
from vrrpd.api.lock import RunLock

SOCKET_NAME = "control.sock"
SOCKET_MODE = 0o660
"""Root and the daemon's group; who may connect may reload."""
CONNECTIONS_LIMIT = 64
"""At once, for each listening end: operators, scrapers and load balancers need a handful."""
FIRST_REQUEST_WITHIN = 5.0
"""Seconds until a new connection must have made a request, so that silent ones cannot fill the limit."""
KEEPALIVE = 75.0
"""Seconds a connection may rest between two requests: longer than the usual scrape interval."""
SHUTDOWN_WITHIN = 0.1
"""Seconds that requests in flight get at the end; the addresses are given up by then."""
LINGER = 1.0
"""Seconds to read the rest of a body that no page asked for."""
LINE_LIMIT, HEADERS_LIMIT = 2048, 32
"""Octets of the request line and of one header; count of headers: no client of ours comes near."""


class ApiError(Exception):
    """A listening end could not be opened; the text says which and why."""


class Api:
    """Start after the configuration is read; close after the addresses are given up."""

    def __init__(self, run_dir: str, http: str, services: Services) -> None:
        """`run_dir` exists and is writable; `http` is address:port, or empty for no TCP."""
        self._path = Path(run_dir) / SOCKET_NAME
        self._http = http
        self._services = services
        self._lock = RunLock(Path(run_dir))
        self._ends: list[_End] = []

    @property
    def http_address(self) -> tuple[str, int] | None:
        """Where TCP really listens; None if it does not."""
        return self._ends[1].tcp_address() if len(self._ends) > 1 else None

    async def start(self) -> None:
        """Raises `AlreadyRunningError` or `ApiError`; nothing stays open then."""
        try:
            self._lock.acquire()
        except OSError as error:
            raise ApiError(f"run_dir: {error.filename}: {error.strerror}") from error
        try:
            await self._open_control()
            if self._http:
                await self._open_http()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Stop listening, remove the socket, let another daemon have it. Takes `SHUTDOWN_WITHIN` at most."""
        ends, self._ends = self._ends, []
        for end in ends:
            end.stop()
        if ends:
            self._path.unlink(missing_ok=True)
        for end in ends:
            await end.close()
        self._lock.release()

    async def _open_control(self) -> None:
        """The lock is ours, so a socket that is there is nobody's."""
        end = await self._end(verbs=True)
        loop = asyncio.get_running_loop()
        try:
            self._path.unlink(missing_ok=True)
            server = await loop.create_unix_server(end.accept, self._path, start_serving=False)
            end.server = server
            self._path.chmod(SOCKET_MODE)  # before anybody can connect
            await server.start_serving()
        except OSError as error:
            raise ApiError(f"{self._path}: {error.strerror or error}") from error

    async def _open_http(self) -> None:
        host, _, port = self._http.rpartition(":")
        if not host or not port.isdecimal():
            raise ApiError(f"http: {self._http!r}: must be address:port")
        end = await self._end(verbs=False)
        loop = asyncio.get_running_loop()
        try:
            end.server = await loop.create_server(end.accept, host.strip("[]"), int(port))
        except (OSError, OverflowError) as error:
            raise ApiError(f"http: cannot listen on {self._http}: {_why(error)}") from error

    async def _end(self, *, verbs: bool) -> "_End":
        end = _End(self._services, verbs=verbs)
        await end.prepare()
        self._ends.append(end)
        return end


class _End:
    """One listening end: aiohttp's request handling behind limits of our own on connections."""

    def __init__(self, services: Services, *, verbs: bool) -> None:
        self._unheard: set[asyncio.BaseProtocol] = set()
        self._runner = web.AppRunner(
            application(services, verbs=verbs, heard=self._heard), shutdown_timeout=SHUTDOWN_WITHIN
        )
        self._report = services.report
        self.server: asyncio.Server | None = None

    async def prepare(self) -> None:
        await self._runner.setup()

    def accept(self) -> asyncio.BaseProtocol:
        """The protocol for a new connection."""
        server = self._runner.server
        if server is None or len(self._unheard.union(server.connections)) >= CONNECTIONS_LIMIT:
            return _Refusal()
        loop = asyncio.get_running_loop()
        protocol = _Handler(server, loop, self._report)
        self._unheard.add(protocol)
        loop.call_later(FIRST_REQUEST_WITHIN, self._expire, protocol)
        return protocol

    def stop(self) -> None:
        """No new connections."""
        if self.server is not None:
            self.server.close()

    async def close(self) -> None:
        await self._runner.cleanup()

    def tcp_address(self) -> tuple[str, int] | None:
        if self.server is None:
            return None
        host, port, *_ = self.server.sockets[0].getsockname()
        return host, port

    def _heard(self, request: web.Request) -> None:
        self._unheard.discard(request.protocol)

    def _expire(self, protocol: RequestHandler) -> None:
        if protocol in self._unheard:
            self._unheard.discard(protocol)
            if protocol.transport is not None:
                protocol.transport.abort()


class _Handler(RequestHandler):
    """aiohttp's, with our limits, and quiet about what clients do wrong: they must not fill the log."""

    __slots__ = ("_report",)

    def __init__(
        self, server: web.Server, loop: asyncio.AbstractEventLoop, report: Callable[[str, Exception], None]
    ) -> None:
        super().__init__(
            server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type] # documented as "no access log"
            keepalive_timeout=KEEPALIVE,
            lingering_time=LINGER,
            max_line_size=LINE_LIMIT,
            max_field_size=LINE_LIMIT,
            max_headers=HEADERS_LIMIT,
        )
        self._report = report

    def log_exception(self, *args: object, **kwargs: object) -> None:
        """Nothing: `handle_error` tells what is ours."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What was no request gets JSON, too, and no version of ours."""
        super().handle_error(request, status, exc, message)  # raises if an answer is under way
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR and isinstance(exc, Exception):
            self._report(request.path, exc)
        return malformed(status)


class _Refusal(asyncio.Protocol):
    """One connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


def _why(error: OSError | OverflowError) -> str:
    """In the system's words, without the address that asyncio puts before them."""
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno).lower()
    return str(error)
