"""What stands in the lists of an instance where one value is not enough: an address with words to it."""

from dataclasses import dataclass, fields
from ipaddress import IPv4Interface, IPv4Network, IPv6Interface, IPv6Network
from typing import Annotated

from vrrpd.protocol.messages import Address
from vrrpd.schema import Doc

LEAST_HOPS, MOST_HOPS = 0, 255
SCOPES = ("global", "site", "link", "host")
"""Of rtnetlink(7), by the names of ip-address(8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnicastPeer:
    """An element of `unicast_peer`; a bare address is one without bounds."""

    address: Annotated[Address, Doc("another router", example='"192.168.92.12"')]
    min_ttl: Annotated[int, Doc("refuse its advertisements with a lower TTL", low=0, high=255)] = LEAST_HOPS
    max_ttl: Annotated[int, Doc("refuse its advertisements with a higher TTL", low=0, high=255)] = MOST_HOPS

    @property
    def is_bounded(self) -> bool:
        """It says more than any TTL satisfies."""
        return (self.min_ttl, self.max_ttl) != (LEAST_HOPS, MOST_HOPS)


PlainAddress = IPv4Interface | IPv6Interface


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailedAddress:
    """An element of `virtual_ipaddress` with more to it than an address; of a plain one it has all that others ask."""

    address: Annotated[PlainAddress, Doc("with or without a length", example='"192.168.92.200/24"')]
    dev: Annotated[str, Doc("the interface that has it; empty: that of the instance", example='"eth1"')] = ""
    label: Annotated[str, Doc("IPv4: a name of the address for old tools", example='"eth0:1"')] = ""
    scope: Annotated[
        str,
        Doc("IPv4: as of ip-address(8); link and host: not taken as a source towards hosts beyond", choices=SCOPES),
    ] = "global"
    broadcast: Annotated[Address | None, Doc("IPv4: broadcast address", example='"192.168.92.255"')] = None
    nodad: Annotated[
        bool, Doc("IPv6: usable at once; false: a second later, after the kernel has asked whether another host has it")
    ] = True

    def __str__(self) -> str:
        """The address alone."""
        return str(self.address)

    @property
    def ip(self) -> Address:
        """Without its length."""
        return self.address.ip

    @property
    def network(self) -> IPv4Network | IPv6Network:
        """The subnet that its length makes."""
        return self.address.network

    @property
    def version(self) -> int:
        """Of IP."""
        return self.address.version

    @property
    def is_link_local(self) -> bool:
        """As of an address."""
        return self.address.is_link_local

    @property
    def is_plain(self) -> bool:
        """It says no more than its address does."""
        return all(getattr(self, each.name) == each.default for each in fields(self) if each.name != "address")


VirtualAddress = PlainAddress | DetailedAddress

SHORT: tuple[type, ...] = (UnicastPeer, DetailedAddress)
"""Tables that may be written as the value of their first keyword alone."""
