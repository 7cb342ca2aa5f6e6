"""Checks across keywords: a row that breaks each, and rows that come close and are right."""

from collections.abc import Callable, Sequence

import pytest

from vrrpd.config import lint
from vrrpd.config.model import Configuration
from vrrpd.config.problems import Finding
from vrrpd.config.toml import Loaded

Load = Callable[[str], Loaded]
Problems = Callable[[str], list[str]]


def instance(
    name: str = "a", interface: str = "e", vrid: int = 1, addresses: Sequence[str] = ("10.0.0.1",), **more: str
) -> str:
    """Four lines of an instance, and a line for each keyword more."""
    lines = [
        f"[instance.{name}]",
        f'interface = "{interface}"',
        f"virtual_router_id = {vrid}",
        f"virtual_ipaddress = [{', '.join(repr(each) for each in addresses)}]",
        *(f"{keyword} = {value}" for keyword, value in more.items()),
    ]
    return "\n".join(lines) + "\n"


def many(count: int, prefix: str) -> list[str]:
    """So many different addresses."""
    return [f"{prefix}{number:x}" if ":" in prefix else f"{prefix}{number}" for number in range(count)]


PASS = '{ type = "PASS", password = "1111" }'
HTTP = 'allowed: address:port such as "127.0.0.1:9811" or "[::1]:9811", or "" for none'
INTERFACE = "is no name of an interface; allowed: 1 to 15 octets without / : space"
NAME = "is not a name; allowed: 1 to 64 letters, digits and _ . : -"
V2 = "allowed: whole seconds 1..255 in VRRPv2"
V3 = "allowed: 0.01..40.95 seconds in steps of 0.01 in VRRPv3"

