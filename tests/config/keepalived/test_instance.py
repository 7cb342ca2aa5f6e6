"""vrrp_instance: what the election rests on, and keepalived's silent errors."""

from collections.abc import Callable
from typing import Any

import pytest

from vrrpd.config.keepalived.addresses import Addresses
from vrrpd.config.keepalived.draft import Draft, Section
from vrrpd.config.keepalived.global_defs import Defaults
from vrrpd.config.keepalived.health import Health
from vrrpd.config.keepalived.instance import Router
from vrrpd.config.keepalived.notify import Notified
from vrrpd.config.keepalived.reader import Drafted
from vrrpd.config.keepalived.table import Standing
from vrrpd.config.keepalived.words_instance import INSTANCE

HEAD = "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.1\n}\n"
"""Lines 1 to 6."""

Told = Callable[[str], list[str]]
Read = Callable[[str], Drafted]


def made(read: Read, lines: str, before: str = "") -> dict[str, Any]:
    """The native table, without what all rows have."""
    (table,) = read(f"{before}{HEAD}{lines}\n}}\n").draft.document["instance"].values()
    return {
        keyword: value
        for keyword, value in table.items()
        if keyword not in ("interface", "virtual_router_id", "virtual_ipaddress")
    }


RULES: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "nothing": ("", {}, []),
    "the state alone does nothing": ("state BACKUP", {}, []),
    "MASTER with a priority": ("state MASTER\npriority 100", {"priority": 100}, []),
    "MASTER without one is the owner": (
        "state MASTER",
        {"priority": 255},
        [
            (
                "7: warning: vrrp_instance.V.state: MASTER without a priority is priority 255 in keepalived, which "
                "no weight "
                "changes; give a priority"
            )
        ],
    ),
    "an owner that begins as BACKUP": (
        "state BACKUP\npriority 255",
        {"priority": 255},
        [
            (
                "7: warning: vrrp_instance.V.state: without effect: priority 255 is Master at once; "
                "keepalived would wait "
                "before"
            )
        ],
    ),
    "another state": (
        "state master",
        {},
        [
            (
                '7: warning: vrrp_instance.V.state: "master" is neither MASTER nor BACKUP; taken for BACKUP, as in '
                "keepalived"
            )
        ],
    ),
    "nopreempt": ("nopreempt\npreempt", {"nopreempt": True}, []),
    "MASTER clears nopreempt and preempt_delay": (
        "state MASTER\nnopreempt\npreempt_delay 3\npriority 100",
        {"priority": 100},
        [
            f"{line}: warning: vrrp_instance.V.{keyword}: with state MASTER keepalived clears {keyword}, so it is left "
            "out; allowed: with state BACKUP"
            for line, keyword in ((8, "nopreempt"), (9, "preempt_delay"))
        ],
    ),
    "nopreempt has no delay": (
        "nopreempt\npreempt_delay 3",
        {"nopreempt": True, "preempt_delay": "3s"},
        ["8: warning: vrrp_instance.V.preempt_delay: has no effect with nopreempt"],
    ),
    "a priority that keepalived would make 100": (
        "priority 256",
        {"priority": 256},
        ["7: error: vrrp_instance.V.priority: 256 is out of range; allowed: a whole number 1..255"],
    ),
    "no number": (
        "priority 100x",
        {"priority": "100x"},
        ['7: error: vrrp_instance.V.priority: "100x" is not a whole number; allowed: a whole number 1..255'],
    ),
    "an interval that keepalived would make 1 s": (
        "advert_int 300",
        {"advert_int": "1s"},
        ['7: warning: vrrp_instance.V.advert_int: "300" is no interval up to 255 s; 1 s, as in keepalived'],
    ),
    "an interval that it rounds": (
        "advert_int 1.5",
        {"advert_int": "2s"},
        ["7: warning: vrrp_instance.V.advert_int: VRRPv2 has whole seconds; rounded to 2s, as in keepalived"],
    ),
    "the smallest it rounds to": (
        "advert_int 0.4",
        {"advert_int": "1s"},
        ["7: warning: vrrp_instance.V.advert_int: VRRPv2 has whole seconds; rounded to 1s, as in keepalived"],
    ),
    "fractions in version 3": ("advert_int 0.5\nversion 3", {"advert_int": "0.5s", "vrrp_version": 3}, []),
    "out of range and harmless": (
        "preempt_delay 2000\ngarp_master_repeat x",
        {},
        [
            (
                '7: warning: vrrp_instance.V.preempt_delay: "2000s" is out of range; allowed: a duration 0..1000 '
                "seconds, as "
                '"1s", "500ms", "2m" or a number; left out, so the default counts'
            ),
            '8: warning: vrrp_instance.V.garp_master_repeat: "x" is not a number; left out, so the default counts',
        ],
    ),
    "its own interface is watched anyway": (
        "track_interface {\neth0\n}",
        {},
        ["8: note: vrrp_instance.V.track_interface: eth0 is left out: it is watched anyway"],
    ),
}


