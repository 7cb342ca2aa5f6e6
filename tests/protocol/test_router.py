"""The state machine, one row for each rule of RFC 3768 6.4, RFC 5798 6.4 and RFC 9568 6.4.

A row: state before, event, parameters, now, state after, outputs; all compared whole. For each MUST there is a row
that obeys and a row that tempts. Sections are those of RFC 9568; RFC 3768 and RFC 5798 are named where they differ.
"""

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrrpd.protocol.messages import (
    Address,
    Advertisement,
    AdvertisementReceived,
    AnnounceAddresses,
    Backup,
    Discard,
    Discarded,
    Event,
    HoldAddresses,
    Initialize,
    Leaving,
    Master,
    Output,
    Parameters,
    Peer,
    Reason,
    Reconfigured,
    Seconds,
    SendAdvertisement,
    Shutdown,
    Startup,
    State,
    TimerExpired,
    Transitioned,
    Version,
)
from vrrpd.protocol.router import ASSERTION_FRACTION, deadline, master_down_interval, skew_time, step

LOW, OWN, HIGH = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2"), IPv4Address("192.0.2.30")
VIP = IPv4Address("192.0.2.100")

# Priority 100 at 1 s: Skew_Time 0.609375 s, Master_Down_Interval 3.609375 s. Exact in binary, so times are too.
SKEW = 0.609375
V3 = Parameters(
    version=Version.V3,
    vrid=51,
    priority=100,
    advertisement_interval=Seconds(1.0),
    addresses=(VIP,),
    primary_address=OWN,
    fast_preempt=False,
)
V2 = replace(V3, version=Version.V2)
OWNER = replace(V3, priority=255)
NO_PREEMPT = replace(V3, preempt=False)
FAST = replace(V3, fast_preempt=True)
DELAYED = replace(V3, preempt_delay=Seconds(10.0))
SLOWER = replace(V3, advertisement_interval=Seconds(4.0))
IPV6 = replace(V3, addresses=(IPv6Address("fe80::100"),), primary_address=IPv6Address("fe80::ff"))


def s(value: float) -> Seconds:
    """An instant or a duration."""
    return Seconds(value)


def heard(priority: int, source: Address = HIGH, interval: float = 1.0) -> AdvertisementReceived:
    """A valid advertisement of another router."""
    return AdvertisementReceived(Advertisement(Version.V3, 51, priority, s(interval), (VIP,)), source)


def backup(
    heard_at: float,
    interval: float = 1.0,
    master: Peer | None = None,
    hurry_at: float | None = None,
    lower: tuple[float, float] | None = None,
) -> Backup:
    """A Backup; `lower` is when first and last a lower priority was heard."""
    since, at = (None, None) if lower is None else (s(lower[0]), s(lower[1]))
    return Backup(s(heard_at), s(interval), master, None if hurry_at is None else s(hurry_at), since, at)


def master(advertised_at: float, asserted_at: float | None = None, since: float = 0.0) -> Master:
    """A Master."""
    return Master(s(since), s(advertised_at), None if asserted_at is None else s(asserted_at))


def became_master(why: Transitioned, priority: int = 100) -> tuple[Output, ...]:
    """RFC 9568 6.4.1 and 6.4.2: send, hold, announce; in this order."""
    return (SendAdvertisement(priority), HoldAddresses(True), AnnounceAddresses(), why)


def gave_up(reason: Reason, peer: Peer) -> tuple[Output, ...]:
    """RFC 9568 6.4.3: nothing is sent on the way to Backup."""
    return (HoldAddresses(False), Transitioned(reason, peer))


def asserted(peer: Peer) -> tuple[Output, ...]:
    """RFC 9568 6.4.3: answer a lower priority."""
    return (SendAdvertisement(100), AnnounceAddresses(), Discarded(Discard.LOWER_PRIORITY, peer))


P0, P50, P99, P100, P101, P200, P255 = (Peer(HIGH, p) for p in (0, 50, 99, 100, 101, 200, 255))
LOW_P50, LOW_P99, LOW_P100, LOW_P101, OWN_P100 = (
    Peer(LOW, 50),
    Peer(LOW, 99),
    Peer(LOW, 100),
    Peer(LOW, 101),
    Peer(OWN, 100),
)
TIMEOUT = Transitioned(Reason.TIMEOUT)
REFUSED50 = (Discarded(Discard.LOWER_PRIORITY, P50),)

Row = tuple[State, Event, Parameters, float, State, tuple[Output, ...]]

