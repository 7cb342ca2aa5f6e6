"""Addresses with words behind them and excluded ones, from one keepalived.conf, beside keepalived on the same file."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab import namespaces
from tests.lab.net import Host, Lan
from tests.lab.parts import Keepalived, Vrrpd
from tests.lab.waiting import wait_until
from vrrpd.config.keepalived.convert import convert

pytestmark = pytest.mark.kernel

SECOND = "eth1"
ELSEWHERE, PLAIN, EXCLUDED = "198.51.100.100", "192.0.2.100", "192.0.2.101"
SIX, ALONE = "2001:db8::100", "2001:db8:1::100"
ALL = (PLAIN, ELSEWHERE, EXCLUDED, SIX, ALONE)
OLD_MAC = "02:00:00:00:00:99"
PATIENCE = 30.0
CONF = f"""\
vrrp_instance VI_1 {{
    interface eth0
    virtual_router_id 51
    priority PRIORITY
    version 3
    advert_int 0.5
    virtual_ipaddress {{
        {PLAIN}/24 label eth0:vip brd +
        {ELSEWHERE}/24 dev {SECOND} scope link brd 198.51.100.255
    }}
    virtual_ipaddress_excluded {{
        {EXCLUDED}
        {SIX}/64
        {ALONE}
    }}
}}
"""


@pytest.fixture
def lan() -> Iterator[Lan]:
    """Two hosts on one network, and on a second one."""
    with Lan(2) as made:
        one, two = made["a"].namespace, made["b"].namespace
        namespaces.call(["ip", "-n", one, "link", "add", SECOND, "type", "veth", "peer", "name", SECOND, "netns", two])
        for name in (one, two):
            namespaces.call(["ip", "-n", name, "link", "set", SECOND, "up"])
        yield made


def keepalived_conf(host: Host, priority: int) -> str:
    text = CONF.replace("PRIORITY", str(priority))
    (host.directory / "k.conf").write_text(text)
    return text


def vrrpd(host: Host, priority: int) -> Vrrpd:
    """On what the file is converted to."""
    keepalived_conf(host, priority)
    text, errors = convert(host.directory / "k.conf")
    assert errors == ()
    return Vrrpd(host, text)


def in_kernel(host: Host) -> dict[str, dict[str, Any]]:
    """Of each address what its words set."""
    words = ("prefixlen", "broadcast", "scope", "label", "deprecated")
    return {
        each["local"]: {"dev": link["ifname"], **{word: each.get(word) for word in words}}
        for link in json.loads(host.run(["ip", "-j", "addr"]))
        for each in link["addr_info"]
        if each["local"] in ALL
    }


def wait_all_on(holder: Host, other: Host) -> None:
    for address in ALL:
        holder.wait_holds(address, timeout=PATIENCE)
        other.wait_holds(address, held=False, timeout=PATIENCE)


def neighbour(host: Host, address: str) -> str:
    """Empty: it has none. All namespaces share the limit of entries, and beside a test with hundreds of addresses the
    kernel throws old ones away."""
    found = json.loads(host.run(["ip", "-j", "neigh", "show", address, "dev", SECOND]))
    return str(found[0]["lladdr"]) if found else ""


def mac(host: Host) -> str:
    (link,) = json.loads(host.run(["ip", "-j", "link", "show", SECOND]))
    return str(link["address"])


def test_as_keepalived_sets_them_and_back_and_forth(lan: Lan) -> None:
    """The peer counts what is advertised; one that is deleted comes back; a link of an address is a fault."""
    one, two = lan["a"], lan["b"]
    two.run(["sysctl", "-qw", f"net.ipv4.conf.{SECOND}.arp_accept=1"])  # where it was thrown away the next one is kept
    two.run(["ip", "neigh", "add", ELSEWHERE, "lladdr", OLD_MAC, "dev", SECOND, "nud", "reachable"])
    with vrrpd(one, 150) as ours, Keepalived(two, keepalived_conf(two, 100)) as theirs:
        wait_all_on(one, two)
        set_by_us = in_kernel(one)
        assert set_by_us[PLAIN] == {
            "dev": "eth0",
            "prefixlen": 24,
            "broadcast": "192.0.2.255",
            "scope": "global",
            "label": "eth0:vip",
            "deprecated": None,
        }
        assert (set_by_us[SIX]["deprecated"], set_by_us[ALONE]["deprecated"]) == (None, True)
        wait_until(lambda: neighbour(two, ELSEWHERE) == mac(one), PATIENCE, "announced on the second network")

        one.delete_address(f"{EXCLUDED}/32")
        ours.wait_log("restored")
        one.wait_holds(EXCLUDED, timeout=PATIENCE)

        assert "expected 2 VIPs" not in theirs.log()
        ours.stop()
        wait_all_on(two, one)
        set_by_them = in_kernel(two)
        assert {key: value | {"label": None} for key, value in set_by_us.items()} == {
            key: value | {"label": None} for key, value in set_by_them.items()
        }
        assert set_by_us[PLAIN]["label"] == set_by_them[PLAIN]["label"]


def test_the_link_of_an_address_is_a_fault(lan: Lan) -> None:
    """keepalived tracks it without being told."""
    one, two = lan["a"], lan["b"]
    with vrrpd(one, 150) as ours:
        wait_all_on(one, two)
        namespaces.call(["ip", "-n", two.namespace, "link", "set", SECOND, "down"])
        one.wait_holds(PLAIN, held=False, timeout=PATIENCE)
        ours.wait_log("interface_eth1 is down")
        namespaces.call(["ip", "-n", two.namespace, "link", "set", SECOND, "up"])
        wait_all_on(one, two)
