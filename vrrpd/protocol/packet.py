"""Advertisements to and from bytes, and every check on receipt (RFC 2338 5, 3768 5 and 7.1, 5798 and 9568 5 and 7.1).

Wire units (whole seconds in v2, centiseconds in v3) exist in this module only. `decode` checks in a fixed order, so
that each bad packet has one reason; a packet it refuses must change no state and no timer.
"""

import hmac
import struct
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

from vrrpd.protocol.checksum import checksum, ones_complement_sum, pseudo_header_for
from vrrpd.protocol.messages import (
    PRIORITY_OWNER,
    Address,
    Advertisement,
    Authentication,
    AuthType,
    Datagram,
    Family,
    Parameters,
    Rejection,
    Seconds,
    UnicastPeer,
    Version,
)
from vrrpd.protocol.trailer import TRAILER_OCTETS, TrailerError

PROTOCOL = 112
"""IP protocol, or IPv6 next header, of VRRP (RFC 9568 5.1.1.4)."""
HOP_LIMIT = 255
"""TTL or hop limit that proves a sender on the same link (RFC 9568 5.1.1.3)."""
MULTICAST: dict[Family, Address] = {
    Family.IPV4: IPv4Address("224.0.0.18"),
    Family.IPV6: IPv6Address("ff02::12"),
}
"""Where advertisements go (RFC 9568 5.1.1.2, 5.1.2.2)."""
MAX_ADDRESSES = 255
"""The count of addresses is one octet."""

_BROADCAST = IPv4Address("255.255.255.255")
_ADVERTISEMENT = 1
_FIXED = struct.Struct("!BBBBHH")
"""Version and type, VRID, priority, count; auth type and interval, or the v3 interval; checksum."""
_CHECKSUM_AT = 6
_AUTH_OCTETS = 8
_AUTH_TYPES = frozenset(AuthType)
_INTERVAL_MASK = 0x0FFF
"""v3: the upper nibble is reserved and ignored on receipt (RFC 9568 5.2.6)."""
_UNITS = {Version.V2: (1, 255), Version.V3: (100, 4095)}
"""Interval units per second, and the largest interval in them."""
_ADDRESS_OCTETS = {Family.IPV4: 4, Family.IPV6: 16}
_VERSIONS = {Family.IPV4: (Version.V2, Version.V3), Family.IPV6: (Version.V3,)}


class PacketError(Exception):
    """The peer's fault: the packet is dropped, counted under `rejection`, and explained by `detail`."""

    def __init__(self, rejection: Rejection, detail: str) -> None:
        """`detail` is one line for an operator; it never holds a password."""
        super().__init__(f"{rejection.value}: {detail}")
        self.rejection = rejection
        self.detail = detail


# --- sending -----------------------------------------------------------------------------------------------------


Seal = Callable[[bytes], bytes]
"""From a message whose checksum is zero yet to the trailer behind it."""


def encode(
    advertisement: Advertisement,
    source: Address,
    destination: Address,
    *,
    pseudo_header: bool = True,
    seal: Seal | None = None,
) -> bytes:
    """The VRRP message with its checksum (RFC 3768 5.1, RFC 9568 5.1), for the octets after the IP header.

    `source` and `destination` are those of the IP header. `pseudo_header` matters to v3 on IPv4 only.
    `seal`: makes a trailer, which the checksum of IPv6 covers, as the kernel would compute it, and that of IPv4 not.
    Raises ValueError for what the format cannot carry: the configuration has to refuse that first.
    """
    _require_encodable(advertisement, source)
    timing = _units(advertisement.version, advertisement.interval)
    tail = b""
    if advertisement.version is Version.V2:
        timing |= advertisement.authentication.type << 8
        tail = _authentication_data(advertisement.authentication)
    fixed = _FIXED.pack(
        advertisement.version << 4 | _ADVERTISEMENT,
        advertisement.vrid,
        advertisement.priority,
        len(advertisement.addresses),
        timing,
        0,
    )
    message = fixed + b"".join(address.packed for address in advertisement.addresses) + tail
    trailer = seal(message) if seal is not None else b""
    whole = message + trailer if source.version == 6 else message
    covered = _covered(whole, advertisement.version, source, destination, pseudo_header)
    return message[:_CHECKSUM_AT] + struct.pack("!H", checksum(covered)) + message[_CHECKSUM_AT + 2 :] + trailer


