"""Checks of a configuration against its host: facts that others have gathered in, findings out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Interface, IPv6Interface, ip_address

from vrrpd.config.checks import haproxy
from vrrpd.config.checks.code import Code
from vrrpd.config.checks.table import CHECKS, finding, told
from vrrpd.config.entries import DetailedAddress
from vrrpd.config.model import Configuration, Instance, Probe, VirtualAddress
from vrrpd.config.problems import Finding, Path, Problem, key
from vrrpd.probes.amqp_options import AmqpOptions
from vrrpd.probes.haproxy_options import HaproxyOptions
from vrrpd.probes.interface import InterfaceOptions
from vrrpd.protocol.messages import Address, AuthType, Family

VMAC_FILTERS = ("rp_filter", "arp_filter")
"""Sysctls of net.ipv4.conf.all that are too strict for a virtual MAC when they are 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was seen of a host; the default of each says that nothing is known, so nothing is said of it."""

    interfaces: Mapping[str, tuple[IPv4Interface | IPv6Interface, ...]] | None = None
    """Each with its addresses."""
    nonlocal_bind: Mapping[int, bool] = field(default_factory=dict)
    """By version of IP: whether a program may bind an address that is not there."""
    keepalived: tuple[int, ...] = ()
    """Pids of those in our network namespace."""
    haproxy_cfg: haproxy.File | None = None
    readable: frozenset[str] = frozenset()
    """Files of the configuration that everybody may read."""
    unreadable: tuple[str, ...] = ()
    """Files of the configuration that `user` may not read."""
    user: str = ""
    """Whose rights were looked at; empty: those of who runs this."""
    denied: frozenset[str] = frozenset()
    """Stats sockets that are there and may not be opened."""
    filters: Mapping[str, int] = field(default_factory=dict)
    """rp_filter and arp_filter of net.ipv4.conf.all."""

    @property
    def addresses(self) -> frozenset[Address] | None:
        """All of the host."""
        if self.interfaces is None:
            return None
        return frozenset(each.ip for every in self.interfaces.values() for each in every)


def findings(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    """Find what the configuration is to blame for."""
    virtual = _virtual(configuration)
    for instance in configuration.instances:
        yield from _instance(instance, facts, virtual)
    moving = {track.probe for each in configuration.instances for track in each.moving}
    for probe in configuration.probes:
        yield from _probe(probe, facts, virtual, moves=probe.name in moving)
    if facts.keepalived:
        pids = ", ".join(map(str, facts.keepalived))
        yield finding(Code.KEEPALIVED_RUNNING, ("instance",), f"keepalived runs on this host, pid {pids}")


def file_problems(facts: Facts) -> tuple[Problem, ...]:
    """Find the files that will not be read."""
    text = told(Code.FILE_DENIED, f"user {facts.user} may not read it")
    grade = CHECKS[Code.FILE_DENIED].grade
    return tuple(Problem(name, 0, "", text, grade, Code.FILE_DENIED) for name in facts.unreadable)


def haproxy_problems(configuration: Configuration, facts: Facts) -> tuple[Problem, ...]:
    """Find what haproxy.cfg is to blame for."""
    if facts.haproxy_cfg is None:
        return ()
    return tuple(haproxy.findings(facts.haproxy_cfg, _virtual(configuration), facts.addresses, facts.nonlocal_bind))


def _virtual(configuration: Configuration) -> frozenset[Address]:
    return frozenset(each for instance in configuration.instances for _, each in instance.places)


def _instance(instance: Instance, facts: Facts, virtual: frozenset[Address]) -> Iterator[Finding]:
    path: Path = ("instance", instance.name)
    if facts.interfaces is None:
        return
    if instance.interface not in facts.interfaces:
        yield finding(Code.INTERFACE_MISSING, (*path, "interface"), f"this host has no interface {instance.interface}")
        return
    wrong = [f"{name}={facts.filters[name]}" for name in VMAC_FILTERS if facts.filters.get(name) == 1]
    if instance.use_vmac and instance.family is Family.IPV4 and wrong:
        text = f"net.ipv4.conf.all has {', '.join(wrong)}: nothing that is sent to the virtual MAC would arrive"
        yield finding(Code.VMAC_FILTERED, (*path, "use_vmac"), text)
    source = instance.source_address
    if source is not None and source not in (facts.addresses or ()):
        yield finding(Code.SOURCE_NOT_HERE, (*path, instance.source_keyword), f"{source} is not of this host")
    for keyword in ("virtual_ipaddress", "virtual_ipaddress_excluded"):
        for index, address in enumerate(getattr(instance, keyword)):
            here = (*path, keyword, index)
            name = address.dev or instance.interface if isinstance(address, DetailedAddress) else instance.interface
            if name not in facts.interfaces:
                yield finding(Code.INTERFACE_MISSING, here, f"this host has no interface {name}")
                continue
            own = [each for each in facts.interfaces[name] if each.ip not in virtual]
            yield from _address(here, address, own, name)


def _address(
    path: Path, address: VirtualAddress, own: list[IPv4Interface | IPv6Interface], interface: str
) -> Iterator[Finding]:
    """Subnets are compared among one family; link-local ones are everywhere, and a lone host address is none."""
    subnets = [
        each.network
        for each in own
        if each.version == address.version and not each.is_link_local and each.network.num_addresses > 1
    ]
    if address.is_link_local or not subnets:
        return
    alone = address.network.num_addresses == 1
    if alone and not any(address.ip in each for each in subnets):
        known = ", ".join(map(str, subnets))
        yield finding(Code.VIP_OUTSIDE, path, f"{address.ip} is in no subnet of {interface}: {known}")
    if not alone and address.version == 4 and address.network in subnets:
        text = f"{address} has the prefix length of the subnet that {interface} has anyway"
        yield finding(Code.VIP_SUBNET_PREFIX, path, text)


def _probe(probe: Probe, facts: Facts, virtual: frozenset[Address], *, moves: bool) -> Iterator[Finding]:
    path: Path = ("probe", probe.name)
    who = f"user {facts.user}" if facts.user else "who runs this"
    match probe.options:
        case HaproxyOptions(socket=socket) if socket in facts.denied:
            yield finding(Code.SOCKET_DENIED, (*path, "socket"), f"{socket} may not be opened by {who}")
        case InterfaceOptions(interface=name) if facts.interfaces is not None and name not in facts.interfaces:
            yield finding(Code.INTERFACE_MISSING, (*path, "interface"), f"this host has no interface {name}")
        case AmqpOptions() as options if moves and not options.targets:
            yield from _broker(path, probe, options.host, facts, virtual)


def _broker(path: Path, probe: Probe, host: str, facts: Facts, virtual: frozenset[Address]) -> Iterator[Finding]:
    """A name is not looked up: DNS may be down just when a host pair is in trouble."""
    try:
        address = ip_address(host)
    except ValueError:
        return
    if facts.addresses is None or address.is_loopback or address in facts.addresses or address in virtual:
        return
    text = f"{key(probe.name)} asks {host}, which is not this host, and may move the addresses"
    yield finding(Code.AMQP_NOT_LOCAL, (*path, "host"), text)


def secrets(configuration: Configuration) -> Iterator[Finding]:
    """Find all passwords; whether too many may read them depends on the file that each is in."""
    text = "everybody on this host may read this file"
    for each in configuration.instances:
        if each.authentication.type is not AuthType.NONE:
            yield finding(Code.PASSWORD_READABLE, ("instance", each.name, "authentication", "password"), text)
        if each.auth_hmac is not None:
            yield finding(Code.PASSWORD_READABLE, ("instance", each.name, "auth_hmac"), text)
    for probe in configuration.probes:
        if getattr(probe.options, "password", ""):
            yield finding(Code.PASSWORD_READABLE, ("probe", probe.name, "password"), text)
