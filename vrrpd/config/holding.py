"""Keywords of an instance that say how it holds its addresses, and how neighbours learn of that."""

from dataclasses import dataclass
from typing import Annotated

from vrrpd.config.entries import VirtualAddress
from vrrpd.config.routing import Route, Rule
from vrrpd.protocol.messages import Seconds
from vrrpd.schema import Doc


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What a Master does with its addresses, besides those that it advertises."""

    virtual_ipaddress_excluded: Annotated[
        tuple[VirtualAddress, ...],
        Doc(
            "held like virtual_ipaddress, but not in the advertisements: for more than fit, or of the other family",
            example='["192.168.92.201/32", "2001:db8::201/128"]',
        ),
    ] = ()
    virtual_routes: Annotated[
        tuple[Route, ...],
        Doc(
            "set while Master, in the words of ip-route(8), see docs/routes.md",
            example='["10.1.0.0/16 via 192.168.92.1 dev eth0 src 192.168.92.200 table 100"]',
        ),
    ] = ()
    virtual_rules: Annotated[
        tuple[Rule, ...],
        Doc(
            "set while Master, in the words of ip-rule(8), see docs/routes.md",
            example='["from 192.168.92.200 lookup 100 priority 1000"]',
        ),
    ] = ()
    garp_master_delay: Annotated[
        Seconds,
        Doc("second round of gratuitous ARP after this time; 0: none", unit="seconds", low=0, high=1000),
    ] = Seconds(5.0)
    garp_master_repeat: Annotated[int, Doc("gratuitous ARPs per address and round", low=1, high=100)] = 5
    garp_master_refresh: Annotated[
        Seconds,
        Doc("announce again at this interval while Master; 0: never", unit="seconds", low=0, high=86400),
    ] = Seconds(60.0)
    garp_master_refresh_repeat: Annotated[int, Doc("gratuitous ARPs per address each time", low=1, high=100)] = 1
    promote_secondaries: Annotated[
        bool,
        Doc(
            "set the sysctl of this name on interface, IPv4: when an address goes, the others of its subnet stay; "
            "systemd sets it on most hosts"
        ),
    ] = False
    vip_lease: Annotated[
        str | int,
        Doc(
            "the kernel removes the addresses by itself this long after the last advertisement that could be sent; "
            "auto: down_timer_adverts x advert_int, at least 1; off: they stay when the daemon is killed",
            unit="seconds",
            low=1,
            high=765,
            choices=("auto", "off"),
        ),
    ] = "auto"
    takeover_guard: Annotated[
        str,
        Doc(
            "before taking over from a silent Master ask by ARP or neighbour solicitation whether somebody still has "
            "the addresses; warn: take over at once and tell; wait: not while somebody answers, so a Master that hangs "
            "with the addresses keeps them; off: do not ask",
            choices=("warn", "wait", "off"),
        ),
    ] = "warn"
    close_connections: Annotated[
        bool,
        Doc(
            "end the TCP connections of the addresses when they are given up while this host lives, so that both ends "
            "know at once; false: they hang until a timeout or a heartbeat",
        ),
    ] = True
