"""From what the kernel has to what the engine is told of a link."""

from vrrpd.engine.inputs import Link
from vrrpd.linux.netlink import Snapshot


def link_of(name: str, snapshot: Snapshot) -> Link:
    """The link as the engine sees it: its own usable addresses only, never those that carry our mark."""
    interface = snapshot.interfaces.get(name)
    if interface is None:
        return Link(name)
    own = tuple(
        each.address for each in snapshot.addresses if each.interface == name and each.usable and not each.marked
    )
    return Link(name, exists=True, up=interface.up, addresses=own)
