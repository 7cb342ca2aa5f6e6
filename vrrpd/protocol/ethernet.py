"""The headers of whole frames: Ethernet (without FCS and padding), and IPv6 to a group behind it."""

import struct
from ipaddress import IPv6Address

MAC_OCTETS = 6
ETHERTYPE_IPV4, ETHERTYPE_ARP, ETHERTYPE_IPV6 = 0x0800, 0x0806, 0x86DD
ETHERNET_OCTETS = 14
ON_LINK_HOP_LIMIT = 255
"""No router has passed it on."""
IPV6 = struct.Struct("!IHBB16s16s")
"""Version, traffic class and flow; length; next header; hop limit; source, destination (RFC 8200 3)."""


def ethernet(destination: bytes, source: bytes, ethertype: int) -> bytes:
    """14 octets. `source`: 6 octets, or ValueError."""
    if len(source) != MAC_OCTETS:
        raise ValueError(f"a MAC address has {MAC_OCTETS} octets, not {len(source)}")
    return destination + source + ethertype.to_bytes(2)


def ipv6_to_group(
    mac: bytes, source: IPv6Address, group: IPv6Address, protocol: int, octets: int, *, traffic_class: int = 0
) -> bytes:
    """Both headers of a frame with so many octets to a multicast group, (RFC 2464 7). Raises as `ethernet`."""
    fixed = (6 << 28) | (traffic_class << 20)
    header = IPV6.pack(fixed, octets, protocol, ON_LINK_HOP_LIMIT, source.packed, group.packed)
    return ethernet(b"\x33\x33" + group.packed[12:], mac, ETHERTYPE_IPV6) + header
