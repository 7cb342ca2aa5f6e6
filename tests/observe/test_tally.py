from ipaddress import IPv4Address

import pytest

from tests.observe.samples import SECOND, VIP, address, checked, heard, moved
from vrrpd.engine.inputs import Outcome
from vrrpd.engine.journal import AddressChange, AdvertReceived, AdvertSent, Announced, Role, SendFailed
from vrrpd.engine.journal_routes import RouteChange, RouteChanged, RouteFailed
from vrrpd.observe.tally import (
    LAG_WINDOW,
    SOURCES_LIMIT,
    TRANSITIONS,
    Histogram,
    InstanceTally,
    Lag,
    ProbeTally,
    RouteTally,
    Sources,
)
from vrrpd.protocol.messages import Discard, Peer, Reason, Seconds


@pytest.mark.parametrize(
    ("value", "counts"),
    [(0.0, [1, 1, 1]), (0.5, [1, 1, 1]), (0.6, [0, 1, 1]), (1.0, [0, 1, 1]), (1.1, [0, 0, 1])],
    ids=str,
)
def test_histogram_counts_at_or_below_each_bound(value: float, counts: list[int]) -> None:
    histogram = Histogram((0.5, 1.0))
    histogram.observe(value)
    assert histogram.cumulative() == list(zip(("0.5", "1.0", "+Inf"), map(float, counts), strict=True))
    assert histogram.total == value


def test_lag_is_the_worst_of_two_windows() -> None:
    lag = Lag()
    lag.observe(Seconds(1.0), Seconds(0.3))
    lag.observe(Seconds(2.0), Seconds(0.1))
    assert lag.worst(Seconds(3.0)) == 0.3
    lag.observe(Seconds(LAG_WINDOW + 1), Seconds(0.2))
    assert lag.worst(Seconds(LAG_WINDOW + 2)) == 0.3
    assert lag.worst(Seconds(2 * LAG_WINDOW + 2)) == 0.2
    assert lag.worst(Seconds(9 * LAG_WINDOW)) == 0.0


def test_sources_within_an_interval() -> None:
    sources = Sources()
    sources.heard(heard(1))
    sources.heard(heard(2, source="10.0.0.13"))
    assert sources.within(SECOND, Seconds(2.0)) == 2
    assert sources.within(SECOND, Seconds(2.5)) == 1
    sources.heard(heard(3, 0, source="10.0.0.13"))
    assert sources.within(SECOND, Seconds(3.0)) == 0


def test_forged_sources_are_bounded() -> None:
    sources = Sources()
    for number in range(100):
        sources.heard(heard(1, source=str(IPv4Address(number))))
    assert sources.within(SECOND, SECOND) == SOURCES_LIMIT


def test_transitions_are_there_from_the_start_and_any_other_counts_too() -> None:
    tally = InstanceTally()
    assert tally.transitions == dict.fromkeys(TRANSITIONS, 0)
    tally.moved(moved(1, Role.BACKUP, Role.MASTER, Reason.TIMEOUT))
    tally.moved(moved(2, Role.MASTER, Role.BACKUP, Reason.STARTUP))
    assert tally.transitions[Role.BACKUP, Role.MASTER, Reason.TIMEOUT] == 1
    assert tally.transitions[Role.MASTER, Role.BACKUP, Reason.STARTUP] == 1
    assert tally.last_transition == 2.0


def test_adverts_sent() -> None:
    tally = InstanceTally()
    tally.advert_sent(AdvertSent(SECOND, "VI_1", 150, Seconds(0.002)))
    tally.advert_sent(AdvertSent(SECOND, "VI_1", 0, Seconds(0.0)))
    assert (tally.sent, tally.zero_sent, tally.delay.total) == (2, 1, 0.002)


def test_adverts_received() -> None:
    tally = InstanceTally()
    tally.advert_received(heard(1))
    tally.advert_received(heard(2, 0, source="10.0.0.13"))
    tally.advert_received(AdvertReceived(Seconds(3.0), "VI_1", Peer(VIP, 1), SECOND, Discard.OWN_ADDRESS))
    assert (tally.received, tally.zero_received, tally.last_received) == (3, 1, 3.0)
    assert tally.sources.within(Seconds(9.0), Seconds(3.0)) == 1


@pytest.mark.parametrize(("error", "label"), [("EPERM", "EPERM"), ("EMSGSIZE", "other")])
def test_send_errors_have_a_closed_set_of_labels(error: str, label: str) -> None:
    tally = InstanceTally()
    tally.send_failed(SendFailed(SECOND, "VI_1", error))
    assert {name for name, count in tally.send_errors.items() if count} == {label}


def test_frames_and_restored_addresses() -> None:
    tally = InstanceTally()
    tally.frames_sent(Announced(SECOND, "VI_1", VIP, 5))
    tally.address_changed(address(1, AddressChange.ADDED))
    tally.address_changed(address(2, AddressChange.RESTORED))
    assert (tally.announced, tally.restored) == (5, 1)


def test_probe_runs() -> None:
    tally = ProbeTally()
    tally.checked(checked(1, Outcome.OK))
    tally.checked(checked(2, Outcome.TIMEOUT))
    assert tally.runs == {Outcome.OK: 1, Outcome.FAIL: 0, Outcome.TIMEOUT: 1, Outcome.UNKNOWN: 0, Outcome.ERROR: 0}
    assert tally.last_success == 1.0
    assert tally.duration.total == 0.004


def test_routes_that_are_there() -> None:
    """One of two is lost, put back and removed; a leftover and a refusal change nothing of that."""
    tally = RouteTally()
    changes = [RouteChange.ADDED, RouteChange.ADDED, RouteChange.LOST, RouteChange.RESTORED, RouteChange.REMOVED]
    for each in (*changes, RouteChange.LEFTOVER_REMOVED):
        tally.record(RouteChanged(SECOND, "VI_1", "route default dev eth0", each))
    tally.record(RouteFailed(SECOND, "VI_1", "route default dev eth0", adding=True, error="EEXIST"))
    assert (tally.present, tally.restored, tally.failed) == (1, 1, 1)