ERRORS: dict[str, tuple[str, list[str]]] = {
    "vip_lease/too long": (
        instance(vip_lease='"4s"'),
        [
            (
                "f:5: instance.a.vip_lease: 4 seconds are not more than one advert_int and at most 3; "
                'allowed: "auto", "off" or up to 3'
            )
        ],
    ),
    # --- daemon
    "daemon/run_dir relative": (
        instance() + '[daemon]\nrun_dir = "run"',
        ['f:6: daemon.run_dir: "run" is not absolute; allowed: a path from /'],
    ),
    "daemon/state_dir empty": (
        instance() + '[daemon]\nstate_dir = ""',
        ['f:6: daemon.state_dir: "" is not absolute; allowed: a path from /'],
    ),
    "daemon/run_dir long": (
        instance() + f'[daemon]\nrun_dir = "/{"x" * 94}"',
        ["f:6: daemon.run_dir: too long for a socket in it; allowed: 94 octets"],
    ),
    **{
        f"daemon/http {text}": (
            instance() + f'[daemon]\nhttp = "{text}"',
            [f'f:6: daemon.http: "{text}" is not an address and port; {HTTP}'],
        )
        for text in ("localhost:80", "10.0.0.1", "10.0.0.1:0", "10.0.0.1:65536", "10.0.0:80", "::1:80", "[10.0.0.1]:80")
    },
    # --- probes
    "probe/name": (
        instance() + '[probe."a b"]\ntype = "plain"',
        [f'f:5: probe."a b": "a b" {NAME}'],
    ),
    "probe/blames its keyword": (
        instance() + '[probe.p]\ntype = "farm"\nsocket = "s"',
        ["f:7: probe.p.socket: is not absolute"],
    ),
    "probe/blames nothing": (
        instance() + '[probe.p]\ntype = "farm"\nsocket = "/s"\npassword = "x"',
        ["f:5: probe.p: farms need no password"],
    ),
    # --- one instance
    "instance/none": ("", ["f:1: instance: there is no instance; allowed: at least one [instance.NAME]"]),
    "instance/name empty": (instance('""'), [f'f:1: instance."": "" {NAME}']),
    "instance/name of 65": (
        instance("x" * 65),
        [f'f:1: instance."{"x" * 60}...": "{"x" * 60}..." {NAME}'],
    ),
    **{
        f"interface/{name}": (instance(interface=name), [f'f:2: instance.a.interface: "{name}" {INTERFACE}'])
        for name in ("", ".", "..", "a b", "a/b", "eth0:1", "x" * 16, "é" * 8)
    },
    "advert_int/v2 fraction": (
        instance(advert_int="1.5"),
        [f"f:5: instance.a.advert_int: 1.5 seconds cannot be sent; {V2}"],
    ),
    "advert_int/v2 short": (
        instance(advert_int='"10ms"'),
        [f"f:5: instance.a.advert_int: 0.01 seconds cannot be sent; {V2}"],
    ),
    "advert_int/v3 long": (
        instance(advert_int="40.96", vrrp_version="3"),
        [f"f:5: instance.a.advert_int: 40.96 seconds cannot be sent; {V3}"],
    ),
    "advert_int/v3 steps": (
        instance(advert_int='"15ms"', vrrp_version="3"),
        [f"f:5: instance.a.advert_int: 0.015 seconds cannot be sent; {V3}"],
    ),
    "authentication/v3": (
        instance(authentication=PASS, vrrp_version="3"),
        [
            (
                "f:5: instance.a.authentication: VRRPv3 has no authentication (RFC 5798 section 9); "
                "allowed: with vrrp_version = 2 only"
            )
        ],
    ),
    "authentication/IPv6": (
        instance(addresses=["fe80::1"], authentication=PASS),
        [
            (
                "f:5: instance.a.authentication: VRRPv3 has no authentication (RFC 5798 section 9); "
                "allowed: with vrrp_version = 2 only"
            )
        ],
    ),
    # --- addresses
    "addresses/none": (
        instance(addresses=[]),
        ["f:4: instance.a.virtual_ipaddress: is empty; allowed: at least one address"],
    ),
    "addresses/families": (
        instance(addresses=["fe80::1", "10.0.0.1/8"]),
        [
            (
                "f:4: instance.a.virtual_ipaddress: 10.0.0.1/8 is not IPv6 as the first address; "
                "allowed: one family per instance"
            )
        ],
    ),
    "addresses/IPv6 in v2": (
        instance(addresses=["fe80::1"], vrrp_version="2"),
        ["f:5: instance.a.vrrp_version: VRRPv2 has no IPv6; allowed: 3 with IPv6 addresses"],
    ),
    "addresses/256 of IPv4": (
        instance(addresses=[*many(255, "10.0.0."), "10.0.1.1"]),
        ["f:4: instance.a.virtual_ipaddress: 256 addresses do not fit an advertisement; allowed: 255"],
    ),
    "addresses/91 of IPv6": (
        instance(addresses=many(91, "fe80::1:")),
        ["f:4: instance.a.virtual_ipaddress: 91 addresses do not fit an advertisement; allowed: 90"],
    ),
    "source/family": (
        instance(mcast_src_ip='"fe80::1"'),
        ["f:5: instance.a.mcast_src_ip: fe80::1 is not IPv4; allowed: the family of virtual_ipaddress"],
    ),
    "source/virtual": (
        instance(mcast_src_ip='"10.0.0.1"'),
        ["f:5: instance.a.mcast_src_ip: 10.0.0.1 is a virtual address; allowed: an address that this host always has"],
    ),
    # --- together
    "track/unknown, close": (
        instance(track='["haprox"]') + '[probe.haproxy]\ntype = "plain"',
        ['f:5: instance.a.track: "haprox" is no probe; did you mean haproxy?'],
    ),
    "track/unknown, far": (
        instance(track='["zzz"]') + '[probe.haproxy]\ntype = "plain"',
        ['f:5: instance.a.track: "zzz" is no probe; allowed: haproxy'],
    ),
    "track/twice": (
        instance(track='[\n"p",\n{ probe = "p", weight = 3 }]') + '[probe.p]\ntype = "plain"',
        ['f:7: instance.a.track: "p" is tracked already; allowed: each probe once'],
    ),
    "vrid/taken": (
        instance() + instance("b", addresses=["10.0.0.2"]),
        ["f:7: instance.b.virtual_router_id: 1 is taken on e by instance a; allowed: another VRID"],
    ),
    "addresses/in two instances": (
        instance() + instance("b", vrid=2, addresses=["10.0.0.2", "10.0.0.1/24"]),
        ["f:8: instance.b.virtual_ipaddress: 10.0.0.1 is in instance a; allowed: each address once per interface"],
    ),
    "addresses/twice in one": (
        instance(addresses=["10.0.0.1/24", "10.0.0.1"]),
        ["f:4: instance.a.virtual_ipaddress: 10.0.0.1 is in instance a; allowed: each address once per interface"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), ERRORS.values(), ids=ERRORS)
def test_errors(text: str, expected: list[str], problems: Problems) -> None:
    assert problems(text) == expected


FINE: dict[str, str] = {
    "daemon/run_dir as long as a socket lets it": instance() + f'[daemon]\nrun_dir = "/{"x" * 93}"',
    "daemon/no http": instance() + '[daemon]\nhttp = ""',
    "daemon/http of IPv6": instance() + '[daemon]\nhttp = "[fe80::1]:65535"',
    "daemon/http on any address": instance() + '[daemon]\nhttp = "0.0.0.0:1"',
    "instance/name of 64": instance("x" * 64),
    "instance/name of all kinds": instance('"A_z.0:-"'),
    "interface/15": instance(interface="x" * 15),
    "interface/vlan": instance(interface="bond0.100"),
    "advert_int/v2 255": instance(advert_int="255"),
    "advert_int/v3 least": instance(advert_int="0.01", vrrp_version="3", vip_lease='"off"'),
    "advert_int/v3 most": instance(advert_int="40.95", vrrp_version="3"),
    "advert_int/v3 step": instance(advert_int="0.29", vrrp_version="3", vip_lease='"off"'),
    "authentication/v2": instance(authentication=PASS),
    "addresses/255 of IPv4": instance(addresses=many(255, "10.0.0.")),
    "addresses/90 of IPv6": instance(addresses=many(90, "fe80::1:")),
    "addresses/same on another interface": instance() + instance("b", "f"),
    "source/IPv4": instance(mcast_src_ip='"10.0.0.2"'),
    "source/of the owner": instance(mcast_src_ip='"10.0.0.1"', priority="255"),
    "vrid/other family": instance() + instance("b", addresses=["fe80::1"]),
    "vrid/other VRID": instance() + instance("b", vrid=2, addresses=["10.0.0.2"]),
    "track/timeout above interval": instance(track='["p"]') + '[probe.p]\ntype = "plain"\ninterval = 1\ntimeout = 3',
    "track/owner without a weight": instance(track='["p"]', priority="255") + '[probe.p]\ntype = "plain"',
    "track/weight": instance(track='["p"]') + '[probe.p]\ntype = "plain"\nweight = 5',
    "checksum/v3": instance(v3_checksum_pseudo_header="false", vrrp_version="3"),
    "nopreempt/no delay": instance(nopreempt="true"),
    "source/IPv6": instance(addresses=["fe80::1"], mcast_src_ip='"fe80::2"'),
}


@pytest.mark.parametrize("text", FINE.values(), ids=FINE)
def test_neither_error_nor_warning(text: str, load: Load) -> None:
    assert load(text).warnings == ()


WARNINGS: dict[str, tuple[str, list[str]]] = {
    "probe/untracked": (
        instance() + '[probe.p]\ntype = "plain"',
        ["f:5: probe.p: no instance tracks it"],
    ),
    "track/weight at the owner": (
        instance(priority="255", track='["p"]') + '[probe.p]\ntype = "plain"\nweight = 5',
        ['f:6: instance.a.track: the weight of "p" has no effect: priority 255 is never changed'],
    ),
    "vip_lease/overlap below a third": (
        instance(advert_int="0.25", vrrp_version="3"),
        [
            (
                "f:1: instance.a.vip_lease: a daemon that dies or hangs leaves its addresses for up to 0.5 s beside a "
                "new Master: the kernel counts whole seconds, advert_int is 0.25 s"
            )
        ],
    ),
    "nopreempt/owner": (
        instance(priority="255", nopreempt="true"),
        ["f:6: instance.a.nopreempt: has no effect: the owner always preempts (RFC 9568 6.1)"],
    ),
    "preempt_delay/nopreempt": (
        instance(nopreempt="true", preempt_delay="1"),
        ["f:6: instance.a.preempt_delay: has no effect with nopreempt"],
    ),
    "checksum/v2": (
        instance(v3_checksum_pseudo_header="false"),
        ["f:5: instance.a.v3_checksum_pseudo_header: has no effect in VRRPv2"],
    ),
    "addresses/first is global": (
        instance(addresses=["2001:db8::1", "fe80::1"]),
        [
            (
                "f:4: instance.a.virtual_ipaddress: the first IPv6 address should be link-local (RFC 9568 5.2.9), "
                "2001:db8::1 is not"
            )
        ],
    ),
    "source/global": (
        instance(addresses=["fe80::1"], mcast_src_ip='"2001:db8::2"'),
        ["f:5: instance.a.mcast_src_ip: the source should be link-local (RFC 9568 5.1.2.1), 2001:db8::2 is not"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), WARNINGS.values(), ids=WARNINGS)
def test_warnings(text: str, expected: list[str], load: Load) -> None:
    assert [str(each) for each in load(text).warnings] == expected


def test_works_on_the_model_alone() -> None:
    """Another reader has its own lines."""
    text = "there is no instance; allowed: at least one [instance.NAME]"
    assert lint.errors(Configuration()) == (Finding(("instance",), text),)
