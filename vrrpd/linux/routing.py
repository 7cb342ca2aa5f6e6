"""Routes and rules with our mark, as the kernel has them and as it takes them (rtnetlink(7), linux/fib_rules.h)."""

import errno
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from vrrpd.config.routing import LARGEST, Network, Route, Rule
from vrrpd.linux import dump
from vrrpd.linux.dump import Row
from vrrpd.linux.kernel import Kernel
from vrrpd.linux.netlink import ANSWER_TIMEOUT
from vrrpd.linux.request import PROTOCOL_MARK, Request
from vrrpd.linux.rtnetlink import (
    NLM_F_CREATE,
    NLM_F_EXCL,
    ROUTE,
    RTM_DELROUTE,
    RTM_DELRULE,
    RTM_NEWROUTE,
    RTM_NEWRULE,
    SCOPES,
    attribute,
    attributes,
    number,
    string,
    text,
    u32,
)
from vrrpd.protocol.messages import Address

MARK = PROTOCOL_MARK
"""rtm_protocol of our routes and FRA_PROTOCOL of our rules: 112, the number of VRRP; nobody's in rtnetlink.h."""
RTA_DST, RTA_OIF, RTA_GATEWAY, RTA_PRIORITY, RTA_PREFSRC, RTA_METRICS, RTA_TABLE = 1, 4, 5, 6, 7, 8, 15
RTAX_MTU = 2
RTNH_F_ONLINK = 4
RT_SCOPE_NOWHERE = 255
FRA_DST, FRA_SRC, FRA_IIFNAME, FRA_PRIORITY, FRA_FWMARK = 1, 2, 3, 6, 10
FRA_TABLE, FRA_FWMASK, FRA_OIFNAME, FRA_PROTOCOL = 15, 16, 17, 21
FR_ACT_TO_TBL = 1
TYPES = {"unicast": 1, "blackhole": 6, "unreachable": 7, "prohibit": 8}
"""RTN_*."""
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
GONE = (errno.ESRCH, errno.ENOENT, errno.ENODEV, errno.EAFNOSUPPORT)
"""Answers to the removal of what is not there."""

Thing = Route | Rule
Index = Callable[[str], int]
"""The index of an interface; raises OSError."""
Name = Callable[[int], str]
"""The name of an interface; raises OSError."""


def fits(wanted: Thing, found: Thing) -> bool:
    """The kernel has what is wanted; the interface that it chose itself is right. Both have one identity."""
    if isinstance(wanted, Rule) or isinstance(found, Rule):
        return wanted == found
    return _comparable(wanted, found) == _comparable(found, found)


def _comparable(route: Route, found: Route) -> tuple[object, ...]:
    dev = found.dev if not route.dev else route.dev
    scope = "" if route.type != "unicast" else route.scope
    return *route.identity, route.type, route.via, dev, route.src, scope, route.mtu, route.onlink


class RoutingTable:
    """All of ours. By a connection of its own, so that addresses never wait for it."""

    def __init__(self, kernel: Kernel) -> None:
        """`kernel` is opened and closed by others."""
        self._kernel = kernel

    async def look(self) -> tuple[Thing, ...]:
        """Every route and rule with our mark. Raises OSError."""
        return await self._kernel.call(lambda: tuple(found(ANSWER_TIMEOUT)))

    async def put(self, things: Sequence[Thing]) -> list[int]:
        """Add them, one after the other. The errno of each, 0: done. Raises OSError if there is no answer."""
        numbers: list[int] = []
        requests: list[Request] = []
        for each in things:
            try:
                requests.append(added(each))
                numbers.append(0)
            except OSError as error:  # no such interface
                numbers.append(error.errno or errno.ENODEV)
        answers = iter(await self._kernel.ask(requests))
        return [number or next(answers) for number in numbers]

    async def take(self, things: Sequence[Thing]) -> list[int]:
        """Remove them. Returns and raises as `put`; one in `GONE` says that it was not there."""
        return await self._kernel.ask([removed(each) for each in things])


# --- from the kernel --------------------------------------------------------------------------------------------------


def found(patience: float, name: Name = socket.if_indextoname) -> Iterator[Thing]:
    """Those with our mark. Blocks. Raises OSError as `dump.links`."""
    for version, family in FAMILIES.items():
        for row in _rows(dump.routes(family, MARK, patience), family):
            if row[0][5] == MARK and (route := _route(version, row, name)) is not None:
                yield route
        for row in _rows(dump.rules(family, patience), family):
            if number(row[1].get(FRA_PROTOCOL)) == MARK:
                yield _rule(version, row)


def _rows(rows: Iterable[Row], family: int) -> Iterator[Row]:
    """A kernel without a family answers with all others."""
    return (each for each in rows if each[0][0] == family)


