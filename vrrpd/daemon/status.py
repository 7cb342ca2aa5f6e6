"""STATUS= for the service manager: one line that `systemctl status` shows."""

from vrrpd.engine.journal import Entry, PriorityChanged, StateChanged
from vrrpd.linux.systemd import Notifier
from vrrpd.observe.state import StateView


class StatusLine:
    """A reader of the journal; to be added after the state view, whose view it tells."""

    def __init__(self, view: StateView, notifier: Notifier) -> None:
        """`view` has taken each entry in before `record` gets it."""
        self._view = view
        self._notifier = notifier

    def record(self, entry: Entry) -> None:
        """Tell anew whenever a state or a priority changed."""
        if isinstance(entry, StateChanged | PriorityChanged):
            self._notifier.send(f"STATUS={self.text()}")

    def text(self) -> str:
        """For example `VI_1 MASTER 150, VI_2 BACKUP 90`."""
        instances = self._view.snapshot()["instances"]
        return ", ".join(f"{each['name']} {each['state'].upper()} {each['priority']}" for each in instances)
