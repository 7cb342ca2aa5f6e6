"""The log and the history have the same lines: tests/observe/test_log.py has what is held back."""

import json
from dataclasses import replace

import pytest

from tests.observe.samples import OTHER, SECOND, THIRD, VIP, Clock, heard, one_of_each, rejected
from vrrpd.engine.journal_peers import AddressesDiffer, IntervalDiffers
from vrrpd.observe.events import Level
from vrrpd.observe.lines import Line, Lines, as_json
from vrrpd.protocol.messages import Rejection, Seconds


def test_what_is_worth_a_line() -> None:
    """No advertisement; everything with JSON."""
    assert list(Lines().of(heard(1.0))) == []
    lines = Lines()
    told = [line for entry in one_of_each() for line in lines.of(entry)]
    assert len(told) > 20
    for each in told:
        read = json.loads(as_json(each, Clock().wall))
        assert (read["event"], read["timestamp"]) == (each.event, "2027-01-15T08:00:01.000Z")


def test_repetition_is_summed_up() -> None:
    """After the window, before the next line."""
    lines = Lines()
    told = [len(list(lines.of(rejected(1.0, Rejection.CHECKSUM)))) for _ in range(9)]
    assert told == [1, 1, 1, 1, 1, 0, 0, 0, 0]
    later = list(lines.of(rejected(20.0, Rejection.TTL)))
    assert [each.event for each in later] == ["lines.held_back", "packet.rejected"]
    assert later[0].fields["count"] == 4


@pytest.mark.parametrize(
    "entry",
    [AddressesDiffer(SECOND, "VI_1", OTHER, (), (VIP,)), IntervalDiffers(SECOND, "VI_1", OTHER, Seconds(2.0), SECOND)],
    ids=lambda each: type(each).__name__,
)
def test_what_is_told_of_each_advertisement_is_bounded(entry: AddressesDiffer | IntervalDiffers) -> None:
    """Whoever sends it: a new source makes no new lines. Ten a second, for ten minutes."""
    lines = Lines()
    often = (replace(entry, at=Seconds(number / 10), source=(OTHER, THIRD)[number % 2]) for number in range(6_000))
    told = [line for each in often for line in lines.of(each)]
    assert 5 < len(told) < 15
    assert "the same" in str(told[0].fields["advice"])


def test_one_object() -> None:
    line = Line(Seconds(2.5), "probe.changed", Level.WARNING, {"probe": "haproxy", "up": False})
    head = '{"timestamp":"2027-01-15T08:00:02.500Z","level":"warning","event":"probe.changed",'
    assert as_json(line, Clock().wall) == head + '"probe":"haproxy","up":false}'
