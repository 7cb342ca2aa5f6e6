"""The virtual router's state machine: Initialize, Backup, Master (RFC 3768 6.4, RFC 5798 6.4, RFC 9568 6.4).

`step` is the whole protocol; `deadline` derives from a state when `TimerExpired` is due. A state records what has
happened, so no event can restart a timer by accident. What we add to the RFCs, each visible in one place:

- `fast_preempt`: a Backup that refuses a lower priority takes over Skew_Time after it heard it, at the latest when
  Master_Down_Interval is over. Skew_Time keeps the order among several Backups.
- `preempt_delay`: keepalived.conf(5); lower priorities are accepted until they have been heard for that long.
- A Master asserts itself against a lower priority (RFC 9568 6.4.3) in v2 as well, as keepalived does, and announces
  its addresses again, at most once per `ASSERTION_FRACTION` of the interval: two Masters would answer one another.
- A changed priority or interval is advertised at once.
- `HandOver`: a Master resigns (priority 0, RFC 9568 6.4.3) and is Backup. Whoever hears that takes over; if nobody
  does, Master_Down_Timer brings us back.
"""

from dataclasses import replace
from typing import assert_never

from vrrpd.protocol.messages import (
    PRIORITY_OWNER,
    PRIORITY_RESIGN,
    Advertisement,
    AdvertisementReceived,
    AnnounceAddresses,
    Backup,
    Discard,
    Discarded,
    Event,
    HandOver,
    HoldAddresses,
    Initialize,
    Leaving,
    Master,
    Output,
    Parameters,
    Peer,
    Reason,
    Reconfigured,
    Resume,
    Seconds,
    SendAdvertisement,
    Shutdown,
    Startup,
    State,
    TimerExpired,
    Transitioned,
    Version,
)

ASSERTION_FRACTION = 0.1
"""Of the advertisement interval: time between two answers to lower priorities."""

Outputs = tuple[Output, ...]

_REASON_OF_LEAVING = {Leaving.SHUTDOWN: Reason.SHUTDOWN, Leaving.FAULT: Reason.FAULT}


def skew_time(own: Parameters, master_interval: Seconds) -> Seconds:
    """RFC 3768 6.1 (seconds, whatever the interval), RFC 9568 6.1 (a share of Active_Adver_Interval)."""
    scale = 1.0 if own.version is Version.V2 else master_interval
    return Seconds((256 - own.priority) / 256 * scale)


def master_down_interval(own: Parameters, master_interval: Seconds) -> Seconds:
    """RFC 3768 6.1, RFC 9568 6.1 (Active_Down_Interval); three intervals there."""
    return Seconds(own.down_adverts * master_interval + skew_time(own, master_interval))


def deadline(state: State, own: Parameters) -> Seconds | None:
    """When `TimerExpired` is due: the end of Master_Down_Timer or Adver_Timer; None: never."""
    match state:
        case Initialize():
            return None
        case Backup():
            silence = state.heard_at + master_down_interval(own, state.master_interval)
            if state.hurry_at is None:
                return Seconds(silence)
            return Seconds(min(silence, state.hurry_at + skew_time(own, state.master_interval)))
        case Master():
            return Seconds(state.advertised_at + own.advertisement_interval)
        case _:
            assert_never(state)


def step(state: State, event: Event, own: Parameters, now: Seconds) -> tuple[State, Outputs]:
    """What an event makes of a state, and what must be done, in order. `own` is in force after the event."""
    match state:
        case Initialize():
            return _initialize(state, event, own, now)
        case Backup():
            return _backup(state, event, own, now)
        case Master():
            return _master(state, event, own, now)
        case _:
            assert_never(state)


def _initialize(state: Initialize, event: Event, own: Parameters, now: Seconds) -> tuple[State, Outputs]:
    """RFC 3768 6.4.1, RFC 9568 6.4.1."""
    match event:
        case Startup() if own.priority == PRIORITY_OWNER:
            return _become_master(own, now, Transitioned(Reason.OWNER))
        case Startup():
            return Backup(now, own.advertisement_interval), (Transitioned(Reason.STARTUP),)
        case Shutdown(why):
            return Initialize(why), ()
        case AdvertisementReceived(advertisement, source):
            return state, (Discarded(Discard.NOT_TAKING_PART, Peer(source, advertisement.priority)),)
        case Resume(advertised_at):
            return _resume(state, advertised_at, own, now)
        case TimerExpired() | Reconfigured() | HandOver():
            return state, ()
        case _:
            assert_never(event)


