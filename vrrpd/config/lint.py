"""Checks across keywords, on the model: they hold for every reader of every format.

`errors` refuse a configuration; `warnings` are things that work, though probably not as meant. The type and
range of a single keyword are not checked here, but by the reader.
"""

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from itertools import chain

from vrrpd.config import health, lease, remedy, routes, sync_group, unicast, virtual, vmac
from vrrpd.config.checks.code import Code
from vrrpd.config.model import Configuration, Daemon, Instance, Probe, SyncGroup
from vrrpd.config.notify import Notify
from vrrpd.config.problems import Finding, Path, key, shown, unknown
from vrrpd.protocol.messages import PRIORITY_OWNER, AuthType, Family, Version

ADDRESSES_IPV4 = 255
"""What the count octet can say: an IP packet of 1056 octets with authentication."""
ADDRESSES_IPV6 = 90
"""What fits MTU 1500 with 40 octets of IPv6 and 8 of VRRP: an advertisement must not be fragmented. The trailer of
auth_hmac takes the room of one, and more than an IPv4 advertisement needs is there."""
NAME_CHARACTERS = 64
"""Names stand in logs, metrics and URLs."""
SOCKET_PATH_OCTETS = 107
"""sun_path of unix(7) without the final NUL."""
MAX_V3_INTERVAL = 40.95
"""Max Advertise Interval has 12 bits of centiseconds (RFC 9568 5.2.7)."""

_NAME = re.compile(r"[A-Za-z0-9_.:-]+")


def errors(configuration: Configuration) -> tuple[Finding, ...]:
    """Find everything that refuses the configuration."""
    found = chain(
        _daemon(configuration.daemon),
        chain.from_iterable(_probe(each) for each in configuration.probes),
        chain.from_iterable(_instance(each) for each in configuration.instances),
        chain.from_iterable(_sync_group(each) for each in configuration.sync_groups),
        sync_group.errors(configuration),
        _tracks(configuration),
        _virtual_routers(configuration.instances),
        virtual.same_addresses(configuration.instances),
        vmac.errors(configuration.instances),
        routes.errors(configuration.instances),
    )
    return tuple(found)


def warnings(configuration: Configuration) -> tuple[Finding, ...]:
    """Find what deserves a look in a configuration without errors."""
    remedies = chain.from_iterable(remedy.notes(each) for each in configuration.probes)
    instances = chain.from_iterable(_notes(each) for each in configuration.instances)
    return (*health.notes(configuration), *remedies, *instances, *sync_group.notes(configuration))


# --- [daemon] -------------------------------------------------------------------------------------


def _daemon(daemon: Daemon) -> Iterator[Finding]:
    for name, path in (("run_dir", daemon.run_dir), ("state_dir", daemon.state_dir)):
        if not path.startswith("/"):
            yield Finding(("daemon", name), f"{shown(path)} is not absolute; allowed: a path from /")
    socket = len(f"{daemon.run_dir}/control.sock".encode())
    if socket > SOCKET_PATH_OCTETS:
        room = SOCKET_PATH_OCTETS - len("/control.sock")
        yield Finding(("daemon", "run_dir"), f"too long for a socket in it; allowed: {room} octets")
    if daemon.notify_fifo and not daemon.notify_fifo.startswith("/"):
        text = f"{shown(daemon.notify_fifo)} is not absolute; allowed: a path from /"
        yield Finding(("daemon", "notify_fifo"), text)
    if daemon.http and not _is_endpoint(daemon.http):
        allowed = 'address:port such as "127.0.0.1:9811" or "[::1]:9811", or "" for none'
        yield Finding(("daemon", "http"), f"{shown(daemon.http)} is not an address and port; allowed: {allowed}")


def _is_endpoint(text: str) -> bool:
    """Refuse a host name: DNS may be down just when a host pair is in trouble."""
    found = re.fullmatch(r"(?:([0-9.]+)|\[([0-9a-fA-F:.]+)\]):([0-9]{1,5})", text)
    if found is None or not 1 <= int(found[3]) <= 65535:
        return False
    try:
        return ip_address(found[1] or found[2]).version == (4 if found[1] else 6)
    except ValueError:
        return False


# --- [probe.NAME] ---------------------------------------------------------------------------------


def _probe(probe: Probe) -> Iterator[Finding]:
    path: Path = ("probe", probe.name)
    yield from _name(path)
    yield from remedy.errors(probe)
    for problem in option_problems(probe.options):
        # A kind of probe may begin with the keyword it blames.
        word, _, rest = problem.partition(": ")
        yield Finding((*path, word), rest) if hasattr(probe.options, word) else Finding(path, problem)


