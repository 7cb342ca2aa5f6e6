"""What counts of an answer of HAProxy: servers that were really checked."""

import pytest

from tests.probes.proxied import INFO, Server, answer
from vrrpd.probes.haproxy_answer import Answer
from vrrpd.probes.haproxy_judge import SERVERS_UP, judge
from vrrpd.probes.haproxy_options import HaproxyOptions
from vrrpd.probes.outcome import Measure, ProbeFailed


def options(*backends: str, min_servers: int = 1, start_grace: float = 10) -> HaproxyOptions:
    return HaproxyOptions(socket="/s", backends=backends, min_servers=min_servers, start_grace=start_grace)


R1, R2, R3 = Server("r1"), Server("r2"), Server("r3")
DEAD = Server("r1", "DOWN", "L4CON")
NEW = Server("r1", "UP 1/2", "INI")

# operations: one row per way a backend can look; (answer, options) -> detail
WELL: dict[str, tuple[str, HaproxyOptions, str]] = {
    "all up": (answer(R1, R2, act=2), options("rabbit"), "backend rabbit: 2 of 2 servers up"),
    "enough up": (
        answer(R1, Server("r2", "DOWN", "L4TOUT"), act=1),
        options("rabbit"),
        "backend rabbit: 1 of 2 servers up (r2 L4TOUT)",
    ),
    "only the backup server is used": (answer(R1, bck=1), options("rabbit"), "backend rabbit: 1 of 1 servers up"),
    "check in progress": (
        answer(Server("r1", check="* L7OK"), act=1),
        options("rabbit"),
        "backend rabbit: 1 of 1 servers up",
    ),
    "one failed check, haproxy still uses it": (
        answer(Server("r1", "UP 1/2", "L4CON"), act=1),
        options("rabbit"),
        "backend rabbit: 1 of 1 servers up",
    ),
    "an unchecked server is told": (
        answer(R1, Server("r3", "no check", ""), act=2),
        options("rabbit"),
        "backend rabbit: 1 of 2 servers up (r3 has no check)",
    ),
    "tracks a checked server": (
        answer(Server("r1", check="", tracked="other/o"), Server("o", backend="other"), act=1),
        options("rabbit"),
        "backend rabbit: 1 of 1 servers up",
    ),
    "two backends": (
        answer(R1, Server("o", backend="other"), act=1),
        options("rabbit", "other"),
        "backend rabbit: 1 of 1 servers up; backend other: 1 of 1 servers up",
    ),
    "no backend asked for": (answer(act=0), options(), "haproxy 2.6.12 answers"),
}

FAILED: dict[str, tuple[str, HaproxyOptions, str]] = {
    "all down": (
        answer(DEAD, Server("r2", "DOWN 1/2", "L4TOUT"), Server("r3", "MAINT", ""), act=0),
        options("rabbit"),
        "down: backend rabbit: 0 of 3 servers up (r1 L4CON, r2 L4TOUT, r3 MAINT)",
    ),
    "no servers": (answer(act=0), options("rabbit"), "empty: backend rabbit: 0 of 0 servers up"),
    "too few": (
        answer(R1, R2, Server("r3", "DOWN", "L4CON"), act=2),
        options("rabbit", min_servers=3),
        "too few: backend rabbit: 2 of 3 servers up (r3 L4CON)",
    ),
    "none is checked": (
        answer(Server("r1", "no check", ""), act=1),
        options("rabbit"),
        "unchecked: backend rabbit: 0 of 1 servers up (r1 has no check)",
    ),
    "not checked yet": (
        answer(NEW, act=1, uptime=1),
        options("rabbit"),
        "starting: backend rabbit: 0 of 1 servers up (r1 not checked yet)",
    ),
    "draining": (
        answer(Server("r1", "DRAIN"), act=0),
        options("rabbit"),
        "down: backend rabbit: 0 of 1 servers up (r1 DRAIN)",
    ),
    "weight 0": (
        answer(R1, act=0),
        options("rabbit"),
        "down: backend rabbit: 1 of 1 servers up (haproxy would use 0)",
    ),
    "down by an operator, last check good": (
        answer(Server("r1", "DOWN (agent)", "L4OK"), act=0),
        options("rabbit"),
        "down: backend rabbit: 0 of 1 servers up (r1 DOWN (agent))",
    ),
    "tracks a server without check": (
        answer(Server("r1", check="", tracked="other/o"), Server("o", "no check", "", backend="other"), act=1),
        options("rabbit"),
        "unchecked: backend rabbit: 0 of 1 servers up (r1 has no check)",
    ),
    "tracks in a circle": (
        answer(Server("r1", check="", tracked="rabbit/r2"), Server("r2", check="", tracked="rabbit/r1"), act=2),
        options("rabbit"),
        "unchecked: backend rabbit: 0 of 2 servers up (r1 has no check, r2 has no check)",
    ),
    "unknown backend": (
        answer(R1, act=1),
        options("rabit"),
        "misconfigured: haproxy has no backend rabit (it has: rabbit, other)",
    ),
    "only the short backends are told": (
        answer(R1, act=1),
        options("rabbit", "other"),
        "empty: backend other: 0 of 0 servers up",
    ),
    "more servers than a line can name": (
        answer(*(Server(f"r{i}", "DOWN", "L4CON") for i in range(12)), act=0),
        options("rabbit"),
        "down: backend rabbit: 0 of 12 servers up (" + ", ".join(f"r{i} L4CON" for i in range(10)) + ", and 2 more)",
    ),
}


