"""Frames of real keepalived and FRR routers, recorded in tests/data/vectors.json, as vrrpd would receive them."""

import json
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Any

from vrrpd.protocol.ipv4 import from_ipv4
from vrrpd.protocol.messages import (
    Authentication,
    AuthType,
    Datagram,
    Family,
    Parameters,
    Seconds,
    Version,
)

_FILE = Path(__file__).parents[1] / "data" / "vectors.json"
_ETHERNET_OCTETS = 14
_IPV6_OCTETS = 40


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry: its name, its Ethernet frame, and the rest as the file has it."""

    name: str
    frame: bytes
    entry: dict[str, Any]


def load(section: str) -> list[Recorded]:
    """All entries of `vectors`, `malformed` or `master_reactions`."""
    entries = json.loads(_FILE.read_text())[section]
    return [Recorded(entry["name"], bytes.fromhex(entry["frame_hex"]), entry) for entry in entries]


def datagram_of(frame: bytes) -> Datagram:
    """What a raw socket would give: with the header for IPv4, which `from_ipv4` strips, without for IPv6."""
    packet = frame[_ETHERNET_OCTETS:]
    if packet[0] >> 4 == 4:
        return from_ipv4("eth0", packet)
    length = int.from_bytes(packet[4:6])
    payload = packet[_IPV6_OCTETS : _IPV6_OCTETS + length]
    ends = (IPv6Address(packet[8:24]), IPv6Address(packet[24:40]))
    return Datagram("eth0", Family.IPV6, *ends, packet[7], payload)


def receiver_of(entry: dict[str, Any]) -> Parameters:
    """The virtual router that a malformed packet was thrown at."""
    receiver = entry["receiver"]
    return Parameters(
        version=Version(receiver["version"]),
        vrid=receiver["vrid"],
        priority=receiver["priority"],
        advertisement_interval=Seconds(float(receiver["interval_s"])),
        addresses=tuple(ip_address(vip) for vip in receiver["vips"]),
        primary_address=ip_address(receiver["own_address"]),
        authentication=authentication_of(receiver["auth"]),
    )


def authentication_of(text: str) -> Authentication:
    """`none` or `PASS word`."""
    if text == "none":
        return Authentication()
    return Authentication(AuthType.PASS, text.removeprefix("PASS ").encode().ljust(8, b"\0"))
