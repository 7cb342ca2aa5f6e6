from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.cli.samples import AMQP, BACKUP, HAPROXY, STATE
from vrrpd.cli.table import choose, coloured, duration, only, plain, render
from vrrpd.observe.shape import InstanceShape, RemedyShape, StateShape


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def showing(**changes: object) -> StateShape:
    """The state with one instance that differs in this."""
    instance: InstanceShape = {**BACKUP, **changes}  # type: ignore[typeddict-item]
    return {**STATE, "instances": [instance]}


def test_what_was_refused_of_the_schedule_is_shown() -> None:
    refused: StateShape = {
        **STATE,
        "scheduling": {"rt_priority": 0, "no_swap": False, "errors": ["rt_priority: EPERM"]},
    }
    assert "scheduling: rt_priority: EPERM" in render(refused)


def test_backup_of_another_master() -> None:
    assert render(STATE) == [
        "INSTANCE  VRID  IFACE  STATE   PRIO       MASTER          SINCE       VIPS",
        "amqp-vip    51  ens18  BACKUP  110 (150)  10.0.0.12 p150  2h 13m ago  10.0.0.100",
        "  probe haproxy  DOWN  -40   backend rabbit: 0 of 3 servers up (r1 L4CON, r2 L4TOUT, r3 MAINT)   for 2h 13m",
        "  probe amqp     UP     +0   10.0.0.21:5672 RabbitMQ 3.10.8, 2.3 ms",
        "proxy1: config /etc/vrrpd/vrrpd.toml loaded 2026-11-20 09:12:03.",
    ]


def test_fault_names_its_reasons() -> None:
    state = showing(state="fault", blocked=["interface ens18 is down", "probe haproxy is down"], track=[], master=None)
    assert render({**state, "probes": []})[1:4] == [
        "amqp-vip    51  ens18  FAULT  110 (150)  -       2h 13m ago  10.0.0.100",
        "  fault: interface ens18 is down",
        "  fault: probe haproxy is down",
    ]


def test_init_says_what_it_waits_for() -> None:
    state = showing(state="init", blocked=["probe haproxy has no result yet"], track=[])
    assert render(state)[2] == "  waits: probe haproxy has no result yet"


@pytest.mark.parametrize(
    ("state", "present", "shown"),
    [
        ("master", True, "10.0.0.100"),
        ("master", False, "10.0.0.100 (missing)"),
        ("backup", True, "10.0.0.100 (still here)"),
        ("backup", False, "10.0.0.100"),
    ],
    ids=str,
)
def test_address_that_is_not_where_it_should_be(state: str, present: bool, shown: str) -> None:
    seen = showing(state=state, virtual_addresses=[{"address": "10.0.0.100", "present": present}])
    assert render(seen)[1].endswith(f"ago  {shown}")


DEGRADED = "  degraded: probe haproxy is down; it holds the addresses only while nobody better does"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"state": "master", "priority": 1, "degraded": ["probe haproxy is down"]}, DEGRADED),
        (
            {"damped_until": "2026-11-21T09:04:58.500Z"},
            "  damped: changed sides too often, does not preempt for 4m 58s",
        ),
    ],
    ids=["degraded", "damped"],
)
def test_what_it_is_kept_from_stands_below_it(changes: dict[str, object], line: str) -> None:
    """With the reason, or for how long; and nothing of it while there is nothing to tell."""
    assert render(showing(**changes, track=[]))[2] == line
    assert [each for each in render(showing(track=[])) if each.startswith(("  degraded", "  damped"))] == []


def test_a_warning_says_who_what_how_often_and_when() -> None:
    warning = {
        "kind": "rival",
        "peer": "10.0.0.12",
        "text": "another\x1b Master: do this",
        "count": 3,
        "since": "2026-11-21T08:59:00.000Z",
        "last": "2026-11-21T08:59:55.000Z",
    }
    line = render(showing(warnings=[warning]))[2]
    assert line == "  warning: 10.0.0.12: another? Master: do this (3 times, last 5s ago)"
    assert "(once, last" in render(showing(warnings=[{**warning, "count": 1}]))[2]


def test_unknown_things_are_dashes() -> None:
    line = render(showing(master={"address": None, "priority": 150}, since=None, priority=150, track=[]))[1]
    assert line == "amqp-vip    51  ens18  BACKUP  150   this host p150  -      10.0.0.100"


def test_weight_of_zero_is_a_fault_while_down() -> None:
    tracks = [{"probe": "haproxy", "weight": 0, "applied": 0}, {"probe": "amqp", "weight": 0, "applied": 0}]
    lines = render(showing(track=tracks))[2:4]
    assert [line.split()[1:4] for line in lines] == [["haproxy", "DOWN", "fault"], ["amqp", "UP", "-"]]


def test_probe_without_a_verdict() -> None:
    state = showing(track=[{"probe": "haproxy", "weight": -40, "applied": 0}])
    state["probes"] = [{**HAPROXY, "up": None, "detail": ""}]
    assert render(state)[2] == "  probe haproxy  ?     +0"


