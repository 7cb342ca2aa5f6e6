"""The state machine, one row for each rule of RFC 3768 6.4, RFC 5798 6.4 and RFC 9568 6.4.

A row: state before, event, parameters, now, state after, outputs; all compared whole. For each MUST there is a row
that obeys and a row that tempts. Sections are those of RFC 9568; RFC 3768 and RFC 5798 are named where they differ.
"""

from dataclasses import replace
from typing import get_args

import pytest

from tests.protocol.router_backup import BACKUP
from tests.protocol.router_master import MASTER
from tests.protocol.router_words import (
    FAULT,
    OWNER,
    P0,
    P50,
    SKEW,
    SLOWER,
    STARTED,
    V2,
    V3,
    Row,
    backup,
    became_master,
    heard,
    ignored,
    master,
    s,
)
from vrrpd.protocol.messages import (
    Backup,
    Event,
    HandOver,
    Initialize,
    Master,
    Output,
    Parameters,
    Reason,
    Reconfigured,
    Resume,
    Shutdown,
    Startup,
    State,
    TimerExpired,
)
from vrrpd.protocol.router import deadline, master_down_interval, skew_time, step

INITIALIZE: dict[str, Row] = {
    # 6.4.1 Startup, owner: "Send an ADVERTISEMENT", gratuitous ARP or NA for each address, Adver_Timer, Master
    "initialize/startup/owner": (
        Initialize(),
        Startup(),
        OWNER,
        5.0,
        master(5.0, since=5.0),
        became_master(Reason.OWNER, priority=255),
    ),
    "initialize/startup/owner v2": (
        Initialize(),
        Startup(),
        replace(V2, priority=255),
        5.0,
        master(5.0, since=5.0),
        became_master(Reason.OWNER, priority=255),
    ),
    # "The owner always preempts", so Preempt_Mode does not hold it back
    "initialize/startup/owner no preempt": (
        Initialize(),
        Startup(),
        replace(OWNER, preempt=False),
        5.0,
        master(5.0, since=5.0),
        became_master(Reason.OWNER, priority=255),
    ),
    # Back within Master_Down_Interval of our last advertisement: nobody else is Master yet
    "initialize/resume": (
        Initialize(),
        Resume(s(5.0)),
        V3,
        8.5,
        master(8.5, since=8.5),
        became_master(Reason.RESUMED),
    ),
    "initialize/resume/too late": (Initialize(), Resume(s(5.0)), V3, 8.609375, backup(8.609375), STARTED),
    "initialize/resume/from the future": (Initialize(), Resume(s(9.0)), V3, 8.0, backup(8.0), STARTED),
    "initialize/resume/too late, owner": (
        Initialize(),
        Resume(s(5.0)),
        OWNER,
        60.0,
        master(60.0, since=60.0),
        became_master(Reason.OWNER, priority=255),
    ),
    # 6.4.1 Startup, else: Active_Adver_Interval = Advertisement_Interval, Active_Down_Timer, Backup
    "initialize/startup/254 is no owner": (
        Initialize(),
        Startup(),
        replace(V3, priority=254),
        5.0,
        backup(5.0),
        STARTED,
    ),
    "initialize/startup/backup": (Initialize(), Startup(), V3, 5.0, backup(5.0), STARTED),
    "initialize/startup/own interval": (Initialize(), Startup(), SLOWER, 5.0, backup(5.0, 4.0), STARTED),
    "initialize/startup/after a fault": (Initialize(FAULT), Startup(), V2, 5.0, backup(5.0), STARTED),
    # 6.4.1: nothing else moves it
    "initialize/shutdown": (Initialize(FAULT), Shutdown(), V3, 5.0, Initialize(), ()),
    "initialize/fault": (Initialize(), Shutdown(FAULT), V3, 5.0, Initialize(FAULT), ()),
    "initialize/timer": (Initialize(), TimerExpired(), V3, 5.0, Initialize(), ()),
    "initialize/reconfigured": (Initialize(), Reconfigured(V2), OWNER, 5.0, Initialize(), ()),
    "initialize/hand over": (Initialize(FAULT), HandOver(), V3, 5.0, Initialize(FAULT), ()),
    "initialize/heard/zero": (Initialize(), heard(0), V3, 5.0, Initialize(), ignored(P0)),
    "initialize/heard/lower": (Initialize(FAULT), heard(50), V3, 5.0, Initialize(FAULT), ignored(P50)),
}

ROWS = INITIALIZE | BACKUP | MASTER


