"""Virtual addresses with words to them: how they are read, what is refused."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_interface

import pytest

from tests.config.test_lint import instance
from vrrpd.config.entries import DetailedAddress
from vrrpd.config.toml import Loaded
from vrrpd.config.virtual import EXCLUDED, is_interface

Load = Callable[[str], Loaded]
Problems = Callable[[str], list[str]]
WHERE = "f:5: instance.a.virtual_ipaddress_excluded"
FAMILIES = "allowed: dev and nodad with IPv6 addresses"


def excluded(*elements: str) -> str:
    return instance(virtual_ipaddress_excluded=f"[{', '.join(elements)}]")


def test_read(load: Load) -> None:
    """A table that says no more than its address is the address."""
    text = excluded(
        '"10.0.0.2/24"',
        '{ address = "10.0.0.3" }',
        '{ address = "10.0.0.4/24", dev = "eth1", label = "eth1:1", scope = "link", broadcast = "10.0.0.255" }',
        '{ address = "fe80::1", nodad = false }',
    )
    (found,) = load(text).configuration.instances
    assert found.virtual_ipaddress_excluded == (
        ip_interface("10.0.0.2/24"),
        ip_interface("10.0.0.3"),
        DetailedAddress(
            address=ip_interface("10.0.0.4/24"),
            dev="eth1",
            label="eth1:1",
            scope="link",
            broadcast=IPv4Address("10.0.0.255"),
        ),
        DetailedAddress(address=ip_interface("fe80::1"), nodad=False),
    )


def test_where_they_are(load: Load) -> None:
    """Advertised are those of virtual_ipaddress alone."""
    text = excluded('{ address = "10.0.0.3", dev = "eth1" }', '"fe80::1"')
    (found,) = load(text).configuration.instances
    first, second, third = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.3"), IPv6Address("fe80::1")
    assert found.addresses == (first,)
    assert found.places == (("e", first), ("eth1", second), ("e", third))
    assert found.segments == set(found.places)


def test_others_are_heard_where_the_link_is(load: Load) -> None:
    """Not on the interface with the virtual MAC."""
    (found,) = load(instance(use_vmac="true", addresses=("10.0.0.1",))).configuration.instances
    assert found.places == (("vrrp.1", IPv4Address("10.0.0.1")),)
    assert found.segments == {("e", IPv4Address("10.0.0.1"))}


ERRORS: dict[str, tuple[str, list[str]]] = {
    "no address": (
        excluded('{ address = "x" }'),
        [f'{WHERE}.address: "x" is not an address; allowed: an IPv4 or IPv6'],
    ),
    "a table without": (excluded('{ dev = "e" }'), [f"{WHERE}.address: missing"]),
    "unknown word": (excluded('{ address = "10.0.0.2", peer = "x" }'), [f"{WHERE}.peer: unknown keyword"]),
    "dev": (
        excluded('{ address = "10.0.0.2", dev = "a b" }'),
        [f'{WHERE}: dev "a b" is no name of an interface; allowed: 1 to 15 octets without / : space'],
    ),
    "label": (
        excluded('{ address = "10.0.0.2", label = "a234567890123456" }'),
        [f'{WHERE}: label "a234567890123456" cannot be set; allowed: 1 to 15 printable ASCII characters'],
    ),
    "scope": (
        excluded('{ address = "10.0.0.2", scope = "planet" }'),
        [f'{WHERE}.scope: "planet" is none of the choices; allowed: "global", "site", "link", "host"'],
    ),
    "words of IPv4": (
        excluded('{ address = "fe80::2", label = "x", broadcast = "10.0.0.255", scope = "link" }'),
        [f"{WHERE}: {word} is for IPv4; {FAMILIES}" for word in ("label", "broadcast", "scope")],
    ),
    "words of IPv6": (
        excluded('{ address = "10.0.0.2", nodad = false }'),
        [f"{WHERE}: nodad is for IPv6; allowed: dev, label, scope and broadcast with IPv4 addresses"],
    ),
    "broadcast of another family": (
        excluded('{ address = "10.0.0.2", broadcast = "fe80::1" }'),
        [f"{WHERE}: broadcast fe80::1 is not IPv4; allowed: an IPv4 address"],
    ),
    "in both lists": (
        excluded('"10.0.0.1"'),
        [f"{WHERE}: 10.0.0.1 is in instance a; allowed: each address once per interface"],
    ),
    "twice, on two interfaces": (
        excluded('{ address = "10.0.0.1", dev = "eth1" }'),
        [f"{WHERE}: 10.0.0.1 is in instance a; allowed: each address once per interface"],
    ),
    "of another instance": (
        excluded('{ address = "10.0.0.2", dev = "eth1" }')
        + instance("b", interface="eth1", vrid=2, addresses=("10.0.0.2",)),
        ["f:9: instance.b.virtual_ipaddress: 10.0.0.2 is in instance a; allowed: each address once per interface"],
    ),
    "more than anybody has": (
        excluded(*(f'"10.1.{each >> 8}.{each & 255}"' for each in range(EXCLUDED + 1))),
        [f"{WHERE}: {EXCLUDED + 1} addresses; allowed: {EXCLUDED}"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), ERRORS.values(), ids=ERRORS.keys())
def test_errors(text: str, expected: list[str], problems: Problems) -> None:
    said = problems(text)
    assert [each[: len(start)] for each, start in zip(said, expected, strict=True)] == expected


def test_one_address_on_two_interfaces_by_two_instances(load: Load) -> None:
    text = excluded('{ address = "10.0.0.2", dev = "eth1" }') + instance("b", vrid=2, addresses=("10.0.0.2",))
    assert len(load(text).configuration.instances) == 2


@pytest.mark.parametrize(
    ("name", "expected"),
    [("eth0", True), ("", False), (".", False), ("a:b", False), ("a" * 15, True), ("ä" * 8, False)],
)
def test_names_of_interfaces(name: str, *, expected: bool) -> None:
    assert is_interface(name) is expected
