from dataclasses import replace

import pytest

from tests.observe.samples import HAPROXY, OTHER, OURS, SECOND, VI_1, VI_6, VIP, address, heard, moved
from vrrpd.config.model import Track
from vrrpd.engine.inputs import Link, Standing
from vrrpd.engine.journal import AddressChange, AdvertReceived, Role
from vrrpd.observe import record as record_module
from vrrpd.observe.record import InstanceRecord, ProbeRecord
from vrrpd.protocol.messages import Discard, Peer, Reason, Seconds


def backup() -> InstanceRecord:
    record = InstanceRecord(VI_1, 150)
    record.moved(moved(0, Role.INIT, Role.BACKUP, Reason.STARTUP))
    return record


def test_master_is_the_one_heard() -> None:
    record = backup()
    record.received(heard(1))
    assert record.master_heard(Seconds(2.0)) == Peer(OTHER, 120)


def test_master_is_unknown_after_master_down_interval() -> None:
    record = backup()
    record.received(heard(1))
    # RFC 3768 6.1: 3 * 1 s + (256 - 150) / 256 s after the advertisement at 1 s
    assert record.master_heard(Seconds(4.41)) == Peer(OTHER, 120)
    assert record.master_heard(Seconds(4.42)) is None


def test_master_is_unknown_after_resignation() -> None:
    record = backup()
    record.received(heard(1))
    record.received(heard(2, priority=0))
    assert record.master_heard(Seconds(2.0)) is None


@pytest.mark.parametrize(
    ("source", "priority", "master"),
    [
        pytest.param("10.0.0.13", 100, 120, id="lower from another: not the Master"),
        pytest.param("10.0.0.13", 130, 130, id="higher from another: the Master"),
        pytest.param("10.0.0.12", 100, 100, id="the same router went down"),
    ],
)
def test_of_two_advertising_the_better_is_master(source: str, priority: int, master: int) -> None:
    record = backup()
    record.received(heard(1))
    record.received(replace(heard(1.5, priority, source=source), discarded=Discard.LOWER_PRIORITY))
    peer = record.master_heard(Seconds(2.0))
    assert peer is not None
    assert peer.priority == master


def test_lower_priority_alone_is_master_until_preempted() -> None:
    record = backup()
    record.received(replace(heard(1, 90), discarded=Discard.LOWER_PRIORITY))
    assert record.master_heard(SECOND) == Peer(OTHER, 90)


def test_our_own_address_is_nobody() -> None:
    record = backup()
    record.received(AdvertReceived(SECOND, "VI_1", Peer(OURS, 150), SECOND, Discard.OWN_ADDRESS))
    assert record.heard is None


def test_a_master_has_no_other_master() -> None:
    record = backup()
    record.moved(moved(3, Role.BACKUP, Role.MASTER, Reason.TIMEOUT))
    record.received(heard(4, 90))
    assert record.master_heard(Seconds(4.0)) is None


def test_v3_learns_the_interval() -> None:
    record = InstanceRecord(VI_6, 100)
    assert record.master_interval() == 1.0
    record.received(replace(heard(1), interval=Seconds(0.5)))
    assert record.master_interval() == 0.5
    # RFC 9568 6.1: 3 * 0.5 + (256 - 100) / 256 * 0.5
    assert record.master_down_interval() == pytest.approx(1.8047, abs=1e-4)


def test_v2_does_not_learn_the_interval() -> None:
    record = backup()
    record.received(replace(heard(1), interval=Seconds(0.5)))
    assert record.master_interval() == 1.0


def test_present_counts_on_the_own_interface_only() -> None:
    record = backup()
    record.address_changed(address(1, AddressChange.ADDED, interface="eth1"))
    assert not record.present(VIP)
    record.address_changed(address(1, AddressChange.ADDED))
    assert record.present(VIP)
    record.address_changed(address(2, AddressChange.REMOVED))
    assert not record.present(VIP)


@pytest.mark.parametrize(
    ("change", "present"),
    [
        (AddressChange.ADDED, True),
        (AddressChange.RESTORED, True),
        (AddressChange.REMOVED, False),
        (AddressChange.LEFTOVER_REMOVED, False),
    ],
    ids=lambda value: str(value),
)
def test_each_change_of_an_address(change: AddressChange, present: bool) -> None:
    record = backup()
    record.address_changed(address(1, change))
    assert record.present(VIP) is present


def test_held_addresses_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_module, "HELD_LIMIT", 1)
    record = backup()
    record.address_changed(address(1, AddressChange.ADDED, interface="eth1"))
    record.address_changed(address(1, AddressChange.ADDED))
    assert record.held == {("eth1", VIP)}


def test_difference_is_timed_from_its_beginning() -> None:
    record = backup()
    seen: list[Seconds | None] = []
    record.moved(moved(3, Role.BACKUP, Role.MASTER, Reason.TIMEOUT))
    seen.append(record.differs_since)
    record.address_changed(address(4, AddressChange.REMOVED))
    seen.append(record.differs_since)
    record.address_changed(address(5, AddressChange.ADDED))
    seen.append(record.differs_since)
    record.moved(moved(6, Role.MASTER, Role.BACKUP, Reason.HIGHER_PRIORITY))
    seen.append(record.differs_since)
    assert seen == [3.0, 3.0, None, 6.0]


def test_source_is_the_link_s_own_address() -> None:
    link = Link("eth0", exists=True, up=True, addresses=(VIP, OURS))
    assert backup().source(link) == OURS
    assert backup().source(Link("eth0")) is None


def test_nothing_moves_an_owner() -> None:
    assert backup().applied(Track("haproxy", -60), Standing(False)) == -60
    assert InstanceRecord(replace(VI_1, priority=255), 255).applied(Track("haproxy", -60), Standing(False)) == 0


def test_probe_adds_its_own_weight_while_down() -> None:
    probe = ProbeRecord(HAPROXY)
    assert probe.weight_applied == 0
    probe.up = False
    assert probe.weight_applied == -40


def test_whoever_was_refused_is_not_master_after_we_have_resigned() -> None:
    """The last word of the one that we preempted; who takes over will say so."""
    record = InstanceRecord(VI_1, 150)
    record.moved(moved(1.0, Role.BACKUP, Role.MASTER, Reason.PREEMPT))
    record.received(replace(heard(1.1, 100), discarded=Discard.LOWER_PRIORITY))
    record.moved(moved(2.0, Role.MASTER, Role.BACKUP, Reason.HANDOVER))
    assert record.master_heard(Seconds(2.1)) is None
