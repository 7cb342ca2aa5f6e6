"""Probe `amqp`: is the broker well, without filling its log.

RabbitMQ logs every handshake that is not a whole login and logout, some of them as errors. So there are three
depths: TCP only (no line in the log, blind to a frozen broker); `handshake` (sees a frozen broker, one
warning per check); and with credentials one kept connection on which each check opens and closes a channel
(nothing in the log), with a fresh login every `relogin`, as a kept connection outlives `suspend_listeners`.
A user without tags and with permissions '^$' '^$' '^$' on the vhost is enough.
"""

import asyncio
from dataclasses import dataclass
from typing import Annotated, cast

from vrrpd.probes import amqp_frames as wire
from vrrpd.probes.amqp_frames import Close, Frame, FrameReader, Method, Start
from vrrpd.probes.outcome import ProbeFailed, Seen
from vrrpd.probes.tcp import refusal, touch
from vrrpd.schema import Doc

FAREWELL = 0.1
"""Seconds for a polite logout when the daemon stops; the priority 0 advertisement has left long before."""
MAX_UNREAD = 16
"""Frames received that nobody waits for. A server has no reason to send more than one."""

_OUR_FAULT = frozenset((403, 530))
"""ACCESS_REFUSED, NOT_ALLOWED: the answers to wrong credentials and to a wrong vhost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmqpOptions:
    """Keywords of `type = "amqp"`."""

    host: Annotated[str, Doc("address or name of the broker")] = "127.0.0.1"
    port: Annotated[int, Doc("port of AMQP 0-9-1, without TLS", low=1, high=65535)] = 5672
    handshake: Annotated[
        bool,
        Doc("read Connection.Start; one warning in RabbitMQ's log per check: prefer user and password"),
    ] = False
    user: Annotated[str, Doc("log in as; empty: no login")] = ""
    password: Annotated[str, Doc("password of user", secret=True)] = ""
    vhost: Annotated[str, Doc("virtual host to open after the login")] = "/"
    relogin: Annotated[
        float,
        Doc(
            "between two fresh logins, and before refused credentials are tried again",
            unit="seconds",
            low=1,
            high=86400,
        ),
    ] = 30.0

    def problems(self) -> tuple[str, ...]:
        """What is wrong across keywords, one text each."""
        found = []
        if not self.host:
            found.append("host is empty")
        if self.user and not self.password:
            found.append("user needs password")
        if self.password and not self.user:
            found.append("password needs user")
        if not 1 <= len(self.vhost.encode()) <= wire.MAX_TEXT:
            found.append(f"vhost: 1 to {wire.MAX_TEXT} octets")
        if "\0" in self.user + self.password:
            found.append("user, password: no zero octet is possible in AMQP PLAIN")
        return tuple(found)


class AmqpProbe:
    """Well while the broker answers at the depth the options ask for."""

    def __init__(self, options: AmqpOptions) -> None:
        """Nothing is opened yet."""
        self._options = options
        self._kept: Link | None = None
        self._login_due = 0.0
        self._refused = ""

    async def check(self) -> Seen:
        """Look once. Raises `ProbeFailed`."""
        return Seen(detail=await self._look())

    async def _look(self) -> str:
        if self._options.user:
            return await self._round_trip()
        if self._options.handshake:
            return await self._handshake()
        await touch(self._options.host, self._options.port)
        return f"{self._options.host}:{self._options.port} accepts connections"

    async def close(self) -> None:
        """Log out politely, or drop the connection after `FAREWELL`."""
        kept, self._kept = self._kept, None
        if kept is not None:
            await kept.leave()

    async def _handshake(self) -> str:
        link = await Link.connect(self._options)
        try:
            return f"{await link.start()} answers"
        finally:
            link.drop()

    async def _round_trip(self) -> str:
        """A channel on the kept connection; a login when due, or once when the connection just broke."""
        now = asyncio.get_running_loop().time()
        if self._kept is None or now >= self._login_due:
            return await self._login(now)
        link = self._kept
        try:
            await link.channel()
        except asyncio.CancelledError:
            self._login_due = 0.0  # and the old connection is left in good order, for the sake of the log
            raise
        except ProbeFailed as error:
            link.drop()
            self._kept = None
            if not isinstance(error, Broken):
                raise
            return await self._login(now)
        return f"{link}: channel opened"

    async def _login(self, now: float) -> str:
        """Replace the kept connection.

        Credentials that were refused rest until `relogin` is over: each try is an error in RabbitMQ's log.
        """
        if self._refused and now < self._login_due:
            raise ProbeFailed(self._refused)
        self._refused = ""
        old, self._kept = self._kept, None
        try:
            link = await self._logged_in(now)
        finally:
            if old is not None:
                await old.leave()
        self._kept = link
        self._login_due = now + self._options.relogin
        return f"{link}: logged in"

    async def _logged_in(self, now: float) -> "Link":
        link = await Link.connect(self._options)
        try:
            await link.login(self._options)
            await link.channel()
        except BaseException as error:
            link.drop()
            if isinstance(error, Refused):
                self._refused = str(error)
                self._login_due = now + self._options.relogin
            raise
        return link


class Broken(ProbeFailed):
    """The connection ended without a word of AMQP."""


class Refused(ProbeFailed):
    """The broker is well and does not want us: somebody has to look at the configuration."""


class Link(asyncio.Protocol):
    """One AMQP connection, read as octets arrive, so that a farewell is kept even if a reset follows it."""

    def __init__(self) -> None:
        """Not connected yet."""
        self._transport: asyncio.Transport  # from connection_made on, before anybody has the link
        self._frames = FrameReader()
        self._unread: list[Frame] = []
        self._waiter: asyncio.Future[None] | None = None
        self._end: ProbeFailed | None = None
        self._server = "AMQP server"
        self._blocked = ""
        self._heard = False

    @classmethod
    async def connect(cls, options: AmqpOptions) -> "Link":
        """Open the connection and send the protocol header. Raises `ProbeFailed`."""
        loop = asyncio.get_running_loop()
        try:
            transport, link = await loop.create_connection(cls, options.host, options.port)
        except OSError as error:
            raise ProbeFailed(f"{options.host}:{options.port}: {refusal(error)}") from error
        transport.write(wire.PROTOCOL_HEADER)
        return link

    def __str__(self) -> str:
        """The server, and if it takes no publications: shown, but no reason to move an address."""
        return self._server + (f" (blocks publishers: {self._blocked})" if self._blocked else "")

    async def start(self) -> Start:
        """Wait for connection.start."""
        start = Start.parse((await self._expect(Method.START)).arguments)
        self._server = str(start)
        return start

    async def login(self, options: AmqpOptions) -> None:
        """From connection.start to connection.open-ok."""
        start = await self.start()
        if "PLAIN" not in start.mechanisms:
            raise Refused(f"misconfigured: {start} offers no PLAIN login but {' '.join(start.mechanisms)}")
        try:
            self._write(wire.start_ok(options.user, options.password))
            tune = await self._expect(Method.TUNE)
            self._write(wire.tune_ok(tune.arguments) + wire.open_vhost(options.vhost))
            await self._expect(Method.OPEN_OK)
        except ClosedByServer as error:
            if error.close.code in _OUR_FAULT:
                raise Refused(f"misconfigured: {start} refuses user {options.user}: {error.close}") from error
            raise

    async def channel(self) -> None:
        """Open a channel and close it again: the broker's own processes have to work for that."""
        self._write(wire.open_channel())
        await self._expect(Method.CHANNEL_OPEN_OK)
        self._write(wire.close_channel())
        await self._expect(Method.CHANNEL_CLOSE_OK)

    async def leave(self) -> None:
        """connection.close, and its answer if it comes within `FAREWELL`."""
        try:
            async with asyncio.timeout(FAREWELL):
                self._write(wire.close_connection())
                while (await self._next()).method is not Method.CLOSE_OK:
                    pass  # answers to what was asked before
        except (ProbeFailed, TimeoutError):
            pass
        finally:
            self._shut()

    def drop(self) -> None:
        """Without a word."""
        self._transport.abort()

    def _shut(self) -> None:
        """With a FIN, after what is still to be sent."""
        self._transport.close()

    def _write(self, octets: bytes) -> None:
        if self._end is not None:
            raise self._end
        self._transport.write(octets)

    async def _expect(self, method: Method) -> Frame:
        frame = await self._next()
        if frame.method is not method:
            raise ProbeFailed(f"{self._server}: {frame.method.name} where {method.name} was due")
        return frame

    async def _next(self) -> Frame:
        while not self._unread:
            if self._end is not None:
                raise self._end
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._unread.pop(0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: there is somebody to write to."""
        self._transport = cast(asyncio.Transport, transport)  # create_connection gives nothing else

    def data_received(self, data: bytes) -> None:
        """asyncio: octets came."""
        self._heard = True
        try:
            for frame in self._frames.feed(data):
                self._take(frame)
        except ProbeFailed as error:
            self._finish(error)
            self.drop()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the connection is gone. What the server said before counts more."""
        if not self._heard:
            self._finish(Broken("connection closed without a word: a proxy with no broker behind it, or not AMQP"))
        why = exc.strerror if isinstance(exc, OSError) else None
        self._finish(Broken(f"{self._server}: connection lost ({why or 'closed'})"))
        self._wake()

    def _take(self, frame: Frame) -> None:
        match frame.method:
            case Method.CLOSE:
                close = Close.parse(frame.arguments)
                self._finish(ClosedByServer(self._server, close))
                self._farewell()
            case Method.BLOCKED:
                self._blocked = wire.blocked_reason(frame.arguments)
            case Method.UNBLOCKED:
                self._blocked = ""
            case _ if len(self._unread) >= MAX_UNREAD:
                raise ProbeFailed(f"{self._server}: more than {MAX_UNREAD} frames nobody asked for")
            case _:
                self._unread.append(frame)

    def _farewell(self) -> None:
        self._transport.write(Frame(0, Method.CLOSE_OK).encode())
        self._shut()

    def _finish(self, why: ProbeFailed) -> None:
        if self._end is None:
            self._end = why

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class ClosedByServer(ProbeFailed):
    """connection.close came: the broker says itself why it does not go on."""

    def __init__(self, server: str, close: Close) -> None:
        """Keep the code: it tells our fault from the broker's."""
        super().__init__(f"{server} closed the connection: {close}")
        self.close = close