INITIALIZE: dict[str, Row] = {
    # 6.4.1 Startup, owner: "Send an ADVERTISEMENT", gratuitous ARP or NA for each address, Adver_Timer, Master
    "initialize/startup/owner": (
        Initialize(),
        Startup(),
        OWNER,
        5.0,
        master(5.0, since=5.0),
        became_master(Transitioned(Reason.OWNER), 255),
    ),
    "initialize/startup/owner v2": (
        Initialize(),
        Startup(),
        replace(V2, priority=255),
        5.0,
        master(5.0, since=5.0),
        became_master(Transitioned(Reason.OWNER), 255),
    ),
    # "The owner always preempts", so Preempt_Mode does not hold it back
    "initialize/startup/owner no preempt": (
        Initialize(),
        Startup(),
        replace(OWNER, preempt=False),
        5.0,
        master(5.0, since=5.0),
        became_master(Transitioned(Reason.OWNER), 255),
    ),
    # 6.4.1 Startup, else: Active_Adver_Interval = Advertisement_Interval, Active_Down_Timer, Backup
    "initialize/startup/254 is no owner": (
        Initialize(),
        Startup(),
        replace(V3, priority=254),
        5.0,
        backup(5.0),
        (Transitioned(Reason.STARTUP),),
    ),
    "initialize/startup/backup": (Initialize(), Startup(), V3, 5.0, backup(5.0), (Transitioned(Reason.STARTUP),)),
    "initialize/startup/own interval": (
        Initialize(),
        Startup(),
        SLOWER,
        5.0,
        backup(5.0, 4.0),
        (Transitioned(Reason.STARTUP),),
    ),
    "initialize/startup/after a fault": (
        Initialize(Leaving.FAULT),
        Startup(),
        V2,
        5.0,
        backup(5.0),
        (Transitioned(Reason.STARTUP),),
    ),
    # 6.4.1: nothing else moves it
    "initialize/shutdown": (Initialize(Leaving.FAULT), Shutdown(), V3, 5.0, Initialize(), ()),
    "initialize/fault": (Initialize(), Shutdown(Leaving.FAULT), V3, 5.0, Initialize(Leaving.FAULT), ()),
    "initialize/timer": (Initialize(), TimerExpired(), V3, 5.0, Initialize(), ()),
    "initialize/reconfigured": (Initialize(), Reconfigured(V2), OWNER, 5.0, Initialize(), ()),
    "initialize/heard/zero": (
        Initialize(),
        heard(0),
        V3,
        5.0,
        Initialize(),
        (Discarded(Discard.NOT_TAKING_PART, P0),),
    ),
    "initialize/heard/lower": (
        Initialize(Leaving.FAULT),
        heard(50),
        V3,
        5.0,
        Initialize(Leaving.FAULT),
        (Discarded(Discard.NOT_TAKING_PART, P50),),
    ),
}

