"""Words of a line in virtual_routes and virtual_rules; what is not here is unknown to both."""

from vrrpd.config.keepalived.table import Table, always, refused, supported, table

_PATHS = "vrrpd sets one path for each route; give the one that is wanted"
_TRACKED = "what somebody deletes is put back, without a failover"

ROUTE: Table = table(
    supported("to", "the destination, which may stand alone"),
    supported("via", "via"),
    supported("gw", "via"),
    supported("dev", "dev; the instance does not look at that interface"),
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
)
