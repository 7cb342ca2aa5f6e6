"""Checks of two files that belong together: each keeps a pair from working, and nothing is said of a good pair."""

from typing import Any

import pytest

from tests.config.checks.files import HAPROXY, instance, model, peer, told
from vrrpd.config.checks.pair import findings, one_sided

PASS = '{ type = "PASS", password = "1111" }'
OTHER = '{ type = "PASS", password = "2222" }'
HMAC = f'{{ key = ["1 hex:{"ab" * 32}"], active_key = 1 }}'
SIX: dict[str, Any] = {"virtual_ipaddress": '["fe80::100"]'}
V3: dict[str, Any] = {"vrrp_version": 3, "virtual_ipaddress": '["192.0.2.100"]'}


def broker(host: str, *, weight: int = -60, scope: str = "local") -> str:
    return f'[probe.amqp]\ntype = "amqp"\nhost = "{host}"\nweight = {weight}\nscope = "{scope}"\n' + instance('"amqp"')


def low(text: str) -> str:
    """The same with another priority."""
    return text.rstrip("\n") + "\npriority = 50\n"


ZERO = HAPROXY + instance('"haproxy"')
SERVE = ZERO + 'when_all_failed = "serve"\n'

ROWS: dict[str, tuple[str, str, list[tuple[str, str]]]] = {
    "good": (instance(), low(instance()), []),
    "good/other name and interface": (instance(), low(instance(name="other", interface='"eth1"')), []),
    "good/authentication": (instance(authentication=PASS), low(instance(authentication=PASS)), []),
    "priority": (instance(), instance(), [("peer-priority-equal", "priority")]),
    "priority/of a group": (instance(), instance() + '[sync_group.g]\ninstances = ["VI_1"]\n', []),
    "version": (instance(), low(instance(vrrp_version=3)), [("peer-version-differs", "vrrp_version")]),
    "interval/v2": (
        instance(advert_int='"1s"'),
        low(instance(advert_int='"2s"')),
        [("peer-interval-differs", "advert_int")],
    ),
    "interval/v3": (
        instance(**V3, advert_int='"1s"'),
        low(instance(**V3, advert_int='"2s"')),
        [("peer-interval-learned", "advert_int")],
    ),
    "password/other": (
        instance(authentication=PASS),
        low(instance(authentication=OTHER)),
        [("peer-password-differs", "authentication")],
    ),
    "password/none there": (
        instance(authentication=PASS),
        low(instance()),
        [("peer-password-differs", "authentication")],
    ),
    "good/auth_hmac": (instance(auth_hmac=HMAC), low(instance(auth_hmac=HMAC)), []),
    "auth_hmac/none there": (
        instance(auth_hmac=HMAC),
        low(instance()),
        [("peer-hmac-differs", "auth_hmac")],
    ),
    "auth_hmac/none here, which refuses nothing": (
        instance(),
        low(instance(auth_hmac=HMAC)),
        [("peer-hmac-differs", "auth_hmac")],
    ),
    "auth_hmac/other key": (
        instance(auth_hmac=HMAC),
        low(instance(auth_hmac=HMAC.replace("ab", "cd"))),
        [("peer-hmac-differs", "auth_hmac")],
    ),
    "auth_hmac/a step apart": (
        instance(auth_hmac=HMAC),
        low(instance(auth_hmac=HMAC.replace("}", ', mode = "permissive" }'))),
        [],
    ),
    "checksum": (
        instance(**V3),
        low(instance(**V3, v3_checksum_pseudo_header="false")),
        [("peer-checksum-differs", "v3_checksum_pseudo_header")],
    ),
    "checksum/IPv6 has no choice": (
        instance(**SIX),
        low(instance(**SIX, v3_checksum_pseudo_header="false")),
        [],
    ),
    "source/same": (
        instance(mcast_src_ip='"192.0.2.11"'),
        low(instance(mcast_src_ip='"192.0.2.11"')),
        [("peer-source-same", "mcast_src_ip")],
    ),
    "source/each its own": (
        instance(mcast_src_ip='"192.0.2.11"'),
        low(instance(mcast_src_ip='"192.0.2.12"')),
        [],
    ),
    "group": (
        instance(mcast_dst_ip='"224.0.0.200"'),
        low(instance()),
        [("peer-transport-differs", "mcast_dst_ip")],
    ),
    "group/that of the RFC": (instance(mcast_dst_ip='"224.0.0.18"'), low(instance()), []),
    "excluded addresses": (
        instance(virtual_ipaddress_excluded='["192.0.2.200"]'),
        low(instance()),
        [("peer-addresses-differ", "virtual_ipaddress_excluded")],
    ),
    "transport": (
        instance(unicast_peer='["192.0.2.12"]'),
        low(instance()),
        [("peer-transport-differs", "unicast_peer")],
    ),
    "unicast": (
        instance(unicast_peer='["192.0.2.12"]', unicast_src_ip='"192.0.2.11"'),
        low(instance(unicast_peer='["192.0.2.11"]', unicast_src_ip='"192.0.2.12"')),
        [],
    ),
    "unicast/one list for all": (
        instance(unicast_peer='["192.0.2.12", "192.0.2.13"]'),
        low(instance(unicast_peer='["192.0.2.12", "192.0.2.13"]')),
        [],
    ),
    "unicast/not named": (
        instance(unicast_peer='["192.0.2.13"]', unicast_src_ip='"192.0.2.11"'),
        low(instance(unicast_peer='["192.0.2.11"]', unicast_src_ip='"192.0.2.12"')),
        [("peer-not-named", "unicast_peer")],
    ),
    "unicast/same source": (
        instance(unicast_peer='["192.0.2.12"]', unicast_src_ip='"192.0.2.11"'),
        low(instance(unicast_peer='["192.0.2.12"]', unicast_src_ip='"192.0.2.11"')),
        [("peer-source-same", "unicast_src_ip"), ("peer-not-named", "unicast_peer")],
    ),
    "vrid": (
        instance(virtual_router_id=51),
        low(instance(virtual_router_id=52)),
        [("peer-vrid-differs", "virtual_router_id")],
    ),
    "lacks": (
        instance(),
        low(instance(virtual_router_id=52, virtual_ipaddress='["192.0.2.99"]')),
        [("peer-lacks-instance", "")],
    ),
    "family": (instance(), low(instance(**SIX)), [("peer-lacks-instance", "")]),
    "addresses": (
        instance(virtual_ipaddress='["192.0.2.100", "192.0.2.101"]'),
        low(instance(virtual_ipaddress='["192.0.2.100"]')),
        [("peer-addresses-differ", "virtual_ipaddress")],
    ),
    "addresses/order": (
        instance(virtual_ipaddress='["192.0.2.100", "192.0.2.101"]'),
        low(instance(virtual_ipaddress='["192.0.2.101", "192.0.2.100"]')),
        [],
    ),
    "nobody left": (ZERO, low(ZERO), [("nobody-left", "when_all_failed")]),
    "nobody left/serves": (SERVE, low(SERVE), []),
    "nobody left/one decides": (ZERO, low(instance()), []),
    "weight": (
        HAPROXY + "weight = -5\n" + instance('"haproxy"'),
        low(instance()),
        [("weight-without-effect", "track")],
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_row(name: str) -> None:
    ours, theirs, expected = ROWS[name]
    keywords = [(code, f"instance.VI_1{'.' * bool(word)}{word}") for code, word in expected]
    assert told(findings(model(ours), [peer(theirs)])) == keywords


def test_deployment_c_three_routers_with_one_address_and_three_lists() -> None:
    """Copies of one host's file: they take each other for themselves."""
    source = '"172.17.0.1"'
    ours = instance(mcast_src_ip=source, virtual_ipaddress='["172.17.0.100"]')
    others = [peer(instance(mcast_src_ip=source, virtual_ipaddress=f'["172.17.0.{last}"]')) for last in (101, 102)]
    once = [
        ("peer-source-same", "instance.VI_1.mcast_src_ip"),
        ("peer-addresses-differ", "instance.VI_1.virtual_ipaddress"),
        ("peer-priority-equal", "instance.VI_1.priority"),
    ]
    assert told(findings(model(ours), others)) == once * 2


@pytest.mark.parametrize(
    ("ours", "theirs", "count"),
    [
        (broker("192.0.2.1"), broker("192.0.2.1"), 1),
        (broker("192.0.2.1"), broker("192.0.2.2"), 0),
        (broker("127.0.0.1"), broker("127.0.0.1"), 0),
        (broker("localhost"), broker("localhost"), 0),
        (broker("localhost.localdomain"), broker("localhost.localdomain"), 0),
        (broker("::1"), broker("::1"), 0),
        (broker("localhost-mq.example"), broker("localhost-mq.example"), 1),
        (broker("::1f"), broker("::1f"), 1),
        (broker("192.0.2.1", weight=0, scope="shared"), broker("192.0.2.1"), 0),
    ],
)
def test_both_ask_one_broker(ours: str, theirs: str, count: int) -> None:
    found = told(findings(model(ours), [peer(low(theirs))]))
    assert [each for each in found if each[0] == "amqp-not-local"] == [("amqp-not-local", "probe.amqp")] * count


def test_a_vrid_on_two_interfaces_is_paired_by_address() -> None:
    def both(priority: int) -> str:
        front = instance(name="front", priority=priority)
        return front + instance(
            name="back", interface='"eth1"', virtual_ipaddress='["198.51.100.1"]', priority=priority
        )

    assert told(findings(model(both(150)), [peer(both(100))])) == []


def test_a_vrid_on_two_interfaces_whose_names_are_crossed() -> None:
    """The addresses decide, before name and interface."""
    ours = instance(name="a") + instance(name="b", interface='"eth1"', virtual_ipaddress='["198.51.100.1"]')
    theirs = low(instance(name="b", interface='"eth1"')) + low(instance(name="a", virtual_ipaddress='["198.51.100.1"]'))
    assert told(findings(model(ours), [peer(theirs)])) == []


def test_of_the_other_file_only_what_concerns_it_alone() -> None:
    """What both files could be blamed for is said once."""
    text = HAPROXY + "weight = -5\n" + instance('"haproxy"', advert_int='"2s"')
    assert told(one_sided(model(text), [peer(low(instance()))])) == [("weight-without-effect", "instance.VI_1.track")]


def test_a_password_is_never_said() -> None:
    texts = [
        each.text for each in findings(model(instance(authentication=PASS)), [peer(instance(authentication=OTHER))])
    ]
    assert [text for text in texts if "1111" in text or "2222" in text] == []


def test_what_is_said() -> None:
    (said,) = findings(model(instance(advert_int='"1s"')), [peer(low(instance(advert_int='"2s"')))])
    assert said.text == "1 s here, 2 s in theirs.toml; allowed: the same advert_int on all hosts"
