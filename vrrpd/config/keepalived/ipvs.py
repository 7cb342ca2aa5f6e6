"""virtual_server: not ours, but somebody must listen on what it promised."""

from collections.abc import Iterator
from ipaddress import ip_address
from itertools import islice

from vrrpd.config.keepalived.tree import Statement
from vrrpd.config.problems import shown

SHOWN_SERVERS = 4
"""Of the real servers of one virtual server."""
ENDPOINT = 2
"""Words of an address and a port; `fwmark N` and `group NAME` have as many, and no port that is known."""


def unserved(statement: Statement) -> str:
    """Which port nobody listens on without it, and who was behind; empty where the block does not tell."""
    if not _is_endpoint(statement.values):
        return ""
    address, port = statement.values
    servers = list(_servers(statement))
    behind = ", ".join(map(shown, islice(servers, SHOWN_SERVERS))) + (", ..." if len(servers) > SHOWN_SERVERS else "")
    text = f"nobody listens on port {port} of {address} then: let HAProxy or nginx bind it"
    return f"{text}, with {behind} behind it; " if servers else f"{text}; "


def _servers(statement: Statement) -> Iterator[str]:
    for each in statement.block or []:
        if each.keyword in ("real_server", "sorry_server") and _is_endpoint(each.values):
            yield " ".join(each.values)


def _is_endpoint(values: tuple[str, ...]) -> bool:
    try:
        return len(values) == ENDPOINT and values[1].isdecimal() and bool(ip_address(values[0]))
    except ValueError:
        return False
