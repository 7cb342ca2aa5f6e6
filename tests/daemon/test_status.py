"""The line that `systemctl status` shows."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

from tests.engine.scene import INSTANCE
from vrrpd.config.model import Configuration
from vrrpd.daemon.status import NAMED_LIMIT, StatusLine
from vrrpd.engine.journal import Entry, PriorityChanged, Role, StateChanged
from vrrpd.engine.journal_daemon import Lagged
from vrrpd.linux.systemd import Notifier
from vrrpd.observe.state import StateView
from vrrpd.protocol.messages import Reason, Seconds


class Manager:
    """Stands in for the notifier."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def send(self, *assignments: str) -> None:
        self.told.extend(assignments)


def test_told_with_each_change_of_state_or_priority_only() -> None:
    view, manager = StateView(lambda: Seconds(0.0), lambda at: datetime.fromtimestamp(at, UTC)), Manager()
    view.configure(Configuration(instances=(INSTANCE,)))
    status = StatusLine(view, cast(Notifier, manager))

    def tell(entry: Entry) -> None:
        view.record(entry)
        status.record(entry)

    tell(StateChanged(Seconds(1.0), "VI_1", Role.INIT, Role.BACKUP, Reason.STARTUP))
    tell(Lagged(Seconds(1.0), Seconds(0.0)))
    tell(PriorityChanged(Seconds(2.0), "VI_1", 150, 90))
    tell(PriorityChanged(Seconds(2.0), "VI_1", 90, 90))
    assert manager.told == ["STATUS=VI_1 BACKUP 150", "STATUS=VI_1 BACKUP 90"]


def test_many_are_counted() -> None:
    """The line is told with each change, and hundreds may change at once."""
    view = StateView(lambda: Seconds(0.0), lambda at: datetime.fromtimestamp(at, UTC))
    many = tuple(replace(INSTANCE, name=f"VI_{each}", virtual_router_id=each) for each in range(1, NAMED_LIMIT + 2))
    view.configure(Configuration(instances=many))
    view.record(StateChanged(Seconds(1.0), "VI_1", Role.INIT, Role.BACKUP, Reason.STARTUP))
    assert StatusLine(view, cast(Notifier, Manager())).text() == f"{NAMED_LIMIT} INIT, 1 BACKUP"
