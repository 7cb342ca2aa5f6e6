"""Leases: how long an instance may hold its addresses without having advertised. Pure: no kernel, no clock.

The kernel counts by itself from each renewal; what stands here decides what we do about it.
"""

import math
from dataclasses import dataclass

from vrrpd.config.model import Instance
from vrrpd.protocol.messages import Seconds

RENEW_PAUSE = 0.1
"""Seconds between two renewals at least: a lease is whole seconds, advertisements may come every 10 ms."""


@dataclass(slots=True)
class Lease:
    """Of one instance that holds. `granted_at`: the last advertisement that left, or the start of holding.

    `renewed_at`: when the kernel was last told.
    """

    granted_at: Seconds
    renewed_at: Seconds

    def lapsed(self, instance: Instance, now: Seconds) -> bool:
        """Nothing has left for as long as the lease is: the addresses must not be put back."""
        return instance.lease is not None and now - self.granted_at >= instance.lease

    def adopt(self) -> None:
        """The address was there already, and nobody knows for how long: tell the kernel at once."""
        self.renewed_at = Seconds(-math.inf)

    def due(self) -> bool:
        """The kernel should be told of the last advertisement."""
        return self.granted_at - self.renewed_at >= RENEW_PAUSE
