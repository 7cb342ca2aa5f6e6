"""Checks of virtual addresses: words that fit the family, and no address twice."""

import re
from collections.abc import Iterator

from vrrpd.config.checks.code import Code
from vrrpd.config.entries import DetailedAddress
from vrrpd.config.model import Instance
from vrrpd.config.problems import Finding, Path, key, shown
from vrrpd.protocol.messages import Address

INTERFACE_OCTETS = 15
"""IFNAMSIZ of Linux without the final NUL; of a label as well."""
INTERFACE = f"1 to {INTERFACE_OCTETS} octets without / : space"
LABEL = f"1 to {INTERFACE_OCTETS} printable ASCII characters without a space"
EXCLUDED = 1000
"""Of one instance. Each is a message to the kernel at each renewal; keepalived's users have some hundreds."""
KEYWORDS = ("virtual_ipaddress", "virtual_ipaddress_excluded")

_NOT_IN_INTERFACES = re.compile(r"[\s/:]")
_LABEL = re.compile(rf"[!-~]{{1,{INTERFACE_OCTETS}}}")


def is_interface(name: str) -> bool:
    """What the kernel takes (dev_valid_name)."""
    bad = not name or name in (".", "..") or _NOT_IN_INTERFACES.search(name)
    return not bad and len(name.encode(errors="replace")) <= INTERFACE_OCTETS


def errors(instance: Instance) -> Iterator[Finding]:
    """Of one instance."""
    for path, address in _elements(instance):
        if isinstance(address, DetailedAddress):
            yield from _words(path, address)
    if len(instance.virtual_ipaddress_excluded) > EXCLUDED:
        path = ("instance", instance.name, "virtual_ipaddress_excluded")
        yield Finding(path, f"{len(instance.virtual_ipaddress_excluded)} addresses; allowed: {EXCLUDED}")


def _words(path: Path, address: DetailedAddress) -> Iterator[Finding]:
    if address.dev and not is_interface(address.dev):
        yield Finding(path, f"dev {shown(address.dev)} is no name of an interface; allowed: {INTERFACE}")
    if address.label and not _LABEL.fullmatch(address.label):
        yield Finding(path, f"label {shown(address.label)} cannot be set; allowed: {LABEL}")
    if address.version == 6:
        given = {"label": address.label, "broadcast": address.broadcast, "scope": address.scope != "global"}
        for word in (each for each, value in given.items() if value):
            yield Finding(path, f"{word} is for IPv4; allowed: dev and nodad with IPv6 addresses")
        return
    if not address.nodad:
        yield Finding(path, "nodad is for IPv6; allowed: dev, label, scope and broadcast with IPv4 addresses")
    if address.broadcast is not None and address.broadcast.version != 4:
        yield Finding(path, f"broadcast {address.broadcast} is not IPv4; allowed: an IPv4 address")


def same_addresses(instances: tuple[Instance, ...]) -> Iterator[Finding]:
    """Each address once on an interface, and once in an instance."""
    first: dict[tuple[str, Address], Path] = {}
    for instance in instances:
        own: dict[Address, Path] = {}
        for (path, _), place in zip(_elements(instance), instance.places, strict=True):
            other = first.setdefault(place, own.setdefault(place[1], path))
            if other != path:
                text = f"{place[1]} is in {_named(other)}; allowed: each address once per interface"
                rests_on = ((*path[:2], "interface"), (*other[:2], "interface"))
                yield Finding(path, text, rests_on, Code.VIP_USED_TWICE)


def _elements(instance: Instance) -> Iterator[tuple[Path, object]]:
    """In the order of `Instance.held`."""
    for keyword in KEYWORDS:
        for index, address in enumerate(getattr(instance, keyword)):
            yield ("instance", instance.name, keyword, index), address


def _named(path: Path) -> str:
    return f"instance {key(str(path[1]))}"
