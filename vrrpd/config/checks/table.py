"""The table of all checks, and the words that each finding has from it."""

from types import MappingProxyType

from vrrpd.config.checks import table_file, table_host, table_keepalived, table_peer
from vrrpd.config.checks.code import Code
from vrrpd.config.problems import Finding, Path

CHECKS = MappingProxyType({**table_file.CHECKS, **table_keepalived.CHECKS, **table_peer.CHECKS, **table_host.CHECKS})


def finding(code: Code, path: Path, text: str) -> Finding:
    """Say what was found, and the cure behind it."""
    return Finding(path, told(code, text), code=code)


def told(code: Code, text: str) -> str:
    """With the cure behind it."""
    return f"{text}; allowed: {CHECKS[code].cure}"
