"""Words for the rows of the router's tests: parameters, events, states and outputs in one line each."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

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
    Leaving,
    Master,
    Output,
    Parameters,
    Peer,
    Reason,
    Seconds,
    SendAdvertisement,
    State,
    Transitioned,
    Version,
)

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


def became_master(reason: Reason, peer: Peer | None = None, priority: int = 100) -> tuple[Output, ...]:
    """RFC 9568 6.4.1 and 6.4.2: send, hold, announce; in this order."""
    return (SendAdvertisement(priority), HoldAddresses(True), AnnounceAddresses(), Transitioned(reason, peer))


def outranked(peer: Peer, interval: float = 1.0) -> tuple[Output, ...]:
    """RFC 9568 6.4.3, and one last advertisement, so that the winner knows of us; whoever follows it waits for him."""
    last = SendAdvertisement(100, s(interval))
    return (last, HoldAddresses(False), Transitioned(Reason.HIGHER_PRIORITY, peer))


def outnumbered(peer: Peer) -> tuple[Output, ...]:
    """RFC 9568 6.4.3: equal priority, higher address."""
    return (SendAdvertisement(100, s(1.0)), HoldAddresses(False), Transitioned(Reason.HIGHER_ADDRESS, peer))


def handed_over() -> tuple[Output, ...]:
    """Resign first, then let go."""
    return (SendAdvertisement(0), HoldAddresses(False), Transitioned(Reason.HANDOVER))


def was_away(*then: Output) -> tuple[Output, ...]:
    """Longer than Master_Down_Interval: a Backup before anything else."""
    return (HoldAddresses(False), Transitioned(Reason.PAUSED), *then)


def ignored(peer: Peer) -> tuple[Output, ...]:
    """Heard while taking no part."""
    return (Discarded(Discard.NOT_TAKING_PART, peer),)


def refused(peer: Peer) -> tuple[Output, ...]:
    """RFC 9568 6.4.2, 6.4.3: discard."""
    return (Discarded(Discard.LOWER_PRIORITY, peer),)


def asserted(peer: Peer) -> tuple[Output, ...]:
    """RFC 9568 6.4.3: answer a lower priority."""
    return (SendAdvertisement(100), AnnounceAddresses(again=True), Discarded(Discard.LOWER_PRIORITY, peer))


def rivalled(peer: Peer) -> tuple[Output, ...]:
    """The same, when it can no longer be the last word of a Master that was preempted."""
    return (SendAdvertisement(100), AnnounceAddresses(again=True), Discarded(Discard.RIVAL, peer))


P0, P50, P99, P100, P101, P200, P255 = (Peer(HIGH, p) for p in (0, 50, 99, 100, 101, 200, 255))
LOW_P50, LOW_P99, LOW_P100, LOW_P101, OWN_P100 = (
    Peer(LOW, 50),
    Peer(LOW, 99),
    Peer(LOW, 100),
    Peer(LOW, 101),
    Peer(OWN, 100),
)
FAULT = Leaving.FAULT
STARTED: tuple[Output, ...] = (Transitioned(Reason.STARTUP),)
FAILED: tuple[Output, ...] = (Transitioned(Reason.FAULT),)

Row = tuple[State, Event, Parameters, float, State, tuple[Output, ...]]
"""Before, event, parameters, now, after, outputs."""