BACKUP: dict[str, Row] = {
    # 6.4.2 Shutdown: cancel the timer, Initialize; nothing is sent, nothing was held
    "backup/startup": (backup(0.0), Startup(), V3, 1.0, backup(0.0), ()),
    "backup/shutdown": (
        backup(0.0),
        Shutdown(),
        V3,
        1.0,
        Initialize(),
        (Transitioned(Reason.SHUTDOWN),),
    ),
    "backup/fault": (
        backup(0.0, master=P200),
        Shutdown(Leaving.FAULT),
        V3,
        1.0,
        Initialize(Leaving.FAULT),
        (Transitioned(Reason.FAULT),),
    ),
    # 6.4.2 Active_Down_Timer: "Send an ADVERTISEMENT", gratuitous ARP or NA, Adver_Timer, Master
    "backup/timer/due": (
        backup(0.0),
        TimerExpired(),
        V3,
        3 + SKEW,
        master(3 + SKEW, since=3 + SKEW),
        became_master(TIMEOUT),
    ),
    "backup/timer/late": (
        backup(0.0, master=P200),
        TimerExpired(),
        V2,
        9.0,
        master(9.0, since=9.0),
        became_master(Transitioned(Reason.TIMEOUT, P200)),
    ),
    "backup/timer/early": (backup(0.0), TimerExpired(), V3, 3 + SKEW - 2**-20, backup(0.0), ()),
    "backup/timer/early by the learned interval": (backup(0.0, 2.0), TimerExpired(), V3, 5.0, backup(0.0, 2.0), ()),
    # 6.4.2 (ADVERTISEMENT, priority 0): Active_Down_Timer = Skew_Time; not at once, not by the one who sent it
    "backup/heard/zero": (
        backup(0.0, master=P200),
        heard(0),
        V3,
        1.0,
        backup(0.0, master=P200, hurry_at=1.0),
        (),
    ),
    "backup/heard/zero v2": (
        backup(0.0, master=P200),
        heard(0),
        V2,
        1.0,
        backup(0.0, master=P200, hurry_at=1.0),
        (),
    ),
    # "priority 0" is no lower priority: Preempt_Mode does not matter
    "backup/heard/zero no preempt": (
        backup(0.0, master=P200),
        heard(0),
        NO_PREEMPT,
        1.0,
        backup(0.0, master=P200, hurry_at=1.0),
        (),
    ),
    # Skew_Time comes from the last learned interval, not from the one in this packet
    "backup/heard/zero other interval": (
        backup(0.0, 2.0, P200),
        heard(0, interval=9.0),
        V3,
        1.0,
        backup(0.0, 2.0, P200, hurry_at=1.0),
        (),
    ),
    "backup/heard/zero after refused": (
        backup(0.0, master=P50, lower=(0.25, 0.5)),
        heard(0),
        V3,
        1.0,
        backup(0.0, master=P50, hurry_at=1.0),
        (),
    ),
    "backup/timer/after zero": (
        backup(0.0, master=P200, hurry_at=1.0),
        TimerExpired(),
        V3,
        1 + SKEW,
        master(1 + SKEW, since=1 + SKEW),
        became_master(Transitioned(Reason.PRIORITY_ZERO, P200)),
    ),
    "backup/timer/early after zero": (
        backup(0.0, master=P200, hurry_at=1.0),
        TimerExpired(),
        V3,
        1.5,
        backup(0.0, master=P200, hurry_at=1.0),
        (),
    ),
    # 6.4.2 (ADVERTISEMENT, p >= P): learn the interval, restart Active_Down_Timer
    "backup/heard/higher": (backup(0.0), heard(200), V3, 1.0, backup(1.0, master=P200), ()),
    "backup/heard/equal": (backup(0.0), heard(100), V3, 1.0, backup(1.0, master=P100), ()),
    # Equal does not preempt, whatever the addresses: the comparison of addresses is for Masters
    "backup/heard/equal lower address": (
        backup(0.0),
        heard(100, LOW),
        V3,
        1.0,
        backup(1.0, master=LOW_P100),
        (),
    ),
    "backup/heard/owner": (backup(0.0), heard(255), V3, 1.0, backup(1.0, master=P255), ()),
    "backup/heard/higher v2": (backup(0.0), heard(200), V2, 1.0, backup(1.0, master=P200), ()),
    "backup/heard/higher after zero": (
        backup(0.0, hurry_at=0.5),
        heard(200),
        V3,
        1.0,
        backup(1.0, master=P200),
        (),
    ),
    "backup/heard/higher after refused": (
        backup(0.0, master=P50, hurry_at=0.5, lower=(0.5, 0.75)),
        heard(200),
        FAST,
        1.0,
        backup(1.0, master=P200),
        (),
    ),
    # RFC 5798 and 9568: Active_Adver_Interval is learned, longer and shorter
    "backup/heard/interval longer": (
        backup(0.0),
        heard(200, interval=2.0),
        V3,
        1.0,
        backup(1.0, 2.0, P200),
        (),
    ),
    "backup/heard/interval shorter": (
        backup(0.0),
        heard(200, interval=0.25),
        V3,
        1.0,
        backup(1.0, 0.25, P200),
        (),
    ),
    # RFC 3768 knows no learning: 3 * Advertisement_Interval, our own
    "backup/heard/interval v2": (
        backup(0.0),
        heard(200, interval=2.0),
        V2,
        1.0,
        backup(1.0, 1.0, P200),
        (),
    ),
    # 6.4.2 (ADVERTISEMENT, Preempt_Mode false): a lower priority is followed too
    "backup/heard/lower/no preempt": (
        backup(0.0),
        heard(50, interval=2.0),
        NO_PREEMPT,
        1.0,
        backup(1.0, 2.0, P50),
        (),
    ),
    "backup/heard/lower/no preempt v2": (
        backup(0.0),
        heard(50),
        replace(V2, preempt=False),
        1.0,
        backup(1.0, master=P50),
        (),
    ),
    # 6.4.2 (else): "discard the ADVERTISEMENT": the timer runs on, nothing is learned
    "backup/heard/lower": (
        backup(0.0),
        heard(50, interval=2.0),
        V3,
        1.0,
        backup(0.0, master=P50, lower=(1.0, 1.0)),
        REFUSED50,
    ),
    "backup/heard/lower by one": (
        backup(0.0),
        heard(99),
        V2,
        1.0,
        backup(0.0, master=P99, lower=(1.0, 1.0)),
        (Discarded(Discard.LOWER_PRIORITY, P99),),
    ),
    "backup/heard/lower again": (
        backup(0.0, master=P50, lower=(1.0, 1.0)),
        heard(50),
        V3,
        2.0,
        backup(0.0, master=P50, lower=(1.0, 2.0)),
        REFUSED50,
    ),
    "backup/timer/after refused": (
        backup(0.0, master=P50, lower=(1.0, 3.0)),
        TimerExpired(),
        V3,
        3 + SKEW,
        master(3 + SKEW, since=3 + SKEW),
        became_master(Transitioned(Reason.PREEMPT, P50)),
    ),
    # fast_preempt (ours): Skew_Time from the first that was refused, not from each
    "backup/heard/lower/fast": (
        backup(0.0),
        heard(50),
        FAST,
        1.0,
        backup(0.0, master=P50, hurry_at=1.0, lower=(1.0, 1.0)),
        REFUSED50,
    ),
    "backup/heard/lower/fast again": (
        backup(0.0, master=P50, hurry_at=1.0, lower=(1.0, 1.0)),
        heard(50),
        FAST,
        1.5,
        backup(0.0, master=P50, hurry_at=1.0, lower=(1.0, 1.5)),
        REFUSED50,
    ),
    "backup/heard/lower/fast after zero": (
        backup(0.0, hurry_at=1.0),
        heard(50),
        FAST,
        1.25,
        backup(0.0, master=P50, hurry_at=1.0, lower=(1.25, 1.25)),
        REFUSED50,
    ),
    "backup/heard/equal/fast": (backup(0.0), heard(100), FAST, 1.0, backup(1.0, master=P100), ()),
    "backup/heard/lower/fast no preempt": (
        backup(0.0),
        heard(50),
        replace(FAST, preempt=False),
        1.0,
        backup(1.0, master=P50),
        (),
    ),
    "backup/timer/fast": (
        backup(0.0, master=P50, hurry_at=1.0, lower=(1.0, 1.5)),
        TimerExpired(),
        FAST,
        1 + SKEW,
        master(1 + SKEW, since=1 + SKEW),
        became_master(Transitioned(Reason.PREEMPT, P50)),
    ),
    # preempt_delay (keepalived.conf(5)): lower priorities are followed until the delay is over
    "backup/heard/lower/delay begins": (
        backup(0.0),
        heard(50, interval=2.0),
        DELAYED,
        1.0,
        backup(1.0, 2.0, P50, lower=(1.0, 1.0)),
        (),
    ),
    "backup/heard/lower/delay lasts": (
        backup(1.0, master=P50, lower=(1.0, 1.0)),
        heard(50),
        DELAYED,
        10.75,
        backup(10.75, master=P50, lower=(1.0, 10.75)),
        (),
    ),
    "backup/heard/lower/delay is over": (
        backup(10.75, master=P50, lower=(1.0, 10.75)),
        heard(50),
        DELAYED,
        11.0,
        backup(10.75, master=P50, lower=(1.0, 11.0)),
        REFUSED50,
    ),
    "backup/heard/lower/delay is over, fast": (
        backup(10.75, master=P50, lower=(1.0, 10.75)),
        heard(50),
        replace(DELAYED, fast_preempt=True),
        11.0,
        backup(10.75, master=P50, hurry_at=11.0, lower=(1.0, 11.0)),
        REFUSED50,
    ),
    "backup/heard/higher/delay begins anew": (
        backup(2.0, master=P50, lower=(1.0, 2.0)),
        heard(200),
        DELAYED,
        3.0,
        backup(3.0, master=P200),
        (),
    ),
    "backup/timer/in the delay": (
        backup(2.0, master=P50, lower=(1.0, 2.0)),
        TimerExpired(),
        DELAYED,
        6.0,
        master(6.0, since=6.0),
        became_master(Transitioned(Reason.TIMEOUT, P50)),
    ),
    # Reconfigured: no event restarts Active_Down_Timer by accident
    "backup/reconfigured/priority": (
        backup(0.0, 2.0, P200),
        Reconfigured(V3),
        replace(V3, priority=90),
        1.0,
        backup(0.0, 2.0, P200),
        (),
    ),
    "backup/reconfigured/becomes owner": (
        backup(0.0, master=P200),
        Reconfigured(V3),
        OWNER,
        1.0,
        master(1.0, since=1.0),
        became_master(Transitioned(Reason.OWNER, P200), 255),
    ),
    # RFC 5798: the learned interval is the Master's and stays; before any was heard it is our own
    "backup/reconfigured/interval learned": (
        backup(0.0, 2.0, P200),
        Reconfigured(V3),
        SLOWER,
        1.0,
        backup(0.0, 2.0, P200),
        (),
    ),
    "backup/reconfigured/interval not learned": (
        backup(0.0),
        Reconfigured(V3),
        SLOWER,
        1.0,
        backup(0.0, 4.0),
        (),
    ),
    "backup/reconfigured/interval v2": (
        backup(0.0, master=P200),
        Reconfigured(V2),
        replace(V2, advertisement_interval=s(4.0)),
        1.0,
        backup(0.0, 4.0, P200),
        (),
    ),
    # A Master that was refused and is not outranked any more was alive when it was heard last
    "backup/reconfigured/refused is followed": (
        backup(0.0, master=P50, hurry_at=1.0, lower=(1.0, 2.0)),
        Reconfigured(FAST),
        replace(FAST, priority=50),
        2.5,
        backup(2.0, master=P50),
        (),
    ),
    "backup/reconfigured/refused is followed without preempt": (
        backup(0.0, master=P50, lower=(1.0, 2.0)),
        Reconfigured(V3),
        NO_PREEMPT,
        2.5,
        backup(2.0, master=P50),
        (),
    ),
    "backup/reconfigured/refused is still outranked": (
        backup(0.0, master=P50, hurry_at=1.0, lower=(1.0, 2.0)),
        Reconfigured(FAST),
        replace(FAST, priority=51),
        2.5,
        backup(0.0, master=P50, hurry_at=1.0, lower=(1.0, 2.0)),
        (),
    ),
    "backup/reconfigured/resigned is not followed": (
        backup(0.0, master=P200, hurry_at=1.0),
        Reconfigured(V3),
        replace(V3, priority=50),
        1.25,
        backup(0.0, master=P200, hurry_at=1.0),
        (),
    ),
}

