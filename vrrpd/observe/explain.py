"""Why an instance is or is not Master, and what would change it: in plain words, and as facts for programs.

Pure: everything comes from what the journal told and from the configuration. The arithmetic is the engine's own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vrrpd.config.model import Instance, Track
from vrrpd.engine.inputs import Link, Standing
from vrrpd.engine.instance import VirtualRouter
from vrrpd.engine.journal import Role
from vrrpd.engine.sync import Judged, join, judge
from vrrpd.engine.tracking import is_fault
from vrrpd.observe.events import clean
from vrrpd.observe.peers import Known
from vrrpd.observe.preempting import because, preempting
from vrrpd.observe.record import InstanceRecord, ProbeRecord
from vrrpd.observe.shape import ExplanationShape, PartShape, PreemptShape, WhatIfShape
from vrrpd.observe.spans import span
from vrrpd.protocol.messages import PRIORITY_OWNER, Peer, Seconds

_VERDICTS = {True: "UP", False: "DOWN", None: "?"}


@dataclass(frozen=True, slots=True)
class Scene:
    """One instance and its surroundings. `drained`: the words of its drain, if there is one.

    `fellows`: the other instances of its sync group, each with its link.
    """

    record: InstanceRecord
    probes: Mapping[str, ProbeRecord]
    known: tuple[Known, ...]
    link: Link
    drained: str
    now: Seconds
    fellows: tuple[tuple[Instance, Link], ...] = ()

    @property
    def moving(self) -> tuple[Track, ...]:
        """The probes that may move it, each once: its own, and those of its fellows."""
        every = (self.record.config, *(config for config, _ in self.fellows))
        found = {track.probe: track for config in reversed(every) for track in config.moving}
        own = {track.probe: track for track in self.record.config.moving}
        return tuple({**own, **{name: track for name, track in found.items() if name not in own}}.values())

    @property
    def standings(self) -> dict[str, Standing]:
        """How the probes stand that may move it."""
        return {track.probe: self.probes[track.probe].standing for track in self.moving}

    def judged(self, standings: Mapping[str, Standing]) -> Judged:
        """The engine's own arithmetic; states play no part in that."""
        own = VirtualRouter(self.record.config, self.link)
        join([own, *(VirtualRouter(config, link) for config, link in self.fellows)])
        return next(each for each in judge(own.fellows or (own,), standings, lambda _: ()) if each.router is own)

    @property
    def preempting(self) -> PreemptShape:
        """Whether it would take over from a lower Master, as things stand."""
        held = any(config.nopreempt for config, _ in self.fellows)
        return preempting(self.record, self.standings.values(), held_by_group=held)

    @property
    def rival(self) -> Peer | None:
        """The Master that is heard; while we are Master, the best of those known."""
        if self.record.role is not Role.MASTER:
            return self.record.master_heard(self.now)
        best = max(self.known, key=lambda each: each.priority, default=None)
        return Peer(best.address, best.priority) if best else None


def explain(scene: Scene) -> ExplanationShape:
    """All that can be said of it now."""
    record = scene.record
    what_if = [_what_if(scene, track, up=up) for track in scene.moving for up in _other(scene, track)]
    parts = [_part(scene, track) for track in record.config.followed]
    made: ExplanationShape = {
        "instance": record.config.name,
        "state": record.role.value,
        "because": because(record, scene.drained, scene.now),
        "priority_base": record.config.priority,
        "priority": record.priority,
        "parts": parts,
        "preempt": scene.preempting,
        "others": [each.told(scene.now, {}) for each in scene.known],
        "what_if": what_if,
        "lines": [],
    }
    return {**made, "lines": list(_lines(scene, made))}


def _part(scene: Scene, track: Track) -> PartShape:
    probe = scene.probes[track.probe]
    return {
        "probe": track.probe,
        "up": probe.up,
        "weight": track.weight,
        "applied": scene.record.applied(track, probe.standing),
        "moves": track.moves,
        "fault": track.moves and is_fault(track, probe.standing),
        "detail": clean(probe.detail),
    }


def _other(scene: Scene, track: Track) -> tuple[bool, ...]:
    """The verdicts that it does not have."""
    up = scene.probes[track.probe].up
    return (True, False) if up is None else (not up,)


def _what_if(scene: Scene, track: Track, *, up: bool) -> WhatIfShape:
    """The same in all but one verdict."""
    standings = {**scene.standings, track.probe: Standing(up)}
    priority = scene.judged(standings).priority
    moves, then = _then(scene, standings, priority)
    head = f"{track.probe} {'up' if up else 'down'}"
    return {"probe": track.probe, "up": up, "priority": priority, "moves": moves, "text": f"{head} would {then}"}


