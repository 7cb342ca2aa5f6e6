"""virtual_routes and virtual_rules of keepalived.conf: the same model as by hand, and what is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.config.keepalived.test_unicast import WHERE, instance
from vrrpd.config.keepalived.reader import Drafted, drafted
from vrrpd.config.problems import Grade
from vrrpd.config.toml import load_text

Told = Callable[[str], list[str]]
Read = Callable[[str], Drafted]
SAMPLE = Path(__file__).parent / "samples" / "routes.conf"
NATIVE = """\
[instance.VI_1]
interface = "eth0"
virtual_router_id = 51
priority = 150
virtual_ipaddress = ["192.0.2.100/24"]
virtual_routes = [
    "192.168.109.0/24 via 192.0.2.254 dev eth0 src 192.0.2.100 metric 50",
    "192.168.110.0/24 via 192.0.2.254 dev eth0",
    "192.168.111.0/24 via 192.0.2.254 dev eth0 scope link table 100 onlink",
    "blackhole 192.168.114.0/24",
    "default via 192.0.2.1 table 100 mtu 1400",
    "default via 2001:db8::1 dev eth0 metric 20",
]
virtual_rules = [
    "from 192.0.2.100 lookup 100 priority 1000",
    "to 198.51.100.0/24 lookup 100 priority 16384",
    "inet6 iif eth0 fwmark 16/255 lookup 254 preference 16384",
    "iif eth0 oif eth0 lookup 100 pref 16383",
]
"""


def test_the_same_as_by_hand() -> None:
    """Word for word; a rule without a priority gets keepalived's, for each family by itself."""
    assert drafted(SAMPLE).configuration == load_text(NATIVE, "f").configuration


def block(keyword: str, *lines: str) -> str:
    return instance(f"{keyword} {{", *lines, "}")


PATHS = "vrrpd sets one path for each route; give the one that is wanted"
ROWS: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "alternatives": (
        block("virtual_routes", "10.1.0.0/16 via 10.0.0.1 or 10.0.0.2 dev eth0", "10.2.0.0/16 dev eth0"),
        {"virtual_routes": ["10.2.0.0/16 dev eth0 scope global"]},
        [f"5: error: {WHERE}.virtual_routes.or: {PATHS}"],
    ),
    "a rule without a priority": (
        block("virtual_rules", "from 10.0.0.100 table 7"),
        {"virtual_rules": ["from 10.0.0.100 table 7 priority 16384"]},
        [f"5: warning: {WHERE}.virtual_rules: no priority; 16384, as in keepalived, probably not what is meant"],
    ),
    "two blocks add up": (
        block("virtual_routes", "10.1.0.0/16 dev eth0 scope link", "}", "virtual_routes {", "10.2.0.0/16 dev eth0"),
        {"virtual_routes": ["10.1.0.0/16 dev eth0 scope link", "10.2.0.0/16 dev eth0 scope global"]},
        [],
    ),
}


@pytest.mark.parametrize(("text", "expected", "said"), ROWS.values(), ids=ROWS.keys())
def test_read(text: str, expected: dict[str, Any], said: list[str], read: Read, told: Told) -> None:
    assert told(text) == said
    found = read(text).draft.document["instance"]["V"]
    assert {key: found[key] for key in expected} == expected


REFUSED = {
    "virtual_routes": "advmss 1400, tos 4, quickack 1, append, vrf blue, protocol bird, from 2001:db8::/64, realms 1/2",
    "virtual_rules": "not, goto 100, blackhole, dsfield 4, suppress_prefixlength 0, uidrange 1-2, l3mdev, dport 80-90",
}


@pytest.mark.parametrize(
    ("keyword", "words"), [(keyword, words) for keyword in REFUSED for words in REFUSED[keyword].split(", ")]
)
def test_what_keepalived_can_do_and_vrrpd_cannot(keyword: str, words: str, read: Read, told: Told) -> None:
    """By name, with what to do instead, and without the line: half of a route is another one."""
    line = {"virtual_routes": "10.1.0.0/16 via 10.0.0.1", "virtual_rules": "from 10.0.0.100 priority 1"}[keyword]
    (said,) = told(block(keyword, f"{line} {words}"))
    name = words.partition(" ")[0]
    assert said.startswith(f"5: error: {WHERE}.{keyword}.{name}: vrrpd ")
    assert "protocol" in said if name == "protocol" else "notify_master" in said
    found = read(block(keyword, f"{line} {words}"))
    assert found.draft.document["instance"]["V"][keyword] == []
    assert [str(each.code) for each in found.of(Grade.ERROR)] == ["keyword-refused"]


def test_another_name_of_an_interface(read: Read) -> None:
    """A route takes oif for dev; of a rule oif is a word of its own."""
    table = read(block("virtual_routes", "10.1.0.0/16 oif eth1 scope link")).draft.document["instance"]["V"]
    assert table["virtual_routes"] == ["10.1.0.0/16 dev eth1 scope link"]
    table = read(block("virtual_rules", "oif eth1 table 7 priority 1")).draft.document["instance"]["V"]
    assert table["virtual_rules"] == ["oif eth1 table 7 priority 1"]


@pytest.mark.parametrize(
    ("keyword", "line", "word"),
    [
        ("virtual_routes", "10.1.0.0/16 via 10.0.0.1 | 10.0.0.2", '"|"'),
        ("virtual_routes", "10.1.0.0/16 via 10.0.0.1 equalize", '"equalize"'),
        ("virtual_rules", "from 10.0.0.100 table 7 mark 1 priority 1", '"mark"'),
        ("virtual_rules", "from 10.0.0.100 table small priority 1", '"small"'),
    ],
)
def test_every_other_word_is_named(keyword: str, line: str, word: str, told: Told) -> None:
    """In its line; keepalived knows none of them."""
    (said,) = told(block(keyword, line))
    assert said.startswith(f"5: error: {WHERE}.{keyword}: ")
    assert word in said
