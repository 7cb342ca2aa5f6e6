"""One broker, asked again and again at the depth the options allow."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from vrrpd.probes.amqp_link import Broken, Deaf, Link, Refused, tls_handshake
from vrrpd.probes.amqp_options import AmqpOptions, Place
from vrrpd.probes.outcome import ProbeFailed
from vrrpd.probes.tcp import touch
from vrrpd.probes.tls import Contexts, UnloadableError


@dataclass(frozen=True, slots=True)
class Answer:
    """What one look gave."""

    detail: str
    up: bool = True
    alarm: str = ""
    """Without varying numbers; empty: none."""
    blocked: bool | None = None
    """The broker blocks publishers; None: not known at this depth."""


class Target:
    """A broker and what is kept of it between two looks.

    With credentials that is a connection on which each look opens a channel, and, while the broker blocks publishers,
    the connection that was told so: it hears nothing else until that is over, so looks go on with another one.
    """

    def __init__(self, place: Place, options: AmqpOptions, contexts: Contexts | None, news: Callable[[], None]) -> None:
        """Nothing is opened yet. `news` is called when the broker ends or blocks a connection unasked."""
        self.place = place
        self._options = options
        self._contexts = contexts
        self._news = news
        self._kept: Link | None = None
        self._blocked: Link | None = None
        self._login_due = 0.0
        self._detail = ""
        self._refused = ""
        self._retry_due = 0.0

    async def look(self) -> Answer:
        """Ask once. Raises `ProbeFailed`. May be cancelled, and then leaves everything in good order."""
        now = asyncio.get_running_loop().time()
        if self._refused and now < self._retry_due:
            await touch(*self.place)
        else:
            await self._ask(now)
        if self._refused:
            return Answer(self._refused, up=self._options.misconfigured == "alarm", alarm=self._refused)
        return self._seen()

    async def _ask(self, now: float) -> None:
        """Look, and remember that we were refused: each try is a line in RabbitMQ's log."""
        try:
            self._detail = await self._look(now)
            self._refused = ""
        except Refused as error:
            self._refused = str(error)
            self._retry_due = now + self._options.retry_refused
            await self.close()

    def _seen(self) -> Answer:
        if self._blocked is not None and self._blocked.blocked:
            alarm = f"blocks publishers: {self._blocked.blocked}"
            return Answer(f"{self._detail}; {alarm}", up=self._options.blocked != "fail", alarm=alarm, blocked=True)
        watched = self._kept is not None and self._kept.watches_alarms
        return Answer(self._detail, blocked=False if watched else None)

    async def close(self) -> None:
        """Log out politely, or drop the connections after `FAREWELL`."""
        left = [link for link in (self._kept, self._blocked) if link]
        self._kept = self._blocked = None
        for link in left:
            await link.leave()

    async def _look(self, now: float) -> str:
        if self._options.user:
            return await self._round_trip(now)
        if self._options.handshake:
            return await self._handshake()
        context = await self._context()
        if context is None:
            await touch(*self.place)
            return f"{self.place} accepts connections"
        await tls_handshake(self.place, self._options, context)
        return f"{self.place} answers in TLS"

    async def _context(self) -> ssl.SSLContext | None:
        try:
            return await self._contexts.get() if self._contexts else None
        except UnloadableError as error:
            raise Refused(str(error)) from error

    async def _connect(self) -> Link:
        return await Link.connect(self.place, self._options, await self._context(), self._news)

    async def _handshake(self) -> str:
        link = await self._connect()
        try:
            return f"{await link.start()} answers"
        finally:
            link.drop()

    async def _round_trip(self, now: float) -> str:
        """A channel on the kept connection; a login when there is none, when due, or when the connection just broke."""
        await self._end_of_alarm()
        if self._kept is None or now >= self._login_due:
            return await self._login(now)
        link = self._kept
        try:
            answered = await self._channel(link)
        except Broken:
            answered = False
        if not answered:
            return await self._login(now)
        await self._still_listens(link)
        return f"{link}: channel opened"

    async def _channel(self, link: Link) -> bool:
        """False: blocked, and put aside, whether the news came before or in place of the answer."""
        try:
            await link.channel()
        except Deaf:
            self._blocked, self._kept = link, None
            return False
        except asyncio.CancelledError:
            self._login_due = 0.0  # and this one is left in good order then, for the sake of the log
            raise
        except ProbeFailed:
            link.drop()
            self._kept = None
            raise
        return True

    async def _still_listens(self, link: Link) -> None:
        """A kept connection outlives suspend_listeners; a touch shows that, and is not logged."""
        try:
            await touch(*self.place)
        except ProbeFailed as error:
            raise ProbeFailed(f"{link} takes no new connections: {error}") from error

    async def _end_of_alarm(self) -> None:
        """Leave the connection that was blocked, and let the other one watch."""
        told = self._blocked
        if told is not None and (told.ended or not told.blocked):
            self._blocked = None
            await told.leave()
        if self._kept is not None:
            self._watch(self._kept)

    def _watch(self, link: Link) -> None:
        """One connection watches; a second one would be blocked as well."""
        unwatched = self._blocked is None and not link.watches_alarms and not link.ended
        if unwatched and self._options.blocked != "ignore":
            link.watch_alarms()

    async def _login(self, now: float) -> str:
        """Replace the kept connection; the old one stays until the new one is there."""
        link = await self._connect()
        try:
            await link.login(self._options)
        except BaseException:
            link.drop()
            raise
        old, self._kept = self._kept, link
        self._login_due = now + self._options.relogin
        if old is not None:
            await old.leave()
        self._watch(link)
        await self._channel(link)
        return f"{link}: logged in"
