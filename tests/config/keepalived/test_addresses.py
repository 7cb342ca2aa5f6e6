"""virtual_ipaddress: one address in a line."""

from collections.abc import Callable

import pytest

from vrrpd.config.keepalived.reader import Drafted

Told = Callable[[str], list[str]]
Read = Callable[[str], Drafted]
WHERE = "vrrp_instance.V.virtual_ipaddress"


def instance(*lines: str) -> str:
    """The first address is in line 5."""
    addresses = "\n".join(lines)
    return f"vrrp_instance V {{\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {{\n{addresses}\n}}\n}}\n"


ROWS: dict[str, tuple[tuple[str, ...], list[object], list[str]]] = {
    "with and without length": (("10.0.0.1", "10.0.0.2/24"), ["10.0.0.1", "10.0.0.2/24"], []),
    "on the same interface": (("10.0.0.1 dev eth0 scope global",), ["10.0.0.1"], []),
    "on another interface": (("10.0.0.1 dev eth1",), [{"address": "10.0.0.1", "dev": "eth1"}], []),
    "words": (
        (
            "10.0.0.1/24 brd 10.0.0.255 label eth0:1 scope link no_track",
            "10.0.0.2/24 brd + scope 254",
            "10.0.0.3 brd -",
        ),
        [
            {"address": "10.0.0.1/24", "label": "eth0:1", "scope": "link", "broadcast": "10.0.0.255"},
            {"address": "10.0.0.2/24", "scope": "host", "broadcast": "10.0.0.255"},
            {"address": "10.0.0.3", "broadcast": "10.0.0.3"},
        ],
        [],
    ),
    "words for the other family": (
        ("10.0.0.1 -nodad",),
        ["10.0.0.1"],
        [f"5: warning: {WHERE}: -nodad is for IPv6; left out"],
    ),
    "flags": (
        ("10.0.0.1 home preferred_lft 0",),
        ["10.0.0.1"],
        [
            f"5: warning: {WHERE}.home: without effect: the address is set without this flag",
            (
                f"5: note: {WHERE}.preferred_lft: without effect: "
                "an IPv6 address of length 128 is no source of the host's own connections, any other is"
            ),
        ],
    ),
    "a peer": (
        ("10.0.0.1 peer 10.0.0.2",),
        ["10.0.0.1"],
        [f"5: error: {WHERE}.peer: vrrpd sets no address with a peer; give the address its length"],
    ),
    "a scope that is none": (
        ("10.0.0.1 scope planet",),
        [{"address": "10.0.0.1", "scope": "planet"}],
        [
            f'5: error: {WHERE}: "planet" is none of the choices; allowed: "global", "site", "link", "host"',
        ],
    ),
    "a label that is too long": (
        ("10.0.0.1 label eth0:12345678901",),
        [{"address": "10.0.0.1", "label": "eth0:12345678901"}],
        [
            (
                f'5: error: {WHERE}: label "eth0:12345678901" cannot be set; allowed: 1 to 15 printable ASCII '
                "characters without a space"
            ),
        ],
    ),
    "two in one line": (
        ("10.0.0.1 10.0.0.2",),
        ["10.0.0.1"],
        [
            (
                f'5: error: {WHERE}: "10.0.0.2" is a second address in one line, which keepalived loses; allowed: '
                f"one in each line"
            )
        ],
    ),
    "twice": (
        ("10.0.0.1/24", "10.0.0.1"),
        ["10.0.0.1/24"],
        [f'6: warning: {WHERE}: "10.0.0.1" is there already; left out'],
    ),
    "no address": (
        ("10.0.0.1", "10.0.0.300"),
        ["10.0.0.1", "10.0.0.300"],
        [
            (
                f'6: error: {WHERE}: "10.0.0.300" is not an address; allowed: an IPv4 or IPv6 address, '
                f"with or without a "
                "/length"
            )
        ],
    ),
    "of another family": (
        ("10.0.0.1", "fe80::1"),
        ["10.0.0.1", "fe80::1"],
        [f"6: error: {WHERE}: fe80::1/128 is not IPv4 as the first address; allowed: one family per instance"],
    ),
    "an unknown word": (
        ("10.0.0.1 lable x",),
        ["10.0.0.1"],
        [f'5: warning: {WHERE}: "lable" is no word for an address; ignored, as keepalived does; did you mean label?'],
    ),
    "without its value": (
        ("10.0.0.1 dev",),
        ["10.0.0.1"],
        [f"5: error: {WHERE}.dev: lacks its value; keepalived refuses the file"],
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_addresses(row: tuple[tuple[str, ...], list[object], list[str]], read: Read, told: Told) -> None:
    lines, addresses, said = row
    text = instance(*lines)
    assert read(text).draft.document["instance"]["V"]["virtual_ipaddress"] == addresses
    assert told(text) == said


def test_two_blocks_add_up(read: Read) -> None:
    text = instance("10.0.0.1").replace("}\n}\n", "}\nvirtual_ipaddress {\n10.0.0.2\n}\n}\n")
    assert read(text).draft.document["instance"]["V"]["virtual_ipaddress"] == ["10.0.0.1", "10.0.0.2"]


def test_words_of_ipv6(read: Read, told: Told) -> None:
    text = instance("fe80::1/64 -nodad dev eth1 label x scope link brd +")
    assert read(text).draft.document["instance"]["V"]["virtual_ipaddress"] == [
        {"address": "fe80::1/64", "dev": "eth1", "nodad": False}
    ]
    assert told(text) == [f"5: warning: {WHERE}: {each} is for IPv4; left out" for each in ("label", "scope", "brd")]


def test_excluded_addresses(read: Read, told: Told) -> None:
    """Of either family; what is in the other list already is left out."""
    more = "}\nvirtual_ipaddress_excluded {\nfe80::2\n10.0.0.2/24 dev eth1\n10.0.0.1\n"
    text = instance("10.0.0.1" + "\n" + more)
    found = read(text).draft.document["instance"]["V"]
    assert found["virtual_ipaddress_excluded"] == ["fe80::2", {"address": "10.0.0.2/24", "dev": "eth1"}]
    assert told(text) == [
        f'10: warning: {WHERE}_excluded: "10.0.0.1" is there already; left out',
    ]


def test_interfaces_of_addresses_are_tracked(read: Read) -> None:
    """Once each, unless it is said not to; what track_interface says of one counts."""
    addresses = instance("10.0.0.1 dev eth1", "10.0.0.2 dev eth1", "10.0.0.3 dev eth2 no_track", "10.0.0.4 dev eth3")
    found = read(addresses.replace("virtual_router_id", "track_interface {\neth3 weight 5\n}\nvirtual_router_id"))
    (router,) = found.configuration.instances
    assert [(each.probe, each.weight) for each in router.track] == [("interface_eth3", 5), ("interface_eth1", 0)]
