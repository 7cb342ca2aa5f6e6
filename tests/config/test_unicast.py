"""unicast_peer and what belongs to it: how it is read, what is refused, what deserves a look."""

from collections.abc import Callable
from ipaddress import IPv4Address

import pytest

from tests.config.test_lint import instance
from vrrpd.config.entries import UnicastPeer
from vrrpd.config.toml import Loaded
from vrrpd.protocol import messages
from vrrpd.protocol.messages import Unicast

Load = Callable[[str], Loaded]
Problems = Callable[[str], list[str]]

PEERS = '["10.0.0.2", { address = "10.0.0.3", min_ttl = 254 }]'


def test_read(load: Load) -> None:
    """An address, or a table with bounds."""
    found = load(instance(unicast_peer=PEERS, unicast_src_ip='"10.0.0.9"', unicast_ttl="64")).configuration.instances[0]
    assert found.unicast_peer == (
        UnicastPeer(address=IPv4Address("10.0.0.2")),
        UnicastPeer(address=IPv4Address("10.0.0.3"), min_ttl=254),
    )
    assert (found.unicast_src_ip, found.unicast_ttl, found.transport) == (IPv4Address("10.0.0.9"), 64, "unicast")
    assert found.source_address == IPv4Address("10.0.0.9")


def peers(*bounds: tuple[str, int, int]) -> tuple[messages.UnicastPeer, ...]:
    return tuple(messages.UnicastPeer(IPv4Address(address), low, high) for address, low, high in bounds)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (instance(), None),
        (instance(unicast_peer='["10.0.0.2"]'), Unicast(peers(("10.0.0.2", 0, 255)))),
        (
            instance(unicast_peer='["10.0.0.2"]', check_unicast_src="false"),
            Unicast(peers(("10.0.0.2", 0, 255)), check_source=False),
        ),
        (
            instance(unicast_peer=PEERS, check_unicast_src="false"),
            Unicast(peers(("10.0.0.2", 0, 255), ("10.0.0.3", 254, 255))),
        ),
    ],
    ids=["multicast", "checked", "unchecked", "a bound asks for the check"],
)
def test_for_the_protocol(load: Load, text: str, expected: Unicast | None) -> None:
    assert load(text).configuration.instances[0].unicast == expected


HERE = "f:5: instance.a.unicast_peer"
ERRORS: dict[str, tuple[str, list[str]]] = {
    "no address": (
        instance(unicast_peer='["eth0"]'),
        [
            f'{HERE}: "eth0" is not an address; allowed: an IPv4 or IPv6 address',
        ],
    ),
    "a group": (
        instance(unicast_peer='["224.0.0.18"]'),
        [f'{HERE}: "224.0.0.18" is not an address that one host can have; allowed: an IPv4 or IPv6 address'],
    ),
    "unknown word": (
        instance(unicast_peer='[{ address = "10.0.0.2", ttl = 3 }]'),
        [f"{HERE}.ttl: unknown keyword; did you mean min_ttl?"],
    ),
    "other family": (
        instance(unicast_peer='["fe80::2"]'),
        [f"{HERE}: fe80::2 is not IPv4; allowed: the family of virtual_ipaddress"],
    ),
    "ourselves": (
        instance(unicast_peer='["10.0.0.2"]', unicast_src_ip='"10.0.0.2"'),
        [f"{HERE}: 10.0.0.2 is the source of this host; allowed: the other routers"],
    ),
    "twice": (
        instance(unicast_peer='["10.0.0.2", { address = "10.0.0.2", min_ttl = 1 }]'),
        [f"{HERE}: 10.0.0.2 is there already; allowed: each peer once"],
    ),
    "bounds": (
        instance(unicast_peer='[{ address = "10.0.0.2", min_ttl = 9, max_ttl = 8 }]'),
        [f"{HERE}: min_ttl 9 is above max_ttl 8: nothing would be heard; allowed: min_ttl up to max_ttl"],
    ),
    "many": (
        instance(unicast_peer=str([f"10.0.1.{n}" for n in range(255)] + ["10.0.2.1"])),
        [f"{HERE}: 256 peers; allowed: 255"],
    ),
    "source of other family": (
        instance(unicast_peer='["10.0.0.2"]', unicast_src_ip='"fe80::1"'),
        ["f:6: instance.a.unicast_src_ip: fe80::1 is not IPv4; allowed: the family of virtual_ipaddress"],
    ),
    "no group": (
        instance(mcast_dst_ip='"10.0.0.2"'),
        [
            (
                'f:5: instance.a.mcast_dst_ip: "10.0.0.2" is not an address of many hosts; allowed: an IPv4 or IPv6 '
                "multicast address"
            ),
        ],
    ),
    "group of other family": (
        instance(mcast_dst_ip='"ff02::200"'),
        ["f:5: instance.a.mcast_dst_ip: ff02::200 is not IPv4; allowed: the family of virtual_ipaddress"],
    ),
    "two sources": (
        instance(unicast_peer='["10.0.0.2"]', unicast_src_ip='"10.0.0.3"', mcast_src_ip='"10.0.0.4"'),
        ["f:6: instance.a.unicast_src_ip: 10.0.0.3 is another source than mcast_src_ip; allowed: one of the two"],
    ),
}


@pytest.mark.parametrize("row", ERRORS.values(), ids=ERRORS.keys())
def test_errors(row: tuple[str, list[str]], problems: Problems) -> None:
    text, expected = row
    assert problems(text) == expected


WARNINGS: dict[str, tuple[str, list[str]]] = {
    "right": (instance(unicast_peer='["10.0.0.2"]', unicast_ttl="9", mcast_src_ip='"10.0.0.9"'), []),
    "right, IPv6": (instance(addresses=["fe80::9"], unicast_peer='["2001:db8::2"]', mcast_src_ip='"2001:db8::1"'), []),
    "virtual": (
        instance(unicast_peer='["10.0.0.1"]'),
        [f"{HERE}: 10.0.0.1 is a virtual address: it names whoever is Master, and a Backup hears nothing"],
    ),
    "scopes": (
        instance(addresses=["fe80::9"], unicast_peer='["fe80::2", "2001:db8::2"]'),
        [f"{HERE}: 2001:db8::2 and the first peer differ in scope: one source serves only one of them"],
    ),
    "a group": (instance(mcast_dst_ip='"224.0.0.200"'), []),
    "a group with peers": (
        instance(unicast_peer='["10.0.0.2"]', mcast_dst_ip='"224.0.0.200"'),
        ["f:6: instance.a.mcast_dst_ip: has no effect with unicast_peer"],
    ),
    "no peers": (
        instance(unicast_src_ip='"10.0.0.9"', unicast_ttl="9"),
        [
            (
                "f:5: instance.a.unicast_src_ip: without unicast_peer advertisements go to the multicast group, "
                "from this source"
            ),
            "f:6: instance.a.unicast_ttl: has no effect without unicast_peer",
        ],
    ),
}


@pytest.mark.parametrize("row", WARNINGS.values(), ids=WARNINGS.keys())
def test_warnings(row: tuple[str, list[str]], load: Load) -> None:
    text, expected = row
    assert [str(each) for each in load(text).warnings] == expected