def option_problems(options: object) -> tuple[str, ...]:
    """Ask the options of a kind of probe for what is wrong across its keywords, if it has anything to say."""
    problems: Callable[[], tuple[str, ...]] | None = getattr(options, "problems", None)
    return problems() if problems else ()


def _name(path: Path) -> Iterator[Finding]:
    name = str(path[-1])
    if not _NAME.fullmatch(name) or len(name) > NAME_CHARACTERS:
        allowed = f"1 to {NAME_CHARACTERS} letters, digits and _ . : -"
        yield Finding(path, f"{shown(name)} is not a name; allowed: {allowed}")


# --- [instance.NAME] ------------------------------------------------------------------------------


def _instance(instance: Instance) -> Iterator[Finding]:
    path: Path = ("instance", instance.name)
    yield from _name(path)
    yield from _notify(path, instance)
    yield from _interface(instance, path)
    yield from _interval(instance, path)
    if instance.version is Version.V3 and instance.authentication.type is not AuthType.NONE:
        text = "VRRPv3 has no authentication (RFC 5798 section 9); allowed: with vrrp_version = 2 only"
        yield Finding((*path, "authentication"), text, ((*path, "vrrp_version"),))
    if instance.auth_hmac is not None and instance.authentication.type is not AuthType.NONE:
        text = "goes with auth_hmac on no router; allowed: one of the two"
        yield Finding((*path, "authentication"), text, ((*path, "auth_hmac"),))
    if not instance.virtual_ipaddress:
        yield Finding((*path, "virtual_ipaddress"), "is empty; allowed: at least one address")
        return
    yield from lease.errors(instance)
    yield from _addresses(instance, path)
    yield from virtual.errors(instance)
    yield from _source(instance, path)
    yield from unicast.errors(instance)


def _interface(instance: Instance, path: Path) -> Iterator[Finding]:
    """Take what the kernel takes (dev_valid_name)."""
    name = instance.interface
    if not virtual.is_interface(name):
        text = f"{shown(name)} is no name of an interface; allowed: {virtual.INTERFACE}"
        yield Finding((*path, "interface"), text)


def _interval(instance: Instance, path: Path) -> Iterator[Finding]:
    """RFC 3768 5.3.7 has whole seconds in an octet, RFC 9568 5.2.7 centiseconds in 12 bits."""
    interval = instance.advert_int
    if instance.version is Version.V2:
        fits, allowed = (
            float(interval).is_integer() and 1 <= interval <= 255,
            "whole seconds 1..255 in VRRPv2",
        )
    else:
        steps = abs(interval * 100 - round(interval * 100)) < 1e-6
        fits, allowed = (
            steps and interval <= MAX_V3_INTERVAL,
            f"0.01..{MAX_V3_INTERVAL} seconds in steps of 0.01 in VRRPv3",
        )
    if not fits:
        text = f"{interval:g} seconds cannot be sent; allowed: {allowed}"
        yield Finding((*path, "advert_int"), text, ((*path, "vrrp_version"),))


def _addresses(instance: Instance, path: Path) -> Iterator[Finding]:
    here = (*path, "virtual_ipaddress")
    family = instance.family
    for index, address in enumerate(instance.virtual_ipaddress):
        if address.version != instance.virtual_ipaddress[0].version:
            text = f"{address} is not {family.written} as the first address; allowed: one family per instance"
            yield Finding((*here, index), text, ((*here, 0),))
    if family is Family.IPV6 and instance.version is Version.V2:
        text = "VRRPv2 has no IPv6; allowed: 3 with IPv6 addresses"
        yield Finding((*path, "vrrp_version"), text, ((*here, 0),))
    limit = ADDRESSES_IPV4 if family is Family.IPV4 else ADDRESSES_IPV6 - (instance.auth_hmac is not None)
    if len(instance.virtual_ipaddress) > limit:
        text = f"{len(instance.virtual_ipaddress)} addresses do not fit an advertisement; allowed: {limit}"
        yield Finding(here, text)


def _source(instance: Instance, path: Path) -> Iterator[Finding]:
    source, here = instance.mcast_src_ip, (*path, "mcast_src_ip")
    addresses = (*path, "virtual_ipaddress")
    if source is None:
        return
    if source.version != instance.virtual_ipaddress[0].version:
        text = f"{source} is not {instance.family.written}; allowed: the family of virtual_ipaddress"
        yield Finding(here, text, ((*addresses, 0),))
    # Only the owner has a virtual address of its own at all times (RFC 9568 5.1.1.1, primary address).
    if source in [ip for _, ip in instance.places] and instance.priority != PRIORITY_OWNER:
        text = f"{source} is a virtual address; allowed: an address that this host always has"
        yield Finding(here, text, ((*path, "priority"),))


