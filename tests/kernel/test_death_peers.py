"""A dead Master beside a peer that waits less than others, and with IPv6. How one dies: tests/kernel/test_death.py."""

import pytest

from tests.kernel.owners import HIGH, LOW, TWO_OWNERS_SECONDS, Pair
from tests.lab.routers import VIP, VIP6
from tests.lab.waiting import now

pytestmark = pytest.mark.kernel

EAGER = 200
"""Skew_Time is 0.22 s: less than the quarter of a second that the kernel may be late with a lease that is over."""


@pytest.mark.parametrize(
    ("vip", "peer", "most"),
    [(VIP, EAGER, TWO_OWNERS_SECONDS), (VIP6, LOW, 0.0)],
    ids=["ipv4-200", "ipv6-100"],
)
def test_who_is_dead_owns_nothing_when_its_peer_takes_over(vip: str, peer: int, most: float) -> None:
    """By both kernels, and by who answers ARP or neighbour solicitations."""
    with Pair(priorities=(HIGH, peer), low_extra="nopreempt = true", vip=vip, version=3) as pair:
        struck = pair.phase(0.9)
        pair.high.kill()
        taken = pair.wait_taken(struck)
        pair.wire.wait_advert("low", peer, since=taken + 0.5)
        assert len(pair.lost("high", struck)) == 1
        assert max(pair.two_owners(struck, now()), pair.two_answered(struck, now())) <= most
        assert {"high", "low"} == pair.answering(struck)
