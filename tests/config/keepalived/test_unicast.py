"""unicast_peer: who is sent to, who is believed."""

from collections.abc import Callable
from typing import Any

import pytest

from vrrpd.config.keepalived.reader import Drafted

Told = Callable[[str], list[str]]
Read = Callable[[str], Drafted]
WHERE = "vrrp_instance.V"


def instance(*lines: str) -> str:
    """The first line is in line 4."""
    own = "\n".join(lines)
    return f"vrrp_instance V {{\ninterface eth0\nvirtual_router_id 1\n{own}\nvirtual_ipaddress {{\n10.0.0.100\n}}\n}}\n"


ROWS: dict[str, tuple[tuple[str, ...], dict[str, Any], list[str]]] = {
    "peers": (
        ("unicast_peer {", "10.0.0.2", "10.0.0.3 min_ttl 250", "}"),
        {"unicast_peer": ["10.0.0.2", {"address": "10.0.0.3", "min_ttl": 250}], "check_unicast_src": False},
        [],
    ),
    "two blocks add up": (
        ("unicast_peer {", "10.0.0.2", "}", "unicast_peer {", "10.0.0.3", "}"),
        {"unicast_peer": ["10.0.0.2", "10.0.0.3"], "check_unicast_src": False},
        [],
    ),
    "checked": (
        ("check_unicast_src", "unicast_peer {", "10.0.0.2", "}"),
        {"unicast_peer": ["10.0.0.2"], "check_unicast_src": True},
        [],
    ),
    "not checked on purpose": (
        ("check_unicast_src off", "unicast_peer {", "10.0.0.2", "}"),
        {"unicast_peer": ["10.0.0.2"], "check_unicast_src": False},
        [],
    ),
    "one list for all hosts": (
        ("unicast_src_ip 10.0.0.1", "unicast_peer {", "10.0.0.1", "10.0.0.2", "}"),
        {"unicast_src_ip": "10.0.0.1", "unicast_peer": ["10.0.0.2"], "check_unicast_src": False},
        [f"6: note: {WHERE}.unicast_peer: 10.0.0.1 is this host itself; left out"],
    ),
    "nobody but this host, which is never multicast": (
        ("unicast_src_ip 10.0.0.1", "unicast_peer {", "10.0.0.1", "}"),
        {"unicast_src_ip": "10.0.0.1", "unicast_peer": ["10.0.0.1"], "check_unicast_src": False},
        [f"6: error: {WHERE}.unicast_peer: 10.0.0.1 is the source of this host; allowed: the other routers"],
    ),
    "twice": (
        ("unicast_peer {", "10.0.0.2", "10.0.0.2", "}"),
        {"unicast_peer": ["10.0.0.2"], "check_unicast_src": False},
        [f'6: warning: {WHERE}.unicast_peer: "10.0.0.2" is there already; left out'],
    ),
    "words nobody knows": (
        ("unicast_peer {", "10.0.0.2 min_tl 5", "}"),
        {"unicast_peer": ["10.0.0.2"], "check_unicast_src": False},
        [
            (
                f'5: warning: {WHERE}.unicast_peer: "min_tl" is no word for a peer; ignored, as keepalived does; did '
                "you mean min_ttl?"
            )
        ],
    ),
    "no address": (
        ("unicast_peer {", "10.0.0.2", "peer", "}"),
        {"unicast_peer": ["10.0.0.2", "peer"], "check_unicast_src": False},
        [f'6: error: {WHERE}.unicast_peer: "peer" is not an address; allowed: an IPv4 or IPv6 address'],
    ),
    "bounds that are no numbers": (
        ("unicast_peer {", "10.0.0.2 min_ttl x", "}"),
        {"unicast_peer": [{"address": "10.0.0.2", "min_ttl": "x"}], "check_unicast_src": False},
        [f'5: error: {WHERE}.unicast_peer: "x" is not a whole number; allowed: a whole number 0..255'],
    ),
    "a bound without its number": (
        ("unicast_peer {", "10.0.0.2 min_ttl", "}"),
        {"unicast_peer": ["10.0.0.2"], "check_unicast_src": False},
        [f"5: error: {WHERE}.unicast_peer.min_ttl: lacks its value; keepalived refuses the file"],
    ),
    "nobody": (("check_unicast_src", "unicast_peer {", "}"), {}, []),
    "nobody, which is a fault": (
        ("unicast_fault_no_peer",),
        {},
        [
            (
                f"4: error: {WHERE}.unicast_fault_no_peer: without a unicast_peer it would be in fault for ever; "
                "allowed: at least one peer"
            )
        ],
    ),
    "a source for nobody": (
        ("unicast_src_ip 10.0.0.1",),
        {"unicast_src_ip": "10.0.0.1"},
        [
            (
                f"4: warning: {WHERE}.unicast_src_ip: without unicast_peer advertisements go to the multicast group, "
                "from this source"
            )
        ],
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_unicast(row: tuple[tuple[str, ...], dict[str, Any], list[str]], read: Read, told: Told) -> None:
    lines, expected, said = row
    text = instance(*lines)
    values = read(text).draft.document["instance"]["V"]
    assert {keyword: values[keyword] for keyword in values if "unicast" in keyword} == expected
    assert told(text) == said


def test_without_an_interface_nobody_knows_where_addresses_go(told: Told) -> None:
    text = instance("unicast_src_ip 10.0.0.1", "unicast_peer {", "10.0.0.2", "}").replace("interface eth0\n", "\n")
    why = (
        "without an interface keepalived sends by the routes of the host, and sets addresses without dev on its "
        "default_interface; vrrpd has to know where they go; allowed: interface, the one that has unicast_src_ip"
    )
    assert f"5: error: {WHERE}.unicast_peer: {why}" in told(text)


def test_vrrp_check_unicast_src_is_the_default_of_all(read: Read) -> None:
    text = "global_defs {\nvrrp_check_unicast_src\n}\n" + instance("unicast_peer {", "10.0.0.2", "}")
    (found,) = read(text).configuration.instances
    assert found.unicast is not None
    assert found.unicast.check_source
