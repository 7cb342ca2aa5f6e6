"""The trailer behind an advertisement that proves who sent it, and when: `auth_hmac` of keepalived 2.4.

As in draft-cassen-vrrp-auth-hmac: 28 octets after the message of either version, none of which its count or its IPv4
checksum covers. Type 1, key id, two octets of zero, a sequence number, and the first half of an HMAC-SHA256 over the
source address, the message with its checksum as zero, and the trailer with its MAC as zero. What is proved is that
somebody with the key sent it from this source, lately, and not twice. The earliest releases of keepalived 2.4 put
other octets under the MAC; what they send is refused.

The sequence number is the wall clock in 1/65536 s, and a counter for what leaves in the same instant: 64 bits.
"""

import hashlib
import hmac
import struct
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv6Address

TRAILER_OCTETS = 28
KEY_OCTETS = (32, 64)
"""The shortest and the longest key: no shorter than the MAC before it is cut, no longer than a block of SHA-256."""
MARKS_LIMIT = 256
"""Senders whose last sequence number is kept: more routers than one VRID ever has. Only who has a key gets in."""

_TYPE = 1
_HEAD = struct.Struct("!BBHQ")
"""Type, key id, zero, sequence number."""
_MAC_OCTETS = 16
_BOUND = struct.Struct("!BBBx16s")
"""What is under the MAC before the message: version of IP and of VRRP, VRID, source."""
_CHECKSUM = slice(6, 8)
_NUMBERS = 1 << 64
_HALF = _NUMBERS >> 1


class Mode(Enum):
    """How far a group of routers has got with it: each step can be taken host by host."""

    RECEIVE_ONLY = "receive-only"
    """Sends none; takes messages with and without one."""
    PERMISSIVE = "permissive"
    """Sends one; takes messages with and without one."""
    ENFORCE = "enforce"
    """Sends one; refuses messages without one."""


@dataclass(frozen=True, slots=True)
class Key:
    """A secret of `KEY_OCTETS`, by the id that the trailer names it by, 1..255."""

    id: int
    secret: bytes

    def __repr__(self) -> str:
        """Leave the secret out of every log, trace and assertion."""
        return f"Key({self.id})"


@dataclass(frozen=True, slots=True)
class Signing:
    """Keys with different ids; `active` is that of one of them. Messages signed with any of them are taken.

    `window`: whole seconds that the clocks may be apart; None: clocks are not compared, only the order counts.
    """

    keys: tuple[Key, ...]
    active: int
    mode: Mode = Mode.ENFORCE
    window: int | None = 5

    @property
    def signs(self) -> bool:
        """It sends a trailer."""
        return self.mode is not Mode.RECEIVE_ONLY

    def key(self, number: int) -> Key | None:
        """By its id."""
        return next((each for each in self.keys if each.id == number), None)


class Fault(Enum):
    """Why a message is refused; the values are those of `Rejection`."""

    MISSING = "hmac_missing"
    MALFORMED = "hmac_malformed"
    UNKNOWN_KEY = "hmac_unknown_key"
    WRONG = "hmac_wrong"
    STALE = "hmac_stale"
    REPLAYED = "hmac_replayed"


class TrailerError(Exception):
    """The peer's fault, with one line for an operator that holds no secret."""

    def __init__(self, fault: Fault, detail: str) -> None:
        """What is wrong."""
        super().__init__(f"{fault.value}: {detail}")
        self.fault = fault
        self.detail = detail


Source = IPv4Address | IPv6Address
Marks = tuple[tuple[bytes, int], ...]
"""Of each sender, by its address, the last sequence number; who was heard last comes last."""


# --- sending -----------------------------------------------------------------------------------------------------


def next_number(last: int | None, wall: float, window: int | None) -> int:
    """The sequence number of the next message: the clock, or one more than the last if the clock has not moved on.

    `wall`: Unix time in seconds. A clock that was set back by more than `window` is followed, since nobody would take
    our numbers until it is there again.
    """
    clock = (int(wall * 65536) << 16) % _NUMBERS
    if last is None or _after(clock, last):
        return clock
    set_back = window is not None and -_apart(last, wall) > window
    return clock if set_back else (last + 1) % _NUMBERS


def seal(signing: Signing, number: int, source: Source, message: bytes) -> bytes:
    """The trailer of a message from this source; whatever its checksum is. The same for all destinations."""
    key = signing.key(signing.active)
    if key is None:
        raise ValueError(f"there is no key {signing.active}")
    head = _HEAD.pack(_TYPE, key.id, 0, number)
    return head + _mac(key, source, message, head)


def _mac(key: Key, source: Source, message: bytes, head: bytes) -> bytes:
    bound = _BOUND.pack(source.version, message[0] >> 4, message[1], source.packed)
    covered = bound + message[: _CHECKSUM.start] + bytes(2) + message[_CHECKSUM.stop :] + head + bytes(_MAC_OCTETS)
    return hmac.digest(key.secret, covered, hashlib.sha256)[:_MAC_OCTETS]


# --- receiving ---------------------------------------------------------------------------------------------------


def check(signing: Signing, source: Source, message: bytes, trailer: bytes, marks: Marks, wall: float) -> Marks:
    """Who was heard up to now, this message included. Raises TrailerError if it is to be refused.

    `trailer`: empty, or `TRAILER_OCTETS`. A wrong clock is told before the MAC is computed, so that a flood of old
    messages costs little; nothing is remembered before the MAC is right.
    """
    if not trailer:
        if signing.mode is Mode.ENFORCE:
            raise TrailerError(Fault.MISSING, "no trailer of auth_hmac")
        return marks
    kind, number, zero, sequence = _HEAD.unpack_from(trailer)
    if kind != _TYPE or zero:
        raise TrailerError(Fault.MALFORMED, f"trailer of type {kind}, must be {_TYPE}, and two octets of zero")
    if signing.window is not None:
        _require_fresh(sequence, signing.window, wall)
    key = signing.key(number)
    if key is None:
        raise TrailerError(Fault.UNKNOWN_KEY, f"there is no key {number}")
    if not hmac.compare_digest(trailer[_HEAD.size :], _mac(key, source, message, trailer[: _HEAD.size])):
        raise TrailerError(Fault.WRONG, f"not signed with our key {number}")
    return _marked(source, sequence, marks, signing.window, wall)


def _require_fresh(sequence: int, window: int, wall: float) -> None:
    apart = _apart(sequence, wall)
    if abs(apart) > window:
        said = f"{apart} s old" if apart > 0 else f"{-apart} s ahead of our clock"
        raise TrailerError(Fault.STALE, f"{said}, must be within {window} s")


def _marked(source: Source, sequence: int, marks: Marks, window: int | None, wall: float) -> Marks:
    """A sequence number must grow, unless its sender's clock, or ours, has been set since the last one."""
    last = next((number for address, number in marks if address == source.packed), None)
    counts = last is not None and (window is None or abs(_apart(last, wall)) <= window)
    if counts and last is not None and not _after(sequence, last):
        raise TrailerError(Fault.REPLAYED, "not newer than the last one of its sender")
    others = tuple(each for each in marks if each[0] != source.packed)
    return (*others, (source.packed, sequence))[-MARKS_LIMIT:]


def _after(one: int, other: int) -> bool:
    """Serial numbers (RFC 1982): they may run over."""
    return 0 < (one - other) % _NUMBERS < _HALF


def _apart(sequence: int, wall: float) -> int:
    """Whole seconds since it was sent, by our clock; negative: it is ahead. 32 bits run over in 2106."""
    return (int(wall) - (sequence >> 32) + (1 << 31)) % (1 << 32) - (1 << 31)
