"""What became of an address, in plain words, with the arithmetic that led there."""

from dataclasses import dataclass
from typing import assert_never

from vrrpd.config.model import Instance, Track
from vrrpd.config.timing import timing
from vrrpd.engine.journal import AdvertRejected, Role, StateChanged
from vrrpd.protocol.messages import Parameters
from vrrpd.protocol.router import master_down_interval, skew_time
from vrrpd.rehearsal.fate import Fate, Part, holders, span
from vrrpd.rehearsal.faults import Cause
from vrrpd.rehearsal.hosts import Vip
from vrrpd.rehearsal.outcome import Outcome, well_hosts
from vrrpd.rehearsal.play import Played, priority, role, takes_part

TAKEOVERS = (Cause.CRASH, Cause.HANG, Cause.LOSS, Cause.LINK)


def verdict(outcome: Outcome) -> str:
    """One sentence without its full stop."""
    found = outcome.worst
    return f"the VIP {_place(found)}: {_why(found)}"


def _place(found: Fate) -> str:
    match found.after:
        case ():
            return "is held by NOBODY"
        case (one,) if found.after == found.before:
            return f"{'STAYS' if found.part is Part.FAULT else 'stays'} on {one}"
        case (one,) if found.part is Part.FAULT:
            return f"MOVES to {one}"
        case (one,):
            if one in found.before:
                return f"is left to {one} alone"
            return f"{'comes back' if one in holders(found.played, found.vip) else 'goes'} to {one}"
        case _:
            return f"is held by {' AND '.join(found.after)}"


def _why(found: Fate) -> str:
    if not found.after:
        return _nobody(found)
    if len(found.after) > 1:
        return _several(found)
    if found.part is Part.MENDED or found.played.fault.cause is Cause.NOTHING:
        return _by_priority(found)
    return _of_fault(found)


# --- the arithmetic -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """A host that takes part in the end of a part, and the priority it advertises or would."""

    host: str
    priority: int
    instance: Instance


def _standing(found: Fate, host: str) -> Standing | None:
    until, vip = span(found.played, found.part)[1], found.vip
    if host not in vip.instances or not takes_part(found.played, host, vip, until):
        return None
    name = vip.instances[host]
    instance = next(each for each in found.played.site.host(host).played.instances if each.name == name)
    return Standing(host, priority(found.played, host, name, until) or instance.priority, instance)


def _rival(found: Fate, host: str) -> Standing | None:
    """The best of the others that takes part."""
    others = (_standing(found, each) for each in found.vip.instances if each != host)
    return max(filter(None, others), key=lambda each: each.priority, default=None)


def _compared(ours: Standing, rival: Standing | None, *, stays: bool) -> str:
    """`145 > 100 of proxy2`, and why a lower one stays all the same."""
    if rival is None:
        return f"{ours.priority}, and nobody else takes part"
    sign = "<" if ours.priority < rival.priority else "=" if ours.priority == rival.priority else ">"
    text = f"{ours.priority} {sign} {rival.priority} of {rival.host}"
    if not stays or sign == ">":
        return text
    if sign == "=":
        return f"{text}, and an equal priority does not preempt"
    return f"{text}, but nopreempt is set there" if rival.instance.nopreempt else f"{text}, which does not preempt"


def _by_priority(found: Fate) -> str:
    """Of the one holder."""
    host = found.after[0]
    holder = _standing(found, host)
    if holder is None:
        return f"{host} {'goes on' if host in found.vip.instances else 'has it in its file now'}"
    words = _compared(holder, _rival(found, host), stays=True)
    if host in found.before:
        return words
    return f"{host} {'preempts' if found.before else 'is the first to take it'}, {words}"


# --- what happened ------------------------------------------------------------------------------------------------


def _of_fault(found: Fate) -> str:
    fault = found.played.fault
    if fault.shared:
        return "its scope is shared: it is shown, and moves nothing"
    elsewhere = fault.cause is not Cause.RELOAD and fault.host and fault.host not in found.before
    if elsewhere and found.after == found.before:
        return f"{fault.host} does not hold it"
    match fault.cause:
        case Cause.PROBE | Cause.PROBES:
            return _of_probe(found)
        case Cause.STOP:
            return f"{fault.host} resigns (priority 0), and {_taken_after_skew(found)}"
        case Cause.RESTARTED:
            return _restarted(found)
        case Cause.CRASH | Cause.HANG:
            return f"{_silence(found)}; {_lease(found)}"
        case Cause.LOSS:
            return _silence(found)
        case Cause.LINK:
            return f"{fault.host} gives it up without carrier; {_silence(found)}"
        case Cause.UNSEEN:
            return "no probe that could move it looks at the service there"
        case Cause.SPLIT | Cause.ONE_WAY:
            return "only that side has it in its file" if len(found.vip.instances) == 1 else "nobody else takes it"
        case Cause.NOTHING | Cause.RELOAD:
            return _by_priority(found)
        case _:
            assert_never(fault.cause)


