"""Instances and addresses that the tests of this room share."""

from ipaddress import ip_address, ip_interface

from vrrpd.config.model import Instance
from vrrpd.linux.netlink import Held

A, B = "192.0.2.100", "192.0.2.101"
V6 = "fe80::100"
HAPROXY = """\
[probe.h]
type = "haproxy"
socket = "{socket}"
[instance.VI_1]
interface = "lo"
virtual_router_id = 51
virtual_ipaddress = ["192.0.2.1"]
track = ["h"]
"""
"""A configuration with a probe of this socket."""


def instance(
    *addresses: str,
    name: str = "VI_1",
    interface: str = "eth0",
    priority: int = 100,
    repeat: int = 2,
    lease: str | int = "off",
) -> Instance:
    return Instance(
        name=name,
        interface=interface,
        virtual_router_id=51,
        priority=priority,
        garp_master_repeat=repeat,
        vip_lease=lease,
        virtual_ipaddress=tuple(ip_interface(each) for each in addresses),
    )


def held(address: str, *, marked: bool = True, interface: str = "eth0", leased: bool = False) -> Held:
    """`address` with or without a prefix length."""
    parsed = ip_interface(address)
    return Held(interface, ip_address(parsed.ip), parsed.network.prefixlen, marked=marked, leased=leased)