MASTER: dict[str, Row] = {
    # 6.4.3 Shutdown: "Send an ADVERTISEMENT with Priority = 0", Initialize. First of all, so the peers hurry.
    "master/startup": (master(0.0), Startup(), V3, 0.5, master(0.0), ()),
    "master/shutdown": (
        master(0.0),
        Shutdown(),
        V3,
        0.5,
        Initialize(),
        (SendAdvertisement(0), HoldAddresses(False), Transitioned(Reason.SHUTDOWN)),
    ),
    "master/fault": (
        master(0.0),
        Shutdown(Leaving.FAULT),
        V2,
        0.5,
        Initialize(Leaving.FAULT),
        (SendAdvertisement(0), HoldAddresses(False), Transitioned(Reason.FAULT)),
    ),
    # 6.4.3 Adver_Timer: "Send an ADVERTISEMENT", restart with our own interval
    "master/timer/due": (master(0.0), TimerExpired(), V3, 1.0, master(1.0), (SendAdvertisement(100),)),
    "master/timer/due owner": (master(0.0), TimerExpired(), OWNER, 1.0, master(1.0), (SendAdvertisement(255),)),
    "master/timer/early": (master(0.0), TimerExpired(), V3, 1 - 2**-20, master(0.0), ()),
    "master/timer/own interval": (master(0.0), TimerExpired(), SLOWER, 3.0, master(0.0), ()),
    # A late timer must not make all later ones late; after a pause there is nothing to catch up
    "master/timer/late": (master(0.0), TimerExpired(), V3, 1.25, master(1.0), (SendAdvertisement(100),)),
    "master/timer/after a pause": (master(0.0), TimerExpired(), V3, 2.0, master(2.0), (SendAdvertisement(100),)),
    "master/timer/after a long pause": (
        master(0.0, asserted_at=0.5),
        TimerExpired(),
        V3,
        60.0,
        master(60.0, asserted_at=0.5),
        (SendAdvertisement(100),),
    ),
    # 6.4.3 (ADVERTISEMENT, priority 0): "Send an ADVERTISEMENT", Adver_Timer anew
    "master/heard/zero": (master(0.0), heard(0), V3, 0.5, master(0.5), (SendAdvertisement(100),)),
    "master/heard/zero v2": (master(0.0), heard(0, LOW), V2, 0.5, master(0.5), (SendAdvertisement(100),)),
    "master/heard/zero owner": (master(0.0), heard(0), OWNER, 0.5, master(0.5), (SendAdvertisement(255),)),
    # 6.4.3 (ADVERTISEMENT, p > P): Backup; nothing is sent (keepalived can be told to)
    "master/heard/higher": (
        master(0.0),
        heard(101),
        V3,
        0.5,
        backup(0.5, master=P101),
        gave_up(Reason.HIGHER_PRIORITY, P101),
    ),
    "master/heard/higher lower address": (
        master(0.0),
        heard(101, LOW),
        V3,
        0.5,
        backup(0.5, master=LOW_P101),
        gave_up(Reason.HIGHER_PRIORITY, LOW_P101),
    ),
    "master/heard/higher no preempt": (
        master(0.0),
        heard(101),
        NO_PREEMPT,
        0.5,
        backup(0.5, master=P101),
        gave_up(Reason.HIGHER_PRIORITY, P101),
    ),
    # RFC 5798 and 9568: Active_Adver_Interval = the interval in the ADVERTISEMENT; RFC 3768: our own
    "master/heard/higher interval": (
        master(0.0),
        heard(200, interval=2.0),
        V3,
        0.5,
        backup(0.5, 2.0, P200),
        gave_up(Reason.HIGHER_PRIORITY, P200),
    ),
    "master/heard/higher interval v2": (
        master(0.0),
        heard(200, interval=2.0),
        V2,
        0.5,
        backup(0.5, 1.0, P200),
        gave_up(Reason.HIGHER_PRIORITY, P200),
    ),
    # 6.4.3 (ADVERTISEMENT, p = P): the primary addresses decide, as unsigned numbers in network byte order
    "master/heard/equal higher address": (
        master(0.0),
        heard(100),
        V3,
        0.5,
        backup(0.5, master=P100),
        gave_up(Reason.HIGHER_ADDRESS, P100),
    ),
    "master/heard/equal higher address v2": (
        master(0.0),
        heard(100),
        V2,
        0.5,
        backup(0.5, master=P100),
        gave_up(Reason.HIGHER_ADDRESS, P100),
    ),
    "master/heard/equal higher address is unsigned": (
        master(0.0),
        heard(100, IPv4Address("200.0.0.1")),
        replace(V3, primary_address=IPv4Address("100.0.0.1")),
        0.5,
        backup(0.5, master=Peer(IPv4Address("200.0.0.1"), 100)),
        gave_up(Reason.HIGHER_ADDRESS, Peer(IPv4Address("200.0.0.1"), 100)),
    ),
    # As text fe80::ff would be the higher one
    "master/heard/equal higher address ipv6": (
        master(0.0),
        heard(100, IPv6Address("fe80::100")),
        IPV6,
        0.5,
        backup(0.5, master=Peer(IPv6Address("fe80::100"), 100)),
        gave_up(Reason.HIGHER_ADDRESS, Peer(IPv6Address("fe80::100"), 100)),
    ),
    "master/heard/equal lower address": (
        master(0.0),
        heard(100, LOW),
        V3,
        0.5,
        master(0.0, asserted_at=0.5),
        asserted(LOW_P100),
    ),
    # Two routers with one address: neither gives way, neither answers, or they would for ever
    "master/heard/equal own address": (
        master(0.0),
        heard(100, OWN),
        V3,
        0.5,
        master(0.0),
        (Discarded(Discard.OWN_ADDRESS, OWN_P100),),
    ),
    # 6.4.3 (else): RFC 9568 discards and answers at once; Adver_Timer runs on. RFC 3768 and 5798 are silent,
    # keepalived answers in v2 too, and so do we: the other may be cut off on its sending side only.
    "master/heard/lower": (
        master(0.0),
        heard(99, LOW),
        V3,
        0.5,
        master(0.0, asserted_at=0.5),
        asserted(LOW_P99),
    ),
    "master/heard/lower v2": (master(0.0), heard(50), V2, 0.5, master(0.0, asserted_at=0.5), asserted(P50)),
    # The address counts between equals only
    "master/heard/lower higher address": (
        master(0.0),
        heard(99),
        V3,
        0.5,
        master(0.0, asserted_at=0.5),
        asserted(P99),
    ),
    "master/heard/lower no preempt": (
        master(0.0),
        heard(50),
        NO_PREEMPT,
        0.5,
        master(0.0, asserted_at=0.5),
        asserted(P50),
    ),
    # At most one answer in a tenth of the interval: two Masters would answer one another
    "master/heard/lower too soon": (
        master(0.0, asserted_at=0.5),
        heard(50),
        V3,
        0.5625,
        master(0.0, asserted_at=0.5),
        REFUSED50,
    ),
    "master/heard/lower soon": (
        master(0.0, asserted_at=0.5),
        heard(50),
        V3,
        0.625,
        master(0.0, asserted_at=0.625),
        asserted(P50),
    ),
    # Reconfigured: what the peers must know is told at once
    "master/reconfigured/demoted": (
        master(0.0),
        Reconfigured(replace(V3, priority=150)),
        V3,
        0.5,
        master(0.5),
        (SendAdvertisement(100),),
    ),
    "master/reconfigured/promoted": (
        master(0.0),
        Reconfigured(V3),
        replace(V3, priority=150),
        0.5,
        master(0.5),
        (SendAdvertisement(150),),
    ),
    # A Backup that learned 1 s would take over 3.6 s after the last, before the first at 4 s
    "master/reconfigured/interval": (
        master(0.0),
        Reconfigured(V3),
        SLOWER,
        0.5,
        master(0.5),
        (SendAdvertisement(100),),
    ),
    "master/reconfigured/addresses": (
        master(0.0),
        Reconfigured(V3),
        replace(V3, addresses=(VIP, LOW)),
        0.5,
        master(0.5),
        (SendAdvertisement(100), HoldAddresses(True), AnnounceAddresses()),
    ),
    "master/reconfigured/nothing to tell": (master(0.0), Reconfigured(V3), NO_PREEMPT, 0.5, master(0.0), ()),
}

