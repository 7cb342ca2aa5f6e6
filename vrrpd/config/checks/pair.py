"""Checks of two files that belong together: what keeps the hosts from hearing each other, and from taking over.

Instances are the same virtual router when they have one VRID and one family; the interface may be called otherwise.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from vrrpd.config.checks import weights
from vrrpd.config.checks.code import Code
from vrrpd.config.checks.signatures import deaf
from vrrpd.config.checks.table import finding
from vrrpd.config.model import Configuration, Instance, Probe
from vrrpd.config.problems import Finding, Path, key, shown
from vrrpd.probes.amqp_options import AmqpOptions, Place
from vrrpd.protocol.messages import Authentication, AuthType, Family, Version

LOOPBACK = ("localhost", "localhost4", "localhost6")
"""How a name of the host itself begins, whatever its domain."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The configuration of another host, and the file that it is from."""

    configuration: Configuration
    file: str


@dataclass(frozen=True, slots=True)
class _Both:
    """One virtual router on both hosts."""

    ours: Instance
    theirs: Instance
    peer: Peer

    @property
    def path(self) -> Path:
        return ("instance", self.ours.name)

    def other(self, ours: object, theirs: object) -> str:
        return f"{ours} here, {theirs} in {self.peer.file}"


def findings(ours: Configuration, peers: Sequence[Peer]) -> Iterator[Finding]:
    """Find everything: what concerns both hosts equally, and what concerns ours alone."""
    for peer in peers:
        yield from _symmetric(ours, peer)
    yield from one_sided(ours, peers)


def one_sided(ours: Configuration, peers: Sequence[Peer]) -> Iterator[Finding]:
    """What stands in our file only, so that it has to be asked of the other file, too."""
    for peer in peers:
        for instance in ours.instances:
            theirs = _partner(instance, ours, peer.configuration)
            yield from _alone(instance, peer) if theirs is None else _not_named(_Both(instance, theirs, peer))
        yield from _same_brokers(ours, peer)
    for instance in ours.instances:
        met = [(each, peer) for peer in peers if (each := _partner(instance, ours, peer.configuration)) is not None]
        sides = [(each, peer.configuration.probes) for each, peer in met]
        where = " and ".join(peer.file for _, peer in met)
        yield from weights.findings((instance, ours.probes), sides, where)


def _symmetric(ours: Configuration, peer: Peer) -> Iterator[Finding]:
    for instance in ours.instances:
        theirs = _partner(instance, ours, peer.configuration)
        if theirs is not None:
            both = _Both(instance, theirs, peer)
            for check in _CHECKS:
                yield from check(both)
            yield from _nobody_left(both, ours.probes)


def _partner(instance: Instance, ours: Configuration, theirs: Configuration) -> Instance | None:
    """The same virtual router; where a VRID is used on several interfaces, the one most alike."""
    router = _router(instance)
    if sum(_router(each) == router for each in ours.instances) > 1:
        found = [each for each in theirs.instances if _router(each) == router and _alike(instance, each)]
    else:
        found = [each for each in theirs.instances if _router(each) == router]
    return max(found, key=lambda each: len(set(each.addresses) & set(instance.addresses)), default=None)


def _router(instance: Instance) -> tuple[int, Family]:
    return instance.virtual_router_id, instance.family


def _alike(ours: Instance, theirs: Instance) -> bool:
    shared = set(ours.addresses) & set(theirs.addresses)
    return bool(shared) or ours.name == theirs.name or ours.interface == theirs.interface


def _alone(instance: Instance, peer: Peer) -> Iterator[Finding]:
    """No instance of the VRID there: another VRID for the same addresses is the worse case."""
    path: Path = ("instance", instance.name)
    for theirs in peer.configuration.instances:
        shared = [each for each in instance.addresses if each in theirs.addresses]
        if shared and theirs.virtual_router_id != instance.virtual_router_id:
            text = f"{instance.virtual_router_id}, but {theirs.virtual_router_id} for {shared[0]} in {peer.file}"
            yield finding(Code.PEER_VRID, (*path, "virtual_router_id"), text)
            return
    text = f"there is no instance of virtual_router_id {instance.virtual_router_id} in {peer.file}"
    yield finding(Code.PEER_LACKS, path, text)


def _not_named(both: _Both) -> Iterator[Finding]:
    """One list may be on all hosts, so that each may name itself."""
    source, named = both.theirs.source_address, {each.address for each in both.ours.unicast_peer}
    if named and both.theirs.unicast_peer and source is not None and source not in named:
        text = f"does not name {source}, from which {both.peer.file} sends"
        yield finding(Code.PEER_NOT_NAMED, (*both.path, "unicast_peer"), text)


# --- one virtual router on both hosts -----------------------------------------------------------------------------


def _version(both: _Both) -> Iterator[Finding]:
    if both.ours.version is not both.theirs.version:
        text = both.other(both.ours.vrrp_version, both.theirs.vrrp_version)
        yield finding(Code.PEER_VERSION, (*both.path, "vrrp_version"), text)


def _interval(both: _Both) -> Iterator[Finding]:
    if both.ours.advert_int == both.theirs.advert_int or both.ours.version is not both.theirs.version:
        return
    code = Code.PEER_INTERVAL if both.ours.version is Version.V2 else Code.PEER_INTERVAL_LEARNED
    text = both.other(f"{both.ours.advert_int:g} s", f"{both.theirs.advert_int:g} s")
    yield finding(code, (*both.path, "advert_int"), text)