def _then(scene: Scene, standings: Mapping[str, Standing], priority: int) -> tuple[bool, str]:
    """Whether the address would move, and in words."""
    role, faults = scene.record.role, scene.judged(standings).faults
    if scene.drained:
        return False, f"make it {priority}; it STAYS out, as it is drained"
    if faults:
        words = ", ".join(faults)
        if role is Role.MASTER:
            return True, f"put it in fault ({words}): it resigns, and the address MOVES to whoever is there"
        return False, f"{'leave' if role is Role.FAULT else 'put'} it in fault ({words})"
    match role:
        case Role.MASTER:
            return _as_master(scene.rival, priority)
        case Role.BACKUP:
            return _as_backup(scene, standings, priority)
        case _:
            return False, f"let it take part, as backup with {priority}"


def _as_master(rival: Peer | None, priority: int) -> tuple[bool, str]:
    if rival is None or not rival.priority:
        return False, f"make it {priority}; no other router's priority is known, and only a higher one takes over"
    compared = f"make it {priority} {_sign(priority, rival.priority)} {rival.priority} of {rival.address}"
    if priority < rival.priority:
        return True, f"{compared}: the address MOVES"
    return False, f"{compared}: the address STAYS"


def _as_backup(scene: Scene, standings: Mapping[str, Standing], priority: int) -> tuple[bool, str]:
    rival = scene.rival
    if rival is None:
        return False, f"make it {priority}; no master is heard, so it takes over in any case"
    compared = f"make it {priority} {_sign(priority, rival.priority)} {rival.priority} of {rival.address}"
    if priority <= rival.priority:
        return False, f"{compared}: the address STAYS there"
    found = preempting(scene.record, standings.values(), held_by_group=any(each.nopreempt for each, _ in scene.fellows))
    if not found["on"]:
        return False, f"{compared}: the address STAYS there, as {found['why']}"
    return True, f"{compared}: the address MOVES here"


def _sign(ours: int, theirs: int) -> str:
    return "<" if ours < theirs else "=" if ours == theirs else ">"


def _lines(scene: Scene, made: ExplanationShape) -> Iterator[str]:
    yield f"{made['instance']} is {made['state'].upper()} because {made['because']}."
    yield from _arithmetic(made)
    if scene.fellows:
        yield f"Sync group {scene.record.config.sync_group}: the lowest priority of its instances counts for all."
    if scene.record.role in (Role.MASTER, Role.BACKUP):
        yield f"Preemption is {'on' if made['preempt']['on'] else 'off'}: {made['preempt']['why']}."
    yield from _heard(scene)
    if made["others"]:
        yield f"Other routers known: {'; '.join(made['others'])}."
    yield "What would change it:"
    yield from (f"  {each['text']}." for each in made["what_if"])
    yield from (f"  {each}." for each in _besides(scene))


def _arithmetic(made: ExplanationShape) -> Iterator[str]:
    width = max((len(each["probe"]) for each in made["parts"]), default=0) + len("probe ")
    width = max(width, len("effective priority"))
    yield f"  {'base priority':<{width}}       {made['priority_base']:>5}"
    for each in made["parts"]:
        weight = _weight(each)
        head = f"probe {each['probe']}"
        yield f"  {head:<{width}}  {_VERDICTS[each['up']]:<4} {weight:>6}  {each['detail']}".rstrip()
    yield f"  {'effective priority':<{width}}       {made['priority']:>5}"


def _weight(part: PartShape) -> str:
    if not part["moves"]:
        return "shared"
    if part["weight"] == 0:
        return "fault" if part["fault"] else "-"
    return f"{part['applied']:+d}"


def _heard(scene: Scene) -> Iterator[str]:
    record = scene.record
    if record.role is not Role.MASTER and record.heard is not None:
        ago = span(Seconds(scene.now - record.heard.at))
        down = f"master down interval {record.master_down_interval():.2f} s"
        interval = f"interval {record.master_interval():g} s, {down}"
        yield f"Last advertisement of {record.heard.peer.address}: {ago} ago, {interval}."


def _besides(scene: Scene) -> Iterator[str]:
    """What is no probe of ours."""
    record, rival = scene.record, scene.rival
    if scene.drained:
        yield "undrain"
    elif record.role is Role.MASTER and record.config.priority != PRIORITY_OWNER:
        yield f"a router with more than {record.priority} that preempts, a fault, drain or handover"
    elif record.role is Role.BACKUP and rival is not None:
        silent = (
            f"{rival.address} silent for {record.master_down_interval():.2f} s, or resigning: the address MOVES here"
        )
        yield silent
        if record.priority <= rival.priority:
            yield f"{rival.address} below {record.priority}: {_on_lower(scene)}"
    elif record.role is Role.BACKUP:
        yield f"no advertisement for {record.master_down_interval():.2f} s: it becomes master"
    else:
        yield from _repairs(record)


def _repairs(record: InstanceRecord) -> Iterator[str]:
    """What keeps it out and is no probe of ours: its interface, or another instance of its group."""
    besides = [each for each in record.blocked if not each.startswith("probe ")]
    alone = len(besides) == len(record.blocked)
    then = f"it takes part, as backup with {record.priority}" if alone else "one reason less"
    if besides:
        yield f'the end of "{", ".join(besides)}": {then}'


def _on_lower(scene: Scene) -> str:
    found = scene.preempting
    return "the address MOVES here" if found["on"] else f"the address STAYS there, as {found['why']}"