ROWS = INITIALIZE | BACKUP | MASTER


@pytest.mark.parametrize(("before", "event", "own", "now", "after", "outputs"), ROWS.values(), ids=ROWS)
def test_row(
    before: State, event: Event, own: Parameters, now: float, after: State, outputs: tuple[Output, ...]
) -> None:
    assert step(before, event, own, s(now)) == (after, outputs)


@pytest.mark.parametrize("event", [Startup, Shutdown, AdvertisementReceived, TimerExpired, Reconfigured])
@pytest.mark.parametrize("state", [Initialize, Backup, Master])
def test_every_state_has_a_row_for_every_event(state: type[State], event: type[Event]) -> None:
    """The table is complete."""
    assert any(isinstance(row[0], state) and isinstance(row[1], event) for row in ROWS.values())


# --- 6.1: the formulas ------------------------------------------------------------------------------------------------

FORMULAS = {
    # RFC 3768 6.1: Skew_Time is (256 - Priority) / 256 seconds, whatever the interval
    "v2/1 s": (V2, 1.0, SKEW, 3 + SKEW),
    "v2/3 s": (replace(V2, advertisement_interval=s(3.0)), 3.0, SKEW, 9 + SKEW),
    "v2/254": (replace(V2, priority=254), 1.0, 0.0078125, 3.0078125),
    # RFC 9568 6.1: Skew_Time is ((256 - Priority) * Active_Adver_Interval) / 256
    "v3/1 s": (V3, 1.0, SKEW, 3 + SKEW),
    "v3/learned 2 s": (V3, 2.0, 2 * SKEW, 6 + 2 * SKEW),
    "v3/own 4 s learned 1 s": (SLOWER, 1.0, SKEW, 3 + SKEW),
    "v3/10 ms does not vanish": (V3, 0.01, 0.00609375, 0.03609375),
    "v3/1": (replace(V3, priority=1), 1.0, 0.99609375, 3.99609375),
    "v3/150": (replace(V3, priority=150), 1.0, 0.4140625, 3.4140625),
    "v3/254": (replace(V3, priority=254), 1.0, 0.0078125, 3.0078125),
}