def _restarted(found: Fate) -> str:
    if found.after != found.before:
        return _silence(found)
    if found.settled is None:
        return "the new process is back in time and goes on as Master"
    return "another one holds it until the new process is back and preempts"


def _of_probe(found: Fate) -> str:
    """Seen from who held it."""
    host = found.before[0] if found.before else found.after[0]
    ours = _standing(found, host)
    probe = found.played.fault.subject
    followed = _followed(found.played, found.vip, host, probe)
    if ours is None:
        return f"{probe or 'a probe'} of weight 0 puts {host} into fault, and it resigns"
    lead = _lead(followed) if followed is not None else "all weights together leave"
    if probe and followed is None:
        return f"its instance does not follow {probe}"
    words = f"{lead} {_compared(ours, _rival(found, host), stays=found.after == (host,))}"
    return words if well_hosts(found) else f"{words}; no well host is there"


def _followed(played: Played, vip: Vip, host: str, probe: str) -> Track | None:
    instance = played.site.host(host).instance(vip.instances[host])
    return next((each for each in instance.moving if each.probe == probe), None)


def _lead(track: Track) -> str:
    if track.weight == 0:
        return 'weight 0 is a fault, when_all_failed = "serve" leaves'
    signed = -track.weight if track.reverse else track.weight
    if track.reverse:
        return f"weight {track.weight} reverse leaves"
    return f"weight {signed} leaves" if signed < 0 else f"without its weight of +{signed} there are left"


def _timing(found: Fate, host: str) -> Parameters:
    instance = found.played.site.host(host).instance(found.vip.instances[host])
    until = span(found.played, found.part)[1]
    return timing(instance, priority(found.played, host, instance.name, until) or instance.priority)


def _taken_after_skew(found: Fate) -> str:
    taker = found.after[0]
    own = _timing(found, taker)
    return f"{taker} takes over after its Skew_Time of {skew_time(own, own.advertisement_interval):.2f} s"


def _silence(found: Fate) -> str:
    taker = found.after[0]
    own = _timing(found, taker)
    seconds = master_down_interval(own, own.advertisement_interval)
    return f"{taker} hears nothing for its Master_Down_Interval of {seconds:.2f} s"


def _lease(found: Fate) -> str:
    holder = found.played.site.host(found.before[0]) if found.before else None
    lease = holder.instance(found.vip.instances[holder.name]).lease if holder else None
    return f"the lease of {lease} s on {found.before[0]} ends by itself" if lease else "there is no lease"


# --- nobody, several ----------------------------------------------------------------------------------------------


def _nobody(found: Fate) -> str:
    if len(found.vip.instances) == 1:
        return "no other file has it"
    until = span(found.played, found.part)[1]
    faulty = [
        host
        for host, name in found.vip.instances.items()
        if (last := role(found.played, host, name, until)) is not None and last.new is Role.FAULT
    ]
    if len(faulty) == len(found.vip.instances):
        return 'a probe of weight 0 puts all hosts into fault; when_all_failed = "serve" would leave it to one of them'
    return "nobody else takes part"


def _several(found: Fate) -> str:
    if not found.meet:
        return "the hosts do not hear each other; two hold it until they do"
    refused = refusals(found.played)
    if refused:
        return f"{'; '.join(refused)}, so each is Master"
    fault = found.played.fault
    if found.part is Part.FAULT and fault.cause in TAKEOVERS:
        return f"{_taken(found)}, and nothing takes it off {fault.host}"
    return "neither gives way"


def _taken(found: Fate) -> str:
    begins = span(found.played, found.part)[0]
    taken = next(
        (
            who
            for when, who, entry in found.played.journal
            if when >= begins and isinstance(entry, StateChanged) and entry.new is Role.MASTER
        ),
        None,
    )
    timeouts = [each for each in found.after if each != found.played.fault.host]
    return f"{taken or timeouts[0]} hears nothing and takes over"


def refusals(played: Played) -> list[str]:
    """Who drops whose advertisements while all is well, and why; each once."""
    found: dict[str, None] = {}
    for when, host, entry in played.journal:
        if isinstance(entry, AdvertRejected) and when < played.began:
            senders = [each.name for each in played.site.hosts if entry.source in each.own]
            said = f"{host} refuses the advertisements of {' and '.join(senders) or entry.source}"
            found.setdefault(f"{said} ({entry.rejection.value})")
    return list(found)
