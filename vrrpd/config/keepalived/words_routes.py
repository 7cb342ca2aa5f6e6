"""Words of a line in virtual_routes and virtual_rules; what is not here keepalived does not know either."""

from vrrpd.config.keepalived.table import Table, always, refused, supported, table

_PATHS = "vrrpd sets one path for each route; give the one that is wanted"
_OTHERWISE = (
    "set it by a program of notify_master and remove it by one of notify_backup and notify_fault (docs/notify.md), or "
    "keep it on both hosts in their network configuration"
)
_OF_ROUTES = f"vrrpd sets no route with this word; leave it out, or {_OTHERWISE}"
_OF_RULES = f"vrrpd sets no rule with this word; {_OTHERWISE}"
_PROTOCOL = "vrrpd finds its own again by their protocol; leave it out, keepalived resets it, too, unless with no_track"
_TRACKED = "what somebody deletes is put back, without a failover"

ROUTE: Table = table(
    supported("to", "the destination, which may stand alone"),
    supported("via", "via"),
    supported("gw", "via"),
    supported("dev", "dev; the instance does not look at that interface"),
    supported("oif", "dev"),
    supported("src", "src"),
    supported("table", "table: a number, main, default or local"),
    supported("metric", "metric"),
    supported("priority", "metric"),
    supported("preference", "metric"),
    supported("scope", "scope, for IPv4; without it global, as in keepalived"),
    supported("mtu", "mtu"),
    supported("onlink", "onlink", 0, 0),
    *(supported(each, each, 0, 0) for each in ("unicast", "blackhole", "unreachable", "prohibit")),
    supported("inet", "inet", 0, 0),
    supported("inet6", "inet6", 0, 0),
    always("no_track", _TRACKED)[0],
    *refused("or nexthop", _PATHS),
    *refused("protocol", _PROTOCOL),
    *refused(
        "from as tos dsfield vrf encap expires hoplimit advmss rtt rttvar reordering window cwnd ssthresh realms "
        "rto_min initcwnd initrwnd features quickack congctl pref ttl-propagate fastopen_no_cookie append throw nat "
        "xresolve local broadcast multicast anycast",
        _OF_ROUTES,
    ),
)

RULE: Table = table(
    supported("from", "from"),
    supported("to", "to"),
    supported("table", "table: a number, main, default or local"),
    supported("lookup", "table"),
    supported("priority", "priority; without it from 16384 down, as in keepalived"),
    supported("preference", "priority"),
    supported("order", "priority"),
    supported("iif", "iif"),
    supported("dev", "iif"),
    supported("oif", "oif"),
    supported("fwmark", "fwmark"),
    supported("inet", "inet", 0, 0),
    supported("inet6", "inet6", 0, 0),
    always("no_track", _TRACKED)[0],
    *refused("protocol", _PROTOCOL),
    *refused(
        "not goto nop blackhole prohibit unreachable tos dsfield realms suppress_prefixlength suppress_ifgroup "
        "sup_group tun_id ipproto sport dport uidrange l3mdev",
        _OF_RULES,
    ),
)