def test_probes_nobody_tracks_are_shown_apart() -> None:
    lines = render(showing(track=[]))
    assert lines[2] == "Not tracked by any instance:"
    assert [line.split()[1] for line in lines[3:5]] == ["haproxy", "amqp"]


def test_no_instance_is_a_head_alone() -> None:
    assert render({**STATE, "instances": [], "probes": []})[0].split() == [
        "INSTANCE",
        "VRID",
        "IFACE",
        "STATE",
        "PRIO",
        "MASTER",
        "SINCE",
        "VIPS",
    ]


def test_refused_reload_and_stop_are_told() -> None:
    configuration = {**STATE["configuration"], "errors": ["vrrpd.toml:3: priority: 300"], "loaded": None}
    state: StateShape = {**STATE, "stopping": True, "configuration": configuration}  # type: ignore[typeddict-item]
    assert render(state)[-2:] == ["last reload rejected: vrrpd.toml:3: priority: 300", "The daemon is stopping."]


def test_only_one_instance_and_its_probes() -> None:
    other: InstanceShape = {**BACKUP, "name": "other", "track": [{"probe": "amqp", "weight": 1, "applied": 1}]}
    state = only({**STATE, "instances": [BACKUP, other]}, "other")
    assert (state["instances"], state["probes"]) == ([other], [AMQP])


@pytest.mark.parametrize(
    ("terminal", "environment", "colour"),
    [
        (True, {}, True),
        (True, {"NO_COLOR": ""}, True),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
        (False, {}, False),
    ],
    ids=str,
)
def test_colour_on_a_terminal_only(terminal: bool, environment: dict[str, str], colour: bool) -> None:
    paint = choose(terminal=terminal, environment=environment)
    assert paint is (coloured if colour else plain)


def test_colour_changes_no_column() -> None:
    state = showing(state="master")
    text = "\n".join(render(state, coloured))
    assert "\x1b[32;1mMASTER\x1b[0m" in text
    assert "\x1b[31;1mDOWN\x1b[0m" in text
    for code in ("\x1b[32;1m", "\x1b[31;1m", "\x1b[1m", "\x1b[0m"):
        text = text.replace(code, "")
    assert text == "\n".join(render(state))


def test_detail_cannot_write_to_the_terminal() -> None:
    state = {**STATE, "probes": [{**HAPROXY, "detail": "\x1b[2Jgone\r\n"}, AMQP]}
    assert "\x1b" not in "\n".join(render(state))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0s"), (0.9, "0s"), (59, "59s"), (60, "1m 0s"), (3599, "59m 59s"), (7980, "2h 13m"), (90000, "1d 1h")],
    ids=str,
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(timedelta(seconds=seconds)) == text


REMEDY: RemedyShape = {
    "remedy": "restart haproxy.service",
    "running": False,
    "attempt": 0,
    "attempts": 3,
    "last_started": None,
    "last_result": None,
    "detail": "",
    "output": "",
    "exhausted_until": None,
}


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, "restart haproxy.service, not tried yet"),
        (
            {"attempt": 1, "running": True, "last_started": "2026-11-21T08:59:58.000Z"},
            "restart haproxy.service, attempt 1 of 3, 2s ago: running",
        ),
        (
            {
                "attempt": 3,
                "last_started": "2026-11-21T08:59:00.000Z",
                "last_result": "fail",
                "detail": "exit status 1: no",
                "exhausted_until": "2026-11-21T09:05:00.500Z",
            },
            "restart haproxy.service, attempt 3 of 3, 1m 0s ago: fail (exit status 1: no); used up, rests for 5m 0s",
        ),
    ],
)
def test_remedy_of_a_probe_that_is_down(changes: dict[str, object], shown: str) -> None:
    remedy: RemedyShape = {**REMEDY, **changes}  # type: ignore[typeddict-item]
    assert f"    remedy: {shown}" in render({**STATE, "probes": [{**HAPROXY, "remedy": remedy}, AMQP]})


def test_remedy_of_a_probe_that_is_up_is_no_news() -> None:
    state: StateShape = {**STATE, "probes": [{**HAPROXY, "up": True, "remedy": REMEDY}, AMQP]}
    assert not [line for line in render(state) if "remedy" in line]


@pytest.mark.parametrize("up", [True, False, None])
def test_output_of_a_failing_script_stands_below_its_probe(up: bool | None) -> None:
    """Also when it has failed less often than it takes; at most ten lines, and nothing that moves the cursor."""
    lines = render({**STATE, "probes": [{**HAPROXY, "up": up, "output": "one\n\x1b[2Jtwo\n"}, AMQP]})
    assert lines[3:5] == ["    | one", "    | ?[2Jtwo"]
    many = "".join(f"line {number}\n" for number in range(13))
    lines = render({**STATE, "probes": [{**HAPROXY, "up": up, "output": many}, AMQP]})
    shown = [line for line in lines if line.startswith("    | ")]
    assert shown == ["    | (3 more before these: `vrrpctl state --json`)", *(f"    | line {n}" for n in range(3, 13))]


def test_a_sync_group_is_named() -> None:
    lines = render({**STATE, "instances": [{**STATE["instances"][0], "sync_group": "edge"}]})
    assert lines[2] == "  sync group edge"
