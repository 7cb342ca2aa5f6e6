"""Counts of programs that were told."""

from ipaddress import IPv4Interface

from vrrpd.config.model import Configuration, Instance, SyncGroup
from vrrpd.config.notify import Program
from vrrpd.engine.inputs import Outcome, Result
from vrrpd.engine.journal_notify import FifoLost, NotifyEnded, NotifySkipped
from vrrpd.observe.notified import Notified
from vrrpd.protocol.messages import Seconds

AT = Seconds(1.0)
V = Instance(
    name="V",
    interface="eth0",
    virtual_router_id=1,
    virtual_ipaddress=(IPv4Interface("192.0.2.9"),),
    notify=Program(("/n",)),
)
G = SyncGroup(name="G", instances=("V",), notify_master=Program(("/m",)))
BOTH = Configuration(instances=(V,), sync_groups=(G,))


def ended(instance: str, group: str, outcome: Outcome) -> NotifyEnded:
    """As Master."""
    return NotifyEnded(AT, instance, group, "MASTER", "notify", Result(outcome, Seconds(0.1), ""))


def test_runs_are_counted_by_state_and_outcome_of_what_is_configured() -> None:
    notified = Notified()
    notified.configure(BOTH)
    for entry in (
        ended("V", "", Outcome.OK),
        ended("V", "", Outcome.OK),
        ended("", "G", Outcome.TIMEOUT),
        ended("other", "", Outcome.OK),
        NotifySkipped(AT, "V", "", "BACKUP", "notify"),
    ):
        notified.record(entry)
    assert [row for row in notified.rows() if row[1]] == [
        (("instance", "V", "MASTER", "ok"), 2),
        (("instance", "V", "BACKUP", "skipped"), 1),
        (("group", "G", "MASTER", "timeout"), 1),
    ]
    notified.configure(Configuration(instances=(V,)))
    assert [key for key, count in notified.rows() if count] == [
        ("instance", "V", "MASTER", "ok"),
        ("instance", "V", "BACKUP", "skipped"),
    ]


def test_counts_begin_at_zero_for_each_state_that_somebody_is_told_of() -> None:
    notified = Notified()
    notified.configure(BOTH)
    states = {key[:3] for key, count in notified.rows() if count == 0}
    assert states == {
        *(("instance", "V", state) for state in ("MASTER", "BACKUP", "FAULT", "STOP", "DELETED")),
        ("group", "G", "MASTER"),
    }


def test_lines_that_the_pipe_did_not_take_are_counted() -> None:
    notified = Notified()
    notified.record(FifoLost(AT, "/f", 3, "EAGAIN"))
    notified.record(FifoLost(AT, "/f", 0, "ENOENT"))
    assert notified.lost == 3
