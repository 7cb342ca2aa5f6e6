"""The verbs by which the engine speaks to the world. Drivers (daemon, simulator, tests) implement them."""

from collections.abc import Sequence
from typing import Protocol

from vrrpd.config.model import Instance
from vrrpd.protocol.messages import Address


class Outlet(Protocol):
    """None of these may block or raise; each is told by a journal entry of its own when it failed."""

    def send(self, instance: Instance, source: Address, destination: Address, payload: bytes) -> bool:
        """Put one VRRP message on the wire, from this primary address to the group or to a unicast peer.

        True if the kernel took it.
        """
        ...

    def hold(self, instance: Instance, hold: bool) -> None:
        """State the desired set: all virtual addresses of the instance, or none. Idempotent."""
        ...

    def renew(self, instance: Instance) -> None:
        """An advertisement as Master has left: what is held may be held for another lease from now on."""
        ...

    def ask(self, instance: Instance, source: Address, addresses: Sequence[Address]) -> None:
        """Ask the link from this primary address who has each of these; answers go to `Engine.answered`."""
        ...

    def announce(self, instance: Instance, repeat: int) -> None:
        """Gratuitous ARP or unsolicited NA, `repeat` rounds, for each address that is held or as soon as it is."""
        ...
