"""Puts gratuitous ARP and unsolicited NA on the wire (AF_PACKET)."""

import errno
import socket
from pathlib import Path

from vrrpd.linux.netlink import Interface
from vrrpd.protocol.frames import gratuitous_arp, unsolicited_na
from vrrpd.protocol.messages import Address

_MAC_OCTETS = 6


class Announcer:
    """One socket for all interfaces; protocol 0, so it receives nothing."""

    def __init__(self) -> None:
        """Raises OSError without CAP_NET_RAW."""
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.setblocking(False)

    def announce(self, interface: Interface, address: Address) -> str:
        """One frame. Returns the errno name of a failure, else an empty string."""
        if len(interface.mac) != _MAC_OCTETS:
            return ""  # loopback and tunnels have no neighbours to tell
        try:
            self._socket.sendto(_frame(interface, address), (interface.name, 0))
        except OSError as error:
            return errno.errorcode.get(error.errno or 0, "other")
        return ""

    def close(self) -> None:
        """Give the socket up."""
        self._socket.close()


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