def _resume(state: Initialize, advertised_at: Seconds, own: Parameters, now: Seconds) -> tuple[State, Outputs]:
    """Within Master_Down_Interval of our own last advertisement no Backup of a lower priority has taken over."""
    if not 0 <= now - advertised_at < master_down_interval(own, own.advertisement_interval):
        return _initialize(state, Startup(), own, now)
    return _become_master(own, now, Transitioned(Reason.RESUMED))


def _backup(state: Backup, event: Event, own: Parameters, now: Seconds) -> tuple[State, Outputs]:
    """RFC 3768 6.4.2, RFC 9568 6.4.2."""
    match event:
        case Startup() | Resume() | HandOver():
            return state, ()
        case Shutdown(why):
            return Initialize(why), (Transitioned(_REASON_OF_LEAVING[why]),)
        case AdvertisementReceived(advertisement, source):
            return _backup_heard(state, advertisement, Peer(source, advertisement.priority), own, now)
        case TimerExpired():
            due = deadline(state, own)
            if due is None or now < due:
                return state, ()
            return _become_master(own, now, _takeover(state))
        case Reconfigured():
            return _backup_reconfigured(state, own, now)
        case _:
            assert_never(event)


def _backup_heard(
    state: Backup, advertisement: Advertisement, peer: Peer, own: Parameters, now: Seconds
) -> tuple[State, Outputs]:
    """RFC 9568 6.4.2; RFC 3768 6.4.2."""
    if peer.priority == PRIORITY_RESIGN:
        return replace(state, hurry_at=now, lower_since=None, lower_at=None), ()
    interval = _master_interval(advertisement, own)
    if not _outranks(own, peer):
        return Backup(now, interval, peer), ()
    since = state.lower_since if state.lower_since is not None else now
    if now - since < own.preempt_delay:
        return Backup(now, interval, peer, lower_since=since, lower_at=now), ()
    hurry_at = now if own.fast_preempt and state.hurry_at is None else state.hurry_at
    refused = replace(state, master=peer, hurry_at=hurry_at, lower_since=since, lower_at=now)
    return refused, (Discarded(Discard.LOWER_PRIORITY, peer),)


def _backup_reconfigured(state: Backup, own: Parameters, now: Seconds) -> tuple[State, Outputs]:
    """Follow new parameters without restarting Master_Down_Timer.

    A Master that was refused and is not outranked any more was alive when it was heard last: count from there.
    """
    if own.priority == PRIORITY_OWNER:
        return _become_master(own, now, Transitioned(Reason.OWNER, state.master))
    learned = own.version is Version.V3 and state.master is not None
    state = replace(state, master_interval=state.master_interval if learned else own.advertisement_interval)
    if state.lower_at is None or state.master is None or _outranks(own, state.master):
        return state, ()
    heard_at = Seconds(max(state.heard_at, state.lower_at))
    return Backup(heard_at, state.master_interval, state.master), ()


def _master(state: Master, event: Event, own: Parameters, now: Seconds) -> tuple[State, Outputs]:
    """RFC 3768 6.4.3, RFC 9568 6.4.3."""
    if now - state.advertised_at > master_down_interval(own, own.advertisement_interval):
        backup, outputs = _backup(Backup(now, own.advertisement_interval), event, own, now)
        return backup, (HoldAddresses(False), Transitioned(Reason.PAUSED), *outputs)
    match event:
        case Startup() | Resume():
            return state, ()
        case Shutdown(why):
            leaving = Transitioned(_REASON_OF_LEAVING[why])
            return Initialize(why), (SendAdvertisement(PRIORITY_RESIGN), HoldAddresses(False), leaving)
        case AdvertisementReceived(advertisement, source):
            return _master_heard(state, event, Peer(source, advertisement.priority), own, now)
        case TimerExpired():
            return _master_timer(state, own, now)
        case HandOver():
            backup = Backup(now, own.advertisement_interval)
            return backup, (SendAdvertisement(PRIORITY_RESIGN), HoldAddresses(False), Transitioned(Reason.HANDOVER))
        case Reconfigured(before):
            return _master_reconfigured(state, before, own, now)
        case _:
            assert_never(event)


