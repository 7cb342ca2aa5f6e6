"""Probes that run on a host of the laboratory as in the daemon, in a thread of ours, and what became of each run."""

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Self

from tests.lab import namespaces
from tests.lab.net import Host
from tests.lab.waiting import now, wait_until
from vrrpd.config import model
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.prober import Prober

PATIENCE = 20.0


class Run(NamedTuple):
    """One run; `at` is Unix time."""

    at: float
    probe: str
    result: Result

    def __str__(self) -> str:
        certain = ", certain" if self.result.certain else ""
        return f"{self.result.outcome.value}{certain}: {self.result.detail}"


class Watched:
    """A context manager; leaves when all probes are closed. `runs` grows meanwhile, `failure` is a defect of ours."""

    def __init__(self, host: Host, *probes: model.Probe) -> None:
        self.runs: list[Run] = []
        self.failure: BaseException | None = None
        self._host = host
        self._probes = probes
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, name="probes", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        wait_until(lambda: bool(self.runs or self.failure), PATIENCE, "first run of a probe")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        if self.failure is not None:
            raise self.failure

    def wait(self, what: Callable[[Run], bool], since: float = 0.0) -> Run:
        """The first run after `since` that is like this."""

        def found() -> list[Run]:
            return [each for each in list(self.runs) if each.at > since and what(each)]

        wait_until(lambda: bool(found()), PATIENCE, "such a run of a probe")
        return found()[0]

    def wait_well(self, since: float = 0.0) -> Run:
        """The first good run after `since`."""
        return self.wait(lambda run: run.result.outcome is Outcome.OK, since)

    def wait_told(self, text: str, since: float = 0.0) -> Run:
        """The first run after `since` whose line, as `Run` shows it, starts with this."""
        return self.wait(lambda run: str(run).startswith(text), since)

    def _live(self) -> None:
        try:
            namespaces.inside(self._host.namespace, lambda: asyncio.run(self._watch()))
        except BaseException as error:  # noqa: BLE001 - raised again where the test sees it
            self.failure = error

    async def _watch(self) -> None:
        prober = Prober(self._book)
        prober.configure(self._probes)
        while not self._stop.is_set():  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(0.02)
        await prober.close()

    def _book(self, probe: str, result: Result) -> bool:
        self.runs.append(Run(now(), probe, result))
        return False