def _require_encodable(advertisement: Advertisement, source: Address) -> None:
    version, addresses = advertisement.version, advertisement.addresses
    if version is Version.V2 and source.version != 4:
        raise ValueError("VRRPv2 is for IPv4")
    if version is Version.V3 and advertisement.authentication != Authentication():
        raise ValueError("VRRPv3 has no authentication")
    if not 1 <= advertisement.vrid <= 255 or not 0 <= advertisement.priority <= PRIORITY_OWNER:
        raise ValueError(f"VRID {advertisement.vrid} or priority {advertisement.priority} out of range")
    least = 1 if version is Version.V3 else 0
    if not least <= len(addresses) <= MAX_ADDRESSES:
        raise ValueError(f"{len(addresses)} addresses, must be {least}..{MAX_ADDRESSES}")
    if any(address.version != source.version for address in addresses):
        raise ValueError("addresses and source must be of one family")


def _units(version: Version, interval: Seconds) -> int:
    """The interval in wire units. A fraction of a unit would be a lie on the wire, so it is refused."""
    per_second, most = _UNITS[version]
    units = round(interval * per_second)
    if not 1 <= units <= most or abs(units - interval * per_second) > 1e-6:
        raise ValueError(f"interval {interval} s: must be 1..{most} units of {1 / per_second} s")
    return units


def _authentication_data(authentication: Authentication) -> bytes:
    """RFC 2338 5.3.10. Zero for type 0 (RFC 3768 5.3.10)."""
    if authentication.type is AuthType.NONE:
        return bytes(_AUTH_OCTETS)
    if len(authentication.data) != _AUTH_OCTETS:
        raise ValueError(f"authentication data must be {_AUTH_OCTETS} octets")
    return authentication.data


def _covered(
    message: bytes, version: Version, source: Address, destination: Address, with_pseudo_header: bool
) -> bytes:
    """What the checksum is over: RFC 3768 5.3.8, RFC 5798 5.2.8, RFC 9568 5.2.8."""
    if version is Version.V2 or (source.version == 4 and not with_pseudo_header):
        return message
    return pseudo_header_for(source, destination, PROTOCOL, len(message)) + message


# --- receiving -----------------------------------------------------------------------------------------------------


def vrid_of(payload: bytes) -> int:
    """The VRID, to find the virtual router by. Raises PacketError(RUNT) for less than the fixed part of 8 octets."""
    if len(payload) < _FIXED.size:
        raise PacketError(Rejection.RUNT, f"{len(payload)} octets, must be {_FIXED.size} at least")
    return payload[1]


Verify = Callable[[Address, bytes, bytes], None]
"""Source, message and trailer, which may be empty. Raises TrailerError."""


def decode(datagram: Datagram, own: Parameters | None, verify: Verify | None = None) -> Advertisement:
    """The advertisement, if it passes every check of RFC 3768 7.1, RFC 5798 7.1 and RFC 9568 7.1, in order.

    `own`: the virtual router with this VRID on this interface and family; None: there is no such router.
    `verify`: looks at the trailer where `own` has keys. Raises PacketError.
    """
    _check_ends(datagram, own)
    vrid = vrid_of(datagram.payload)
    _check_hop_limit(datagram, own)
    version = _check_version_and_type(datagram, own)
    payload, trailer = _split(datagram, version, own)
    _check_checksum(datagram, payload, version, own)
    if own is None or own.vrid != vrid:
        raise PacketError(Rejection.VRID, f"no virtual router {vrid} on {datagram.interface}")
    if own.priority == PRIORITY_OWNER:
        raise PacketError(Rejection.OWNER, "we own the addresses")
    _check_trailer(datagram.source, payload, trailer, own, verify)
    authentication = _check_authentication(payload, own)
    interval = _check_interval(payload, own)
    addresses = _check_addresses(datagram, own)
    return Advertisement(version, vrid, payload[2], interval, addresses, authentication)


