"""Checks of `unicast_peer` and what belongs to it."""

from collections.abc import Iterator

from vrrpd.config.checks.code import Code
from vrrpd.config.model import Instance
from vrrpd.config.problems import Finding, Path
from vrrpd.protocol.messages import Address, Family

PEERS = 255
"""Each is a message of its own at each interval; more routers than VRIDs stand on no network."""


def errors(instance: Instance) -> Iterator[Finding]:
    """Peers that cannot be sent to, or would never be heard."""
    path: Path = ("instance", instance.name)
    yield from _source(instance, path)
    yield from _group(instance, path)
    if len(instance.unicast_peer) > PEERS:
        yield Finding((*path, "unicast_peer"), f"{len(instance.unicast_peer)} peers; allowed: {PEERS}")
    first: dict[Address, int] = {}
    for index, peer in enumerate(instance.unicast_peer):
        here = (*path, "unicast_peer", index)
        if peer.address.version != instance.virtual_ipaddress[0].version:
            text = f"{peer.address} is not {instance.family.written}; allowed: the family of virtual_ipaddress"
            yield Finding(here, text, ((*path, "virtual_ipaddress", 0),))
        if peer.address == instance.source_address:
            text = f"{peer.address} is the source of this host; allowed: the other routers"
            yield Finding(here, text, ((*path, "unicast_src_ip"), (*path, "mcast_src_ip")))
        if first.setdefault(peer.address, index) != index:
            yield Finding(here, f"{peer.address} is there already; allowed: each peer once")
        if peer.min_ttl > peer.max_ttl:
            text = f"min_ttl {peer.min_ttl} is above max_ttl {peer.max_ttl}: nothing would be heard"
            yield Finding(here, f"{text}; allowed: min_ttl up to max_ttl")


def _source(instance: Instance, path: Path) -> Iterator[Finding]:
    source, here = instance.unicast_src_ip, (*path, "unicast_src_ip")
    if source is None:
        return
    if source.version != instance.virtual_ipaddress[0].version:
        text = f"{source} is not {instance.family.written}; allowed: the family of virtual_ipaddress"
        yield Finding(here, text, ((*path, "virtual_ipaddress", 0),))
    if instance.mcast_src_ip not in (None, source):
        text = f"{source} is another source than mcast_src_ip; allowed: one of the two"
        yield Finding(here, text, ((*path, "mcast_src_ip"),))


def _group(instance: Instance, path: Path) -> Iterator[Finding]:
    group = instance.mcast_dst_ip
    if group is not None and group.version != instance.virtual_ipaddress[0].version:
        text = f"{group} is not {instance.family.written}; allowed: the family of virtual_ipaddress"
        yield Finding((*path, "mcast_dst_ip"), text, ((*path, "virtual_ipaddress", 0),))


def notes(instance: Instance) -> Iterator[Finding]:
    """What has no effect, and what works only at times."""
    path: Path = ("instance", instance.name)
    if instance.unicast_peer and instance.mcast_dst_ip is not None:
        yield Finding((*path, "mcast_dst_ip"), "has no effect with unicast_peer", code=Code.WITHOUT_EFFECT)
    if not instance.unicast_peer:
        yield from _without_peers(instance, path)
        return
    for index, peer in enumerate(instance.unicast_peer):
        here = (*path, "unicast_peer", index)
        if peer.address in instance.addresses:
            text = f"{peer.address} is a virtual address: it names whoever is Master, and a Backup hears nothing"
            yield Finding(here, text, ((*path, "virtual_ipaddress"),))
        scoped = peer.address.is_link_local != instance.unicast_peer[0].address.is_link_local
        if instance.family is Family.IPV6 and scoped:
            text = f"{peer.address} and the first peer differ in scope: one source serves only one of them"
            yield Finding(here, text)


def _without_peers(instance: Instance, path: Path) -> Iterator[Finding]:
    if instance.unicast_src_ip is not None:
        text = "without unicast_peer advertisements go to the multicast group, from this source"
        yield Finding((*path, "unicast_src_ip"), text)
    if instance.unicast_ttl != MULTICAST_TTL:
        yield Finding((*path, "unicast_ttl"), "has no effect without unicast_peer")


MULTICAST_TTL = 255
"""RFC 9568 5.1.1.3."""