def _route(version: int, row: Row, name: Name) -> Route | None:
    """None: its interface went away meanwhile, and so did the route."""
    (_, length, _, _, few, _, scope, kind, flags), has = row
    try:
        dev = name(number(has.get(RTA_OIF))) if RTA_OIF in has else ""
    except OSError:
        return None
    type_ = next((word for word, each in TYPES.items() if each == kind), str(kind))
    metrics = attributes(has.get(RTA_METRICS, b""), 0)
    return Route(
        network=_network(version, has.get(RTA_DST), length),
        type=type_,
        via=_address(has.get(RTA_GATEWAY)),
        dev=dev,
        src=_address(has.get(RTA_PREFSRC)),
        table=number(has.get(RTA_TABLE)) or few,
        metric=number(has.get(RTA_PRIORITY)),
        scope="" if version == 6 else next((word for word, each in SCOPES.items() if each == scope), str(scope)),
        mtu=number(metrics.get(RTAX_MTU)),
        onlink=bool(flags & RTNH_F_ONLINK),
    )


def _rule(version: int, row: Row) -> Rule:
    (_, target, source, _, few, *_), has = row
    return Rule(
        version=version,
        source=_network(version, has[FRA_SRC], source) if FRA_SRC in has else None,
        target=_network(version, has[FRA_DST], target) if FRA_DST in has else None,
        iif=text(has.get(FRA_IIFNAME)),
        oif=text(has.get(FRA_OIFNAME)),
        mark=number(has.get(FRA_FWMARK)) if FRA_FWMARK in has or FRA_FWMASK in has else None,
        mask=number(has.get(FRA_FWMASK)) if FRA_FWMASK in has else LARGEST,
        table=number(has.get(FRA_TABLE)) or few,
        priority=number(has.get(FRA_PRIORITY)),
    )


def _network(version: int, packed: bytes | None, length: int) -> Network:
    address = ip_address(packed or bytes(4 if version == 4 else 16))
    return ip_network((address, length))


def _address(packed: bytes | None) -> Address | None:
    return ip_address(packed) if packed else None


# --- to the kernel ----------------------------------------------------------------------------------------------------


def added(thing: Thing, index: Index = socket.if_nametoindex) -> Request:
    """One of somebody else's hand is never taken over. Raises OSError without its interface.

    An IPv4 route comes before all others with its destination and metric, as in keepalived; IPv6 would make one of
    both, and share the traffic out.
    """
    if isinstance(thing, Rule):
        return Request(RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, _rule_body(thing))
    before = 0 if thing.network.version == 4 else NLM_F_EXCL
    return Request(RTM_NEWROUTE, NLM_F_CREATE | before, _route_body(thing, index))


def removed(thing: Thing) -> Request:
    """The one with our mark, of whatever scope and way."""
    if isinstance(thing, Rule):
        return Request(RTM_DELRULE, 0, _rule_body(thing))
    return Request(RTM_DELROUTE, 0, _which(thing, RT_SCOPE_NOWHERE, 0))


def _route_body(route: Route, index: Index) -> bytes:
    body = _which(route, SCOPES[route.scope or "global"], RTNH_F_ONLINK if route.onlink else 0)
    if route.dev:
        body += u32(RTA_OIF, index(route.dev))
    if route.via is not None:
        body += attribute(RTA_GATEWAY, route.via.packed)
    if route.src is not None:
        body += attribute(RTA_PREFSRC, route.src.packed)
    return body + (attribute(RTA_METRICS, u32(RTAX_MTU, route.mtu)) if route.mtu else b"")


def _which(route: Route, scope: int, flags: int) -> bytes:
    network = route.network
    family = FAMILIES[network.version]
    fixed = ROUTE.pack(family, network.prefixlen, 0, 0, 0, MARK, scope, TYPES.get(route.type, 0), flags)
    metric = u32(RTA_PRIORITY, route.metric) if route.metric else b""
    return fixed + attribute(RTA_DST, network.network_address.packed) + u32(RTA_TABLE, route.table) + metric


def _rule_body(rule: Rule) -> bytes:
    source, target = rule.source, rule.target
    fixed = ROUTE.pack(FAMILIES[rule.version], _length(target), _length(source), 0, 0, 0, 0, FR_ACT_TO_TBL, 0)
    body = fixed + u32(FRA_TABLE, rule.table) + u32(FRA_PRIORITY, rule.priority)
    body += attribute(FRA_PROTOCOL, bytes([MARK]))
    for kind, network in ((FRA_SRC, source), (FRA_DST, target)):
        if network is not None:
            body += attribute(kind, network.network_address.packed)
    for kind, name in ((FRA_IIFNAME, rule.iif), (FRA_OIFNAME, rule.oif)):
        if name:
            body += string(kind, name)
    if rule.mark is not None:
        body += u32(FRA_FWMARK, rule.mark) + u32(FRA_FWMASK, rule.mask)
    return body


def _length(network: IPv4Network | IPv6Network | None) -> int:
    return network.prefixlen if network is not None else 0
