"""Names become addresses (getaddrinfo(3)) where a resolver that hangs keeps nobody else waiting.

A lookup has no time limit that we could set: without an answer it ends after 10 to 30 s, or never. Who has asked has
given up long before and asks anew, so without a bound there would be more and more of them.
"""

import asyncio
import socket
from dataclasses import dataclass
from functools import partial
from typing import Literal

from vrrpd.threads import HangingError, Threads

LOOKUPS_LIMIT = 64
"""At once: names come from the configuration, and each has `AT_ONCE` at most."""
AT_ONCE = 2
"""Lookups of one question: the second is for a resolver that is well again while the first still hangs."""
OLD = 5.0
"""Seconds after which a lookup gets that second one beside it: a resolver's own time for one try (resolv.conf(5))."""

FoundIPv4 = tuple[Literal[socket.AddressFamily.AF_INET], socket.SocketKind, int, str, tuple[str, int]]
FoundIPv6 = tuple[
    Literal[socket.AddressFamily.AF_INET6],
    socket.SocketKind,
    int,
    str,
    tuple[str, int, int, int] | tuple[int, bytes],
]
Found = list[FoundIPv4 | FoundIPv6]
"""As getaddrinfo(3) tells it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the arguments of `socket.getaddrinfo`."""

    host: bytes | str | None
    port: bytes | str | int | None
    family: int = 0
    type: int = 0
    proto: int = 0
    flags: int = 0


class Lookups:
    """All lookups of the process."""

    def __init__(self) -> None:
        """Nothing is asked yet."""
        self._threads = Threads("lookup", LOOKUPS_LIMIT)
        self._going: dict[Question, list[tuple[float, asyncio.Future[Found]]]] = {}

    async def ask(self, question: Question) -> Found:
        """Its answer; who asks the same while it is being asked shares it. Raises OSError (`socket.gaierror`).

        Cancelled, it returns at once, and the lookup goes on.
        """
        asked = self._shared(question)
        await asyncio.wait({asked})  # not the future itself: it would be cancelled for all who wait
        try:
            return asked.result()
        except HangingError as error:
            raise socket.gaierror(socket.EAI_AGAIN, error.strerror) from error

    def _shared(self, question: Question) -> "asyncio.Future[Found]":
        loop = asyncio.get_running_loop()
        going = self._going.setdefault(question, [])
        if going and (len(going) >= AT_ONCE or loop.time() - going[-1][0] < OLD):
            return going[-1][1]
        asked = self._threads.start(loop, partial(_look_up, question))
        going.append((loop.time(), asked))
        asked.add_done_callback(partial(self._ended, question))
        return asked

    def _ended(self, question: Question, asked: "asyncio.Future[Found]") -> None:
        left = [each for each in self._going[question] if each[1] is not asked]
        if left:
            self._going[question] = left
        else:
            del self._going[question]
        if not asked.cancelled():
            asked.exception()  # there may be nobody left to take it


def _look_up(question: Question) -> Found:
    return socket.getaddrinfo(
        question.host, question.port, question.family, question.type, question.proto, question.flags
    )
