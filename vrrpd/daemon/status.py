"""STATUS= for the service manager: one line that `systemctl status` shows."""

from vrrpd.engine.journal import Entry, PriorityChanged, Role, StateChanged
from vrrpd.linux.systemd import Notifier
from vrrpd.observe.state import StateView

NAMED_LIMIT = 16
"""Instances told by name; of more their number in each state is told. Nobody reads a line of hundreds."""


class StatusLine:
    """A reader of the journal; to be added after the state view, whose view it tells."""

    def __init__(self, view: StateView, notifier: Notifier) -> None:
        """`view` has taken each entry in before `record` gets it."""
        self._view = view
        self._notifier = notifier
        self._told = ""

    def record(self, entry: Entry) -> None:
        """Tell anew whenever a state or a priority changed, and the line with it."""
        if isinstance(entry, StateChanged | PriorityChanged) and (text := self.text()) != self._told:
            self._told = text
            self._notifier.send(f"STATUS={text}")

    def text(self) -> str:
        """For example `VI_1 MASTER 150, VI_2 BACKUP 90`, or `200 MASTER, 55 BACKUP`."""
        records = self._view.instances.values()
        if len(records) > NAMED_LIMIT:
            roles = [each.role for each in records]  # counted so because an enum takes long to hash
            states = sorted(((roles.count(role), role) for role in Role), key=lambda state: -state[0])
            return ", ".join(f"{count} {role.value.upper()}" for count, role in states if count)
        return ", ".join(f"{each.config.name} {each.role.value.upper()} {each.priority}" for each in records)
