"""An operator's hand: the acts, and what lasts in the state directory for their sake."""

from pathlib import Path

from vrrpd.api.acts import PROBE, Act
from vrrpd.config.model import Instance
from vrrpd.daemon.acquaintance import Acquaintance
from vrrpd.daemon.disk import Disk
from vrrpd.daemon.drainage import Drainage
from vrrpd.daemon.history import History
from vrrpd.daemon.host import Host
from vrrpd.daemon.journal import ROUTINE, Journal
from vrrpd.daemon.looking import Looking
from vrrpd.daemon.maintenance import Maintenance
from vrrpd.engine.drain import Drain
from vrrpd.engine.inputs import Link
from vrrpd.engine.journal import AdvertSent
from vrrpd.engine.journal_daemon import Lagged
from vrrpd.observe.explain import Scene, explain
from vrrpd.observe.peers import Peers
from vrrpd.observe.record import InstanceRecord
from vrrpd.observe.shape import ExplanationShape
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
        self._view = view
        self._peers = Peers()
        self._acquaintance = Acquaintance(state_dir, self._disk, self._peers, wall)
        self._maintenance = Maintenance(host, view, self._peers, self._drainage, wall)
        self.history = History(state_dir, self._disk, journal.publish, host.now, wall)
        self._recalled = False
        journal.add(self._drainage.record, passes_over=ROUTINE)
        journal.add(self._acquaintance.record, passes_over=(AdvertSent, Lagged))

    def recall(self) -> None:
        """What an earlier daemon left: what is drained stays so."""
        self.history.start()
        self._acquaintance.recall(self._host.now())
        if drains := self._drainage.recall(self._host.now()):
            self._host.drain(drains)
        self._recalled = True

    def explain(self, name: str | None) -> list[ExplanationShape] | None:
        """One instance or all; None: there is none of this name."""
        records = self._view.instances
        if name is not None and name not in records:
            return None
        return [explain(self._scene(record)) for record in records.values() if name in (None, record.config.name)]

    def _scene(self, record: InstanceRecord) -> Scene:
        drain = self._view.drain_of(record.config.name)
        return Scene(
            record,
            self._view.probes,
            self._peers.of(record.config.name),
            self._view.link(record.config.interface),
            Drain(drain.reason, ends=drain.ends).told if drain else "",
            self._host.now(),
            self._fellows(record),
        )

    def _fellows(self, record: InstanceRecord) -> tuple[tuple[Instance, Link], ...]:
        """The other instances of its sync group."""
        group, others = record.config.sync_group, [each.config for each in self._view.instances.values()]
        found = [each for each in others if group and each.sync_group == group and each.name != record.config.name]
        return tuple((each, self._view.link(each.interface)) for each in found)

    def acts(self) -> dict[str, Act]:
        """By their names in the API."""
        return {**self._maintenance.acts(), PROBE: Looking(self._host, self._view).probe}

    def settle(self) -> None:
        """Everything is written, as far as the disk allows."""
        if self._recalled:
            self._acquaintance.keep(self._host.now())
        self.history.finish()
        self._disk.settle(PATIENCE)
