"""A prober in a network namespace: what it books, in order, whatever it is asked between two ticks."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar

from tests.lab import namespaces
from vrrpd.config import model
from vrrpd.engine.inputs import Result
from vrrpd.prober import Prober
from vrrpd.protocol.messages import Seconds

T = TypeVar("T")

PATIENCE_SECONDS = 30.0
"""For one result; only a probe that notices nothing comes near it."""
NEVER = Seconds(3600.0)
"""An interval that no test lives to see: what is booked after the first result was noticed by the probe itself."""


class Probing:
    """One probe that runs; to be used inside a running loop, as `async with`."""

    def __init__(self, kind: str, options: object) -> None:
        self.booked: list[Result] = []
        self._news: asyncio.Queue[Result] = asyncio.Queue()
        self._prober = Prober(self._checked)
        self._probe = model.Probe(name="p", type=kind, interval=NEVER, timeout=Seconds(20.0), options=options)

    async def __aenter__(self) -> Self:
        self._prober.configure((self._probe,))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._prober.close()

    async def next(self) -> Result:
        """The next result that nobody has taken yet."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._news.get()

    async def until(self, detail: str) -> Result:
        """The next result with this detail; others before it are passed over."""
        while (result := await self.next()).detail != detail:
            pass
        return result

    def _checked(self, _: str, result: Result) -> bool:
        self.booked.append(result)
        self._news.put_nowait(result)
        return False


def in_namespace(name: str, scenario: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run it in a loop of its own, whose sockets belong to the namespace."""
    return namespaces.inside(name, lambda: asyncio.run(scenario()))
