"""Keywords of an instance that say how its advertisements travel."""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from vrrpd.config.entries import UnicastPeer
from vrrpd.protocol.messages import MASTER_DOWN_ADVERTS, Address, Unicast
from vrrpd.protocol.messages import UnicastPeer as Peer
from vrrpd.protocol.trailer import Signing
from vrrpd.schema import Doc


@dataclass(frozen=True, kw_only=True)
class Sending:
    """To a group or to peers, and from which address."""

    mcast_src_ip: Annotated[
        Address | None,
        Doc("source of advertisements; default: the interface's primary address", example='"192.168.92.11"'),
    ] = None
    mcast_dst_ip: Annotated[
        Address | None,
        Doc(
            "multicast group of the advertisements, the same on all routers; default: that of the RFC, 224.0.0.18 or "
            "ff02::12",
            example='"224.0.0.200"',
            group=True,
        ),
    ] = None
    unicast_peer: Annotated[
        tuple[UnicastPeer, ...],
        Doc(
            "no multicast: send to each of these, the other routers; the same list may be on all hosts, each leaves "
            "itself out",
            example='["192.168.92.12", { address = "198.51.100.7", min_ttl = 250 }]',
        ),
    ] = ()
    unicast_src_ip: Annotated[
        Address | None,
        Doc(
            "with unicast_peer: source of advertisements, on the interface; default: its primary address, for global "
            "IPv6 peers its first global one",
            example='"192.168.92.11"',
        ),
    ] = None
    unicast_ttl: Annotated[int, Doc("with unicast_peer: TTL or hop limit of advertisements", low=1, high=255)] = 255
    check_unicast_src: Annotated[
        bool,
        Doc(
            "with unicast_peer: refuse advertisements of others, as anybody may send them from anywhere; "
            "false: keepalived's default"
        ),
    ] = True
    auth_hmac: Annotated[
        Signing | None,
        Doc(
            "advertisements are signed (HMAC-SHA256), so that nobody without the key is heard; for keepalived 2.4 and "
            "vrrpd, see docs/auth-hmac.md",
            example='{ key = ["1 at least 32 octets that nobody can guess"], active_key = 1 }',
            secret=True,
        ),
    ] = None
    down_timer_adverts: Annotated[
        int,
        Doc(
            "so many advertisements may be missing before a Backup takes over (Master_Down_Interval); the same on all "
            "routers",
            low=1,
            high=100,
        ),
    ] = MASTER_DOWN_ADVERTS
    dont_track_primary: Annotated[
        bool,
        Doc(
            "no fault while interface is down, and the addresses stay without an advertisement: for one that carries "
            "nothing else; two Masters if that alone has failed"
        ),
    ] = False
    v3_checksum_pseudo_header: Annotated[
        bool,
        Doc("v3 on IPv4: checksum with the pseudo header, as keepalived and FRR; false: as RFC 9568"),
    ] = True

    @property
    def source_address(self) -> Address | None:
        """As configured, which the interface must have; None: whatever it has."""
        return self.unicast_src_ip or self.mcast_src_ip

    @property
    def source_keyword(self) -> str:
        """By which that is configured."""
        return "unicast_src_ip" if self.unicast_src_ip else "mcast_src_ip"

    @cached_property
    def unicast(self) -> Unicast | None:
        """For the protocol; None: multicast. Bounds on the TTL of one peer refuse strangers, as in keepalived."""
        if not self.unicast_peer:
            return None
        bounded = any(each.is_bounded for each in self.unicast_peer)
        peers = tuple(Peer(each.address, each.min_ttl, each.max_ttl) for each in self.unicast_peer)
        return Unicast(peers, self.check_unicast_src or bounded)

    @property
    def transport(self) -> str:
        """How advertisements travel."""
        return "unicast" if self.unicast_peer else "multicast"
