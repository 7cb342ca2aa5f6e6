"""Puts gratuitous ARP and unsolicited NA on the wire (AF_PACKET), and advertisements with a virtual MAC."""

import socket
from collections.abc import Sequence
from pathlib import Path

from vrrpd.linux.netlink import Interface, error_name
from vrrpd.linux.sockets import raw_socket
from vrrpd.protocol.ethernet import MAC_OCTETS
from vrrpd.protocol.frames import gratuitous_arp, unsolicited_na
from vrrpd.protocol.messages import Address


class Announcer:
    """One socket for all interfaces; protocol 0, so it receives nothing (packet(7))."""

    def __init__(self) -> None:
        """Raises OSError without CAP_NET_RAW."""
        self._socket = raw_socket(socket.AF_PACKET, 0)
        self._socket.setblocking(False)

    def announce(self, interface: Interface, addresses: Sequence[Address], repeat: int) -> dict[Address, str]:
        """`repeat` rounds of one frame for each address, back to back, as keepalived sends them.

        Returns for each address the errno name of its first failure, or an empty string. Empty for an interface that
        has no Ethernet address: loopback and tunnels have no neighbours to tell.
        """
        if len(interface.mac) != MAC_OCTETS:
            return {}
        frames = {address: _frame(interface, address) for address in addresses}
        results = dict.fromkeys(frames, "")
        for _ in range(repeat):
            for address, frame in frames.items():
                error = self.send(interface.name, frame)
                results[address] = results[address] or error
        return results

    def close(self) -> None:
        """Give the socket up."""
        self._socket.close()

    def send(self, interface: str, frame: bytes) -> str:
        """One whole Ethernet frame. Never blocks. Returns the errno name of a failure, else an empty string."""
        try:
            self._socket.sendto(frame, (interface, int.from_bytes(frame[12:14])))
        except OSError as error:
            return error_name(error)
        return ""


def _frame(interface: Interface, address: Address) -> bytes:
    if address.version == 6:
        return unsolicited_na(interface.mac, address, router=_forwards(interface.name))
    return gratuitous_arp(interface.mac, address)


def _forwards(interface: str) -> bool:
    """Whether hosts may use us as an IPv6 router (ip-sysctl, `forwarding`)."""
    try:
        return Path(f"/proc/sys/net/ipv6/conf/{interface}/forwarding").read_text() != "0\n"
    except OSError:
        return False
