"""One AMQP connection of a probe, from the protocol header to the farewell."""

import asyncio
import ssl
from collections.abc import Callable
from typing import TypeVar, cast

from vrrpd.probes import amqp_methods as wire
from vrrpd.probes.amqp_frames import PROTOCOL_HEADER, Frame, FrameReader, Method
from vrrpd.probes.amqp_methods import Close, Start
from vrrpd.probes.amqp_options import AmqpOptions, Place
from vrrpd.probes.outcome import ProbeFailed
from vrrpd.probes.steps import step
from vrrpd.probes.tcp import refusal
from vrrpd.probes.tls import complaint

P = TypeVar("P", bound=asyncio.Protocol)

FAREWELL = 0.1
"""Seconds for a polite logout; the priority 0 advertisement of a daemon that stops has left long before."""
MAX_UNREAD = 16
"""Frames received that nobody waits for. A server has no reason to send more than a few."""
_OUR_FAULT = frozenset((403, 530))
"""ACCESS_REFUSED, NOT_ALLOWED: the answers to wrong credentials and to a wrong vhost."""


class Broken(ProbeFailed):
    """The connection ended without a word of AMQP."""


class Refused(ProbeFailed):
    """The broker is alive and does not want us: somebody has to look at the configuration."""

    def __init__(self, why: str) -> None:
        """`why` without varying numbers: it becomes an alarm."""
        super().__init__(f"misconfigured: {why}")


class ClosedByServer(ProbeFailed):
    """connection.close came: the broker says itself why it does not go on."""

    def __init__(self, server: str, close: Close) -> None:
        """Keep the code: it tells our fault from the broker's."""
        super().__init__(f"{server} closed the connection: {close}")
        self.close = close


class Deaf(Exception):
    """The broker reads nothing from this connection until connection.unblocked: a word of life, but no answer."""


