"""The vocabulary of one virtual router: parameters, events, states, actions, notices.

Read this first. Words are those of RFC 3768, 5798 and 9568 (which says Active where the others say Master).
No behaviour lives here; `packet` moves advertisements to and from bytes, `router` moves states.
"""

from dataclasses import dataclass
from enum import Enum, IntEnum
from ipaddress import IPv4Address, IPv6Address
from typing import NewType

from vrrpd.protocol.trailer import Signing

Seconds = NewType("Seconds", float)
"""A duration, or an instant on the caller's monotonic clock, in seconds."""

Address = IPv4Address | IPv6Address

PRIORITY_RESIGN = 0
"""The Master stops taking part (RFC 9568 5.2.4)."""
PRIORITY_OWNER = 255
"""The router that owns the addresses (RFC 9568 5.2.4)."""
MASTER_DOWN_ADVERTS = 3
"""Advertisements that may be lost before the Master is taken for dead (RFC 9568 6.1)."""


class Family(Enum):
    """Address family of a virtual router; the same VRID in both families is two routers."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"

    __hash__ = object.__hash__
    """Of the member, which there is once: Enum would have that of the name, by two calls for each look into a table."""

    @property
    def written(self) -> str:
        """In a sentence."""
        return "IPv4" if self is Family.IPV4 else "IPv6"


class Version(IntEnum):
    """Protocol version on the wire."""

    V2 = 2
    V3 = 3


class AuthType(IntEnum):
    """Authentication types of VRRPv2 (RFC 2338 5.3.6); 2 (AH) is not supported."""

    NONE = 0
    PASS = 1


@dataclass(frozen=True, slots=True)
class Authentication:
    """VRRPv2 authentication: the type and its 8 octets, zero padded. v3 has none."""

    type: AuthType = AuthType.NONE
    data: bytes = bytes(8)

    def __repr__(self) -> str:
        """Leave the password out of every log, trace and assertion."""
        return f"Authentication({self.type.name})"


@dataclass(frozen=True, slots=True)
class Advertisement:
    """One ADVERTISEMENT (RFC 3768 5.1, RFC 9568 5.1). `interval` is Adver_Int or Max Advertise Interval."""

    version: Version
    vrid: int
    priority: int
    interval: Seconds
    addresses: tuple[Address, ...]
    authentication: Authentication = Authentication()


@dataclass(frozen=True, slots=True)
class UnicastPeer:
    """Another router that gets our advertisements itself; what comes from it must have a hop limit in these bounds."""

    address: Address
    least_hops: int = 0
    most_hops: int = 255


@dataclass(frozen=True, slots=True)
class Unicast:
    """No group: advertisements go to these, one by one. Not in the RFCs; as keepalived's unicast_peer.

    `check_source`: an advertisement from anybody else is refused. A hop limit below 255 proves nothing here.
    """

    peers: tuple[UnicastPeer, ...]
    check_source: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What a virtual router is told (RFC 9568 6.1): configured, or derived by the engine. Never its state.

    `priority` is the effective one, 1..255. `primary_address` is the source of its advertisements.
    `preempt_delay` and `fast_preempt` are ours: see `router`.
    """

    version: Version
    vrid: int
    priority: int
    advertisement_interval: Seconds
    addresses: tuple[Address, ...]
    primary_address: Address
    preempt: bool = True
    preempt_delay: Seconds = Seconds(0.0)
    fast_preempt: bool = True
    down_adverts: int = MASTER_DOWN_ADVERTS
    """Factor of Master_Down_Interval; keepalived's down_timer_adverts."""
    authentication: Authentication = Authentication()
    pseudo_header: bool = True
    """v3 on IPv4: the checksum covers the pseudo header (RFC 5798, keepalived, FRR); False: RFC 9568 5.2.8."""
    group: Address | None = None
    """Multicast group other than that of the RFC (keepalived's mcast_dst_ip)."""
    unicast: Unicast | None = None
    """None: multicast (RFC 9568 5.1.1.2)."""
    signing: Signing | None = None
    """None: advertisements have no trailer."""


@dataclass(frozen=True, slots=True)
class Datagram:
    """One VRRP message as received: the octets after the IP header, and what the IP header said.

    `hop_limit` is the TTL of IPv4.
    """

    interface: str
    family: Family
    source: Address
    destination: Address
    hop_limit: int
    payload: bytes


# --- events: what can happen to a virtual router ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Startup:
    """The router may take part (RFC 9568 6.4.1)."""


class Leaving(Enum):
    """Why a router must stop taking part."""

    SHUTDOWN = "shutdown"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Shutdown:
    """The router must stop taking part (RFC 9568 6.4.2, 6.4.3). `why` lands in Initialize."""

    why: Leaving = Leaving.SHUTDOWN


@dataclass(frozen=True, slots=True)
class AdvertisementReceived:
    """A valid advertisement for this virtual router; `source` is the sender's primary address.

    `address_decides`: between equal priorities, as RFC 9568 6.4.3; False: a Master stays Master, because another
    virtual router of its sync group decides for all.
    """

    advertisement: Advertisement
    source: Address
    address_decides: bool = True

    def tie_left_to_others(self) -> "AdvertisementReceived":
        """The same, but its address does not decide."""
        return AdvertisementReceived(self.advertisement, self.source, address_decides=False)


