import json

import pytest

from tests.observe.samples import (
    ENTRY_KINDS,
    SECOND,
    Clock,
    checked,
    heard,
    moved,
    one_of_each,
    rejected,
)
from vrrpd.engine.inputs import Outcome
from vrrpd.engine.journal import PriorityChanged, Role
from vrrpd.engine.journal_daemon import Lagged, Started
from vrrpd.engine.journal_health import ProbeChanged
from vrrpd.observe.log import Log
from vrrpd.protocol.messages import Reason, Rejection, Seconds

TO_MASTER = moved(1, Role.BACKUP, Role.MASTER, Reason.TIMEOUT)


class Written:
    """A log and its lines."""

    def __init__(self, log_format: str = "auto", *, terminal: bool = False, journal: bool = False) -> None:
        self.lines: list[str] = []
        clock = Clock()
        self.log = Log(self.lines.append, clock.wall, log_format=log_format, terminal=terminal, journal=journal)


STAMP = "2027-01-15T08:00:01.000Z"
FIELDS = "instance=VI_1 old=backup new=master reason=timeout"


@pytest.mark.parametrize(
    ("written", "line"),
    [
        pytest.param(Written(), f"timestamp={STAMP} level=info event=state.changed {FIELDS}", id="auto, no terminal"),
        pytest.param(
            Written("text", terminal=True), f"timestamp={STAMP} level=info event=state.changed {FIELDS}", id="text"
        ),
        pytest.param(Written(journal=True), f"<6>level=info event=state.changed {FIELDS}", id="text, journal"),
    ],
)
def test_text(written: Written, line: str) -> None:
    written.log.record(TO_MASTER)
    assert written.lines == [line]


@pytest.mark.parametrize(("journal", "prefix"), [(False, ""), (True, "<6>")], ids=["plain", "journal"])
def test_json(journal: bool, prefix: str) -> None:
    written = Written("json", journal=journal, terminal=True)
    written.log.record(PriorityChanged(SECOND, "VI_1", 150, 90, (("haproxy", -60),)))
    (line,) = written.lines
    assert line.startswith(prefix + "{")
    assert json.loads(line.removeprefix(prefix)) == {
        "timestamp": STAMP,
        "level": "info",
        "event": "priority.changed",
        "instance": "VI_1",
        "old": 150,
        "new": 90,
        "why": {"haproxy": -60},
    }


def test_colour_on_a_terminal_only() -> None:
    colours = Written(terminal=True)
    colours.log.record(TO_MASTER)
    assert "\x1b[" in colours.lines[0]
    assert "state.changed" in colours.lines[0]


def test_lists_and_weights_are_texts_in_text() -> None:
    written = Written(journal=True)
    written.log.record(PriorityChanged(SECOND, "VI_1", 150, 95, (("haproxy", -60), ("amqp", 5))))
    assert written.lines == [
        '<6>level=info event=priority.changed instance=VI_1 old=150 new=95 why="haproxy-60, amqp+5"'
    ]


def test_priority_of_the_journal_is_the_level_s() -> None:
    written = Written(journal=True)
    for entry in one_of_each():
        written.log.record(entry)
    levels = {line[:3]: line.split()[0][3:] for line in written.lines}
    assert levels == {"<3>": "level=error", "<4>": "level=warning", "<6>": "level=info"}


def test_one_line_for_each_entry_worth_one() -> None:
    written = Written()
    for entry in one_of_each():
        written.log.record(entry)
    assert len(written.lines) == len(ENTRY_KINDS) - 2  # none for AdvertSent and AdvertReceived


def test_good_days_are_silent() -> None:
    written = Written()
    for second in range(1000):
        written.log.record(heard(second))
        written.log.record(checked(second, Outcome.OK))
        written.log.record(Lagged(Seconds(float(second)), Seconds(0.001)))
    assert written.lines == []


def test_a_burst_of_bad_packets_is_bounded() -> None:
    written = Written(journal=True)
    for packet in range(10_000):
        written.log.record(rejected(packet / 1000, Rejection.CHECKSUM))
    assert len(written.lines) == 5
    written.log.record(heard(10))
    what = "of=packet.rejected interface=eth0 instance=VI_1 rejection=checksum"
    assert written.lines[5:] == [f"<4>level=warning event=lines.held_back {what} count=9995"]


def test_one_kind_of_bad_packet_does_not_hide_another() -> None:
    written = Written()
    for rejection in (Rejection.CHECKSUM, Rejection.TTL):
        for _ in range(100):
            written.log.record(rejected(1, rejection))
    assert len(written.lines) == 10


def test_changes_of_state_are_never_held_back() -> None:
    written = Written()
    for _ in range(100):
        written.log.record(TO_MASTER)
    assert len(written.lines) == 100


def test_a_detail_cannot_forge_a_line() -> None:
    written = Written(journal=True)
    written.log.record(ProbeChanged(SECOND, "script", False, 'x\n<0>level=info event="daemon.started"'))
    (line,) = written.lines
    assert "\n" not in line
    assert line.startswith("<4>level=warning event=probe.changed probe=script up=false detail=")


def test_start_names_the_version_and_the_host() -> None:
    written = Written(journal=True)
    written.log.record(Started(SECOND, "0.1.0", "proxy1"))
    assert written.lines == ["<6>level=info event=daemon.started version=0.1.0 router_id=proxy1"]
