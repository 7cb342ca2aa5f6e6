"""The files of all hosts as virtual hosts: who shares a segment with whom, under which addresses, with which probes.

Instances with the same VRID and family are one virtual router, so their interfaces are on one segment, whatever they
are called. A segment has one family: an interface with both is on two, and goes down on both.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from itertools import zip_longest
from pathlib import Path

from vrrpd.config.checks.code import Code
from vrrpd.config.model import Configuration, Instance, Probe, Track
from vrrpd.config.problems import ConfigError, Problem
from vrrpd.config.source import load
from vrrpd.probes.file import FileOptions
from vrrpd.protocol.messages import Address, Family
from vrrpd.sim.settings import interface

LEAST_HOSTS, MOST_HOSTS = 2, 8
"""Somebody must be there to take over; of more than eight nobody reads the report."""
TOLERATED = (Code.PROBE_UNDEFINED,)
"""Errors that leave the model whole: keepalived goes on without a script that is not there, so it is played so."""

_ODD = re.compile(r"[^A-Za-z0-9_.:-]")
_Port = tuple[int, str, Family]
"""A host by number, its interface, a family."""


@dataclass(frozen=True, slots=True)
class Host:
    """One file. `played`: its configuration with the interfaces of the simulator; `own`: its address on each segment.

    `interfaces`: the segments of each interface by its name in the file.
    """

    name: str
    file: str
    warnings: tuple[Problem, ...]
    read: Configuration
    played: Configuration
    interfaces: Mapping[str, tuple[int, ...]]
    own: tuple[Address, ...]

    def instance(self, name: str) -> Instance:
        """By its name."""
        return next(each for each in self.played.instances if each.name == name)

    def probe(self, name: str) -> Probe:
        """By its name."""
        return next(each for each in self.played.probes if each.name == name)


@dataclass(frozen=True, slots=True)
class Vip:
    """Addresses that move together. `instances`: the name of the instance that has them, by host."""

    segment: int
    vrid: int
    addresses: tuple[Address, ...]
    instances: Mapping[str, str]

    def __str__(self) -> str:
        """The first one, and how many more."""
        more = len(self.addresses) - 1
        return f"{self.addresses[0]}{f' and {more} more' if more else ''}"


@dataclass(frozen=True, slots=True)
class Site:
    """All hosts, in the order of their files."""

    hosts: tuple[Host, ...]
    segments: int
    vips: tuple[Vip, ...]

    def host(self, name: str) -> Host:
        """By its name."""
        return next(each for each in self.hosts if each.name == name)


def read(files: Sequence[str | Path], config_ids: Sequence[str] = ()) -> Site:
    """Read them; `config_ids`: of their `@ID` lines. Raises ConfigError with the problems of all files. May block."""
    problems: list[Problem] = []
    loaded = []
    if config_ids and len(config_ids) != len(files):
        text = f"{len(config_ids)} id(s) given; allowed: none, or one --config-id for each of {len(files)} files"
        problems.append(Problem(str(files[0]), 0, "", text))
    for each, name in zip_longest(files, config_ids[: len(files)]):
        try:
            loaded.append(load(each, here=False, tolerated=TOLERATED, config_id=name))
        except ConfigError as error:
            problems += error.problems
    if not LEAST_HOSTS <= len(files) <= MOST_HOSTS:
        text = f"{len(files)} file(s) given; allowed: {LEAST_HOSTS}..{MOST_HOSTS}, one of each host"
        problems.append(Problem(str(files[0]) if files else "", 0, "", text))
    if problems:
        raise ConfigError(tuple(problems))
    found = [each.configuration for each in loaded]
    hosts = _hosts([str(each) for each in files], found, [each.warnings for each in loaded])
    return Site(hosts, len(hosts[0].own), tuple(_vips(hosts)))


def _hosts(
    files: Sequence[str], found: Sequence[Configuration], warnings: Sequence[tuple[Problem, ...]]
) -> tuple[Host, ...]:
    wires = _wires(found)
    segments = max(wires.values()) + 1
    played = [_played(each, number, wires) for number, each in enumerate(found)]
    own = _own(played, segments)
    return tuple(
        Host(
            name,
            files[number],
            warnings[number],
            found[number],
            played[number],
            _interfaces(number, wires),
            own[number],
        )
        for number, name in enumerate(_names(files, found))
    )


def _names(files: Sequence[str], found: Sequence[Configuration]) -> list[str]:
    """router_id, or the name of the file; a number behind what is not unique."""
    said = [each.daemon.router_id or Path(file).stem for file, each in zip(files, found, strict=True)]
    if len(set(said)) < len(said):
        said = [Path(each).stem for each in files]
    plain = [_ODD.sub("_", each) or "host" for each in said]
    count = Counter(plain)
    return [f"{each}-{number + 1}" if count[each] > 1 else each for number, each in enumerate(plain)]


# --- the wires ----------------------------------------------------------------------------------------------------


def _wires(found: Sequence[Configuration]) -> dict[_Port, int]:
    """The segment of each interface, in the order in which they are named."""
    wires: dict[_Port, _Port] = {}

    def end(port: _Port) -> _Port:
        while wires.setdefault(port, port) != port:
            port = wires[port]
        return port

    first: dict[tuple[int, Family, int], _Port] = {}
    for number, configuration in enumerate(found):
        seen: Counter[tuple[int, Family]] = Counter()
        for each in configuration.instances:
            router = each.virtual_router_id, each.family
            port = number, each.interface, each.family
            wires[end(port)] = end(first.setdefault((*router, seen[router]), port))
            seen[router] += 1
    ends = list(dict.fromkeys(end(each) for each in tuple(wires)))
    return {each: ends.index(end(each)) for each in tuple(wires)}


def _interfaces(number: int, wires: Mapping[_Port, int]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for (host, name, _), segment in wires.items():
        if host == number:
            found[name] = (*found.get(name, ()), segment)
    return found


def _played(configuration: Configuration, number: int, wires: Mapping[_Port, int]) -> Configuration:
    """Interfaces by segment, and without tracks that say nothing while all is well or whose probe is not there."""
    probes = {each.name for each in configuration.probes if not _is_number(each)}

    def kept(tracks: tuple[Track, ...]) -> tuple[Track, ...]:
        return tuple(each for each in tracks if each.probe in probes)

    instances = tuple(
        replace(
            each,
            interface=interface(wires[number, each.interface, each.family]),
            track=kept(each.track),
            group_track=kept(each.group_track),
        )
        for each in configuration.instances
    )
    played = tuple(each for each in configuration.probes if each.name in probes)
    return replace(configuration, probes=played, instances=instances)


def _is_number(probe: Probe) -> bool:
    """It reads a number from a file: 0 while all is well, and no fault to be switched on."""
    return isinstance(probe.options, FileOptions) and probe.options.value


# --- addresses ----------------------------------------------------------------------------------------------------


def _own(played: Sequence[Configuration], segments: int) -> list[tuple[Address, ...]]:
    """Of each host on each segment: as its file says, or as the unicast peers of others say, or any."""
    columns = [_column(played, segment) for segment in range(segments)]
    return [tuple(column[number] for column in columns) for number in range(len(played))]


def _column(played: Sequence[Configuration], segment: int) -> list[Address]:
    on = [[each for each in host.instances if each.interface == interface(segment)] for host in played]
    found: dict[int, Address] = {}
    for number, instances in enumerate(on):
        source = next((each.source_address for each in instances if each.source_address), None)
        if source is not None:
            found[number] = source
    for number in range(len(played)):
        if number not in found:
            taken = set(found.values())
            named = [each for each in _named(on, number) if each not in taken]
            ipv6 = any(each.family is Family.IPV6 for instances in on for each in instances)
            found[number] = named[0] if named else _any(segment, number, ipv6=ipv6)
    return [found[number] for number in range(len(played))]


def _named(on: Sequence[Sequence[Instance]], number: int) -> list[Address]:
    """What this host may have: the peers of others, those first that it does not name itself."""
    own = {peer.address for each in on[number] for peer in each.unicast_peer}
    others = [
        peer.address
        for other, instances in enumerate(on)
        if other != number
        for each in instances
        for peer in each.unicast_peer
    ]
    return sorted(dict.fromkeys(others), key=lambda each: each in own) if on[number] else []


def _any(segment: int, number: int, *, ipv6: bool) -> Address:
    """Where nothing tells, they rise in the order of the files (198.18.0.0/15: RFC 2544)."""
    if ipv6:
        return IPv6Address(f"fe80::{segment + 1:x}:{number + 1:x}")
    return IPv4Address(f"198.18.{segment}.{number + 1}")


# --- what moves ---------------------------------------------------------------------------------------------------


def _vips(hosts: Sequence[Host]) -> Iterator[Vip]:
    """Addresses of one virtual router that the same hosts have, in the order of the files."""
    known: dict[tuple[int, int, Address], dict[str, str]] = {}
    for host in hosts:
        for each in host.played.instances:
            for address in each.addresses:
                key = int(each.interface.removeprefix("eth")), each.virtual_router_id, address
                known.setdefault(key, {})[host.name] = each.name
    together: dict[tuple[int, int, tuple[tuple[str, str], ...]], list[Address]] = {}
    for (segment, vrid, address), instances in known.items():
        together.setdefault((segment, vrid, tuple(instances.items())), []).append(address)
    for (segment, vrid, having), addresses in together.items():
        yield Vip(segment, vrid, tuple(addresses), dict(having))