@pytest.mark.parametrize(("own", "interval", "skew", "down"), FORMULAS.values(), ids=FORMULAS)
def test_formula(own: Parameters, interval: float, skew: float, down: float) -> None:
    """RFC 3768 6.1, RFC 5798 6.1, RFC 9568 6.1."""
    assert skew_time(own, s(interval)) == pytest.approx(skew, abs=1e-12)
    assert master_down_interval(own, s(interval)) == pytest.approx(down, abs=1e-12)


DEADLINES: dict[str, tuple[State, Parameters, float | None]] = {
    "initialize": (Initialize(), V3, None),
    "backup": (backup(10.0), V3, 13 + SKEW),
    "backup/v2 ignores no learned interval": (backup(10.0), V2, 13 + SKEW),
    "backup/learned": (backup(10.0, 2.0), V3, 16 + 2 * SKEW),
    "backup/priority counts now": (backup(10.0), replace(V3, priority=200), 13.21875),
    # 6.4.2: priority 0 sets Active_Down_Timer to Skew_Time
    "backup/zero": (backup(10.0, hurry_at=11.0), V3, 11 + SKEW),
    "backup/zero learned": (backup(10.0, 2.0, hurry_at=11.0), V3, 11 + 2 * SKEW),
    "backup/zero learned v2": (backup(10.0, 2.0, hurry_at=11.0), V2, 11 + SKEW),
    # Ours: a priority 0 never makes it later than silence would, so repeating it cannot hold back a takeover
    "backup/zero late": (backup(10.0, hurry_at=13.5), V3, 13 + SKEW),
    "master": (master(10.0), V3, 11.0),
    "master/own interval": (master(10.0), SLOWER, 14.0),
    "master/answers do not count": (master(10.0, asserted_at=10.5), V3, 11.0),
}


