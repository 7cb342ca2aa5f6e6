"""Why, and what would change it: one row for each situation, as an operator reads it."""

from dataclasses import replace

import pytest

from tests.observe.samples import CONFIGURATION, OTHER, OURS, VI_1, heard, moved
from vrrpd.config.model import Instance, Probe, Track
from vrrpd.engine.inputs import Link, Outcome, Result
from vrrpd.engine.journal import Role
from vrrpd.observe.explain import Scene, explain
from vrrpd.observe.peers import Known
from vrrpd.observe.record import InstanceRecord, ProbeRecord
from vrrpd.protocol.messages import Reason, Seconds

NOW = Seconds(10.0)
LINK = Link("eth0", exists=True, up=True, addresses=(OURS,))
KNOWN = (Known(OTHER, 100, Seconds(4.0)),)


def probes(haproxy: bool | None = True, amqp: bool | None = True) -> dict[str, ProbeRecord]:
    """Tracked with -60 and with 0, a fault."""
    records = {each.name: ProbeRecord(each) for each in CONFIGURATION.probes}
    for name, up in (("haproxy", haproxy), ("amqp", amqp)):
        records[name].up = up
        records[name].last = (
            Result(Outcome.OK if up else Outcome.FAIL, Seconds(0.1), "seen") if up is not None else None
        )
    return records


def scene(
    role: Role,
    reason: Reason = Reason.TIMEOUT,
    *,
    priority: int = 150,
    master: int | None = None,
    haproxy: bool | None = True,
    amqp: bool | None = True,
    known: tuple[Known, ...] = KNOWN,
    config: Instance = VI_1,
    drained: str = "",
    blocked: tuple[str, ...] = (),
    yielding: bool = False,
) -> Scene:
    record = InstanceRecord(config, priority)
    record.moved(moved(5.0, Role.INIT, role, reason))
    record.blocked, record.yielding = blocked, yielding
    if master is not None:
        record.received(heard(9.5, master))
    return Scene(record, probes(haproxy, amqp), known, LINK, drained, NOW)


FAULT = "put it in fault (probe amqp is down)"
WHAT_IF = {
    "master, enough to move": (
        scene(Role.MASTER),
        (
            "haproxy down would make it 90 < 100 of 10.0.0.12: the address MOVES",
            f"amqp down would {FAULT}: it resigns, and the address MOVES to whoever is there",
        ),
    ),
    "master, not enough": (
        scene(Role.MASTER, known=(Known(OTHER, 80, Seconds(4.0)),)),
        ("haproxy down would make it 90 > 80 of 10.0.0.12: the address STAYS",),
    ),
    "master, equal": (
        scene(Role.MASTER, known=(Known(OTHER, 90, Seconds(4.0)),)),
        ("haproxy down would make it 90 = 90 of 10.0.0.12: the address STAYS",),
    ),
    "master, the best of several": (
        scene(Role.MASTER, known=(Known(OTHER, 80, Seconds(9.0)), *KNOWN)),
        ("haproxy down would make it 90 < 100 of 10.0.0.12: the address MOVES",),
    ),
    "master, nobody known": (
        scene(Role.MASTER, known=()),
        ("haproxy down would make it 90; no other router's priority is known, and only a higher one takes over",),
    ),
    "backup, back again": (
        scene(Role.BACKUP, priority=90, master=100, haproxy=False),
        ("haproxy up would make it 150 > 100 of 10.0.0.12: the address MOVES here", f"amqp down would {FAULT}"),
    ),
    "backup, nopreempt": (
        scene(Role.BACKUP, priority=90, master=100, haproxy=False, config=replace(VI_1, nopreempt=True)),
        ("haproxy up would make it 150 > 100 of 10.0.0.12: the address STAYS there, as nopreempt is set",),
    ),
    "backup, handed over": (
        scene(Role.BACKUP, priority=90, master=100, haproxy=False, yielding=True),
        ("haproxy up would make it 150 > 100 of 10.0.0.12: the address STAYS there, as it has handed over",),
    ),
    "backup, not enough": (
        scene(Role.BACKUP, priority=90, master=200, haproxy=False),
        ("haproxy up would make it 150 < 200 of 10.0.0.12: the address STAYS there",),
    ),
    "backup, lower still": (
        scene(Role.BACKUP, master=200),
        ("haproxy down would make it 90 < 200 of 10.0.0.12: the address STAYS there",),
    ),
    "backup, nobody heard": (
        scene(Role.BACKUP, haproxy=False, priority=90),
        ("haproxy up would make it 150; no master is heard, so it takes over in any case",),
    ),
    "fault": (
        scene(Role.FAULT, amqp=False, blocked=("probe amqp is down",)),
        (
            "haproxy down would leave it in fault (probe amqp is down)",
            "amqp up would let it take part, as backup with 150",
        ),
    ),
    "drained": (
        scene(Role.FAULT, drained="drained: upgrade", blocked=("drained: upgrade",)),
        ("haproxy down would make it 90; it STAYS out, as it is drained",),
    ),
    "no result yet": (
        scene(Role.INIT, amqp=None, blocked=("probe amqp has no result yet",)),
        (
            "haproxy down would let it take part, as backup with 90",
            "amqp up would let it take part, as backup with 150",
            "amqp down would put it in fault (probe amqp is down)",
        ),
    ),
    "serves": (
        scene(Role.MASTER, config=replace(VI_1, when_all_failed="serve")),
        ("haproxy down would make it 90 < 100", "amqp down would make it 1 < 100 of 10.0.0.12: the address MOVES"),
    ),
    "shared probes move nothing": (
        scene(Role.MASTER, config=replace(VI_1, track=(Track("haproxy", -60, moves=False),))),
        (),
    ),
}