@pytest.mark.parametrize("row", RULES.values(), ids=RULES.keys())
def test_rules(row: tuple[str, dict[str, Any], list[str]], read: Read, told: Told) -> None:
    """keepalived-semantics 4.3, features 3.1."""
    lines, expected, said = row
    assert (made(read, lines), told(f"{HEAD}{lines}\n}}\n")) == (expected, said)


@pytest.mark.parametrize("address", ["fe80::1", "fe80::1/64 -nodad"])
def test_a_default_of_version_2_is_not_for_ipv6(address: str, read: Read) -> None:
    text = "global_defs {\nvrrp_version 2\n}\n" + HEAD.replace("10.0.0.1", address) + "}\n"
    (instance,) = read(text).configuration.instances
    assert instance.vrrp_version == 3


def test_an_ipv6_address_with_words_makes_version_3(read: Read, told: Told) -> None:
    """What version 3 takes and version 2 does not: fractions of a second, and the group of IPv6."""
    head = "global_defs {\nvrrp_mcast_group6 ff02::15\n}\n" + HEAD.replace("10.0.0.1", "fe80::1/64 -nodad")
    text = f"{head}advert_int 0.5\nauthentication {{\nauth_type PASS\nauth_pass 1\n}}\n}}\n"
    (instance,) = read(text).configuration.instances
    assert (instance.vrrp_version, instance.advert_int, str(instance.mcast_dst_ip)) == (3, 0.5, "ff02::15")
    assert told(text) == [
        "11: warning: vrrp_instance.V.authentication: VRRPv3 has none; left out, as in keepalived",
    ]


def test_names(told: Told) -> None:
    """keepalived leaves out what has none, two, or one that is there."""
    rest = HEAD.partition("\n")[2] + "}\n"
    assert told("vrrp_instance {\n" + rest + "vrrp_instance a b {\n" + rest)[:2] == [
        "1: error: vrrp_instance: must have one name; keepalived leaves the whole block out",
        "8: error: vrrp_instance: must have one name; keepalived leaves the whole block out",
    ]
    assert told(HEAD + "}\n" + HEAD + "}\n") == [
        "8: error: vrrp_instance.V: is there already; keepalived leaves the second one out"
    ]
    assert told('vrrp_instance "V 1" {\n' + rest) == ['1: note: vrrp_instance."V 1": is called V_1 here']


def test_what_is_missing_has_the_line_of_the_block(told: Told) -> None:
    said = told("\nvrrp_instance V {\n}\n")
    assert [each.partition(" missing")[0] for each in said] == [
        f"2: error: vrrp_instance.V: {keyword}".removesuffix(f": {keyword}") + ":"
        for keyword in ("interface", "virtual_router_id", "virtual_ipaddress")
    ]


def test_every_supported_keyword_has_a_reader() -> None:
    section = Section(Draft(), (), (), ())
    defaults = Defaults()
    health = Health(section.draft, defaults)
    router = Router(
        section, health, defaults, 0, "", strict=False, notified=Notified(defaults), addresses=Addresses("")
    )
    assert router.readers().keys() == {name for name, word in INSTANCE.items() if word.standing is Standing.SUPPORTED}