def destinations(own: Parameters) -> tuple[Address, ...]:
    """Where its advertisements go: the group, or each unicast peer, itself left out of a list that hosts share."""
    if own.unicast is None:
        return (own.group or MULTICAST[Family.IPV4 if own.primary_address.version == 4 else Family.IPV6],)
    return tuple(each.address for each in own.unicast.peers if each.address != own.primary_address)


def _check_ends(datagram: Datagram, own: Parameters | None) -> None:
    """RFC 9568 5.1.1.1, 5.1.1.2. Compared without scope: a socket may name a link-local source with its zone."""
    source = datagram.source
    if own is not None and source.packed == own.primary_address.packed:
        raise PacketError(Rejection.OWN_ADDRESS, f"{source} is our own address")
    if source.is_unspecified or source.is_multicast:
        raise PacketError(Rejection.SOURCE, f"{source} cannot be a sender")
    _check_destination(datagram, own)
    if own is not None and own.unicast is not None and own.unicast.check_source and _listed(source, own) is None:
        raise PacketError(Rejection.SOURCE, f"{source} is not in unicast_peer")


def _check_destination(datagram: Datagram, own: Parameters | None) -> None:
    """The group, or with unicast ourselves: the kernel takes in what is for one of our addresses, or a broadcast.

    Not a virtual one: it would name whoever is Master, and say so to nobody else. A stranger may do either.
    """
    destination = datagram.destination
    group = (own.group if own is not None else None) or MULTICAST[datagram.family]
    to_group = destination.packed == group.packed
    if own is None and (to_group or not _is_for_many(destination)):
        return
    if own is None or own.unicast is None:
        if not to_group:
            raise PacketError(Rejection.DESTINATION, f"sent to {destination}, must be {group}")
    elif _is_for_many(destination) or (destination in own.addresses and own.priority != PRIORITY_OWNER):
        raise PacketError(Rejection.DESTINATION, f"sent to {destination}, must be {own.primary_address} (unicast)")


def _is_for_many(destination: Address) -> bool:
    return destination.is_multicast or destination == _BROADCAST


def _listed(source: Address, own: Parameters) -> UnicastPeer | None:
    """Compared without scope, as above."""
    peers = own.unicast.peers if own.unicast else ()
    return next((each for each in peers if each.address.packed == source.packed), None)


def _check_hop_limit(datagram: Datagram, own: Parameters | None) -> None:
    """RFC 9568 5.1.1.3. Unicast may come through routers, so only what is asked for counts (keepalived: min_ttl)."""
    hop_limit = datagram.hop_limit
    if own is None and not datagram.destination.is_multicast:
        return
    if own is not None and own.unicast is not None:
        peer = _listed(datagram.source, own)
        if peer is not None and not peer.least_hops <= hop_limit <= peer.most_hops:
            raise PacketError(Rejection.TTL, f"TTL {hop_limit}, must be {peer.least_hops}..{peer.most_hops}")
    elif hop_limit != HOP_LIMIT:
        raise PacketError(Rejection.TTL, f"TTL {hop_limit}, must be {HOP_LIMIT}")


def _check_version_and_type(datagram: Datagram, own: Parameters | None) -> Version:
    """RFC 9568 5.2.1, 5.2.2."""
    version, kind = divmod(datagram.payload[0], 16)
    spoken = _VERSIONS[datagram.family] if own is None else (own.version,)
    if version not in spoken:
        raise PacketError(Rejection.VERSION, f"version {version}, must be {' or '.join(map(str, spoken))}")
    if kind != _ADVERTISEMENT:
        raise PacketError(Rejection.TYPE, f"type {kind}, must be {_ADVERTISEMENT}")
    return Version(version)