@pytest.mark.parametrize(("state", "own", "due"), DEADLINES.values(), ids=DEADLINES)
def test_deadline(state: State, own: Parameters, due: float | None) -> None:
    """When Active_Down_Timer or Adver_Timer ends."""
    assert deadline(state, own) == due


def test_skew_keeps_the_order_among_backups() -> None:
    """The higher priority is always the sooner one, also at 10 ms (FRR rounds its skew to 0 there)."""
    for interval in (0.01, 1.0, 40.95):
        delays = [skew_time(replace(V3, priority=p), s(interval)) for p in range(1, 256)]
        assert delays == sorted(delays, reverse=True)
        assert len(set(delays)) == len(delays)


# --- what holds after any history -------------------------------------------------------------------------------------

priorities = st.integers(1, 255)
intervals = st.integers(1, 4095).map(lambda centiseconds: s(centiseconds / 100))
parameters = st.builds(
    replace,
    st.sampled_from([V2, V3]),
    priority=priorities,
    advertisement_interval=intervals,
    preempt=st.booleans(),
    fast_preempt=st.booleans(),
    preempt_delay=st.sampled_from([s(0.0), s(1.0), s(300.0)]),
    addresses=st.sampled_from([(VIP,), (VIP, LOW)]),
)
heard_events = st.builds(
    heard,
    st.integers(0, 255),
    st.sampled_from([LOW, OWN, HIGH]),
    st.integers(1, 4095).map(lambda centiseconds: centiseconds / 100),
)
leavings = st.sampled_from([Shutdown(), Shutdown(Leaving.FAULT)])
moments = st.sampled_from(["sooner", "at the deadline", "later"])
histories = st.lists(
    st.tuples(
        st.just(Startup()) | heard_events | st.just(TimerExpired()) | parameters | leavings,
        moments,
        st.floats(0.0, 30.0, allow_subnormal=False),
    ),
    max_size=30,
)