def _master_heard(
    state: Master, event: AdvertisementReceived, peer: Peer, own: Parameters, now: Seconds
) -> tuple[State, Outputs]:
    """RFC 9568 6.4.3; RFC 3768 6.4.3."""
    advertisement = event.advertisement
    if peer.priority == PRIORITY_RESIGN:
        return replace(state, advertised_at=now), (SendAdvertisement(own.priority),)
    if peer.priority > own.priority:
        return _yield_to(peer, Reason.HIGHER_PRIORITY, advertisement, own, now)
    if peer.address == own.primary_address:
        return state, (Discarded(Discard.OWN_ADDRESS, peer),)
    higher = event.address_decides and peer.address.packed > own.primary_address.packed
    if peer.priority == own.priority and higher:
        return _yield_to(peer, Reason.HIGHER_ADDRESS, advertisement, own, now)
    return _assert_ourselves(state, peer, own, now)


def _assert_ourselves(state: Master, peer: Peer, own: Parameters, now: Seconds) -> tuple[State, Outputs]:
    """RFC 9568 6.4.3: discard, and send an ADVERTISEMENT at once. Adver_Timer runs on.

    The last word of the Master that we have just preempted is no rival's.
    """
    young = now - state.since < own.advertisement_interval
    discarded = Discarded(Discard.LOWER_PRIORITY if young else Discard.RIVAL, peer)
    pause = ASSERTION_FRACTION * own.advertisement_interval
    if state.asserted_at is not None and now - state.asserted_at < pause:
        return state, (discarded,)
    asserted = replace(state, asserted_at=now)
    return asserted, (SendAdvertisement(own.priority), AnnounceAddresses(again=True), discarded)


def _yield_to(
    peer: Peer, reason: Reason, advertisement: Advertisement, own: Parameters, now: Seconds
) -> tuple[State, Outputs]:
    """RFC 9568 6.4.3, and one last advertisement.

    It has the interval of the new Master: in v3 whoever follows it would else wait for us, not for that one.
    """
    interval = _master_interval(advertisement, own)
    last = SendAdvertisement(own.priority, interval)
    return Backup(now, interval, peer), (last, HoldAddresses(False), Transitioned(reason, peer))


def _master_timer(state: Master, own: Parameters, now: Seconds) -> tuple[State, Outputs]:
    """RFC 9568 6.4.3. Counts from when it was due, so that lateness does not add up; not after a long pause."""
    due = Seconds(state.advertised_at + own.advertisement_interval)
    if now < due:
        return state, ()
    if now - due < own.advertisement_interval:
        return Master(state.since, due, state.asserted_at), (SendAdvertisement(own.priority),)
    return Master(state.since, now, state.asserted_at), (SendAdvertisement(own.priority), AnnounceAddresses(again=True))


def _master_reconfigured(state: Master, before: Parameters, own: Parameters, now: Seconds) -> tuple[State, Outputs]:
    """Tell the peers at once what has changed for them: a demotion must not wait for the next Adver_Timer.

    Nor may a longer interval: in v3 the Backups would take over while the first long one runs.
    """
    moved = (HoldAddresses(True), AnnounceAddresses()) if before.addresses != own.addresses else ()
    told = (before.priority, before.advertisement_interval)
    if not moved and told == (own.priority, own.advertisement_interval):
        return state, ()
    return replace(state, advertised_at=now), (SendAdvertisement(own.priority), *moved)


def _become_master(own: Parameters, now: Seconds, why: Transitioned) -> tuple[State, Outputs]:
    """RFC 9568 6.4.1, 6.4.2: advertise first, so that the old Master lets go first."""
    outputs = (SendAdvertisement(own.priority), HoldAddresses(True), AnnounceAddresses(), why)
    return Master(since=now, advertised_at=now), outputs


def _takeover(state: Backup) -> Transitioned:
    """Why a Backup's timer ran out. A lower priority that preempt_delay let pass was followed, not preempted."""
    if state.lower_at is not None and state.lower_at > state.heard_at:
        return Transitioned(Reason.PREEMPT, state.master)
    return Transitioned(Reason.TIMEOUT if state.hurry_at is None else Reason.PRIORITY_ZERO, state.master)


def _outranks(own: Parameters, peer: Peer) -> bool:
    """RFC 9568 6.4.2: Preempt_Mode, and our priority is higher. An equal one does not preempt."""
    return own.preempt and peer.priority < own.priority


def _master_interval(advertisement: Advertisement, own: Parameters) -> Seconds:
    """Master_Adver_Interval: the Master's in v3 (RFC 9568 6.4.2), our own in v2, where they are equal."""
    return advertisement.interval if own.version is Version.V3 else own.advertisement_interval