def _split(datagram: Datagram, version: Version, own: Parameters | None) -> tuple[bytes, bytes]:
    """The message, and the trailer of `auth_hmac` behind it: only somebody else's VRID may have one or none.

    RFC 3768 7.1, RFC 9568 7.1 ask for the complete message; as the peers do, we want nothing else after it either.
    """
    count = datagram.payload[3]
    if count == 0 and version is Version.V3:
        raise PacketError(Rejection.LENGTH, "no address, must be one at least")
    password = _AUTH_OCTETS if version is Version.V2 else 0
    expected = _FIXED.size + count * _ADDRESS_OCTETS[datagram.family] + password
    message, behind = datagram.payload[:expected], datagram.payload[expected:]
    if len(message) < expected or len(behind) not in (0, TRAILER_OCTETS):
        raise PacketError(Rejection.LENGTH, f"{len(datagram.payload)} octets, must be {expected}")
    if behind and own is not None and own.signing is None:
        raise PacketError(Rejection.HMAC_UNEXPECTED, "a trailer of auth_hmac, and we have no keys")
    return message, behind


def _check_checksum(datagram: Datagram, message: bytes, version: Version, own: Parameters | None) -> None:
    """RFC 3768 5.3.8, RFC 9568 5.2.8. A stranger's checksum is taken to be the common one, with pseudo header.

    Of IPv6 the kernel of a sender computes it, over the trailer as well.
    """
    with_pseudo_header = own is None or own.pseudo_header
    whole = datagram.payload if datagram.family is Family.IPV6 else message
    covered = _covered(whole, version, datagram.source, datagram.destination, with_pseudo_header)
    if ones_complement_sum(covered) != 0xFFFF:
        raise PacketError(Rejection.CHECKSUM, "wrong checksum")


def _check_trailer(source: Address, message: bytes, trailer: bytes, own: Parameters, verify: Verify | None) -> None:
    if own.signing is None:
        return
    if verify is None:
        raise ValueError("somebody must verify the trailer")
    try:
        verify(source, message, trailer)
    except TrailerError as error:
        raise PacketError(Rejection(error.fault.value), error.detail) from error


def _check_authentication(payload: bytes, own: Parameters) -> Authentication:
    """RFC 2338 7.1, RFC 3768 5.3.6 and 5.3.10: v2 only; the data of type 0 is ignored."""
    if own.version is not Version.V2:
        return Authentication()
    number = payload[4]
    if number not in _AUTH_TYPES:
        raise PacketError(Rejection.AUTH_TYPE, f"authentication type {number} is not known")
    if number != own.authentication.type:
        raise PacketError(Rejection.AUTH_MISMATCH, f"authentication type {number}, must be {own.authentication.type}")
    if own.authentication.type is AuthType.NONE:
        return Authentication()
    if not hmac.compare_digest(payload[-_AUTH_OCTETS:], own.authentication.data):
        raise PacketError(Rejection.AUTH_FAILED, "wrong password")
    return own.authentication


def _check_interval(payload: bytes, own: Parameters) -> Seconds:
    """RFC 3768 7.1: equal to ours. RFC 9568 7.1: any, to be learned, but 0 (erratum 8301)."""
    per_second, _ = _UNITS[own.version]
    if own.version is Version.V2:
        interval = Seconds(float(payload[5]))
        if interval != own.advertisement_interval:
            raise PacketError(Rejection.INTERVAL, f"interval {interval} s, must be {own.advertisement_interval} s")
        return interval
    units = int.from_bytes(payload[4:6]) & _INTERVAL_MASK
    if units == 0:
        raise PacketError(Rejection.INTERVAL, "interval 0")
    return Seconds(units / per_second)


def _check_addresses(datagram: Datagram, own: Parameters) -> tuple[Address, ...]:
    """RFC 3768 7.1: the same set as ours, unless the owner sends it. RFC 9568 7.1 lets a difference pass."""
    size = _ADDRESS_OCTETS[datagram.family]
    family = IPv4Address if datagram.family is Family.IPV4 else IPv6Address
    field = datagram.payload[_FIXED.size : _FIXED.size + datagram.payload[3] * size]
    addresses = tuple(family(field[at : at + size]) for at in range(0, len(field), size))
    must_match = own.version is Version.V2 and datagram.payload[2] != PRIORITY_OWNER
    if must_match and addresses != own.addresses and set(addresses) != set(own.addresses):
        heard = ", ".join(map(str, addresses)) or "none"
        raise PacketError(Rejection.ADDRESSES, f"addresses {heard} are not ours")
    return addresses
