from dataclasses import replace
from typing import Any

import pytest

from tests.observe.samples import VI_1, heard, moved
from vrrpd.config.model import Instance
from vrrpd.engine.inputs import Standing
from vrrpd.engine.journal import Role
from vrrpd.observe.preempting import because, preempting
from vrrpd.observe.record import InstanceRecord
from vrrpd.protocol.messages import Reason, Seconds

QUICK = "from a lower master it takes over within a skew time (fast_preempt)"
SLOW = "from a lower master it takes over when the master down interval is over"
PREEMPTING: dict[str, tuple[Instance, dict[str, Any], Standing, bool, str]] = {
    "quick": (VI_1, {}, Standing(True), True, QUICK),
    "slow": (replace(VI_1, fast_preempt=False), {}, Standing(True), True, SLOW),
    "delayed": (
        replace(VI_1, preempt_delay=Seconds(30.0)),
        {},
        Standing(True),
        True,
        f"{QUICK} after preempt_delay 30 s",
    ),
    "owner": (replace(VI_1, priority=255, nopreempt=True), {}, Standing(True), True, "the owner always preempts"),
    "nopreempt": (replace(VI_1, nopreempt=True), {}, Standing(True), False, "nopreempt is set"),
    "no result": (VI_1, {}, Standing(None), False, "a probe has no result yet"),
    "handed over": (VI_1, {"yielding": True}, Standing(True), False, "it has handed over"),
    "degraded": (VI_1, {"degraded": ("x",)}, Standing(True), False, "it takes part in spite of a fault"),
    "damped": (VI_1, {"damped_until": Seconds(9.0)}, Standing(True), False, "it changed sides too often (flap_limit)"),
}


@pytest.mark.parametrize(("config", "facts", "standing", "on", "why"), PREEMPTING.values(), ids=PREEMPTING)
def test_whether_it_preempts(config: Instance, facts: dict[str, Any], standing: Standing, on: bool, why: str) -> None:
    record = InstanceRecord(config, config.priority, **facts)
    assert preempting(record, [standing]) == {"on": on, "why": why}


def record(role: Role, reason: Reason, *, priority: int = 150, **facts: Any) -> InstanceRecord:
    made = InstanceRecord(VI_1, priority, **facts)
    made.moved(moved(5.0, Role.INIT, role, reason))
    return made


def test_every_reason_to_be_master_has_its_words() -> None:
    told = {because(record(Role.MASTER, each), "", Seconds(6.0)) for each in Reason}
    assert len(told) == 6
    assert "it was elected" in told


@pytest.mark.parametrize(
    ("theirs", "ours", "words"),
    [
        (200, 150, "10.0.0.12 advertises priority 200 and ours is 150"),
        (150, 150, "10.0.0.12 advertises priority 150 and ours is 150, and an equal priority does not preempt"),
        (100, 150, "10.0.0.12 advertises priority 100 and ours is 150, but see preemption"),
    ],
)
def test_why_it_is_backup(theirs: int, ours: int, words: str) -> None:
    made = record(Role.BACKUP, Reason.STARTUP, priority=ours)
    made.received(heard(5.5, theirs))
    assert because(made, "", Seconds(6.0)) == words


def test_a_backup_that_hears_nobody_says_when_it_takes_over() -> None:
    expected = "no master is heard; it takes over when that has lasted, in 2.4 s at most"
    assert because(record(Role.BACKUP, Reason.STARTUP), "", Seconds(6.0)) == expected


def test_what_holds_it_is_said() -> None:
    """The faults, or what it waits for."""
    made = record(Role.FAULT, Reason.FAULT)
    made.blocked = ("drained: upgrade", "probe haproxy is down")
    assert because(made, "drained: upgrade", Seconds(6.0)) == "drained: upgrade, probe haproxy is down"
    assert because(record(Role.INIT, Reason.STARTUP), "", Seconds(6.0)) == "it has not started yet"
