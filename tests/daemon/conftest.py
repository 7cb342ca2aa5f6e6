"""The composition without a kernel and without a service manager."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.world import StandIn, World
from vrrpd.daemon import serve
from vrrpd.linux.systemd import Notifier

TOLD = ("READY=1", "STOPPING=1", "RELOADING=1", "WATCHDOG_USEC=")
"""What the service manager takes note of."""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A host and a service manager that only take notes."""
    made = World(tmp_path)

    class Manager(Notifier):
        def send(self, *assignments: str) -> None:
            made.note(*(each for each in assignments if each.startswith(TOLD)))

    monkeypatch.setattr(serve, "Host", lambda publish, notifier: StandIn(made, publish, notifier))
    monkeypatch.setattr(serve, "Notifier", Manager)
    yield made
    gc.unfreeze()
