"""The model of a configuration: every keyword once, with type, range, unit, default and meaning.

Readers (native TOML, keepalived.conf) build these; nothing behind the model knows which reader it was.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated

from vrrpd.config import entries
from vrrpd.config.holding import Holding
from vrrpd.config.notify import Notify
from vrrpd.config.sending import Sending
from vrrpd.protocol.messages import (
    Address,
    Authentication,
    Family,
    Seconds,
    Version,
)
from vrrpd.protocol.packet import MULTICAST
from vrrpd.protocol.virtual_mac import virtual_mac
from vrrpd.schema import Doc

VirtualAddress = entries.VirtualAddress

Weight = Annotated[
    int,
    Doc(
        "added to the priority: a negative weight while the probe is down, a positive one while it is up; "
        "0 puts the instance into fault while the probe is down",
        low=-253,
        high=253,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """`[daemon]`: where things are."""

    router_id: Annotated[str, Doc("name of this host in logs; empty: the host name", example='"proxy1"')] = ""
    run_dir: Annotated[str, Doc("directory of control.sock and vrrpd.lock")] = "/run/vrrpd"
    state_dir: Annotated[str, Doc("directory of what survives a boot")] = "/var/lib/vrrpd"
    http: Annotated[str, Doc("address:port of /metrics and the read-only part of the API; empty: none")] = (
        "127.0.0.1:9811"
    )
    log_format: Annotated[
        str,
        Doc("auto: colour on a terminal, else key=value text", choices=("auto", "text", "json")),
    ] = "auto"
    startup_delay: Annotated[
        Seconds,
        Doc(
            "take no part so long after the start, unless an instance was Master just before: for a network that needs "
            "time after a boot",
            unit="seconds",
            low=0,
            high=3600,
        ),
    ] = Seconds(0.0)
    delay_after_boot: Annotated[
        Seconds,
        Doc("as startup_delay, counted from the boot of the host; the later counts", unit="seconds", low=0, high=3600),
    ] = Seconds(0.0)
    notify_fifo: Annotated[
        str,
        Doc(
            "named pipe for a line on each state of an instance or group, as keepalived writes them; made if it is not "
            "there; empty: none",
            example='"/run/vrrpd/notify.fifo"',
        ),
    ] = ""
    rt_priority: Annotated[
        int,
        Doc(
            "real-time priority (SCHED_RR) of the election, for advert_int below 1 s on busy hosts; 0: none, see "
            "docs/scale.md",
            low=0,
            high=99,
            example="50",
        ),
    ] = 0
    no_swap: Annotated[bool, Doc("lock the daemon's memory, so that it is never swapped out, see docs/scale.md")] = (
        False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """`[probe.NAME.remedy]`: what is done when the probe goes down, beside everything else, within bounds."""

    command: Annotated[
        tuple[str, ...],
        Doc("program and arguments, run without a shell", example='["/usr/local/sbin/mend", "haproxy"]'),
    ] = ()
    restart: Annotated[
        str, Doc("in place of command: the unit that `systemctl restart` starts anew", example='"haproxy.service"')
    ] = ""
    attempts: Annotated[int, Doc("runs within any window at most; then it rests", low=1, high=100)] = 3
    window: Annotated[Seconds, Doc("see attempts", unit="seconds", low=1, high=86400)] = Seconds(600.0)
    cooldown: Annotated[
        Seconds, Doc("from the end of a run to the next one at least", unit="seconds", low=1, high=86400)
    ] = Seconds(30.0)
    timeout: Annotated[Seconds, Doc("a run that takes longer is killed", unit="seconds", low=0.1, high=3600)] = Seconds(
        60.0
    )
    user: Annotated[
        str,
        Doc("with command: run as this user, see docs/scripts.md; empty: the daemon's own", example='"haproxy"'),
    ] = ""
    group: Annotated[str, Doc("with user: its first group; empty: as in passwd(5)", example='"haproxy"')] = ""

    @property
    def argv(self) -> tuple[str, ...]:
        """What is executed."""
        return self.command or ("systemctl", "--no-ask-password", "restart", self.restart)

    @property
    def told(self) -> str:
        """What an operator calls it."""
        return " ".join(self.command) or f"restart {self.restart}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """`[probe.NAME]`: what is common to all kinds; the kind's own keywords are in `options`."""

    name: str
    type: Annotated[str, Doc("kind of probe")]
    interval: Annotated[Seconds, Doc("from start to start of two checks", unit="seconds", low=0.01, high=3600)] = (
        Seconds(1.0)
    )
    timeout: Annotated[
        Seconds | None,
        Doc(
            "a check that takes longer has failed; default: the interval",
            unit="seconds",
            low=0.01,
            high=3600,
            example='"1s"',
        ),
    ] = None
    fast_interval: Annotated[
        Seconds | None,
        Doc(
            "used in place of interval while the last results speak against the verdict; default: the interval",
            unit="seconds",
            low=0.01,
            high=3600,
            example='"200ms"',
        ),
    ] = None
    scope: Annotated[
        str,
        Doc(
            "local: about this host, may move the addresses; shared: all hosts see the same, as with the brokers "
            "behind them, so it is shown and never moves anything",
            choices=("local", "shared"),
        ),
    ] = "local"
    rise: Annotated[int, Doc("successes in a row until it is up", low=1, high=1000)] = 1
    fall: Annotated[int, Doc("failures in a row until it is down", low=1, high=1000)] = 1
    weight: Weight = 0
    init_fail: Annotated[bool, Doc("taken for down until the first `rise` successes")] = False
    remedy: Annotated[Remedy | None, Doc("what is done when it goes down")] = None
    options: object = None
    """The options dataclass of the kind, see `vrrpd.probes.registry`."""

    @property
    def effective_timeout(self) -> Seconds:
        """`timeout`, or the interval where none was given (keepalived.conf(5), vrrp_script)."""
        return self.timeout if self.timeout is not None else self.interval