@dataclass(frozen=True, slots=True)
class TimerExpired:
    """The deadline may have come. Early and stale calls are harmless."""


@dataclass(frozen=True, slots=True)
class Reconfigured:
    """The parameters given with this call differ from those before."""

    before: Parameters


@dataclass(frozen=True, slots=True)
class Resume:
    """The daemon is back after a crash or a restart; its last advertisement as Master left at `advertised_at`."""

    advertised_at: Seconds


@dataclass(frozen=True, slots=True)
class HandOver:
    """An operator wants another router to be Master. Ours: the same as a Shutdown, but we stay as Backup."""


Event = Startup | Shutdown | AdvertisementReceived | TimerExpired | Reconfigured | Resume | HandOver


# --- states: what has happened, never when something is due ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Peer:
    """Another router of the same virtual router, as last heard."""

    address: Address
    priority: int


@dataclass(frozen=True, slots=True)
class Initialize:
    """Takes no part (RFC 9568 6.4.1)."""

    why: Leaving = Leaving.SHUTDOWN


@dataclass(frozen=True, slots=True)
class Backup:
    """Monitors the Master (RFC 9568 6.4.2).

    `heard_at`: when Master_Down_Timer last started anew: on entry and with each advertisement accepted.
    `master_interval`: Master_Adver_Interval; learned in v3. `master`: who was heard last as Master, accepted or not.
    `hurry_at`: since when Skew_Time alone counts: priority 0 heard, or a lower priority that fast_preempt refuses.
    `lower_since`, `lower_at`: when first and last a lower priority than ours was heard, with none accepted between.
    """

    heard_at: Seconds
    master_interval: Seconds
    master: Peer | None = None
    hurry_at: Seconds | None = None
    lower_since: Seconds | None = None
    lower_at: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Master:
    """Forwards for the virtual addresses (RFC 9568 6.4.3).

    `since`: when it became Master. `advertised_at`: its last advertisement that the timer counts from.
    `asserted_at`: its last answer to a lower priority, for the limit on such answers.
    """

    since: Seconds
    advertised_at: Seconds
    asserted_at: Seconds | None = None


State = Initialize | Backup | Master


# --- outputs: what the world must do, and what it should know -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class SendAdvertisement:
    """Put one advertisement with this priority on the wire, now. `interval`: in place of our own."""

    priority: int
    interval: Seconds | None = None


@dataclass(frozen=True, slots=True)
class HoldAddresses:
    """The desired set from now on: the virtual addresses while Master, else none."""

    hold: bool


@dataclass(frozen=True, slots=True)
class AnnounceAddresses:
    """Gratuitous ARP or unsolicited NA for each virtual address.

    `again`: neighbours may have been told otherwise in the meantime, by a rival or while we were away.
    """

    again: bool = False


class Reason(Enum):
    """Why a state changed. Closed: these are label values of metrics."""

    STARTUP = "startup"
    SHUTDOWN = "shutdown"
    FAULT = "fault"
    OWNER = "owner"
    TIMEOUT = "timeout"
    PRIORITY_ZERO = "priority_zero"
    PREEMPT = "preempt"
    HIGHER_PRIORITY = "higher_priority"
    HIGHER_ADDRESS = "higher_address"
    PAUSED = "paused"
    """This host slept or hung for longer than Master_Down_Interval: somebody else is Master by now."""
    HANDOVER = "handover"
    RESUMED = "resumed"
    """The daemon was gone for less than Master_Down_Interval: nobody else is Master yet."""


@dataclass(frozen=True, slots=True)
class Transitioned:
    """The state is another one now; `peer` is the other router if one was the cause."""

    reason: Reason
    peer: Peer | None = None


class Discard(Enum):
    """Why a valid advertisement had no effect on the state."""

    NOT_TAKING_PART = "not_taking_part"
    LOWER_PRIORITY = "lower_priority"
    RIVAL = "rival"
    """A lower one again, from another Master, though we have been Master for longer than one interval."""
    OWN_ADDRESS = "own_address"


@dataclass(frozen=True, slots=True)
class Discarded:
    """A valid advertisement was heard and not followed."""

    why: Discard
    peer: Peer


Output = SendAdvertisement | HoldAddresses | AnnounceAddresses | Transitioned | Discarded


# --- packets that are not advertisements ---------------------------------------------------------------------------


class Rejection(Enum):
    """Why a packet was dropped: it changes no state and no timer.

    Closed set: label values of `vrrpd_adverts_rejected_total`.
    """

    RUNT = "runt"
    TTL = "ttl"
    VERSION = "version"
    TYPE = "type"
    LENGTH = "length"
    CHECKSUM = "checksum"
    VRID = "vrid"
    OWNER = "owner"
    AUTH_TYPE = "auth_type"
    AUTH_MISMATCH = "auth_mismatch"
    AUTH_FAILED = "auth_failed"
    INTERVAL = "interval"
    ADDRESSES = "addresses"
    OWN_ADDRESS = "own_address"
    SOURCE = "source"
    DESTINATION = "destination"
    HMAC_MISSING = "hmac_missing"
    HMAC_UNEXPECTED = "hmac_unexpected"
    HMAC_MALFORMED = "hmac_malformed"
    HMAC_UNKNOWN_KEY = "hmac_unknown_key"
    HMAC_WRONG = "hmac_wrong"
    HMAC_STALE = "hmac_stale"
    HMAC_REPLAYED = "hmac_replayed"
