"""What an operator can do about a disagreement on the wire: one sentence for each kind, from closed tables."""

from vrrpd.engine.inputs import Outcome
from vrrpd.engine.journal import AddressConflict, AdvertReceived, AdvertRejected, Entry, OwnerAnswered
from vrrpd.engine.journal_health import RemedyEnded, RemedyExhausted
from vrrpd.engine.journal_peers import AddressesDiffer, IntervalDiffers
from vrrpd.protocol.messages import Discard, Rejection

RIVAL = (
    "it does not hear us or will not yield; check that multicast and protocol 112 pass both ways, "
    "and that no other router uses this VRID"
)
CONFLICT = "find that host and remove the address there, or give it another one"
OWNER_ANSWERED = (
    "the address is alive but no advertisements are heard; check protocol 112, multicast and the firewall on both sides"
)

EXHAUSTED = "find out why it does not stay up; the address is elsewhere or out of service meanwhile"
NOT_ALLOWED = "name the unit in /etc/polkit-1/rules.d/50-vrrpd.rules (systemd/vrrpd.rules), and have polkitd installed"
_REFUSALS = ("authentication required", "Access denied", "Permission denied")
"""Of systemctl, when no rule of polkit(8) lets it."""

_SAME_FILE = "give all routers of this VRID the same"

REJECTED: dict[Rejection, str] = {
    Rejection.RUNT: "the packet is cut short; find what damages or forges it",
    Rejection.TTL: "it came through a router or is forged; keep protocol 112 from being routed here",
    Rejection.VERSION: f"{_SAME_FILE} vrrp_version",
    Rejection.TYPE: "it is no advertisement; find what sends it",
    Rejection.LENGTH: "the packet is damaged or forged; find what sends it",
    Rejection.CHECKSUM: (
        "the packet is damaged, or in version 3 one side leaves the pseudo header out: "
        f"{_SAME_FILE} v3_checksum_pseudo_header"
    ),
    Rejection.VRID: "another virtual router shares the link; nothing to do",
    Rejection.OWNER: "another router advertises what priority 255 says is ours; only one router may have priority 255",
    Rejection.AUTH_TYPE: f"only none and PASS are supported; {_SAME_FILE} authentication",
    Rejection.AUTH_MISMATCH: f"{_SAME_FILE} authentication type",
    Rejection.AUTH_FAILED: f"{_SAME_FILE} password, or find out who else uses this VRID",
    Rejection.INTERVAL: f"{_SAME_FILE} advert_int",
    Rejection.ADDRESSES: f"{_SAME_FILE} virtual_ipaddress, or another VRID where that is another service",
    Rejection.OWN_ADDRESS: "another host has our address, or a loop in the network returns our packets",
    Rejection.SOURCE: (
        "no router can have this source, or it is not in unicast_peer: "
        "add it there if it is a router of this VRID, else find what forges it"
    ),
    Rejection.DESTINATION: (
        "one side uses multicast, the other unicast: give all routers of this VRID unicast_peer, or none of them"
    ),
    Rejection.HMAC_MISSING: f"{_SAME_FILE} auth_hmac; mode permissive takes what has none until all have it",
    Rejection.HMAC_UNEXPECTED: f"{_SAME_FILE} auth_hmac; mode receive-only takes what has it and sends none",
    Rejection.HMAC_MALFORMED: "it is another kind of trailer, or forged; find what sends it",
    Rejection.HMAC_UNKNOWN_KEY: f"{_SAME_FILE} keys of auth_hmac before one of them has it as active_key",
    Rejection.HMAC_WRONG: (
        f"{_SAME_FILE} secret under each key id of auth_hmac, and no keepalived 2.4 of the first releases; "
        "else find out who forges it"
    ),
    Rejection.HMAC_STALE: 'set the clocks (NTP), or anti_replay = "monotonic" on all routers; else it is a replay',
    Rejection.HMAC_REPLAYED: "somebody sends again what a router sent before; find out who, or what loops",
}
"""Complete: every reason has its sentence."""


def advice(entry: Entry) -> str:
    """What to do about what this entry tells of; empty where nothing is to be done."""
    match entry:
        case AdvertRejected(rejection=rejection):
            return REJECTED[rejection]
        case AdvertReceived(discarded=Discard.RIVAL):
            return RIVAL
        case AddressesDiffer():
            return REJECTED[Rejection.ADDRESSES]
        case IntervalDiffers():
            return REJECTED[Rejection.INTERVAL]
        case AddressConflict():
            return CONFLICT
        case OwnerAnswered():
            return OWNER_ANSWERED
        case RemedyExhausted():
            return EXHAUSTED
        case RemedyEnded(remedy=remedy, result=result) if remedy.startswith("restart "):
            refused = result.outcome is Outcome.FAIL and any(each in result.detail for each in _REFUSALS)
            return NOT_ALLOWED if refused else ""
        case _:
            return ""