@pytest.mark.parametrize(("situation", "texts"), WHAT_IF.values(), ids=WHAT_IF)
def test_what_another_verdict_would_lead_to(situation: Scene, texts: tuple[str, ...]) -> None:
    """Effective priority against the other's last known one; MOVES or STAYS."""
    found = explain(situation)["what_if"]
    assert len(found) >= len(texts)
    for each, text in zip(found, texts, strict=False):
        assert each["text"].startswith(text)
        assert each["moves"] is ("MOVES" in each["text"])


def test_the_whole_text_of_a_backup() -> None:
    """Nothing an operator needs is left out."""
    assert explain(scene(Role.BACKUP, priority=90, master=100, haproxy=False))["lines"] == [
        "VI_1 is BACKUP because 10.0.0.12 advertises priority 100 and ours is 90.",
        "  base priority              150",
        "  probe haproxy       DOWN    -60  seen",
        "  probe amqp          UP        -  seen",
        "  effective priority          90",
        "Preemption is on: from a lower master it takes over within a skew time (fast_preempt).",
        "Last advertisement of 10.0.0.12: 0.5 s ago, interval 1 s, master down interval 3.65 s.",
        "Other routers known: 10.0.0.12 (priority 100) was last heard 6.0 s ago.",
        "What would change it:",
        "  haproxy up would make it 150 > 100 of 10.0.0.12: the address MOVES here.",
        "  amqp down would put it in fault (probe amqp is down).",
        "  10.0.0.12 silent for 3.65 s, or resigning: the address MOVES here.",
        "  10.0.0.12 below 90: the address MOVES here.",
    ]


DOWN = "interface eth0 is down"
BESIDES = {
    "link": (
        scene(Role.FAULT, blocked=(DOWN,)),
        f'  the end of "{DOWN}": it takes part, as backup with 150.',
    ),
    "link and probe": (
        scene(Role.FAULT, amqp=False, blocked=(DOWN, "probe amqp is down")),
        f'  the end of "{DOWN}": one reason less.',
    ),
    "drained": (scene(Role.FAULT, drained="drained", blocked=("drained",)), "  undrain."),
    "just started": (scene(Role.BACKUP), "  no advertisement for 3.41 s: it becomes master."),
}


@pytest.mark.parametrize(("situation", "last"), BESIDES.values(), ids=BESIDES)
def test_what_would_change_it_and_is_no_probe(situation: Scene, last: str) -> None:
    """There is always something: an empty answer at night is none."""
    assert explain(situation)["lines"][-1] == last


def test_facts_for_programs() -> None:
    found = explain(scene(Role.MASTER))
    assert (found["instance"], found["state"], found["priority_base"], found["priority"]) == (
        "VI_1",
        "master",
        150,
        150,
    )
    haproxy = {
        "probe": "haproxy",
        "up": True,
        "weight": -60,
        "applied": 0,
        "moves": True,
        "fault": False,
        "detail": "seen",
    }
    assert found["parts"][0] == haproxy
    assert found["preempt"]["on"]


def test_an_instance_without_probes() -> None:
    found = explain(replace(scene(Role.MASTER, config=replace(VI_1, track=())), probes=dict[str, ProbeRecord]()))
    assert found["what_if"] == []
    assert found["lines"][-1] == "  a router with more than 150 that preempts, a fault, drain or handover."


def test_a_probe_of_another_name_plays_no_part() -> None:
    """Only what the instance tracks is explained."""
    more = {**probes(), "other": ProbeRecord(Probe(name="other", type="tcp"))}
    found = explain(replace(scene(Role.MASTER), probes=more))
    assert [each["probe"] for each in found["parts"]] == ["haproxy", "amqp"]
    assert found["preempt"]["on"], "though the other one has no result yet"


def test_a_probe_that_is_the_fault_is_called_so() -> None:
    found = explain(scene(Role.FAULT, amqp=False, blocked=("probe amqp is down",)))
    assert found["lines"][0] == "VI_1 is FAULT because probe amqp is down."
    assert found["lines"][3] == "  probe amqp          DOWN  fault  seen"


def test_a_sync_group_moves_with_the_probes_of_all_and_the_lowest_priority() -> None:
    fellow = replace(VI_1, name="VI_2", virtual_router_id=52, priority=140, sync_group="G", nopreempt=True)
    grouped = scene(Role.MASTER, priority=140, config=replace(VI_1, sync_group="G", track=()))
    found = explain(replace(grouped, fellows=((fellow, LINK),)))
    assert [each["text"] for each in found["what_if"]] == [
        "haproxy down would make it 80 < 100 of 10.0.0.12: the address MOVES",
        (
            "amqp down would put it in fault (sync group G: VI_2: probe amqp is down): it resigns, and the address "
            "MOVES to whoever is there"
        ),
    ]
    assert found["preempt"] == {"on": False, "why": "an instance of its sync group has nopreempt"}
    assert "Sync group G: the lowest priority of its instances counts for all." in found["lines"]
