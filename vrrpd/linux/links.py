"""From what the kernel has to what the engine is told of a link."""

from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_network

from vrrpd.engine.inputs import Link
from vrrpd.linux.netlink import Snapshot


def link_of(name: str, snapshot: Snapshot, deaf: Collection[str] = (), lacks: Collection[str] = ()) -> Link:
    """The link as the engine sees it: its own usable addresses only, never those that carry our mark.

    The kernel lists primary IPv4 addresses before secondary ones. An interface in `deaf` has no socket and counts as
    down: a router that hears nothing would take over from a living Master. `lacks` as in `Link`.
    """
    interface = snapshot.interfaces.get(name)
    if interface is None:
        return Link(name)
    own = tuple(
        each.address for each in snapshot.addresses if each.interface == name and each.usable and not each.marked
    )
    return Link(name, exists=True, up=interface.up and name not in deaf, addresses=own, lacks=tuple(lacks))


def networks(name: str, snapshot: Snapshot) -> tuple[IPv4Network | IPv6Network, ...]:
    """What the kernel reaches on this link without a router, by its own addresses there."""
    own = (each for each in snapshot.addresses if each.interface == name and not each.marked)
    return tuple(ip_network((str(each.address), each.prefix_length), strict=False) for each in own)
