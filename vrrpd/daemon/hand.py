"""An operator's hand: the acts, and what lasts in the state directory for their sake."""

from pathlib import Path

from vrrpd.api.acts import Act
from vrrpd.daemon.acquaintance import Acquaintance
from vrrpd.daemon.disk import Disk
from vrrpd.daemon.drainage import Drainage
from vrrpd.daemon.history import History
from vrrpd.daemon.host import Host
from vrrpd.daemon.journal import Journal
from vrrpd.daemon.maintenance import Maintenance
from vrrpd.observe.peers import Peers
from vrrpd.observe.state import StateView, Wall

PATIENCE = 0.5
"""Seconds at the end for what is to be written to the state directory."""


class Hand:
    """Composition. `recall` before the first configuration is in force; `settle` before the end."""

    def __init__(self, state_dir: Path, host: Host, view: StateView, journal: Journal, wall: Wall) -> None:
        """Reads the journal from now on; to be made after `view` reads it. `history` is to follow the log."""
        self._host = host
        self._disk = Disk()
        self._drainage = Drainage(state_dir, self._disk, wall)
        peers = Peers()
        self._acquaintance = Acquaintance(state_dir, self._disk, peers, wall)
        self._maintenance = Maintenance(host, view, peers, self._drainage, wall)
        self.history = History(state_dir, self._disk, journal.publish, host.now, wall)
        self._recalled = False
        for reader in (self._drainage.record, self._acquaintance.record):
            journal.add(reader)

    def recall(self) -> None:
        """What an earlier daemon left: what is drained stays so."""
        self.history.start()
        self._acquaintance.recall(self._host.now())
        if drains := self._drainage.recall(self._host.now()):
            self._host.drain(drains)
        self._recalled = True

    def acts(self) -> dict[str, Act]:
        """By their names in the API."""
        return self._maintenance.acts()

    def settle(self) -> None:
        """Everything is written, as far as the disk allows."""
        if self._recalled:
            self._acquaintance.keep(self._host.now())
        self.history.finish()
        self._disk.settle(PATIENCE)
