"""What stands in the lists of an instance where one value is not enough: an address with words to it."""

from dataclasses import dataclass
from typing import Annotated

from vrrpd.protocol.messages import Address
from vrrpd.schema import Doc

LEAST_HOPS, MOST_HOPS = 0, 255


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


SHORT: tuple[type, ...] = (UnicastPeer,)
"""Tables that may be written as the value of their first keyword alone."""
