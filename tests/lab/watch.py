"""Probes that run in a host's namespace while a test does things to what they look at."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from tests.lab import namespaces
from tests.lab.net import Host
from tests.lab.waiting import LabTimeoutError, wait_until
from vrrpd.config import model
from vrrpd.engine.inputs import Result
from vrrpd.prober import Prober
from vrrpd.protocol.messages import Seconds

INTERVAL, TIMEOUT = Seconds(0.2), Seconds(1.0)
"""Of each probe, unless told: often, and with the patience that a busy machine needs."""


class Watched:
    """A prober on `host`; a context manager. `options` are those of each probe by name, all of kind `kind`."""

    def __init__(
        self,
        host: Host,
        kind: str,
        options: Mapping[str, object],
        *,
        interval: Seconds = INTERVAL,
        timeout: Seconds = TIMEOUT,
    ) -> None:
        self._host = host
        self._probes = tuple(
            model.Probe(name=name, type=kind, interval=interval, timeout=timeout, options=each)
            for name, each in options.items()
        )
        self._results: dict[str, list[Result]] = {name: [] for name in options}
        self._stop = threading.Event()
        self._errors: list[BaseException] = []

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._body, name="watched")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        if self._errors and error is None:
            raise self._errors[0]

    def last(self, name: str) -> Result | None:
        """The last result of a probe."""
        results = self._results[name]
        return results[-1] if results else None

    def count(self, name: str) -> int:
        """Results so far: where `since` begins."""
        return len(self._results[name])

    def since(self, name: str, count: int) -> list[Result]:
        """The results after the first `count`."""
        return self._results[name][count:]

    def wait(self, name: str, right: Callable[[Result], bool], timeout: float = 120.0) -> Result:
        """Wait until the last result is right and return it; the error says what it was instead."""

        def seen() -> bool:
            last = self.last(name)
            return last is not None and right(last)

        try:
            wait_until(seen, timeout, f"result of probe {name}")
        except LabTimeoutError as error:
            raise LabTimeoutError(f"{error}; the last one: {self.last(name)}") from error
        return next(each for each in reversed(self._results[name]) if right(each))

    def _body(self) -> None:
        try:
            namespaces.inside(self._host.namespace, lambda: asyncio.run(self._main()))
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits for this one
            self._errors.append(error)

    async def _main(self) -> None:
        prober = Prober(self._book)
        prober.configure(self._probes)
        while not self._stop.is_set():  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(0.05)
        await prober.close()

    def _book(self, name: str, result: Result) -> bool:
        self._results[name].append(result)
        return False
