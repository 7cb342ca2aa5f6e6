"""Two routers of one virtual router, for tests that need some advertisement and somebody to receive it."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

from vrrpd.protocol.messages import (
    Address,
    Advertisement,
    Authentication,
    AuthType,
    Datagram,
    Family,
    Parameters,
    Seconds,
    Version,
)
from vrrpd.protocol.packet import HOP_LIMIT, MULTICAST, encode

PASSWORD = Authentication(AuthType.PASS, b"s3cret\0\0")
OWN4, PEER4 = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.3")
OWN6, PEER6 = IPv6Address("fe80::1"), IPv6Address("fe80::3")

V2 = Advertisement(Version.V2, 51, 150, Seconds(1.0), (IPv4Address("192.0.2.100"),))
V2_PASS = replace(V2, authentication=PASSWORD)
V3 = Advertisement(Version.V3, 51, 150, Seconds(0.25), (IPv4Address("192.0.2.100"), IPv4Address("192.0.2.101")))
V3_IPV6 = replace(V3, addresses=(IPv6Address("fe80::100"), IPv6Address("2001:db8::100")))


def family_of(advertisement: Advertisement) -> Family:
    """IPv6 if an address is; IPv4 also for none."""
    return Family.IPV6 if any(a.version == 6 for a in advertisement.addresses) else Family.IPV4


def ends_of(advertisement: Advertisement) -> tuple[Address, Address]:
    """Source and destination of its IP header."""
    family = family_of(advertisement)
    return PEER4 if family is Family.IPV4 else PEER6, MULTICAST[family]


def receiver(advertisement: Advertisement) -> Parameters:
    """A Backup that is configured as the sender is."""
    return Parameters(
        version=advertisement.version,
        vrid=advertisement.vrid,
        priority=100,
        advertisement_interval=advertisement.interval,
        addresses=advertisement.addresses,
        primary_address=OWN4 if family_of(advertisement) is Family.IPV4 else OWN6,
        authentication=advertisement.authentication,
    )


def datagram(advertisement: Advertisement, *, pseudo_header: bool = True) -> Datagram:
    """The advertisement as it arrives."""
    source, destination = ends_of(advertisement)
    payload = encode(advertisement, source, destination, pseudo_header=pseudo_header)
    return Datagram("eth0", family_of(advertisement), source, destination, HOP_LIMIT, payload)


def with_octet(payload: bytes, at: int, value: int) -> bytes:
    """The payload with one octet changed; its checksum is wrong afterwards."""
    return payload[:at] + bytes([value]) + payload[at + 1 :]
