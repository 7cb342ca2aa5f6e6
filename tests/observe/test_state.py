import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from tests.observe.samples import (
    AMQP,
    CONFIGURATION,
    ENTRY_KINDS,
    HAPROXY,
    OURS,
    SECOND,
    VI_1,
    Clock,
    address,
    checked,
    heard,
    moved,
    one_of_each,
    rejected,
)
from vrrpd.config.model import Configuration
from vrrpd.engine.inputs import Link, Outcome
from vrrpd.engine.journal import AddressChange, Entry, FaultsChanged, LinkChanged, PriorityChanged, Role
from vrrpd.engine.journal_daemon import (
    Configured,
    Drained,
    ReloadRejected,
    Restored,
    Started,
    Stopping,
    Undrained,
    Yielding,
)
from vrrpd.engine.journal_health import ProbeChanged
from vrrpd.observe.shape import StateShape
from vrrpd.observe.state import ERRORS_LIMIT, StateView, stamp
from vrrpd.protocol.messages import Reason, Rejection, Seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def view(clock: Clock) -> StateView:
    made = StateView(clock.now, clock.wall)
    made.configure(CONFIGURATION)
    return made


def tell(view: StateView, *entries: Entry) -> None:
    for entry in entries:
        view.record(entry)


def test_before_anything_happened(view: StateView) -> None:
    nothing: StateShape = {
        "version": "",
        "router_id": "",
        "now": "2027-01-15T08:00:00.000Z",
        "started": None,
        "ready": False,
        "stopping": False,
        "configuration": {"source": "", "loaded": None, "errors": []},
        "scheduling": {"rt_priority": 0, "no_swap": False, "errors": []},
        "drained": None,
        "instances": [
            {
                "name": "VI_1",
                "virtual_router_id": 51,
                "interface": "eth0",
                "family": "ipv4",
                "state": "init",
                "priority_base": 150,
                "priority": 150,
                "master": None,
                "since": None,
                "last_reason": None,
                "blocked": [],
                "degraded": [],
                "damped_until": None,
                "drained": None,
                "yielding": False,
                "sync_group": None,
                "advert_int": 1.0,
                "virtual_addresses": [{"address": "10.0.0.100", "present": False}],
                "track": [
                    {"probe": "haproxy", "weight": -60, "applied": 0},
                    {"probe": "amqp", "weight": 0, "applied": 0},
                ],
                "warnings": [],
            }
        ],
        "probes": [
            {
                "name": "haproxy",
                "type": "haproxy",
                "up": None,
                "weight_applied": 0,
                "detail": "",
                "scope": "local",
                "alarms": [],
                "output": "",
                "remedy": None,
                "since": None,
                "last_checked": None,
            },
            {
                "name": "amqp",
                "type": "tcp",
                "up": None,
                "weight_applied": 0,
                "detail": "",
                "scope": "local",
                "alarms": [],
                "output": "",
                "remedy": None,
                "since": None,
                "last_checked": None,
            },
        ],
    }
    assert view.snapshot() == nothing


def test_a_disagreement_is_a_warning_until_it_is_silent(view: StateView, clock: Clock) -> None:
    """Who, what and what to do, how often and when; forgotten later."""
    tell(view, rejected(1, Rejection.INTERVAL), rejected(2, Rejection.INTERVAL), rejected(2, Rejection.VRID))
    clock.at = Seconds(3.0)
    assert view.snapshot()["instances"][0]["warnings"] == [
        {
            "kind": "interval",
            "peer": "10.0.0.12",
            "text": "why: give all routers of this VRID the same advert_int",
            "count": 2,
            "since": "2027-01-15T08:00:01.000Z",
            "last": "2027-01-15T08:00:02.000Z",
        }
    ]
    clock.at = Seconds(60.0)
    assert view.snapshot()["instances"][0]["warnings"] == []


def test_backup_that_hears_a_master(view: StateView, clock: Clock) -> None:
    tell(view, moved(1, Role.INIT, Role.BACKUP, Reason.STARTUP), heard(2), PriorityChanged(SECOND, "VI_1", 150, 90))
    clock.at = Seconds(2.5)
    shown = view.snapshot()["instances"][0]
    assert (shown["state"], shown["since"], shown["last_reason"]) == ("backup", "2027-01-15T08:00:01.000Z", "startup")
    assert (shown["priority"], shown["priority_base"]) == (90, 150)
    assert shown["master"] == {"address": "10.0.0.12", "priority": 120}


