import pytest

from tests.observe.samples import ENTRY_KINDS, SECOND, address, checked, heard, one_of_each, rejected
from vrrpd.engine.inputs import Link, Outcome
from vrrpd.engine.journal import AddressChange, Entry, FaultsChanged, LinkChanged, Role, StateChanged
from vrrpd.engine.journal_daemon import Lagged, ReloadRejected
from vrrpd.engine.journal_health import ProbeChanged
from vrrpd.observe.events import LIST_LIMIT, TEXT_LIMIT, Level, clean, plain_fields, title
from vrrpd.protocol.messages import Reason, Rejection, Seconds

NAMES = {
    "StateChanged": "state.changed",
    "PriorityChanged": "priority.changed",
    "FaultsChanged": "faults.changed",
    "AdvertSent": None,
    "AdvertReceived": None,
    "AdvertRejected": "packet.rejected",
    "AddressesDiffer": "peer.addresses_differed",
    "IntervalDiffers": "peer.interval_differed",
    "SendFailed": "packet.send_failed",
    "Announced": "address.announced",
    "AddressChanged": "address.added",
    "AddressFailed": "address.change_failed",
    "AddressConflict": "address.contested",
    "OwnerAnswered": "owner.answered",
    "ConnectionsEnded": "connections.ended",
    "LinkChanged": "link.changed",
    "ReceiveOverrun": "receive.overrun",
    "NetlinkOverrun": "netlink.overrun",
    "VmacChanged": "vmac.failed",
    "RouteChanged": "route.added",
    "RouteFailed": "route.change_failed",
    "ProbeChecked": "probe.check_failed",
    "Damped": "instance.damped",
    "Degraded": "instance.degraded",
    "ProbeAlarmed": "probe.alarm",
    "ProbeChanged": "probe.changed",
    "RemedyStarted": "remedy.started",
    "RemedyEnded": "remedy.ended",
    "RemedyExhausted": "remedy.exhausted",
    "Drained": "instance.drained",
    "Undrained": "instance.undrained",
    "Yielding": "handover.begun",
    "MasterHeard": "master.heard",
    "NotifyEnded": "notify.ended",
    "NotifySkipped": "notify.skipped",
    "FifoLost": "fifo.lost",
    "HistoryLost": "history.lost",
    "Scheduled": "scheduling.refused",
    "Configured": "configuration.applied",
    "ReloadRejected": "reload.rejected",
    "Started": "daemon.started",
    "Stopping": "daemon.stopping",
    "Lagged": "timer.lagged",
}


def test_every_kind_of_entry_has_its_name() -> None:
    titles = {type(entry).__name__: title(entry) for entry in one_of_each()}
    assert {kind: head.name if head else None for kind, head in titles.items()} == NAMES
    assert {kind.__name__ for kind in ENTRY_KINDS} == set(NAMES)


@pytest.mark.parametrize(
    ("entry", "level"),
    [
        (StateChanged(SECOND, "VI_1", Role.BACKUP, Role.MASTER, Reason.TIMEOUT), Level.INFO),
        (StateChanged(SECOND, "VI_1", Role.BACKUP, Role.FAULT, Reason.FAULT), Level.WARNING),
        (FaultsChanged(SECOND, "VI_1", ("link",)), Level.WARNING),
        (FaultsChanged(SECOND, "VI_1", ()), Level.INFO),
        (LinkChanged(SECOND, Link("eth0", exists=True, up=True)), Level.INFO),
        (LinkChanged(SECOND, Link("eth0", exists=True)), Level.WARNING),
        (ProbeChanged(SECOND, "haproxy", True, ""), Level.INFO),
        (ProbeChanged(SECOND, "haproxy", None, ""), Level.INFO),
        (ProbeChanged(SECOND, "haproxy", False, ""), Level.WARNING),
        (checked(1, Outcome.FAIL), Level.INFO),
        (checked(1, Outcome.ERROR), Level.ERROR),
        (address(1, AddressChange.RESTORED), Level.WARNING),
    ],
    ids=lambda value: str(value)[:60],
)
def test_level(entry: Entry, level: Level) -> None:
    head = title(entry)
    assert head is not None
    assert head.level is level


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(heard(1), id="good advertisement"),
        pytest.param(checked(1, Outcome.OK), id="good probe"),
        pytest.param(Lagged(SECOND, Seconds(0.01)), id="small lag"),
        pytest.param(rejected(1, Rejection.VRID, instance=""), id="another virtual router on the link"),
    ],
)
def test_what_is_normal_has_no_line(entry: Entry) -> None:
    assert title(entry) is None


def test_every_change_of_an_address_has_its_name() -> None:
    heads = [title(address(1, change)) for change in AddressChange]
    assert [head.name for head in heads if head] == [f"address.{change.value}" for change in AddressChange]


def test_fields_are_plain_values() -> None:
    shown = {type(entry).__name__: plain_fields(entry) for entry in one_of_each()}
    assert shown["StateChanged"] == {
        "instance": "VI_1",
        "old": "backup",
        "new": "master",
        "reason": "preempt",
        "peer": "10.0.0.12",
        "peer_priority": 90,
    }
    assert shown["PriorityChanged"] == {"instance": "VI_1", "old": 150, "new": 90, "why": {"haproxy": -60}}
    assert shown["LinkChanged"] == {"name": "eth0", "exists": True, "up": True, "addresses": ["10.0.0.11"]}
    assert shown["AddressFailed"]["adding"] is True
    assert shown["ReceiveOverrun"] == {"interface": "eth0", "family": "ipv4", "lost": 7}
    assert shown["ProbeChecked"]["duration"] == 0.1
    assert shown["FaultsChanged"]["blocked"] == ["interface eth0 is down"]


def test_what_is_empty_is_left_out() -> None:
    assert plain_fields(ProbeChanged(SECOND, "haproxy", None, "")) == {"probe": "haproxy"}
    assert "instance" not in plain_fields(rejected(1, Rejection.RUNT, instance=""))


def test_long_lists_are_cut_and_counted() -> None:
    fields = plain_fields(ReloadRejected(SECOND, "vrrpd.toml", ("bad",) * (LIST_LIMIT + 3)))
    assert fields == {"source": "vrrpd.toml", "errors": ["bad"] * LIST_LIMIT, "errors_left_out": 3}


def test_texts_cannot_write_into_the_log() -> None:
    assert clean("a\nlevel=info\x1b[2J\u202e") == "a\\nlevel=info\\x1b[2J\\u202e"


def test_texts_are_bounded() -> None:
    assert clean("x" * TEXT_LIMIT) == "x" * TEXT_LIMIT
    assert clean("x" * (TEXT_LIMIT + 1)) == "x" * (TEXT_LIMIT - 3) + "..."
