"""Routes and rules in the words of ip-route(8) and ip-rule(8)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrrpd.config.routing import RoutingError, route, rule

ROUTES = {
    "10.1.0.0/16 via 10.0.0.1 dev eth0 src 192.0.2.100 table 100 metric 50": (
        "10.1.0.0/16 via 10.0.0.1 dev eth0 src 192.0.2.100 metric 50 table 100"
    ),
    "to default via 10.0.0.1": "default via 10.0.0.1",
    "default via fe80::1 dev eth0": "::/0 via fe80::1 dev eth0",
    "inet6 default dev eth0": "::/0 dev eth0",
    "2001:db8::/32 dev eth0 metric 1024": "2001:db8::/32 dev eth0",
    "default dev eth0": "default dev eth0",
    "10.0.0.9 dev eth0 table main": "10.0.0.9/32 dev eth0",
    "src 10.0.0.9 to 10.2.0.0/16 via 10.0.0.1 preference 0x10": "10.2.0.0/16 via 10.0.0.1 src 10.0.0.9 metric 16",
    "10.2.0.0/16 dev eth0 scope link": "10.2.0.0/16 dev eth0",
    "10.2.0.0/16 dev eth0 scope global": "10.2.0.0/16 dev eth0 scope global",
    "10.2.0.0/16 via 10.9.0.1 dev eth0 onlink mtu 1400": "10.2.0.0/16 via 10.9.0.1 dev eth0 mtu 1400 onlink",
    "blackhole 2001:db8::/32": "blackhole 2001:db8::/32",
    "prohibit 10.0.0.0/8 metric 9": "prohibit 10.0.0.0/8 metric 9",
}
RULES = {
    "from 192.0.2.100 lookup 100 priority 1000": "from 192.0.2.100/32 lookup 100 priority 1000",
    "to 2001:db8::/32 table local pref 7": "to 2001:db8::/32 lookup 255 priority 7",
    "from all iif eth0 oif eth1 table 1 order 9": "iif eth0 oif eth1 lookup 1 priority 9",
    "fwmark 16/255 table 5 priority 9": "fwmark 0x10/0xff lookup 5 priority 9",
    "inet6 fwmark 0x10 table 5 priority 9": "inet6 fwmark 0x10 lookup 5 priority 9",
}
WRONG_ROUTES = {
    "": "has no destination",
    "via 10.0.0.1": "has no destination",
    "10.0.0.0/8": "has neither via nor dev",
    "10.0.0.1/8 dev eth0": 'has to "10.0.0.1/8", which has bits right of /8',
    "10.0.0.0/255.0.0.0 dev eth0": 'has to "10.0.0.0/255.0.0.0", which is no network',
    "10.0.0.0/8 dev": 'has nothing behind "dev"',
    "10.0.0.0/8 dev a dev b": "has dev twice",
    "10.0.0.0/8 10.0.0.0/8 dev b": "has to twice",
    "10.0.0.0/8 via fe80::1": "has words of IPv4 and of IPv6",
    "inet6 10.0.0.0/8 dev a": "has words of IPv4 and of IPv6",
    "blackhole prohibit 10.0.0.0/8": "is both blackhole and prohibit",
    "blackhole 10.0.0.0/8 dev eth0": "has dev, and blackhole leads nowhere",
    "10.0.0.0/8 via 10.0.0.1 onlink": "has onlink without via and dev",
    "2001:db8::/32 dev eth0 scope link": "has a scope, which is for IPv4",
    "10.0.0.0/8 dev eth0 scope nowhere": 'has a scope "nowhere", which is none of global, site, link, host',
    "10.0.0.0/8 via gateway": 'has via "gateway", which is no address',
    "10.0.0.0/8 dev a table small": 'has table "small", which is no number and none of default, main, local',
    "10.0.0.0/8 dev a table 0": 'has table "0", which is no whole number 1..4294967295',
    "10.0.0.0/8 dev a metric -1": 'has metric "-1", which is no whole number 0..4294967295',
    "10.0.0.0/8 dev a mtu 10": 'has mtu "10", which is no whole number 68..65535',
}
WRONG_RULES = {
    "from 10.0.0.1 priority 1": "has no table",
    "from 10.0.0.1 table 1": "has no priority",
    "from 10.0.0.1 table 1 priority 0": 'has priority "0", which is no whole number 1..4294967295',
    "from 10.0.0.1 to 2001:db8::1 table 1 priority 1": "has words of IPv4 and of IPv6",
    "fwmark 1/x table 1 priority 1": 'has fwmark "x", which is no whole number 0..4294967295',
}


@pytest.mark.parametrize(("text", "written"), ROUTES.items())
def test_route(text: str, written: str) -> None:
    """As it is written in logs, which reads as the same."""
    assert str(route(text)) == written
    assert route(written) == route(text)


@pytest.mark.parametrize(("text", "written"), RULES.items())
def test_rule(text: str, written: str) -> None:
    assert str(rule(text)) == written
    assert rule(written) == rule(text)


@pytest.mark.parametrize(("text", "wrong"), WRONG_ROUTES.items())
def test_no_route(text: str, wrong: str) -> None:
    with pytest.raises(RoutingError) as caught:
        route(text)
    assert str(caught.value) == wrong


@pytest.mark.parametrize(("text", "wrong"), WRONG_RULES.items())
def test_no_rule(text: str, wrong: str) -> None:
    with pytest.raises(RoutingError) as caught:
        rule(text)
    assert str(caught.value) == wrong


@pytest.mark.parametrize("word", ["nexthop", "or", "|", "advmss", "proto", "no_track"])
def test_every_other_word_is_named(word: str) -> None:
    with pytest.raises(RoutingError, match="has an unknown word") as caught:
        route(f"10.0.0.0/8 via 10.0.0.1 {word} 1")
    assert f'"{word}"' in str(caught.value)


TEXT = """to via dev src table metric scope mtu onlink default blackhole inet6 from priority lookup fwmark all eth0
100 ² 10.0.0.0/8 10.0.0.1 10.0.0.1/99 fe80::1 ::/0 0x1/2 % / . : link"""
WORDS = st.sampled_from(TEXT.split())


@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_anything_is_read_or_refused(text: str) -> None:
    """What is read is read back as the same."""
    for read in (route, rule):
        try:
            made = read(text)
        except RoutingError:
            continue
        assert read(str(made)) == made