def test_master_shows_itself(view: StateView) -> None:
    tell(view, moved(1, Role.BACKUP, Role.MASTER, Reason.TIMEOUT))
    assert view.snapshot()["instances"][0]["master"] == {"address": None, "priority": 150}
    tell(view, LinkChanged(SECOND, Link("eth0", exists=True, up=True, addresses=(OURS,))))
    assert view.snapshot()["instances"][0]["master"] == {"address": "10.0.0.11", "priority": 150}


def test_address_is_the_kernel_s_truth(view: StateView) -> None:
    tell(view, address(1, AddressChange.ADDED))
    assert view.snapshot()["instances"][0]["virtual_addresses"] == [{"address": "10.0.0.100", "present": True}]


def test_faults_are_named(view: StateView) -> None:
    tell(view, FaultsChanged(SECOND, "VI_1", ("interface eth0 is down",)))
    assert view.snapshot()["instances"][0]["blocked"] == ["interface eth0 is down"]


def test_probe_and_what_it_adds(view: StateView) -> None:
    tell(view, checked(1, Outcome.FAIL, "0 of 3"), ProbeChanged(Seconds(2.0), "haproxy", False, "0 of 3"))
    assert view.snapshot()["probes"][0] == {
        "name": "haproxy",
        "type": "haproxy",
        "up": False,
        "weight_applied": -40,
        "detail": "0 of 3",
        "scope": "local",
        "alarms": [],
        "output": "",
        "remedy": None,
        "since": "2027-01-15T08:00:02.000Z",
        "last_checked": "2027-01-15T08:00:01.000Z",
    }
    assert view.snapshot()["instances"][0]["track"][0] == {"probe": "haproxy", "weight": -60, "applied": -60}


def test_daemon_from_start_to_stop(view: StateView) -> None:
    tell(view, Configured(SECOND, "vrrpd.toml"), Started(SECOND, "0.1.0", "proxy1"))
    shown = view.snapshot()
    assert (shown["ready"], shown["stopping"]) == (True, False)
    assert (shown["version"], shown["router_id"]) == ("0.1.0", "proxy1")
    assert shown["configuration"] == {"source": "vrrpd.toml", "loaded": "2027-01-15T08:00:01.000Z", "errors": []}
    tell(view, Stopping(SECOND, "SIGTERM"))
    shown = view.snapshot()
    assert (shown["ready"], shown["stopping"]) == (False, True)


def test_errors_of_a_reload_stay_until_the_next(view: StateView) -> None:
    tell(view, ReloadRejected(SECOND, "vrrpd.toml", ("bad",) * (ERRORS_LIMIT + 1)))
    assert view.snapshot()["configuration"]["errors"] == ["bad"] * ERRORS_LIMIT
    tell(view, Configured(SECOND, "vrrpd.toml"))
    assert view.snapshot()["configuration"]["errors"] == []


def test_configured_begins_what_has_not_begun(view: StateView) -> None:
    tell(view, Configured(SECOND, "vrrpd.toml"), Configured(Seconds(5.0), "vrrpd.toml"))
    shown = view.snapshot()
    since = [shown["instances"][0]["since"], *(probe["since"] for probe in shown["probes"])]
    assert since == ["2027-01-15T08:00:01.000Z"] * 3


def test_reload_keeps_the_same_virtual_router(view: StateView) -> None:
    tell(view, moved(1, Role.INIT, Role.BACKUP, Reason.STARTUP))
    view.configure(replace(CONFIGURATION, instances=(replace(VI_1, name="renamed", priority=99),)))
    shown = view.snapshot()["instances"][0]
    assert (shown["name"], shown["state"], shown["priority_base"]) == ("renamed", "backup", 99)


def test_reload_begins_another_virtual_router_anew(view: StateView) -> None:
    tell(view, moved(1, Role.INIT, Role.BACKUP, Reason.STARTUP))
    view.configure(replace(CONFIGURATION, instances=(replace(VI_1, virtual_router_id=99),)))
    assert view.snapshot()["instances"][0]["state"] == "init"


