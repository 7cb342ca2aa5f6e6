"""A daemon's word against itself."""

import pytest

from tests.sim.worlds import BOTH, stage
from vrrpd.engine.journal import Role, StateChanged
from vrrpd.engine.journal_daemon import Yielding
from vrrpd.protocol.messages import Reason, Seconds
from vrrpd.sim.plan import Network
from vrrpd.sim.safety import Violation
from vrrpd.sim.settings import configuration
from vrrpd.sim.witness import Witness

CONFIGURATION = configuration(BOTH[0], Network(), 2)
INSTANCE = CONFIGURATION.instances[0]


def witness() -> Witness:
    made = stage()
    found = Witness("r1", made.safety, lambda: made.timeline.now)
    found.configured(CONFIGURATION)
    return found


def moved(new: Role) -> StateChanged:
    return StateChanged(Seconds(0.0), INSTANCE.name, Role.BACKUP, new, Reason.TIMEOUT)


def test_a_master_that_holds_is_well() -> None:
    made = witness()
    made.hold(INSTANCE, hold=True, drained=False)
    made.read(moved(Role.MASTER))
    made.announces(INSTANCE)
    assert (made.roles, made.holds()) == ({INSTANCE.name: Role.MASTER}, True)


def test_a_master_that_does_not_hold_and_a_backup_that_does() -> None:
    with pytest.raises(Violation, match="held"):
        witness().read(moved(Role.MASTER))
    made = witness()
    made.hold(INSTANCE, hold=True, drained=False)
    with pytest.raises(Violation, match="held"):
        made.read(moved(Role.BACKUP))


def test_nothing_is_announced_that_is_not_held() -> None:
    with pytest.raises(Violation, match="announced"):
        witness().announces(INSTANCE)


def test_who_is_drained_takes_nothing_and_who_resigns_keeps_nothing() -> None:
    made = witness()
    with pytest.raises(Violation, match="drained"):
        made.hold(INSTANCE, hold=True, drained=True)
    made.has_given_up("stopped")
    made.hold(INSTANCE, hold=True, drained=False)
    with pytest.raises(Violation, match="stopped"):
        made.has_given_up("stopped")


def test_remembers_a_handover() -> None:
    made = witness()
    made.read(Yielding(Seconds(0.0), INSTANCE.name, True))
    assert made.yielding == {INSTANCE.name}
    made.read(Yielding(Seconds(0.0), INSTANCE.name, False))
    assert made.yielding == set()