def _authentication(both: _Both) -> Iterator[Finding]:
    """Never says what it is."""
    ours, theirs = both.ours.authentication, both.theirs.authentication
    if ours == theirs or both.ours.version is not both.theirs.version:
        return
    passwords = AuthType.NONE not in (ours.type, theirs.type)
    told = "another password than" if passwords else f"{_kind(ours)} here, {_kind(theirs)}"
    yield finding(Code.PEER_PASSWORD, (*both.path, "authentication"), f"{told} in {both.peer.file}")


def _signatures(both: _Both) -> Iterator[Finding]:
    """In both directions; one that is enough comes first."""
    here, there, ours, theirs = "this host", both.peer.file, both.ours.auth_hmac, both.theirs.auth_hmac
    if text := deaf(there, theirs, here, ours) or deaf(here, ours, there, theirs):
        yield finding(Code.PEER_HMAC, (*both.path, "auth_hmac"), text)


def _kind(authentication: Authentication) -> str:
    return "none" if authentication.type is AuthType.NONE else authentication.type.name


def _checksum(both: _Both) -> Iterator[Finding]:
    ours, theirs = both.ours.v3_checksum_pseudo_header, both.theirs.v3_checksum_pseudo_header
    version3 = both.ours.version is Version.V3 and both.theirs.version is Version.V3
    if ours != theirs and version3 and both.ours.family is Family.IPV4:
        text = both.other(shown(ours), shown(theirs))
        yield finding(Code.PEER_CHECKSUM, (*both.path, "v3_checksum_pseudo_header"), text)


def _source(both: _Both) -> Iterator[Finding]:
    source = both.ours.source_address
    if source is not None and source == both.theirs.source_address:
        path = (*both.path, both.ours.source_keyword)
        yield finding(Code.PEER_SOURCE, path, f"{source} here and in {both.peer.file}")


def _transport(both: _Both) -> Iterator[Finding]:
    if both.ours.transport != both.theirs.transport:
        text = both.other(both.ours.transport, both.theirs.transport)
        yield finding(Code.PEER_TRANSPORT, (*both.path, "unicast_peer"), text)
    elif not both.ours.unicast_peer and both.ours.group != both.theirs.group:
        yield finding(Code.PEER_TRANSPORT, (*both.path, "mcast_dst_ip"), both.other(both.ours.group, both.theirs.group))


def _addresses(both: _Both) -> Iterator[Finding]:
    yield from _differ(both, "virtual_ipaddress")
    yield from _differ(both, "virtual_ipaddress_excluded")


def _differ(both: _Both, keyword: str) -> Iterator[Finding]:
    ours, theirs = ({each.ip for each in getattr(side, keyword)} for side in (both.ours, both.theirs))
    told = [
        f"{', '.join(str(each) for each in sorted(found, key=int))} {where}"
        for found, where in ((ours - theirs, f"not in {both.peer.file}"), (theirs - ours, f"only in {both.peer.file}"))
        if found
    ]
    if told:
        yield finding(Code.PEER_ADDRESSES, (*both.path, keyword), "; ".join(told))


def _priority(both: _Both) -> Iterator[Finding]:
    """Of a sync group the lowest priority counts, so that those of its instances say nothing alone."""
    grouped = both.ours.sync_group or both.theirs.sync_group
    if both.ours.priority == both.theirs.priority and not grouped:
        text = f"{both.ours.priority} here and in {both.peer.file}"
        yield finding(Code.PEER_PRIORITY, (*both.path, "priority"), text)


_CHECKS: tuple[Callable[[_Both], Iterator[Finding]], ...] = (
    _version,
    _interval,
    _authentication,
    _signatures,
    _checksum,
    _source,
    _transport,
    _addresses,
    _priority,
)


def _nobody_left(both: _Both, ours: Sequence[Probe]) -> Iterator[Finding]:
    """The same kind of probe decides alone on both hosts, and both give up."""
    if "serve" in (both.ours.when_all_failed, both.theirs.when_all_failed):
        return
    kinds = _deciding(both.ours, ours) & _deciding(both.theirs, both.peer.configuration.probes)
    if kinds:
        text = f"when a probe of type {', '.join(sorted(kinds))} fails on both hosts, nobody holds the addresses"
        yield finding(Code.NOBODY_LEFT, (*both.path, "when_all_failed"), text)


def _deciding(instance: Instance, probes: Sequence[Probe]) -> set[str]:
    names = {track.probe for track in instance.moving if track.weight == 0}
    return {probe.type for probe in probes if probe.name in names}


# --- probes of both hosts -----------------------------------------------------------------------------------------


def _same_brokers(ours: Configuration, peer: Peer) -> Iterator[Finding]:
    theirs = {place for probe in _moving_amqp(peer.configuration) for place in _elsewhere(probe)}
    for probe in _moving_amqp(ours):
        found = [each for each in _elsewhere(probe) if each in theirs]
        if found and len(_elsewhere(probe)) == 1:  # several are told of without the other file
            text = f"{key(probe.name)} asks {found[0]}, as {peer.file} does, and may move the addresses"
            yield finding(Code.AMQP_NOT_LOCAL, ("probe", probe.name), text)


def _moving_amqp(configuration: Configuration) -> list[Probe]:
    moving = {track.probe for each in configuration.instances for track in each.moving}
    return [each for each in configuration.probes if each.name in moving and isinstance(each.options, AmqpOptions)]


def _elsewhere(probe: Probe) -> tuple[Place, ...]:
    places = probe.options.places if isinstance(probe.options, AmqpOptions) else ()
    return tuple(each for each in places if not _is_loopback(each.host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.partition(".")[0] in LOOPBACK