def live(
    own: Parameters, history: list[tuple[Event | Parameters, str, float]]
) -> list[tuple[State, Parameters, Seconds]]:
    """Run a history; every state that was reached, the parameters in force then, and when."""
    state: State = Initialize()
    now = s(1000.0)
    reached = [(state, own, now)]
    for happening, moment, pause in [(Startup(), "sooner", 0.0), *history]:
        due = deadline(state, own)
        now = s(max(now, due)) if moment == "at the deadline" and due is not None else s(now + pause)
        event: Event
        if isinstance(happening, Parameters):
            event, own = Reconfigured(own), happening
        else:
            event = happening
        state, _ = step(state, event, own, now)
        reached.append((state, own, now))
    return reached


@given(parameters, histories)
def test_early_timer_is_harmless(own: Parameters, history: list[tuple[Event | Parameters, str, float]]) -> None:
    """A driver may call whenever it likes: before the deadline nothing happens, not even to the state."""
    for state, current, now in live(own, history):
        due = deadline(state, current)
        if due is None or now < due:
            assert step(state, TimerExpired(), current, now) == (state, ())


@given(parameters, histories)
def test_no_busy_loop(own: Parameters, history: list[tuple[Event | Parameters, str, float]]) -> None:
    """After TimerExpired at any time the next deadline lies ahead: a driver that obeys it always sleeps."""
    for state, current, now in live(own, history):
        after, _ = step(state, TimerExpired(), current, now)
        due = deadline(after, current)
        assert due is None or due > now


@given(parameters, histories)
def test_who_takes_part_has_a_deadline(own: Parameters, history: list[tuple[Event | Parameters, str, float]]) -> None:
    """A Master always advertises again, a Backup always takes over at last; and neither later than it may."""
    for state, current, now in live(own, history):
        due = deadline(state, current)
        if isinstance(state, Initialize):
            assert due is None
        elif isinstance(state, Master):
            assert due is not None
            assert due <= now + current.advertisement_interval
        else:
            assert due is not None
            assert due <= now + master_down_interval(current, state.master_interval)


@given(parameters, histories)
def test_addresses_are_held_by_a_master_only(
    own: Parameters, history: list[tuple[Event | Parameters, str, float]]
) -> None:
    """Whoever listens to the outputs holds the addresses exactly while the state is Master."""
    reached = live(own, history)
    holding = False
    for (before, _, _), (after, current, now), (happening, _, _) in zip(
        reached, reached[1:], [(Startup(), "", 0.0), *history], strict=False
    ):
        previous = next(own for state, own, _ in reversed(reached) if state is before)
        event: Event = Reconfigured(previous) if isinstance(happening, Parameters) else happening
        _, outputs = step(before, event, current, now)
        for output in outputs:
            if isinstance(output, HoldAddresses):
                holding = output.hold
        assert holding is isinstance(after, Master)


def test_two_masters_do_not_talk_for_ever() -> None:
    """Equal priorities, each answering the other at once: bounded by the limit on answers, over one interval."""
    low, high = replace(V3, primary_address=LOW), replace(V3, primary_address=LOW, priority=100)
    states: list[State] = [master(0.0), master(0.0)]
    sent = 0
    now = 0.0
    while now < 1.0:
        for me, own in enumerate((low, high)):
            states[me], outputs = step(states[me], heard(50, HIGH), own, s(now))
            sent += outputs.count(SendAdvertisement(100))
        now += 0.001
    assert sent <= 2 / ASSERTION_FRACTION