# --- [sync_group.NAME] ----------------------------------------------------------------------------


def _sync_group(group: SyncGroup) -> Iterator[Finding]:
    path: Path = ("sync_group", group.name)
    yield from _name(path)
    yield from _notify(path, group)


def _notify(path: Path, found: Notify) -> Iterator[Finding]:
    for keyword, text in found.problems():
        yield Finding((*path, keyword), text)


# --- instances together ---------------------------------------------------------------------------


def _tracks(configuration: Configuration) -> Iterator[Finding]:
    known = [probe.name for probe in configuration.probes]
    for table, each in configuration.followers:
        seen: set[str] = set()
        for index, track in enumerate(each.track):
            path = (table, each.name, "track", index)
            if track.probe not in known:
                text = f"{shown(track.probe)} is no probe; {unknown(track.probe, known)}"
                yield Finding(path, text, (("probe",),), Code.PROBE_UNDEFINED)
            elif track.probe in seen:
                text = f"{shown(track.probe)} is tracked already; allowed: each probe once"
                yield Finding(path, text, code=Code.PROBE_TRACKED_TWICE)
            seen.add(track.probe)


def _virtual_routers(instances: tuple[Instance, ...]) -> Iterator[Finding]:
    """Hold each virtual router apart: an interface, a family and a VRID."""
    if not instances:
        yield Finding(("instance",), "there is no instance; allowed: at least one [instance.NAME]")
    first: dict[tuple[str, int, Family], Path] = {}
    for instance in instances:
        path: Path = ("instance", instance.name)
        if instance.virtual_ipaddress:
            router = (instance.interface, instance.virtual_router_id, instance.family)
            other = first.setdefault(router, path)
            if other is not path:
                text = f"{instance.virtual_router_id} is taken on {instance.interface} by {_named(other)}"
                rests_on = (*_where(path), *_where(other), (*other, "virtual_router_id"))
                text = f"{text}; allowed: another VRID"
                yield Finding((*path, "virtual_router_id"), text, rests_on, Code.VRID_USED_TWICE)


def _where(instance: Path) -> tuple[Path, ...]:
    return (*instance, "interface"), (*instance, "virtual_ipaddress", 0)


def _named(instance: Path) -> str:
    return f"instance {key(str(instance[-1]))}"


# --- warnings -------------------------------------------------------------------------------------


def _notes(instance: Instance) -> Iterator[Finding]:
    path: Path = ("instance", instance.name)
    owner = instance.priority == PRIORITY_OWNER
    for index, track in enumerate(instance.track):
        if owner and track.weight:
            text = f"the weight of {shown(track.probe)} has no effect: priority 255 is never changed"
            yield Finding((*path, "track", index), text, code=Code.WEIGHT_WITHOUT_EFFECT)
    if owner and instance.nopreempt:
        text = "has no effect: the owner always preempts (RFC 9568 6.1)"
        yield Finding((*path, "nopreempt"), text, code=Code.WITHOUT_EFFECT)
    if instance.nopreempt and instance.preempt_delay:
        yield Finding((*path, "preempt_delay"), "has no effect with nopreempt", code=Code.WITHOUT_EFFECT)
    if instance.version is Version.V2 and not instance.v3_checksum_pseudo_header:
        text = "has no effect in VRRPv2"
        yield Finding((*path, "v3_checksum_pseudo_header"), text, code=Code.WITHOUT_EFFECT)
    yield from lease.notes(instance)
    yield from unicast.notes(instance)
    yield from vmac.notes(instance)
    if instance.family is Family.IPV6:
        yield from _link_local_notes(instance, path)


def _link_local_notes(instance: Instance, path: Path) -> Iterator[Finding]:
    """Not errors: keepalived only warns of the first, FRR says nothing of either.

    An error would refuse pairs that work: nothing breaks unless hosts route through the virtual router.
    """
    if not instance.addresses[0].is_link_local:
        text = f"the first IPv6 address should be link-local (RFC 9568 5.2.9), {instance.addresses[0]} is not"
        yield Finding((*path, "virtual_ipaddress", 0), text, code=Code.NOT_LINK_LOCAL)
    multicast = not instance.unicast_peer
    if multicast and instance.mcast_src_ip is not None and not instance.mcast_src_ip.is_link_local:
        text = f"the source should be link-local (RFC 9568 5.1.2.1), {instance.mcast_src_ip} is not"
        yield Finding((*path, "mcast_src_ip"), text, code=Code.NOT_LINK_LOCAL)
