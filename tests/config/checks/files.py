"""Configurations in a few words, and what was found in them."""

from collections.abc import Iterable

from vrrpd.config import toml
from vrrpd.config.checks.pair import Peer
from vrrpd.config.model import Configuration
from vrrpd.config.problems import Finding, dotted

HAPROXY = '[probe.haproxy]\ntype = "haproxy"\nsocket = "/run/h.sock"\nbackends = ["b"]\n'


def instance(track: str = "", name: str = "VI_1", **keywords: object) -> str:
    """An instance with defaults; a keyword of None is left out, any other value is TOML."""
    given = {
        "interface": '"eth0"',
        "virtual_router_id": 51,
        "virtual_ipaddress": '["192.0.2.100"]',
        **({"track": f"[{track}]"} if track else {}),
        **keywords,
    }
    lines = (f"{keyword} = {value}" for keyword, value in given.items() if value is not None)
    return "\n".join((f"[instance.{name}]", *lines, ""))


def model(text: str) -> Configuration:
    """As the reader makes it, for any host."""
    return toml.load_text(text, "ours.toml").configuration


def peer(text: str) -> Peer:
    """The other host's file."""
    return Peer(toml.load_text(text, "theirs.toml").configuration, "theirs.toml")


def told(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """Code and keyword of each."""
    return [(str(each.code), dotted(each.path)) for each in findings]
