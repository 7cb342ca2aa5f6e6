"""Who disagrees with us about a virtual router, lately: the warnings of `state`, folded from the journal.

Bounded for each instance, and forgotten after some silence: a warning says what is wrong now.
"""

from collections import Counter
from dataclasses import dataclass
from enum import Enum

from vrrpd.engine.journal import AddressConflict, AdvertReceived, AdvertRejected, OwnerAnswered
from vrrpd.engine.journal_peers import AddressesDiffer, IntervalDiffers
from vrrpd.observe.advice import advice
from vrrpd.protocol.messages import Address, Discard, Rejection, Seconds

WARNINGS_LIMIT = 16
"""Warnings of one instance: more than the kinds there are, so that forged senders of one kind leave the others be."""
FORGET_INTERVALS = 5
"""Master_Down_Intervals of silence until a warning is over: what repeats with each advertisement never vanishes."""
FORGET_LEAST = Seconds(30.0)
"""At least this long: three of the questions by which a Master finds conflicts."""

NAMED_LIMIT = 8
"""Addresses of a list that a warning names: enough to see what it is about. A packet has up to 255."""

Disagreeing = AdvertReceived | AdvertRejected | AddressesDiffer | IntervalDiffers | AddressConflict | OwnerAnswered


class Kind(Enum):
    """What is disagreed about. Closed: label values of `vrrpd_disagreements`."""

    RIVAL = "rival"
    ADDRESS_CONFLICT = "address_conflict"
    SILENT_OWNER = "silent_owner"
    VERSION = "version"
    ADDRESSES = "addresses"
    INTERVAL = "interval"
    AUTHENTICATION = "authentication"
    CHECKSUM = "checksum"
    TTL = "ttl"
    OWNER = "owner"
    OWN_ADDRESS = "own_address"
    DESTINATION = "destination"
    MALFORMED = "malformed"


_KINDS = {
    Rejection.RUNT: Kind.MALFORMED,
    Rejection.TTL: Kind.TTL,
    Rejection.VERSION: Kind.VERSION,
    Rejection.TYPE: Kind.MALFORMED,
    Rejection.LENGTH: Kind.MALFORMED,
    Rejection.CHECKSUM: Kind.CHECKSUM,
    Rejection.OWNER: Kind.OWNER,
    Rejection.AUTH_TYPE: Kind.AUTHENTICATION,
    Rejection.AUTH_MISMATCH: Kind.AUTHENTICATION,
    Rejection.AUTH_FAILED: Kind.AUTHENTICATION,
    Rejection.INTERVAL: Kind.INTERVAL,
    Rejection.ADDRESSES: Kind.ADDRESSES,
    Rejection.OWN_ADDRESS: Kind.OWN_ADDRESS,
    Rejection.SOURCE: Kind.MALFORMED,
    Rejection.DESTINATION: Kind.DESTINATION,
    Rejection.HMAC_MISSING: Kind.AUTHENTICATION,
    Rejection.HMAC_UNEXPECTED: Kind.AUTHENTICATION,
    Rejection.HMAC_MALFORMED: Kind.AUTHENTICATION,
    Rejection.HMAC_UNKNOWN_KEY: Kind.AUTHENTICATION,
    Rejection.HMAC_WRONG: Kind.AUTHENTICATION,
    Rejection.HMAC_STALE: Kind.AUTHENTICATION,
    Rejection.HMAC_REPLAYED: Kind.AUTHENTICATION,
}
"""All but VRID: another virtual router on the link disagrees with nobody."""


@dataclass(slots=True)
class Warned:
    """One disagreement with one peer; `entry` is what was told last."""

    entry: Disagreeing
    count: int
    since: Seconds
    last: Seconds

    @property
    def text(self) -> str:
        """What is wrong, and what to do."""
        return f"{_what(self.entry)}: {advice(self.entry)}"


Key = tuple[Kind, str]
"""What, and with whom: an address, or the MAC that answers for one of ours."""


class Disagreements:
    """Of one instance. Give it every entry about it that may disagree; ask with the time until it is forgotten."""

    def __init__(self) -> None:
        """All agree."""
        self._known: dict[Key, Warned] = {}

    def heard(self, entry: Disagreeing) -> None:
        """Take one entry in; one that disagrees with nothing is passed over."""
        if isinstance(entry, AdvertReceived):
            self._agrees_again(entry)
        key = _key(entry)
        if key is None:
            return
        known = self._known.get(key)
        if known is not None:
            known.entry, known.last, known.count = entry, entry.at, known.count + 1
            return
        if len(self._known) >= WARNINGS_LIMIT:
            self._make_room()
        self._known[key] = Warned(entry, 1, entry.at, entry.at)

    def recent(self, now: Seconds, down: Seconds) -> list[tuple[Kind, str, Warned]]:
        """What was told of late, the oldest first; `down` is Master_Down_Interval."""
        limit = max(FORGET_LEAST, FORGET_INTERVALS * down)
        self._known = {key: each for key, each in self._known.items() if now - each.last <= limit}
        return [(kind, peer, each) for (kind, peer), each in self._known.items()]

    def _agrees_again(self, entry: AdvertReceived) -> None:
        """What is told of a packet that is accepted comes before it, at the same instant: nothing came, all is well."""
        for what in (Kind.ADDRESSES, Kind.INTERVAL):
            known = self._known.get((what, str(entry.peer.address)))
            if known and known.last < entry.at and isinstance(known.entry, AddressesDiffer | IntervalDiffers):
                del self._known[what, str(entry.peer.address)]

    def _make_room(self) -> None:
        """Drop the stalest of the kind that has most."""
        crowd, _ = Counter(kind for kind, _ in self._known).most_common(1)[0]
        del self._known[min((key for key in self._known if key[0] is crowd), key=lambda key: self._known[key].last)]


def _key(entry: Disagreeing) -> Key | None:
    match entry:
        case AdvertReceived(discarded=Discard.RIVAL, peer=peer):
            return Kind.RIVAL, str(peer.address)
        case AdvertRejected(rejection=rejection, source=source) if rejection in _KINDS:
            return _KINDS[rejection], str(source)
        case AddressesDiffer(source=source):
            return Kind.ADDRESSES, str(source)
        case IntervalDiffers(source=source):
            return Kind.INTERVAL, str(source)
        case AddressConflict(mac=mac):
            return Kind.ADDRESS_CONFLICT, mac
        case OwnerAnswered(mac=mac):
            return Kind.SILENT_OWNER, mac
        case _:
            return None


def _what(entry: Disagreeing) -> str:
    match entry:
        case AdvertReceived(peer=peer):
            return f"another Master with priority {peer.priority} advertises while we are Master"
        case AdvertRejected(detail=detail):
            return detail
        case AddressesDiffer(theirs=theirs, ours=ours):
            return "; ".join(_only("only it has", theirs) + _only("only we have", ours))
        case IntervalDiffers(theirs=theirs, ours=ours):
            return f"it advertises each {theirs:g} s, we each {ours:g} s"
        case AddressConflict(address=address, mac=mac):
            return f"{mac} answers for {address} while we hold it"
        case OwnerAnswered(address=address, mac=mac):
            return f"{address} answers from {mac} while its Master is silent"


def _only(words: str, addresses: tuple[Address, ...]) -> list[str]:
    """One clause, or none; no longer than a line may be."""
    left_out = len(addresses) - NAMED_LIMIT
    named = ", ".join(map(str, addresses[:NAMED_LIMIT]))
    return [f"{words} {named}{f' and {left_out} more' if left_out > 0 else ''}"] if addresses else []
