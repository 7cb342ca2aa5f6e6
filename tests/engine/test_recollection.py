"""What outlives the daemon, and how soon each entry has to be kept."""

from dataclasses import replace

import pytest

from tests.engine.scene import INSTANCE
from vrrpd.config.model import Configuration
from vrrpd.engine.instance import NO_PAST, Past, identity
from vrrpd.engine.journal import AdvertSent, Entry, Role, StateChanged
from vrrpd.engine.journal_health import ProbeChanged, RemedyStarted
from vrrpd.engine.recollection import ATTEMPTS_KEPT, Haste, Recollection
from vrrpd.protocol.messages import PRIORITY_RESIGN, Reason, Seconds

AT = Seconds(7.0)
SENT = AdvertSent(AT, "VI_1", 150, Seconds(0.0))
MASTER = StateChanged(AT, "VI_1", Role.BACKUP, Role.MASTER, Reason.TIMEOUT)
BACKUP = StateChanged(AT, "VI_1", Role.MASTER, Role.BACKUP, Reason.TIMEOUT)
TRIED = RemedyStarted(AT, "p", "restart", 1, 3)
DOWN = ProbeChanged(AT, "p", False, "")
KEY = identity(INSTANCE)


def told(*entries: Entry) -> Recollection:
    made = Recollection()
    made.configure(Configuration(instances=(INSTANCE,)))
    for each in entries:
        made.record(each)
    return made


@pytest.mark.parametrize(
    ("before", "entry", "haste"),
    [
        ((), SENT, Haste.NONE),
        ((MASTER,), SENT, Haste.SOON),
        ((MASTER,), replace(SENT, priority=PRIORITY_RESIGN), Haste.NONE),
        ((), MASTER, Haste.NOW),
        ((MASTER,), BACKUP, Haste.NOW),
        ((), BACKUP, Haste.NONE),
        ((), DOWN, Haste.NONE),
        ((MASTER,), DOWN, Haste.NOW),
        ((), TRIED, Haste.NOW),
    ],
)
def test_how_soon(before: tuple[Entry, ...], entry: Entry, haste: Haste) -> None:
    assert told(*before).record(entry) is haste


def test_a_master_has_advertised_and_is_known() -> None:
    assert told(MASTER).past() == NO_PAST
    assert told(MASTER, SENT).past() == Past({KEY: AT})
    assert told(SENT, MASTER, BACKUP).past() == NO_PAST
    assert told(MASTER, SENT, replace(SENT, at=Seconds(8.0), priority=PRIORITY_RESIGN)).past() == Past({KEY: AT})


def test_verdicts_of_probes_that_are_no_more_are_forgotten() -> None:
    made = told(DOWN)
    assert made.past().verdicts == {"p": False}
    made.configure(Configuration(instances=(INSTANCE,)))
    assert made.past().verdicts == {}


def test_attempts_go_on_to_be_counted_and_are_bounded() -> None:
    made = told()
    made.resume(Past(remedies={"p": (Seconds(1.0),)}))
    made.record(TRIED)
    assert made.past().remedies == {"p": (1.0, 7.0)}
    for _ in range(ATTEMPTS_KEPT):
        made.record(TRIED)
    assert made.past().remedies["p"] == (AT,) * ATTEMPTS_KEPT


def test_resigned() -> None:
    made = told(MASTER, SENT)
    made.resigned()
    assert made.past() == NO_PAST
