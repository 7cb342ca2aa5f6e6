"""Advertisements that must have no effect, and a process that floods a LAN with them."""

import struct
import sys
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address

from tests.lab.net import INTERFACE, Host
from tests.lab.part import ROOT, Part
from vrrpd.protocol.checksum import checksum
from vrrpd.protocol.messages import Advertisement, Authentication, AuthType, Family, Seconds, Version
from vrrpd.protocol.packet import HOP_LIMIT, MULTICAST, PROTOCOL, encode

GROUP = MULTICAST[Family.IPV4]
GROUP_MAC = bytes.fromhex("01005e000012")


def frame(host: Host, payload: bytes, ttl: int = HOP_LIMIT) -> bytes:
    """A VRRP message in IPv4 and Ethernet, from this host to the group (RFC 791)."""
    source = IPv4Address(host.ip)
    header = struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0xC0, 20 + len(payload), 0, 0, ttl, PROTOCOL, 0, source.packed, GROUP.packed
    )
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return GROUP_MAC + bytes.fromhex(host.mac.replace(":", "")) + b"\x08\x00" + header + payload


def password(text: str) -> Authentication:
    """PASS with this text."""
    return Authentication(AuthType.PASS, text.encode().ljust(8, b"\0"))


def advertisement(
    host: Host, vip: str, secret: str, priority: int = 254, version: Version = Version.V2, interval: float = 1.0
) -> bytes:
    """The message as a proper peer would send it; `interval` in seconds."""
    authentication = password(secret) if secret else Authentication()
    told = Advertisement(version, 51, priority, Seconds(interval), (IPv4Address(vip),), authentication)
    return encode(told, IPv4Address(host.ip), GROUP)


def junk(host: Host, vip: str, secret: str) -> dict[str, bytes]:
    """One frame for each reason of the attack: all would end the Master if they were believed."""
    good = advertisement(host, vip, secret)
    return {
        "auth_failed": frame(host, advertisement(host, vip, f"{secret}x")),
        "ttl": frame(host, good, ttl=254),
        "checksum": frame(host, good[:6] + bytes([good[6] ^ 0xFF]) + good[7:]),
        "addresses": frame(host, advertisement(host, "192.0.2.99", secret)),
    }


class Flooder(Part):
    """Sends these frames in turn, `rate` a second."""

    kind = "flooder"

    def __init__(self, host: Host, frames: Sequence[bytes], rate: float) -> None:
        super().__init__(host)
        self._arguments = [INTERFACE, str(rate), *(each.hex() for each in frames)]

    def argv(self) -> Sequence[str]:
        """`tests.lab.flooder` in the namespace."""
        return [sys.executable, "-m", "tests.lab.flooder", *self._arguments]

    def environment(self) -> Mapping[str, str]:
        """So that the module is found from any working directory."""
        return {"PYTHONPATH": str(ROOT)}

    def is_ready(self) -> bool:
        """It says so before the first frame."""
        return "ready" in self.log()
