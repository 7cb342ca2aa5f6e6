"""vrrp_strict: what is left out with it as in keepalived, what is kept by it, and what is not so here."""

from collections.abc import Callable
from typing import Any

import pytest

from vrrpd.config.keepalived.reader import Drafted
from vrrpd.config.keepalived.strict import REACHED

Told = Callable[[str], list[str]]
Read = Callable[[str], Drafted]
WHERE = "vrrp_instance.V"
ENDS = "vrrp_strict allows none, and keepalived ends; allowed: without vrrp_strict"
OWNER = "MASTER without a priority is priority 255 in keepalived, which no weight changes; give a priority"
CLEARED = "with state MASTER keepalived clears nopreempt, so it is left out; allowed: with state BACKUP"
NONE = "vrrp_strict allows none; left out, as in keepalived"


def file(*lines: str, strict: str = "vrrp_strict", vip: str = "10.0.0.1") -> str:
    """The note about it is in line 2, the first of `lines` in line 10."""
    own = "\n".join(lines)
    head = f"global_defs {{\n{strict}\n}}\nvrrp_instance V {{\ninterface eth0\nvirtual_router_id 1\n"
    return f"{head}virtual_ipaddress {{\n{vip}\n}}\n{own}\n}}\n"


ROWS: dict[str, tuple[tuple[str, ...], dict[str, Any], list[str]]] = {
    "nothing": ((), {}, []),
    "authentication": (
        ("authentication {", "auth_type PASS", "auth_pass 1", "}"),
        {},
        [f"10: warning: {WHERE}.authentication: {NONE}"],
    ),
    "preempt_delay": (("preempt_delay 3",), {}, [f"10: warning: {WHERE}.preempt_delay: {NONE}"]),
    "down_timer_adverts": (("down_timer_adverts 5",), {}, [f"10: warning: {WHERE}.down_timer_adverts: {NONE}"]),
    "vmac_xmit_base": (
        ("use_vmac", "vmac_xmit_base"),
        {"use_vmac": True},
        [f"11: warning: {WHERE}.vmac_xmit_base: {NONE}"],
    ),
    "unicast, before it is known": (
        ("unicast_peer {", "10.0.0.2", "}"),
        {"unicast_peer": ["10.0.0.2"], "check_unicast_src": False},
        [f"10: error: {WHERE}.unicast_peer: {ENDS}"],
    ),
    "MASTER that is no owner is BACKUP, so nopreempt stays": (
        ("state MASTER", "priority 100", "nopreempt"),
        {"priority": 100, "nopreempt": True},
        [],
    ),
    "MASTER without a priority is the owner, who always preempts": (
        ("state MASTER", "nopreempt"),
        {"priority": 255},
        [
            f"10: warning: {WHERE}.state: {OWNER}",
            f"11: warning: {WHERE}.nopreempt: {CLEARED}",
        ],
    ),
    "an owner that begins as BACKUP is Master at once": (("state BACKUP", "priority 255"), {"priority": 255}, []),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_rules(row: tuple[tuple[str, ...], dict[str, Any], list[str]], read: Read, told: Told) -> None:
    """vrrp_complete_instance, in its order."""
    lines, expected, said = row
    (table,) = read(file(*lines)).draft.document["instance"].values()
    common = ("interface", "virtual_router_id", "virtual_ipaddress")
    assert {keyword: value for keyword, value in table.items() if keyword not in common} == expected
    assert told(file(*lines)) == [f"2: note: global_defs.vrrp_strict: {REACHED}", *said]


def test_of_one_instance(told: Told) -> None:
    """Also behind what it forbids; and switched off for one of all."""
    for lines in (["strict_mode", "preempt_delay 3"], ["preempt_delay 3", "strict_mode"]):
        first = 10 + lines.index("strict_mode")
        assert sorted(told(file(*lines, strict=""))) == sorted(
            [
                f"{first}: note: {WHERE}.strict_mode: {REACHED}",
                f"{21 - first}: warning: {WHERE}.preempt_delay: {NONE}",
            ]
        )
    assert told(file("strict_mode off", "preempt_delay 3"))[1:] == []
    assert told(file("preempt_delay 3", strict="vrrp_strict off")) == []


def test_defaults_of_all_are_left_out_as_well(read: Read) -> None:
    (instance,) = read(file(strict="vrrp_strict\nvrrp_down_timer_adverts 5")).configuration.instances
    assert instance.down_timer_adverts == 3


def test_ipv6_is_version_3(read: Read, told: Told) -> None:
    """Without it version 2 with IPv6 is a mistake."""
    text = file("version 2", vip="fe80::1")
    assert [each.vrrp_version for each in read(text).configuration.instances] == [3]
    why = "IPv6 has version 3 alone, which vrrp_strict makes of it, as in keepalived"
    assert told(text)[1:] == [f"10: warning: {WHERE}.version: {why}"]
    assert "error" in told(file("version 2", vip="fe80::1", strict=""))[0]