def test_reload_keeps_a_probe_that_asks_the_same(view: StateView) -> None:
    tell(view, ProbeChanged(SECOND, "haproxy", True, ""), ProbeChanged(SECOND, "amqp", True, ""))
    view.configure(replace(CONFIGURATION, probes=(replace(HAPROXY, weight=-5), replace(AMQP, options=None))))
    assert [probe["up"] for probe in view.snapshot()["probes"]] == [True, None]


def test_reload_that_fails_can_be_taken_back(view: StateView) -> None:
    tell(view, moved(1, Role.INIT, Role.BACKUP, Reason.STARTUP), ProbeChanged(SECOND, "haproxy", True, "well"))
    before = view.snapshot()
    view.configure(Configuration())
    view.configure(CONFIGURATION)
    assert view.snapshot() == before


def test_what_is_gone_for_good_is_forgotten(view: StateView) -> None:
    tell(view, moved(1, Role.INIT, Role.BACKUP, Reason.STARTUP), ProbeChanged(SECOND, "haproxy", True, "well"))
    view.configure(Configuration())
    tell(view, Configured(SECOND, "vrrpd.toml", removed=("VI_1",)))
    view.configure(CONFIGURATION)
    shown = view.snapshot()
    assert (shown["instances"][0]["state"], shown["probes"][0]["up"]) == ("init", None)


def test_init_fail_is_down_before_the_first_run() -> None:
    view = StateView(Clock().now, Clock().wall)
    view.configure(Configuration(probes=(replace(HAPROXY, init_fail=True),)))
    assert view.snapshot()["probes"][0]["up"] is False


def test_every_kind_of_entry_is_taken_in(view: StateView) -> None:
    assert {type(entry) for entry in one_of_each()} == ENTRY_KINDS
    tell(view, *one_of_each())
    json.dumps(view.snapshot())


def test_what_is_not_configured_is_passed_over(view: StateView) -> None:
    before = view.snapshot()
    for entry in one_of_each("gone", "gone"):
        if hasattr(entry, "instance") or hasattr(entry, "probe"):
            view.record(entry)
    assert view.snapshot() == before


def test_stamp_is_utc() -> None:
    assert stamp(datetime(2026, 11, 21, 7, 0, tzinfo=timezone(timedelta(hours=1)))) == "2026-11-21T06:00:00.000Z"


def test_started_is_when_the_daemon_became_ready(view: StateView) -> None:
    """How a client tells a daemon from the one before it."""
    tell(view, Started(Seconds(-3.0), "0.1.0"))
    assert view.snapshot()["started"] == "2027-01-15T07:59:57.000Z"


def test_a_drain_is_shown_with_the_instance_and_the_host(view: StateView, clock: Clock) -> None:
    """The one of the host first; each ends on its own."""
    host, one = Drained(Seconds(3.0), "", "upgrade", "2027-01-15T09:00:00Z"), Drained(Seconds(2.0), "VI_1", "", "")
    since = "2027-01-15T08:00:0{}.000Z"
    tell(view, one)
    assert view.snapshot()["instances"][0]["drained"] == {"reason": "", "since": since.format(2), "ends": None}
    assert view.snapshot()["drained"] is None
    tell(view, host)
    both = {"reason": "upgrade", "since": since.format(3), "ends": "2027-01-15T09:00:00Z"}
    assert (view.snapshot()["drained"], view.snapshot()["instances"][0]["drained"]) == (both, both)
    tell(view, Undrained(Seconds(4.0), "", Restored.TIME), Undrained(Seconds(4.0), "VI_1", Restored.OPERATOR))
    assert (view.snapshot()["drained"], view.snapshot()["instances"][0]["drained"]) == (None, None)


def test_a_handover_is_shown_until_it_is_over(view: StateView) -> None:
    tell(view, Yielding(Seconds(1.0), "VI_1", yielding=True))
    assert view.snapshot()["instances"][0]["yielding"]
    tell(view, Yielding(Seconds(1.0), "VI_1", yielding=False))
    assert not view.snapshot()["instances"][0]["yielding"]