@pytest.mark.parametrize(("before", "event", "own", "now", "after", "outputs"), ROWS.values(), ids=ROWS)
def test_row(
    before: State, event: Event, own: Parameters, now: float, after: State, outputs: tuple[Output, ...]
) -> None:
    assert step(before, event, own, s(now)) == (after, outputs)


@pytest.mark.parametrize("event", get_args(Event))
@pytest.mark.parametrize("state", [Initialize, Backup, Master])
def test_every_state_has_a_row_for_every_event(state: type[State], event: type[Event]) -> None:
    """The table is complete."""
    assert any(isinstance(row[0], state) and isinstance(row[1], event) for row in ROWS.values())


# --- 6.1: the formulas ------------------------------------------------------------------------------------------------

FORMULAS = {
    # RFC 3768 6.1: Skew_Time is (256 - Priority) / 256 seconds, whatever the interval
    "v2/1 s": (V2, 1.0, SKEW, 3 + SKEW),
    "v2/3 s": (replace(V2, advertisement_interval=s(3.0)), 3.0, SKEW, 9 + SKEW),
    "v2/254": (replace(V2, priority=254), 1.0, 0.0078125, 3.0078125),
    # RFC 9568 6.1: Skew_Time is ((256 - Priority) * Active_Adver_Interval) / 256
    "v3/1 s": (V3, 1.0, SKEW, 3 + SKEW),
    "v3/learned 2 s": (V3, 2.0, 2 * SKEW, 6 + 2 * SKEW),
    "v3/own 4 s learned 1 s": (SLOWER, 1.0, SKEW, 3 + SKEW),
    "v3/10 ms does not vanish": (V3, 0.01, 0.00609375, 0.03609375),
    "v3/1": (replace(V3, priority=1), 1.0, 0.99609375, 3.99609375),
    "v3/150": (replace(V3, priority=150), 1.0, 0.4140625, 3.4140625),
    "v3/254": (replace(V3, priority=254), 1.0, 0.0078125, 3.0078125),
}


@pytest.mark.parametrize(("own", "interval", "skew", "down"), FORMULAS.values(), ids=FORMULAS)
def test_formula(own: Parameters, interval: float, skew: float, down: float) -> None:
    """RFC 3768 6.1, RFC 5798 6.1, RFC 9568 6.1."""
    assert skew_time(own, s(interval)) == pytest.approx(skew, abs=1e-12)
    assert master_down_interval(own, s(interval)) == pytest.approx(down, abs=1e-12)


DEADLINES: dict[str, tuple[State, Parameters, float | None]] = {
    "initialize": (Initialize(), V3, None),
    "backup": (backup(10.0), V3, 13 + SKEW),
    "backup/v2 ignores no learned interval": (backup(10.0), V2, 13 + SKEW),
    "backup/learned": (backup(10.0, 2.0), V3, 16 + 2 * SKEW),
    "backup/priority counts now": (backup(10.0), replace(V3, priority=200), 13.21875),
    # 6.4.2: priority 0 sets Active_Down_Timer to Skew_Time
    "backup/zero": (backup(10.0, hurry_at=11.0), V3, 11 + SKEW),
    "backup/zero learned": (backup(10.0, 2.0, hurry_at=11.0), V3, 11 + 2 * SKEW),
    "backup/zero learned v2": (backup(10.0, 2.0, hurry_at=11.0), V2, 11 + SKEW),
    # Ours: a priority 0 never makes it later than silence would, so repeating it cannot hold back a takeover
    "backup/zero late": (backup(10.0, hurry_at=13.5), V3, 13 + SKEW),
    "master": (master(10.0), V3, 11.0),
    "master/own interval": (master(10.0), SLOWER, 14.0),
    "master/answers do not count": (master(10.0, asserted_at=10.5), V3, 11.0),
}


@pytest.mark.parametrize(("state", "own", "due"), DEADLINES.values(), ids=DEADLINES)
def test_deadline(state: State, own: Parameters, due: float | None) -> None:
    """When Active_Down_Timer or Adver_Timer ends."""
    assert deadline(state, own) == due


def test_skew_keeps_the_order_among_backups() -> None:
    """The higher priority is always the sooner one, also at 10 ms (FRR rounds its skew to 0 there)."""
    for interval in (0.01, 1.0, 40.95):
        delays = [skew_time(replace(V3, priority=p), s(interval)) for p in range(1, 256)]
        assert delays == sorted(delays, reverse=True)
        assert len(set(delays)) == len(delays)
