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


ROWS: dict[str, tuple[tuple[str, ...], list[str], list[str]]] = {
    "with and without length": (("10.0.0.1", "10.0.0.2/24"), ["10.0.0.1", "10.0.0.2/24"], []),
    "on the same interface": (("10.0.0.1 dev eth0 scope global",), ["10.0.0.1"], []),
    "on another interface": (
        ("10.0.0.1 dev eth1",),
        ["10.0.0.1"],
        [f'5: error: {WHERE}.dev: vrrpd cannot do this yet: an address on eth1; allowed: "eth0", as of the instance'],
    ),
    "cosmetics": (
        ("10.0.0.1/24 brd 10.0.0.255 label eth0:1 scope link no_track",),
        ["10.0.0.1/24"],
        [
            f"5: warning: {WHERE}.brd: without effect: a virtual address has no broadcast address",
            (
                f"5: warning: {WHERE}.label: without effect: addresses have no label; `ip -d addr` shows them by their "
                "lifetime"
            ),
            f"5: warning: {WHERE}.scope: without effect: the scope is global, not link",
            f"5: note: {WHERE}.no_track: without effect: an address that somebody deletes is always put back",
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
def test_addresses(row: tuple[tuple[str, ...], list[str], list[str]], read: Read, told: Told) -> None:
    lines, addresses, said = row
    text = instance(*lines)
    assert read(text).draft.document["instance"]["V"]["virtual_ipaddress"] == addresses
    assert told(text) == said


def test_two_blocks_add_up(read: Read) -> None:
    text = instance("10.0.0.1").replace("}\n}\n", "}\nvirtual_ipaddress {\n10.0.0.2\n}\n}\n")
    assert read(text).draft.document["instance"]["V"]["virtual_ipaddress"] == ["10.0.0.1", "10.0.0.2"]
