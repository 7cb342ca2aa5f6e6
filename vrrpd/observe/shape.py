"""The JSON of the state API as types: what `/v1/state` answers, and what its readers may rely on.

Instants are text: UTC, ISO 8601, milliseconds, ending in Z. Keys are never renamed, only added.
"""

from typing import TypedDict


class MasterShape(TypedDict):
    """Who holds the virtual router. `address` is null when it is this host and has no address of its own."""

    address: str | None
    priority: int


class AddressShape(TypedDict):
    """A virtual address; `present` is the kernel's truth on this host, not the intent."""

    address: str
    present: bool


class TrackShape(TypedDict):
    """A probe that an instance follows: the weight that counts here, and what is added now."""

    probe: str
    weight: int
    applied: int


class WarningShape(TypedDict):
    """A disagreement of late. `peer` is an address or a MAC; `text` says what differs and what to do."""

    kind: str
    peer: str
    text: str
    count: int
    since: str
    last: str


class DrainShape(TypedDict):
    """What an operator took out of service. `ends` is null if only an operator ends it."""

    reason: str
    since: str
    ends: str | None


class InstanceShape(TypedDict):
    """One virtual router. `state` is init, backup, master or fault; `advert_int` is in seconds.

    `degraded`: faults in spite of which it takes part, at priority 1. `damped_until`: it does not preempt until then.
    `drained`: its own drain, or that of the whole host. `yielding`: after a handover it does not preempt.
    `sync_group`: the group it moves with.
    """

    name: str
    virtual_router_id: int
    interface: str
    family: str
    state: str
    priority_base: int
    priority: int
    master: MasterShape | None
    since: str | None
    last_reason: str | None
    blocked: list[str]
    degraded: list[str]
    damped_until: str | None
    drained: DrainShape | None
    yielding: bool
    sync_group: str | None
    advert_int: float
    virtual_addresses: list[AddressShape]
    track: list[TrackShape]
    warnings: list[WarningShape]


class RemedyShape(TypedDict):
    """What is done when a probe goes down. `attempt` of `attempts` within the window was the last.

    `last_result` is null while one runs and before the first; `exhausted_until` while none is left.
    """

    remedy: str
    running: bool
    attempt: int
    attempts: int
    last_started: str | None
    last_result: str | None
    detail: str
    output: str
    exhausted_until: str | None


class ProbeShape(TypedDict):
    """One probe. `up` is null before a verdict; `last_checked` before the first run ended.

    `alarms`: what needs an operator, whatever the verdict. `output`: of a program, the end of what
    its last failing run wrote; empty once it is well again.
    """

    name: str
    type: str
    up: bool | None
    weight_applied: int
    detail: str
    scope: str
    alarms: list[str]
    output: str
    remedy: RemedyShape | None
    since: str | None
    last_checked: str | None


class PartShape(TypedDict):
    """What a probe has to do with an instance. `moves`: it may change its priority or be a fault, as now if `fault`."""

    probe: str
    up: bool | None
    weight: int
    applied: int
    moves: bool
    fault: bool
    detail: str


class PreemptShape(TypedDict):
    """Whether it would take over from a living Master of a lower priority, and why."""

    on: bool
    why: str


class WhatIfShape(TypedDict):
    """What another verdict of one probe would lead to. `moves`: the addresses come here or leave."""

    probe: str
    up: bool
    priority: int
    moves: bool
    text: str


class ExplanationShape(TypedDict):
    """Why an instance is as it is, and what would change it. `lines`: all of it for people."""

    instance: str
    state: str
    because: str
    priority_base: int
    priority: int
    parts: list[PartShape]
    preempt: PreemptShape
    others: list[str]
    what_if: list[WhatIfShape]
    lines: list[str]


class ConfigurationShape(TypedDict):
    """Where the configuration in force came from. `errors`: why the last reload was refused, if it was."""

    source: str
    loaded: str | None
    errors: list[str]


class SchedulingShape(TypedDict):
    """What is in force of `rt_priority` and `no_swap`. `errors`: why not all that was asked for."""

    rt_priority: int
    no_swap: bool
    errors: list[str]


class StateShape(TypedDict):
    """Everything. `now` is the daemon's wall clock at the time of the answer, `started` when it became ready.

    `router_id`: the name of this host. `drained`: the whole host.
    """

    version: str
    router_id: str
    now: str
    started: str | None
    ready: bool
    stopping: bool
    configuration: ConfigurationShape
    scheduling: SchedulingShape
    drained: DrainShape | None
    instances: list[InstanceShape]
    probes: list[ProbeShape]
