"""Small decoders for captured frames, written without the code under test so that they can judge it.

Offsets: RFC 894 (Ethernet), RFC 826 (ARP), RFC 791 (IPv4), RFC 8200 (IPv6), RFC 3768 and RFC 5798 section 5
(VRRP), RFC 4861 section 4.4 (neighbour advertisement). Options and extension headers do not occur in what
we look at.
"""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_ARP = 0x0806
ETHERTYPE_IPV6 = 0x86DD
PROTOCOL_VRRP = 112
PROTOCOL_ICMPV6 = 58
NEIGHBOUR_ADVERTISEMENT = 136


@dataclass(frozen=True, slots=True)
class Frame:
    """One Ethernet frame as a host sent it."""

    at: float
    """Unix time in seconds, by the kernel."""
    port: str
    """Name of the host that sent it (the bridge port it came in by)."""
    data: bytes

    @property
    def ethertype(self) -> int:
        """0 for a frame too short to have one."""
        return int.from_bytes(self.data[12:14], "big")


@dataclass(frozen=True, slots=True)
class Advert:
    """A VRRP advertisement, unchecked."""

    at: float
    port: str
    source_mac: str
    destination_mac: str
    source: str
    destination: str
    ttl: int
    version: int
    vrid: int
    priority: int
    interval: float
    """Seconds, whatever the wire's unit."""
    addresses: tuple[str, ...]
    payload: bytes
    """The VRRP packet itself."""


@dataclass(frozen=True, slots=True)
class Arp:
    """An ARP packet; operation 1 is a request, 2 a reply."""

    at: float
    port: str
    source_mac: str
    destination_mac: str
    operation: int
    sender_mac: str
    sender: str
    target_mac: str
    target: str

    @property
    def gratuitous(self) -> bool:
        """Sender and target are the same address (RFC 5227 section 3)."""
        return self.sender == self.target


@dataclass(frozen=True, slots=True)
class NeighbourAdvertisement:
    """An IPv6 neighbour advertisement."""

    at: float
    port: str
    source_mac: str
    source: str
    destination: str
    target: str
    flags: int
    """Router 4, solicited 2, override 1."""


def mac(octets: bytes) -> str:
    """Colon form, lower case."""
    return octets.hex(":")


def advert(frame: Frame) -> Advert | None:
    """The advertisement in this frame, or None if it is something else or too short."""
    data = frame.data
    if frame.ethertype == ETHERTYPE_IPV4 and len(data) >= 42 and data[23] == PROTOCOL_VRRP:
        start = 14 + (data[14] & 15) * 4
        end = 14 + int.from_bytes(data[16:18], "big")
        source, destination = str(IPv4Address(data[26:30])), str(IPv4Address(data[30:34]))
        return _vrrp(frame, (source, destination), data[22], data[start:end], 4)
    if frame.ethertype == ETHERTYPE_IPV6 and len(data) >= 62 and data[20] == PROTOCOL_VRRP:
        end = 54 + int.from_bytes(data[18:20], "big")
        source, destination = str(IPv6Address(data[22:38])), str(IPv6Address(data[38:54]))
        return _vrrp(frame, (source, destination), data[21], data[54:end], 16)
    return None


def _vrrp(frame: Frame, ends: tuple[str, str], ttl: int, packet: bytes, width: int) -> Advert | None:
    source, destination = ends
    if len(packet) < 8:
        return None
    first, vrid, priority, count, interval = struct.unpack_from("!BBBBH", packet)
    version = first >> 4
    listed = [packet[8 + i * width : 8 + (i + 1) * width] for i in range(count)]
    return Advert(
        at=frame.at,
        port=frame.port,
        source_mac=mac(frame.data[6:12]),
        destination_mac=mac(frame.data[:6]),
        source=source,
        destination=destination,
        ttl=ttl,
        version=version,
        vrid=vrid,
        priority=priority,
        interval=(interval & 0x0FFF) / 100 if version == 3 else float(interval & 0xFF),
        addresses=tuple(_address(octets) for octets in listed if len(octets) == width),
        payload=packet,
    )


def _address(octets: bytes) -> str:
    return str(IPv4Address(octets) if len(octets) == 4 else IPv6Address(octets))


def arp(frame: Frame) -> Arp | None:
    """The ARP packet in this frame, or None."""
    data = frame.data
    if frame.ethertype != ETHERTYPE_ARP or len(data) < 42:
        return None
    return Arp(
        at=frame.at,
        port=frame.port,
        source_mac=mac(data[6:12]),
        destination_mac=mac(data[:6]),
        operation=int.from_bytes(data[20:22], "big"),
        sender_mac=mac(data[22:28]),
        sender=str(IPv4Address(data[28:32])),
        target_mac=mac(data[32:38]),
        target=str(IPv4Address(data[38:42])),
    )


def neighbour_advertisement(frame: Frame) -> NeighbourAdvertisement | None:
    """The neighbour advertisement in this frame, or None."""
    data = frame.data
    if frame.ethertype != ETHERTYPE_IPV6 or len(data) < 78 or data[20] != PROTOCOL_ICMPV6:
        return None
    if data[54] != NEIGHBOUR_ADVERTISEMENT:
        return None
    return NeighbourAdvertisement(
        at=frame.at,
        port=frame.port,
        source_mac=mac(data[6:12]),
        source=str(IPv6Address(data[22:38])),
        destination=str(IPv6Address(data[38:54])),
        target=str(IPv6Address(data[62:78])),
        flags=data[58] >> 5,
    )
