"""Checks against the host: facts in, findings out; where nothing is known nothing is said."""

from ipaddress import ip_interface

import pytest

from tests.config.checks.files import HAPROXY, instance, model, told
from vrrpd.config.checks.haproxy import File
from vrrpd.config.checks.host import Facts, file_problems, findings, haproxy_problems, secrets
from vrrpd.config.problems import Grade

ADDRESSES = {
    "lo": (ip_interface("127.0.0.1/8"),),
    "eth0": (ip_interface("192.0.2.11/24"), ip_interface("2001:db8::11/64"), ip_interface("fe80::11/64")),
    "bare": (),
}
HOST = Facts(interfaces=ADDRESSES)
PASS = '{ type = "PASS", password = "1111" }'
VIP = "instance.VI_1.virtual_ipaddress"
OUTSIDE, PREFIX = [("vip-outside-subnets", VIP)], [("vip-with-subnet-prefix", VIP)]


def addresses(*each: str) -> str:
    return instance(virtual_ipaddress=str(list(each)))


def amqp(host: str, scope: str = "local") -> str:
    return f'[probe.a]\ntype = "amqp"\nhost = "{host}"\nscope = "{scope}"\n' + instance('"a"')


ROWS: dict[str, tuple[str, Facts, list[tuple[str, str]]]] = {
    "good": (HAPROXY + instance('"haproxy"', authentication=PASS), HOST, []),
    "unknown": (instance(interface='"eth9"', mcast_src_ip='"192.0.2.12"'), Facts(), []),
    "interface": (instance(interface='"eth9"'), HOST, [("interface-missing", "instance.VI_1.interface")]),
    "interface/of a probe": (
        '[probe.i]\ntype = "interface"\ninterface = "eth9"\n' + instance('"i"'),
        HOST,
        [("interface-missing", "probe.i.interface")],
    ),
    "vip/outside": (addresses("198.51.100.1"), HOST, OUTSIDE),
    "vip/outside with a subnet of its own": (addresses("198.51.100.1/24"), HOST, []),
    "vip/interface without addresses": (instance(interface='"bare"'), HOST, []),
    "vip/prefix of the subnet": (addresses("192.0.2.100/24"), HOST, PREFIX),
    "vip/another prefix": (addresses("192.0.2.100/25"), HOST, []),
    "vip/held already": (
        addresses("192.0.2.100/24"),
        Facts(interfaces={"eth0": (ip_interface("192.0.2.11/25"), ip_interface("192.0.2.100/24"))}),
        [],
    ),
    "vip/IPv6": (addresses("fe80::100", "2001:db8::100"), HOST, []),
    "vip/IPv6 outside": (addresses("fe80::100", "2001:db8:1::100"), HOST, OUTSIDE),
    "vip/IPv6 prefix": (addresses("fe80::100/64", "2001:db8::100/64"), HOST, []),
    "vmac": (
        instance(use_vmac="true"),
        Facts(interfaces=ADDRESSES, filters={"rp_filter": 1, "arp_filter": 0}),
        [("vmac-filtered", "instance.VI_1.use_vmac")],
    ),
    "vmac/loose": (instance(use_vmac="true"), Facts(interfaces=ADDRESSES, filters={"rp_filter": 2}), []),
    "vmac/none": (instance(), Facts(interfaces=ADDRESSES, filters={"rp_filter": 1}), []),
    "source": (instance(mcast_src_ip='"192.0.2.12"'), HOST, [("source-not-here", "instance.VI_1.mcast_src_ip")]),
    "source/unicast": (
        instance(unicast_peer='["192.0.2.13"]', unicast_src_ip='"192.0.2.12"'),
        HOST,
        [("source-not-here", "instance.VI_1.unicast_src_ip")],
    ),
    "source/here": (instance(mcast_src_ip='"192.0.2.11"'), HOST, []),
    "socket": (
        HAPROXY + instance('"haproxy"'),
        Facts(denied=frozenset({"/run/h.sock"})),
        [("stats-socket-denied", "probe.haproxy.socket")],
    ),
    "socket/another": (HAPROXY + instance('"haproxy"'), Facts(denied=frozenset({"/run/o.sock"})), []),
    "keepalived": (instance(), Facts(keepalived=(17, 18)), [("keepalived-running", "instance")]),
    "amqp/elsewhere": (amqp("192.0.2.1"), HOST, [("amqp-not-local", "probe.a.host")]),
    "amqp/here": (amqp("192.0.2.11"), HOST, []),
    "amqp/loopback": (amqp("127.0.0.1"), HOST, []),
    "amqp/through the virtual address": (amqp("192.0.2.100"), HOST, []),
    "amqp/a name": (amqp("rabbit1"), HOST, []),
    "amqp/only shown": (amqp("192.0.2.1", scope="shared"), HOST, []),
}


@pytest.mark.parametrize("name", ROWS)
def test_row(name: str) -> None:
    text, facts, expected = ROWS[name]
    assert told(findings(model(text), facts)) == expected


def test_haproxy_is_blamed_in_its_own_file() -> None:
    file = File("/etc/haproxy/haproxy.cfg", "listen l\n bind 192.0.2.100:5672\n bind 192.0.2.11:80\n")
    facts = Facts(interfaces=ADDRESSES, nonlocal_bind={4: False}, haproxy_cfg=file)
    (said,) = haproxy_problems(model(instance()), facts)
    assert str(said).startswith("/etc/haproxy/haproxy.cfg:2: bind: 192.0.2.100 is a virtual address")
    assert haproxy_problems(model(instance()), HOST) == ()


def test_passwords() -> None:
    """Each by itself: they may be in several files."""
    probe = '[probe.a]\ntype = "amqp"\nuser = "u"\npassword = "p"\n' + instance('"a"', authentication=PASS)
    assert told(secrets(model(probe))) == [
        ("password-readable", "instance.VI_1.authentication.password"),
        ("password-readable", "probe.a.password"),
    ]
    assert told(secrets(model(instance()))) == []


def test_who_is_meant() -> None:
    """Root asks for another one."""
    text, denied = HAPROXY + instance('"haproxy"'), frozenset({"/run/h.sock"})
    said = [each.text for user in ("", "vrrpd") for each in findings(model(text), Facts(denied=denied, user=user))]
    assert [each.partition(";")[0] for each in said] == [
        "/run/h.sock may not be opened by who runs this",
        "/run/h.sock may not be opened by user vrrpd",
    ]


def test_a_file_that_will_not_be_read() -> None:
    (said,) = file_problems(Facts(unreadable=("/etc/k",), user="vrrpd"))
    assert (str(said).partition(";")[0], said.grade, said.code) == (
        "/etc/k: user vrrpd may not read it",
        Grade.ERROR,
        "file-not-readable",
    )
    assert file_problems(Facts()) == ()
