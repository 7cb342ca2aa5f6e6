"""Why an instance is in its state, and whether it would take over from a lower Master: the words of `explain`."""

from collections.abc import Iterable
from typing import assert_never

from vrrpd.engine.inputs import Standing
from vrrpd.engine.journal import Role
from vrrpd.observe.record import InstanceRecord
from vrrpd.observe.shape import PreemptShape
from vrrpd.observe.spans import span
from vrrpd.protocol.messages import PRIORITY_OWNER, Peer, Reason, Seconds

_MASTER_BY = {
    Reason.OWNER: "it owns the addresses (priority 255)",
    Reason.TIMEOUT: "no other master was heard within the master down interval",
    Reason.PRIORITY_ZERO: "the master before it resigned",
    Reason.PREEMPT: "the master before it had a lower priority",
    Reason.RESUMED: "it was master before the daemon was restarted, and nobody had taken over",
}


def preempting(record: InstanceRecord, standings: Iterable[Standing], *, held_by_group: bool = False) -> PreemptShape:
    """The first reason against it counts; the engine has the same ones. `held_by_group`: another one's nopreempt."""
    config = record.config
    if config.priority == PRIORITY_OWNER:
        return {"on": True, "why": "the owner always preempts"}
    against = (
        ("nopreempt is set", config.nopreempt),
        ("an instance of its sync group has nopreempt", held_by_group),
        ("a probe has no result yet", any(each.up is None for each in standings)),
        ("it has handed over", record.yielding),
        ("it takes part in spite of a fault", bool(record.degraded)),
        ("it changed sides too often (flap_limit)", record.damped_until is not None),
    )
    if (why := next((words for words, holds in against if holds), None)) is not None:
        return {"on": False, "why": why}
    return {"on": True, "why": f"from a lower master it takes over {_when(record)}"}


def _when(record: InstanceRecord) -> str:
    config = record.config
    after = f" after preempt_delay {config.preempt_delay:g} s" if config.preempt_delay else ""
    quick = "within a skew time (fast_preempt)" if config.fast_preempt else "when the master down interval is over"
    return quick + after


def because(record: InstanceRecord, drained: str, now: Seconds) -> str:
    """One clause. `drained`: the words of its drain, if there is one."""
    match record.role:
        case Role.INIT:
            return ", ".join(record.blocked) or "it has not started yet"
        case Role.FAULT:
            return ", ".join(record.blocked) or drained or "of a fault"
        case Role.BACKUP:
            return _backup(record, now)
        case Role.MASTER:
            degraded = f", in spite of: {', '.join(record.degraded)}" if record.degraded else ""
            why = _MASTER_BY.get(record.reason, "it was elected") if record.reason else "it was elected"
            return why + degraded
        case _:
            assert_never(record.role)


def _backup(record: InstanceRecord, now: Seconds) -> str:
    master = record.master_heard(now)
    if master is not None:
        return _under(record, master)
    left = span(Seconds(max(0.0, (record.since or now) + record.master_down_interval() - now)))
    return f"no master is heard; it takes over when that has lasted, in {left} at most"


def _under(record: InstanceRecord, master: Peer) -> str:
    told = f"{master.address} advertises priority {master.priority} and ours is {record.priority}"
    if master.priority > record.priority:
        return told
    if master.priority == record.priority:
        return f"{told}, and an equal priority does not preempt"
    held = (
        "it has handed over" if record.yielding else "nopreempt is set" if record.config.nopreempt else "see preemption"
    )
    return f"{told}, but {held}"
