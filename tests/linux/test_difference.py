from dataclasses import replace
from ipaddress import ip_interface

import pytest

from tests.linux.rows import V6, A, B, held, instance
from vrrpd.config.entries import DetailedAddress
from vrrpd.config.model import Instance
from vrrpd.linux.difference import Add, Managed, Remove, difference, wanted_of
from vrrpd.linux.netlink import Held

ONE = instance(A)
OWNER = instance(A, priority=255)
OTHER = instance(B, name="VI_2")

ROWS: dict[str, tuple[list[Instance], list[Instance], list[Held], list[str]]] = {
    # managed, holding, held -> actions
    "nothing": ([ONE], [], [], []),
    "hold": ([ONE], [ONE], [], [f"+{A}/32"]),
    "hold/there": ([ONE], [ONE], [held(A)], []),
    "hold/there on another interface": ([ONE], [ONE], [held(A, interface="lo", marked=False)], [f"+{A}/32"]),
    "hold/there by hand: marked": ([ONE], [ONE], [held(A, marked=False)], [f"+{A}/32"]),
    "hold/other length, ours: replaced": ([ONE], [ONE], [held(f"{A}/24")], [f"+{A}/32", f"-{A}/24"]),
    "hold/other length by hand: beside": ([ONE], [ONE], [held(f"{A}/24", marked=False)], [f"+{A}/32"]),
    "hold/two": ([instance(A, B)], [instance(A, B)], [held(A)], [f"+{B}/32"]),
    "hold/two instances, one address": ([ONE], [ONE, instance(A, name="VI_2")], [], [f"+{A}/32"]),
    "hold/owner, own address there": ([OWNER], [OWNER], [held(f"{A}/24", marked=False)], []),
    "hold/owner, not there": ([OWNER], [OWNER], [], [f"+{A}/32"]),
    "hold/ipv6": ([instance(V6)], [instance(V6)], [], [f"+{V6}/128"]),
    "hold/ipv6, other length is in the way": (
        [instance(V6)],
        [instance(V6)],
        [held(f"{V6}/64", marked=False)],
        [f"-{V6}/64", f"+{V6}/128"],
    ),
    "release": ([ONE], [], [held(A)], [f"-{A}/32"]),
    "release/other instance goes on": ([ONE, OTHER], [OTHER], [held(A), held(B)], [f"-{A}/32"]),
    "release/adds come first": ([ONE, OTHER], [OTHER], [held(A)], [f"+{B}/32", f"-{A}/32"]),
    "leftover/of nobody": ([], [], [held("198.51.100.1")], ["-198.51.100.1/32"]),
    "leftover/by hand, same address": ([ONE], [], [held(A, marked=False)], [f"-{A}/32"]),
    "leftover/by hand, other length": ([ONE], [], [held(f"{A}/24", marked=False)], [f"-{A}/24"]),
    "leftover/owner's own stays": ([OWNER], [], [held(f"{A}/24", marked=False)], []),
    "leftover/owner's, marked": ([OWNER], [], [held(A)], [f"-{A}/32"]),
    "foreign/never touched": ([ONE], [ONE], [held(A), held("192.0.2.1/24", marked=False)], []),
    "foreign/same address elsewhere": ([ONE], [], [held(A, interface="lo", marked=False)], []),
}


@pytest.mark.parametrize(("managed", "holding", "there", "expected"), ROWS.values(), ids=ROWS.keys())
def test_difference(managed: list[Instance], holding: list[Instance], there: list[Held], expected: list[str]) -> None:
    known = Managed()
    known.learn(managed)
    actions = difference(wanted_of(holding), known, tuple(there))
    assert list(map(written, actions)) == expected


def test_addresses_are_where_they_belong() -> None:
    """Advertised or not, on the interface of the instance or on another."""
    elsewhere = DetailedAddress(address=ip_interface(B), dev="eth1")
    one = replace(ONE, virtual_ipaddress_excluded=(elsewhere, ip_interface(V6)))
    known = Managed()
    known.learn([one])
    assert set(wanted_of([one])) == set(one.places) == set(known.names)
    assert {name for name, _ in one.places} == {"eth0", "eth1"} <= known.interfaces()
    actions = difference(wanted_of([one]), known, (held(A), held(B, interface="eth0", marked=False)))
    assert list(map(written, actions)) == [f"+{B}/32", f"+{V6}/128"]


def written(action: Add | Remove) -> str:
    if isinstance(action, Add):
        return f"+{action.wanted.address}"
    return f"-{action.held.address}/{action.held.prefix_length}"


def test_what_an_instance_had_before_a_reload_stays_ours_to_remove() -> None:
    known = Managed()
    known.learn([ONE])
    known.learn([OTHER])
    assert difference({}, known, (held(A, marked=False),)) == (Remove(held(A, marked=False)),)
    assert known.names[("eth0", held(A).address)] == "VI_1"


def test_an_owner_that_is_one_no_more_leaves_nothing_behind() -> None:
    known = Managed()
    known.learn([OWNER])
    known.learn([ONE])
    assert known.removable(held(A, marked=False))


def test_places_are_on_the_interfaces_of_instances() -> None:
    known = Managed()
    known.learn([ONE, instance(B, interface="eth1")])
    assert known.interfaces() == {"eth0", "eth1"}