class Link(asyncio.Protocol):
    """Read as octets arrive, so that a farewell is kept even if a reset follows it."""

    def __init__(self, news: Callable[[], None]) -> None:
        """`news` is called when the broker does something unasked, such as closing the connection."""
        self.blocked = ""
        """Why the broker takes no publications from us, and reads nothing at all."""
        self._news = news
        self._transport: asyncio.Transport  # from connection_made on, before anybody has the link
        self._frames = FrameReader()
        self._unread: list[Frame] = []
        self._waiter: asyncio.Future[None] | None = None
        self._end: ProbeFailed | None = None
        self._server = "AMQP server"
        self._tells_alarms = False
        self._publishing = False
        self._heard = False
        self._leaving = False

    @classmethod
    async def connect(
        cls,
        place: Place,
        options: AmqpOptions,
        context: ssl.SSLContext | None,
        news: Callable[[], None] = lambda: None,
    ) -> "Link":
        """Open the connection, with `context` in TLS, and send the protocol header. Raises `ProbeFailed`."""
        transport, link = await opened(place, options, context, lambda: cls(news))
        step(f"connected to {place}{' in TLS' if context else ''}")
        transport.write(PROTOCOL_HEADER)
        return link

    def __str__(self) -> str:
        """The server, as in `RabbitMQ 3.10.8`."""
        return self._server

    @property
    def ended(self) -> bool:
        """Nothing more will come."""
        return self._end is not None

    @property
    def watches_alarms(self) -> bool:
        """The broker would tell us of an alarm at the next `channel`."""
        return self._publishing

    async def start(self) -> Start:
        """Wait for connection.start."""
        start = Start.parse((await self._expect(Method.START)).arguments)
        self._server = str(start)
        step(f"connection.start from {start}")
        self._tells_alarms = wire.BLOCKED_CAPABILITY in start.capabilities
        return start

    async def login(self, options: AmqpOptions) -> None:
        """From connection.start to connection.open-ok. Raises `Refused` and other `ProbeFailed`."""
        start = await self.start()
        if "PLAIN" not in start.mechanisms:
            raise Refused(f"{start} offers no PLAIN login but {' '.join(start.mechanisms)}")
        whom = f"the credentials of user {options.user}"
        try:
            self._write(wire.start_ok(options.user, options.password))
            tune = await self._expect(Method.TUNE)
            whom = f"vhost {options.vhost} to user {options.user}"
            step(f"connection.tune, so user {options.user} is known")
            self._tells_alarms &= wire.channels(tune.arguments) >= wire.ALARM_CHANNEL
            self._write(wire.tune_ok(tune.arguments) + wire.open_vhost(options.vhost))
            await self._expect(Method.OPEN_OK)
            step(f"connection.open-ok for vhost {options.vhost}")
        except ClosedByServer as error:
            if error.close.code in _OUR_FAULT:
                raise Refused(f"{start} refuses {whom}: {error.close}") from error
            raise

    def watch_alarms(self) -> None:
        """From now on `channel` asks for alarms as well, if the server can tell. No answer is due. Once only."""
        if self._tells_alarms:
            self._write(wire.begin_publication())
            self._publishing = True

    async def channel(self) -> None:
        """Open a channel and close it again: the broker's own processes have to work for that.

        Raises `Deaf` when the broker has blocked this connection, before or in answer to this.
        """
        self._write((wire.go_on_publishing() if self._publishing else b"") + wire.open_channel())
        await self._expect(Method.CHANNEL_OPEN_OK)
        step("channel.open-ok")
        self._write(wire.close_channel())
        await self._expect(Method.CHANNEL_CLOSE_OK)
        step("channel.close-ok")

    async def leave(self) -> None:
        """connection.close, and its answer if it comes within `FAREWELL`; a blocked connection would not answer."""
        self._leaving = True
        try:
            if not self.blocked:
                async with asyncio.timeout(FAREWELL):
                    await self._log_out()
        except (ProbeFailed, TimeoutError, Deaf):
            pass
        finally:
            self._shut()

    async def _log_out(self) -> None:
        self._write(wire.close_connection())
        while (await self._next()).method is not Method.CLOSE_OK:
            pass  # answers to what was asked before

    def drop(self) -> None:
        """Without a word."""
        self._leaving = True
        self._transport.abort()

    def _shut(self) -> None:
        """With a FIN, after what is still to be sent."""
        self._transport.close()

    def _write(self, octets: bytes) -> None:
        if self._end is not None:
            raise self._end
        if self.blocked:
            raise Deaf
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
            if self.blocked:
                raise Deaf
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
        if isinstance(exc, ssl.SSLError):
            self._finish(Refused(f"TLS: {complaint(exc)}"))  # an alert, as to a client without a certificate
        if not self._heard:
            self._finish(Broken(f"connection closed without a word: {self._suspect()}"))
        why = exc.strerror if isinstance(exc, OSError) else None
        self._finish(Broken(f"{self._server}: connection lost ({why or 'closed'})"))
        self._wake()

    def _suspect(self) -> str:
        if self._transport.get_extra_info("sslcontext"):
            # Its alert may be lost: the server resets the connection, as it never read our header.
            return "a broker that wants a certificate of ours, or a proxy with no broker behind it"
        return "a proxy with no broker behind it, or not AMQP"

    def _take(self, frame: Frame) -> None:
        match frame.method:
            case Method.CLOSE:
                close = Close.parse(frame.arguments)
                self._finish(ClosedByServer(self._server, close))
                self._farewell()
            case Method.BLOCKED:
                self.blocked = wire.blocked_reason(frame.arguments) or "no reason given"
                self._news()
            case Method.UNBLOCKED:
                self.blocked = ""
                self._news()
            case _ if frame.channel == wire.ALARM_CHANNEL:
                self._take_of_alarm_channel(frame)
            case _ if len(self._unread) >= MAX_UNREAD:
                raise ProbeFailed(f"{self._server}: more than {MAX_UNREAD} frames nobody asked for")
            case _:
                self._unread.append(frame)

    def _take_of_alarm_channel(self, frame: Frame) -> None:
        """Nobody waits for anything there. A server that closes it does not bear what we do; then we leave it."""
        if frame.method is Method.CHANNEL_CLOSE:
            self._tells_alarms = self._publishing = False
            self._transport.write(Frame(wire.ALARM_CHANNEL, Method.CHANNEL_CLOSE_OK).encode())

    def _farewell(self) -> None:
        self._transport.write(Frame(0, Method.CLOSE_OK).encode())
        self._shut()

    def _finish(self, why: ProbeFailed) -> None:
        if self._end is None:
            self._end = why
            if not self._leaving:
                self._news()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


async def opened(
    place: Place, options: AmqpOptions, context: ssl.SSLContext | None, make: Callable[[], P]
) -> tuple[asyncio.Transport, P]:
    """A connection, through the TLS handshake if there is a context. Raises `ProbeFailed`, `Refused`."""
    loop = asyncio.get_running_loop()
    try:
        if context is None:
            return await loop.create_connection(make, place.host, place.port)
        return await loop.create_connection(
            make,
            place.host,
            place.port,
            ssl=context,
            server_hostname=options.server_name or place.host,
            ssl_shutdown_timeout=FAREWELL,
        )
    except ssl.SSLError as error:
        raise Refused(f"TLS with {place}: {complaint(error)}") from error
    except OSError as error:
        raise ProbeFailed(f"{place}: {refusal(error)}") from error


async def tls_handshake(place: Place, options: AmqpOptions, context: ssl.SSLContext) -> None:
    """A TLS handshake and a polite end, without AMQP. Raises `ProbeFailed`, `Refused`.

    RabbitMQ overlooks the end of a connection that closes right after the handshake without close_notify (RFC 8446,
    6.1), waits for AMQP until its handshake_timeout and logs an error.
    """
    transport, end = await opened(place, options, context, _End)
    try:
        async with asyncio.timeout(FAREWELL):
            transport.close()
            await end.came.wait()
    except TimeoutError:
        pass
    finally:
        transport.abort()


class _End(asyncio.Protocol):
    def __init__(self) -> None:
        self.came = asyncio.Event()

    def connection_lost(self, _exc: Exception | None) -> None:
        self.came.set()