def verdict(text: str, wanted: HaproxyOptions, *, was_well: bool = False) -> str:
    return judge(Answer.parse(text), wanted, was_well=was_well).detail


@pytest.mark.parametrize("row", WELL)
def test_well(row: str) -> None:
    text, wanted, detail = WELL[row]
    assert verdict(text, wanted) == detail


@pytest.mark.parametrize("row", FAILED)
def test_failed(row: str) -> None:
    text, wanted, detail = FAILED[row]
    with pytest.raises(ProbeFailed) as failed:
        verdict(text, wanted)
    assert str(failed.value) == detail


def test_columns_go_by_name_not_by_place() -> None:
    text = INFO.format(uptime=9, stopping=0, pid=0) + (
        "# pxname,check_status,bck,act,newcomer,status,svname,\nrabbit,L6OK,0,1,?,UP,r1,\nrabbit,,0,1,?,UP,BACKEND,\n\n"
    )
    assert verdict(text, options("rabbit")) == "backend rabbit: 1 of 1 servers up"


# After a reload every server waits for its first check; what was well before stays well until then.
HELD = "starting: as before until checked: "
HELD_DETAIL = HELD + "backend rabbit: 0 of 1 servers up (r1 not checked yet)"


@pytest.mark.parametrize(
    ("text", "was_well", "held"),
    [
        (answer(NEW, act=1, uptime=0), True, True),
        (answer(NEW, act=1, uptime=9), True, True),
        (answer(NEW, act=1, uptime=10), True, False),
        (answer(NEW, act=1, uptime=0), False, False),
        (answer(DEAD, act=0, uptime=0), True, False),
        (answer(NEW, act=0, uptime=0), True, False),
    ],
    ids=["at once", "within", "grace over", "not well before", "first check failed", "weight 0"],
)
def test_start_grace(text: str, *, was_well: bool, held: bool) -> None:
    try:
        detail = verdict(text, options("rabbit"), was_well=was_well)
    except ProbeFailed:
        detail = ""
    assert detail == (HELD_DETAIL if held else "")


def test_servers_up_are_measured_also_when_they_are_too_few() -> None:
    """Each backend asked for has its row, as far as HAProxy has that backend."""
    text = answer(R1, Server("r2", "DOWN", "L4CON"), Server("o", backend="other"), act=1)
    with pytest.raises(ProbeFailed) as failed:
        judge(Answer.parse(text), options("rabbit", "other", "gone", min_servers=2), was_well=True)
    assert failed.value.measures == (Measure(SERVERS_UP, 1, ("rabbit",)), Measure(SERVERS_UP, 1, ("other",)))
    seen = judge(Answer.parse(text), options("rabbit"), was_well=True)
    assert seen.measures == (Measure(SERVERS_UP, 1, ("rabbit",)),)


def test_a_server_that_haproxy_does_not_use_is_not_measured_as_up() -> None:
    with pytest.raises(ProbeFailed) as failed:
        judge(Answer.parse(answer(R1, act=0)), options("rabbit"), was_well=True)
    assert failed.value.measures == (Measure(SERVERS_UP, 0, ("rabbit",)),)


def test_what_needs_an_operator_is_an_alarm_whatever_the_verdict() -> None:
    """A server that nobody checks, and a backend that is not there."""
    seen = judge(Answer.parse(answer(R1, Server("r3", "no check", ""), act=2)), options("rabbit"), was_well=True)
    assert seen.alarms == ("backend rabbit: no check of r3",)
    with pytest.raises(ProbeFailed) as failed:
        judge(Answer.parse(answer(R1, act=1)), options("rabit"), was_well=True)
    assert failed.value.alarms == ("misconfigured: haproxy has no backend rabit",)
    assert judge(Answer.parse(answer(NEW, act=1, uptime=1)), options("rabbit"), was_well=True).alarms == ()
