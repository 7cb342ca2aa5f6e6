"""Whether the hosts of other routers are there: by ARP on the link, by a ping (ICMP echo) where ARP does not reach.

A host behind a router never answers ARP, whoever it is, and IPv6 has none. A host that is silent to a ping may be
there all the same: firewalls keep pings away. That a host answers does not mean that a router runs on it.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from ipaddress import IPv4Address, IPv6Address

from vrrpd.linux.netlink import Interface
from vrrpd.linux.question import answering
from vrrpd.observe.peers import Answer
from vrrpd.probes.outcome import ProbeFailed, ProbeUnknown
from vrrpd.probes.ping import PingOptions, PingProbe
from vrrpd.protocol.ethernet import MAC_OCTETS
from vrrpd.protocol.messages import Address

ASKED_LIMIT = 32
"""Hosts asked in one go: far more than an instance has routers; each ping takes a socket."""
PINGS, PING_SECONDS = 3, 1.0
"""Of one host: requests, and the time that they have together. An operator waits for it."""

OnLink = Callable[[Address], bool]
"""Whether a host is reached without a router."""


async def answers(
    interface: Interface, source: Address | None, hosts: Collection[Address], on_link: OnLink
) -> Mapping[Address, Answer]:
    """What each answers just now, asked from `source` on `interface`; without those that cannot be asked."""
    asked = list(dict.fromkeys(hosts))[:ASKED_LIMIT]
    near = [each for each in asked if isinstance(each, IPv4Address) and on_link(each)]
    far = [each for each in asked if each not in near]
    pings = asyncio.gather(*(_ping(interface, each) for each in far))
    by_arp, by_ping = await asyncio.gather(_arp(interface, source, near), pings)
    return {**by_arp, **{host: told for host, told in zip(far, by_ping, strict=True) if told is not None}}


async def _arp(interface: Interface, source: Address | None, hosts: list[IPv4Address]) -> Mapping[Address, Answer]:
    if not hosts or len(interface.mac) != MAC_OCTETS or not isinstance(source, IPv4Address):
        return {}
    try:
        found = await asyncio.to_thread(answering, interface, source, hosts)
    except OSError:
        return {}
    return {each: Answer.ARP if each in found else Answer.NO_ARP for each in hosts}


async def _ping(interface: Interface, host: Address) -> Answer | None:
    scope = f"%{interface.name}" if isinstance(host, IPv6Address) and host.is_link_local else ""
    probe = PingProbe(PingOptions(host=f"{host}{scope}", count=PINGS))
    probe.bound(PING_SECONDS)
    try:
        await probe.check()
    except ProbeFailed:
        return Answer.NO_PING
    except ProbeUnknown:
        return None
    return Answer.PING
