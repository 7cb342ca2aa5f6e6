from dataclasses import replace
from ipaddress import ip_address

import pytest

from tests.observe.samples import (
    CONFIGURATION,
    ENTRY_KINDS,
    SECOND,
    VI_1,
    VI_6,
    Clock,
    checked,
    one_of_each,
    rejected,
)
from vrrpd.config.model import Configuration
from vrrpd.engine.inputs import Outcome
from vrrpd.engine.journal import AdvertRejected, Entry, ReceiveOverrun
from vrrpd.engine.journal_daemon import Configured
from vrrpd.observe.counts import Counts
from vrrpd.observe.state import StateView
from vrrpd.protocol.messages import Family, Rejection


class Both:
    """View and counts, told in this order, as the daemon does it."""

    def __init__(self) -> None:
        clock = Clock()
        self.view = StateView(clock.now, clock.wall)
        self.counts = Counts(self.view)
        self.configure(CONFIGURATION)

    def configure(self, configuration: Configuration) -> None:
        self.view.configure(configuration)
        self.counts.configure(configuration)

    def tell(self, *entries: Entry) -> None:
        for entry in entries:
            self.view.record(entry)
            self.counts.record(entry)


@pytest.fixture
def both() -> Both:
    return Both()


def test_every_kind_of_entry_is_decided(both: Both) -> None:
    assert {type(entry) for entry in one_of_each()} == ENTRY_KINDS
    both.tell(*one_of_each())
    ((_, tally),) = both.counts.pairs()
    assert (tally.sent, tally.received, tally.announced) == (1, 1, 5)
    assert tally.rejected[Rejection.CHECKSUM] == 1
    assert tally.send_errors["ENOBUFS"] == 1
    assert tally.last_transition == 1.0
    assert both.counts.overruns == 1
    assert both.counts.lost == {("eth0", Family.IPV4): 7}
    assert both.counts.lag.worst(SECOND) == 0.2


def test_probes_are_counted(both: Both) -> None:
    both.tell(checked(1, Outcome.OK))
    assert [tally.runs[Outcome.OK] for _, tally in both.counts.probe_pairs()] == [1, 0]


def test_what_is_not_configured_is_passed_over(both: Both) -> None:
    both.tell(*one_of_each("gone", "gone"))
    ((_, tally),) = both.counts.pairs()
    assert (tally.sent, tally.received, sum(tally.rejected.values())) == (0, 0, 0)


def test_packets_for_nobody_are_counted_by_interface_and_family(both: Both) -> None:
    both.configure(Configuration(instances=(VI_1, VI_6)))
    source = ip_address("fe80::2")
    both.tell(
        rejected(1, Rejection.VRID, instance=""),
        AdvertRejected(SECOND, "eth0", "", source, Rejection.RUNT, "7 octets"),
        rejected(1, Rejection.VRID, instance="", interface="eth9"),
    )
    counted = {key: {why: n for why, n in counts.items() if n} for key, counts in both.counts.strays.items()}
    assert counted == {("eth0", Family.IPV4): {Rejection.VRID: 1}, ("eth0", Family.IPV6): {Rejection.RUNT: 1}}


def test_lost_packets_are_counted_where_we_listen(both: Both) -> None:
    """By interface and family; a reload keeps the count, and drops it with the interface."""
    both.tell(ReceiveOverrun(SECOND, "eth0", Family.IPV4, 7), ReceiveOverrun(SECOND, "eth9", Family.IPV4, 1))
    both.configure(Configuration(instances=(VI_1, VI_6)))
    both.tell(ReceiveOverrun(SECOND, "eth0", Family.IPV4, 3))
    assert both.counts.lost == {("eth0", Family.IPV4): 10, ("eth0", Family.IPV6): 0}
    both.configure(Configuration())
    assert both.counts.lost == {}


def test_reload_keeps_counts_while_the_labels_stay(both: Both) -> None:
    both.tell(*one_of_each())
    both.configure(replace(CONFIGURATION, instances=(replace(VI_1, priority=99),)))
    assert both.counts.pairs()[0][1].sent == 1
    both.configure(replace(CONFIGURATION, instances=(replace(VI_1, virtual_router_id=99),)))
    assert both.counts.pairs()[0][1].sent == 0


def test_reload_that_fails_can_be_taken_back(both: Both) -> None:
    both.tell(*one_of_each())
    both.configure(Configuration())
    both.configure(CONFIGURATION)
    assert both.counts.pairs()[0][1].sent == 1
    assert both.counts.probe_pairs()[0][1].runs[Outcome.FAIL] == 1


def test_what_is_gone_for_good_begins_at_zero(both: Both) -> None:
    both.tell(*one_of_each())
    both.configure(Configuration())
    both.tell(Configured(SECOND, "vrrpd.toml", removed=("VI_1",)))
    both.configure(CONFIGURATION)
    assert both.counts.pairs()[0][1].sent == 0
    assert both.counts.probe_pairs()[0][1].runs[Outcome.FAIL] == 0


def test_reload_drops_what_is_gone(both: Both) -> None:
    both.configure(Configuration())
    assert (both.counts.pairs(), both.counts.probe_pairs(), both.counts.strays) == ([], [], {})