@dataclass(frozen=True, slots=True)
class Track:
    """An instance follows a probe; `weight` is the probe's own unless given here.

    `moves`: it may change the priority or be a fault; False for a probe of scope shared, which is only shown.
    `reverse`: the probe's good news is bad news, as with `weight N reverse` of keepalived.conf(5).
    """

    probe: str
    weight: int
    moves: bool = True
    reverse: bool = False


@dataclass(frozen=True, kw_only=True)
class Instance(Sending, Holding, Notify):
    """`[instance.NAME]`: one virtual router. What follows from its keywords is asked for with each packet, so kept.

    `sync_group`: the group that names it, empty: none. `group_track`: what it follows for the sake of that group.
    """

    name: str
    interface: Annotated[str, Doc("interface of the advertisements and the addresses", example='"eth0"')]
    virtual_router_id: Annotated[int, Doc("VRID, the same on all routers", low=1, high=255, example="51")]
    virtual_ipaddress: Annotated[
        tuple[VirtualAddress, ...],
        Doc(
            "what the Master holds; without a length /32 or /128; a table has more words, see docs/addresses.md",
            example='["192.168.92.200/32"]',
        ),
    ]
    vrrp_version: Annotated[int, Doc("version on the wire; IPv6 needs 3, which is its default", low=2, high=3)] = 2
    priority: Annotated[int, Doc("the highest wins; 255 is for the owner of the addresses", low=1, high=255)] = 100
    advert_int: Annotated[
        Seconds,
        Doc(
            "between two advertisements: v2 whole seconds, 1..255; v3 0.01..40.95",
            unit="seconds",
            low=0.01,
            high=255,
        ),
    ] = Seconds(1.0)
    nopreempt: Annotated[bool, Doc("a Backup never takes over from a living Master")] = False
    preempt_delay: Annotated[
        Seconds, Doc("wait this long before preempting a lower priority", unit="seconds", low=0, high=1000)
    ] = Seconds(0.0)
    fast_preempt: Annotated[
        bool,
        Doc("preempt Skew_Time after a lower priority is heard; false: Master_Down_Interval, as keepalived"),
    ] = True
    authentication: Annotated[
        Authentication,
        Doc(
            "v2 only; at most 8 octets, in clear on the wire",
            example='{ type = "PASS", password = "1111" }',
            secret=True,
        ),
    ] = Authentication()
    when_all_failed: Annotated[
        str,
        Doc(
            "with a fault by a probe of weight 0: release: never hold the addresses; serve: hold them at priority 1 as "
            "long as nobody better does, since a service that limps may be better than none",
            choices=("release", "serve"),
        ),
    ] = "release"
    flap_limit: Annotated[
        int,
        Doc(
            "became Master or ceased to be more often than this within flap_window: for flap_hold it does not preempt, "
            "and takes over only when nobody else is Master; 0: never",
            low=0,
            high=1000,
        ),
    ] = 0
    flap_window: Annotated[Seconds, Doc("see flap_limit", unit="seconds", low=1, high=86400)] = Seconds(60.0)
    flap_hold: Annotated[Seconds, Doc("see flap_limit", unit="seconds", low=1, high=86400)] = Seconds(300.0)
    use_vmac: Annotated[
        bool,
        Doc(
            "hold the addresses on an interface of their own (macvlan) that has the virtual MAC of the RFC, so that "
            "hosts need not learn another one at a takeover, see docs/vmac.md"
        ),
    ] = False
    vmac_name: Annotated[
        str,
        Doc("with use_vmac: name of that interface; empty: vrrp.VRID, vrrp6.VRID for IPv6", example='"vrrp.51"'),
    ] = ""
    vmac_xmit_base: Annotated[
        bool,
        Doc("with use_vmac: advertisements leave with the MAC of interface; always so with unicast_peer"),
    ] = False
    track: Annotated[
        tuple[Track, ...],
        Doc(
            "probes that move the priority; reverse turns the sign, and up and down for weight 0",
            example='["haproxy", { probe = "amqp", weight = -20 }]',
        ),
    ] = ()

    sync_group: str = ""
    group_track: tuple[Track, ...] = ()

    @cached_property
    def followed(self) -> tuple[Track, ...]:
        """Its own probes, and those of its group that it does not follow by itself."""
        own = {each.probe for each in self.track}
        return (*self.track, *(each for each in self.group_track if each.probe not in own))

    @cached_property
    def moving(self) -> tuple[Track, ...]:
        """The probes that may move the addresses."""
        return tuple(each for each in self.followed if each.moves)

    @cached_property
    def lease(self) -> int | None:
        """Lifetime of the addresses in the kernel, in whole seconds; None: they have none."""
        if isinstance(self.vip_lease, int):
            return self.vip_lease
        return self.longest_lease if self.vip_lease == "auto" else None

    @property
    def longest_lease(self) -> int:
        """Whole seconds that end before a Backup takes over, as far as whole seconds can; longer than an interval."""
        shortest = int(self.advert_int) + 1 if self.advert_int >= 1 else 1
        return max(shortest, int(self.down_timer_adverts * self.advert_int))

    @cached_property
    def family(self) -> Family:
        """Of the virtual addresses, which all have the same."""
        return Family.IPV6 if self.virtual_ipaddress[0].version == 6 else Family.IPV4

    @cached_property
    def group(self) -> Address:
        """Where advertisements go without unicast_peer."""
        return self.mcast_dst_ip or MULTICAST[self.family]

    @cached_property
    def version(self) -> Version:
        """On the wire."""
        return Version(self.vrrp_version)

    @cached_property
    def addresses(self) -> tuple[Address, ...]:
        """The virtual addresses without their prefix lengths, in the order given."""
        return tuple(each.ip for each in self.virtual_ipaddress)

    @cached_property
    def vmac(self) -> str:
        """Name of the interface with the virtual MAC; empty: there is none."""
        if not self.use_vmac:
            return ""
        return self.vmac_name or f"{'vrrp6' if self.family is Family.IPV6 else 'vrrp'}.{self.virtual_router_id}"

    @cached_property
    def held(self) -> tuple[VirtualAddress, ...]:
        """What a Master holds, those first that it advertises."""
        return (*self.virtual_ipaddress, *self.virtual_ipaddress_excluded)

    @cached_property
    def places(self) -> tuple[tuple[str, Address], ...]:
        """Of each of `held`, in its order, the interface that has it."""
        return tuple((self.device(each), each.ip) for each in self.held)

    @cached_property
    def segments(self) -> frozenset[tuple[str, Address]]:
        """Each of `held` with the interface by which others on its link are heard."""
        return frozenset((_dev(each) or self.interface, each.ip) for each in self.held)

    def device(self, address: VirtualAddress) -> str:
        """The interface that has an address of this instance."""
        return _dev(address) or self.vmac or self.interface

    @cached_property
    def virtual_mac(self) -> bytes:
        """Source of the advertisements; empty: the MAC of the interface."""
        own = not self.use_vmac or self.vmac_xmit_base or bool(self.unicast_peer)
        return b"" if own else virtual_mac(self.family, self.virtual_router_id)


def _dev(address: VirtualAddress) -> str:
    return address.dev if isinstance(address, entries.DetailedAddress) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncGroup(Notify):
    """`[sync_group.NAME]`: instances that are Master together, or none of them is."""

    name: str
    instances: Annotated[
        tuple[str, ...], Doc("names of its instances, each in one group at most", example='["VI_1", "VI_2"]')
    ]
    track: Annotated[
        tuple[Track, ...],
        Doc("probes that every instance of the group follows, unless it does so by itself", example='["haproxy"]'),
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A whole file. Names are unique; every tracked probe exists; checked by the reader."""

    daemon: Daemon = field(default_factory=Daemon)
    probes: tuple[Probe, ...] = ()
    instances: tuple[Instance, ...] = ()
    sync_groups: tuple[SyncGroup, ...] = ()

    @property
    def followers(self) -> tuple[tuple[str, Instance | SyncGroup], ...]:
        """Each instance and each sync group, with the name of its table."""
        instances = tuple(("instance", each) for each in self.instances)
        return (*instances, *(("sync_group", each) for each in self.sync_groups))
