"""How advertisements travel; what is refused is in test_unicast."""

from ipaddress import IPv4Address

import pytest

from vrrpd.config.entries import UnicastPeer
from vrrpd.config.sending import Sending

PEER = UnicastPeer(address=IPv4Address("192.0.2.2"))
SOURCE, OTHER = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.9")


def test_transport() -> None:
    assert (Sending().transport, Sending(unicast_peer=(PEER,)).transport) == ("multicast", "unicast")
    assert Sending().unicast is None


@pytest.mark.parametrize(
    ("sending", "expected"),
    [
        (Sending(), None),
        (Sending(mcast_src_ip=SOURCE), SOURCE),
        (Sending(unicast_src_ip=SOURCE, mcast_src_ip=OTHER), SOURCE),
    ],
)
def test_source(sending: Sending, expected: IPv4Address | None) -> None:
    assert sending.source_address == expected
